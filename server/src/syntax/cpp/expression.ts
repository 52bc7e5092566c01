import { Kind, type Tok } from './token.ts';

/** Tokens of an `#if` line after expansion, and what `defined` needs. */
export interface ConditionTokens {
  /** Next token, macros expanded; kind `end` at the end. */
  next(): Tok;
  /** Next token, not expanded. */
  nextRaw(): Tok;
  isDefined(name: Tok): boolean;
  readonly definedOperator: (name: Tok) => boolean;
}

export interface ConditionResult {
  readonly value: boolean;
  readonly error: string | null;
}

/** A value of the widest integer type; arithmetic is modulo 2^64. */
interface Value {
  readonly bits: bigint;
  readonly unsigned: boolean;
}

const zero: Value = { bits: 0n, unsigned: false };
const maxDepth = 400;

/**
 * Value of the controlling expression of `#if` or `#elif` (C11 6.10.1, GNU cpp manual "If"): 64-bit signed or
 * unsigned arithmetic, unknown names are 0. The error has GCC's wording. An expression that cannot be read is
 * false; a division by zero goes on with the dividend and a bad number with 0, as there.
 */
export function evaluateCondition(tokens: ConditionTokens): ConditionResult {
  const parser = new ConditionParser(tokens);
  const value = parser.whole();
  if (parser.error !== null) return { value: false, error: parser.error };
  return { value: value.bits !== 0n, error: parser.minorError };
}

const binaryPrecedence: { readonly [operator: string]: number } = {
  '*': 11,
  '/': 11,
  '%': 11,
  '+': 10,
  '-': 10,
  '<<': 9,
  '>>': 9,
  '<': 8,
  '>': 8,
  '<=': 8,
  '>=': 8,
  '==': 7,
  '!=': 7,
  '&': 6,
  '^': 5,
  '|': 4,
  '&&': 3,
  '||': 2,
};

class ConditionParser {
  error: string | null = null;
  /** A mistake that evaluation went on after. */
  minorError: string | null = null;
  readonly #tokens: ConditionTokens;
  #tok: Tok;
  #skip = 0;
  #depth = 0;

  constructor(tokens: ConditionTokens) {
    this.#tokens = tokens;
    this.#tok = tokens.next();
  }

  whole(): Value {
    if (this.#tok.type === Kind.end) return this.#fail('#if with no expression');
    const value = this.#comma();
    if (this.error === null && this.#tok.type !== Kind.end) {
      if (this.#tok.type === Kind.closeParen) return this.#fail("missing '(' in expression");
      if (this.#tok.type === Kind.colon) return this.#fail("':' without preceding '?'");
      return this.#fail(`missing binary operator before token "${this.#tok.text}"`);
    }
    return value;
  }

  #fail(message: string): Value {
    this.error ??= message;
    return zero;
  }

  #advance(): void {
    this.#tok = this.#tokens.next();
  }

  #comma(): Value {
    let value = this.#conditional();
    while (this.error === null && this.#tok.type === Kind.comma) {
      this.#advance();
      value = this.#conditional();
    }
    return value;
  }

  #conditional(): Value {
    const condition = this.#binary(2);
    if (this.error !== null || this.#tok.type !== Kind.question) return condition;
    if (++this.#depth > maxDepth) return this.#fail('expression is nested too deeply');
    this.#advance();
    const chosen = condition.bits !== 0n;
    if (!chosen) this.#skip++;
    const yes = this.#comma();
    if (!chosen) this.#skip--;
    if (this.error !== null) return zero;
    const colon: number = this.#tok.type;
    if (colon !== Kind.colon) return this.#fail("'?' without following ':'");
    this.#advance();
    if (chosen) this.#skip++;
    const no = this.#conditional();
    if (chosen) this.#skip--;
    this.#depth--;
    const unsigned = yes.unsigned || no.unsigned;
    return { bits: (chosen ? yes : no).bits, unsigned };
  }

  #binary(minimum: number): Value {
    let left = this.#unary();
    while (this.error === null) {
      const operator = this.#tok.type < Kind.name ? this.#tok.text : '';
      const precedence = binaryPrecedence[operator] ?? 0;
      if (precedence < minimum) break;
      this.#advance();
      const skips = (operator === '&&' && left.bits === 0n) || (operator === '||' && left.bits !== 0n);
      if (skips) this.#skip++;
      const right = this.#binary(precedence + 1);
      if (skips) this.#skip--;
      if (this.error !== null) return zero;
      left = this.#apply(operator, left, right);
    }
    return left;
  }

  #unary(): Value {
    if (++this.#depth > maxDepth) return this.#fail('expression is nested too deeply');
    const value = this.#unaryInner();
    this.#depth--;
    return value;
  }

  #unaryInner(): Value {
    const tok = this.#tok;
    switch (tok.type) {
      case Kind.plus:
        this.#advance();
        return this.#unary();
      case Kind.minus: {
        this.#advance();
        const value = this.#unary();
        return wrap(-value.bits, value.unsigned);
      }
      case Kind.tilde: {
        this.#advance();
        const value = this.#unary();
        return wrap(~value.bits, value.unsigned);
      }
      case Kind.not: {
        this.#advance();
        const value = this.#unary();
        return truth(value.bits === 0n);
      }
      case Kind.openParen: {
        this.#advance();
        const value = this.#comma();
        if (this.error !== null) return zero;
        if (this.#tok.type !== Kind.closeParen) return this.#fail("missing ')' in expression");
        this.#advance();
        return value;
      }
      case Kind.number: {
        const value = readNumber(tok.text);
        this.#advance();
        if (!('error' in value)) return value;
        this.minorError ??= value.error;
        return zero;
      }
      case Kind.character: {
        const value = readCharacter(tok.text);
        this.#advance();
        return value;
      }
      case Kind.name:
        return this.#name(tok);
      case Kind.string:
        return this.#fail(`token "${tok.text}" is not valid in preprocessor expressions`);
      case Kind.end:
        return this.#fail('expression ends where a value is expected');
      default:
        if (tok.type < Kind.name && (binaryPrecedence[tok.text] ?? 0) > 0) {
          return this.#fail(`operator '${tok.text}' has no left operand`);
        }
        return this.#fail(`token "${tok.text}" is not valid in preprocessor expressions`);
    }
  }

  #name(tok: Tok): Value {
    if (!this.#tokens.definedOperator(tok)) {
      this.#advance();
      return zero;
    }
    let name = this.#tokens.nextRaw();
    const parenthesized = name.type === Kind.openParen;
    if (parenthesized) name = this.#tokens.nextRaw();
    if (name.type !== Kind.name) return this.#fail('operator "defined" requires an identifier');
    const value = truth(this.#tokens.isDefined(name));
    if (parenthesized && this.#tokens.nextRaw().type !== Kind.closeParen) {
      return this.#fail('missing \')\' after "defined"');
    }
    this.#advance();
    return value;
  }

  #apply(operator: string, left: Value, right: Value): Value {
    const unsigned = left.unsigned || right.unsigned;
    const a = unsigned ? BigInt.asUintN(64, left.bits) : left.bits;
    const b = unsigned ? BigInt.asUintN(64, right.bits) : right.bits;
    switch (operator) {
      case '*':
        return wrap(a * b, unsigned);
      case '/':
      case '%':
        if (b === 0n) {
          if (this.#skip === 0) this.minorError ??= 'division by zero in #if';
          return { bits: left.bits, unsigned };
        }
        return wrap(operator === '/' ? a / b : a % b, unsigned);
      case '+':
        return wrap(a + b, unsigned);
      case '-':
        return wrap(a - b, unsigned);
      case '<<':
        return shift(left, right, 1n);
      case '>>':
        return shift(left, right, -1n);
      case '<':
        return truth(a < b);
      case '>':
        return truth(a > b);
      case '<=':
        return truth(a <= b);
      case '>=':
        return truth(a >= b);
      case '==':
        return truth(a === b);
      case '!=':
        return truth(a !== b);
      case '&':
        return wrap(a & b, unsigned);
      case '^':
        return wrap(a ^ b, unsigned);
      case '|':
        return wrap(a | b, unsigned);
      case '&&':
        return truth(left.bits !== 0n && right.bits !== 0n);
      default:
        return truth(left.bits !== 0n || right.bits !== 0n);
    }
  }
}

function truth(value: boolean): Value {
  return { bits: value ? 1n : 0n, unsigned: false };
}

function wrap(bits: bigint, unsigned: boolean): Value {
  return { bits: unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits), unsigned };
}

/** A negative count shifts the other way; 64 and more leave nothing but the sign. */
function shift(left: Value, right: Value, direction: bigint): Value {
  const count = (right.unsigned ? right.bits : BigInt.asIntN(64, right.bits)) * direction;
  if (count >= 64n) return wrap(0n, left.unsigned);
  if (count >= 0n) return wrap(left.bits << count, left.unsigned);
  return wrap(left.bits >> (count <= -64n ? 64n : -count), left.unsigned);
}

const integer =
  /^(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))([uU]?(?:[lL]|ll|LL)?|(?:[lL]|ll|LL)[uU])$/;

function readNumber(text: string): Value | { error: string } {
  const match = integer.exec(text);
  if (match === null) {
    if (/^0[0-9]+$/.test(text)) return { error: `invalid digit in octal constant "${text}"` };
    if (/^(?!0[xX])[0-9]*\.|^[0-9]+[eE]/.test(text)) return { error: 'floating constant in preprocessor expression' };
    return { error: `"${text}" is no integer constant` };
  }
  const [, hex, binary, octal, decimal, suffix] = match;
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : octal !== undefined
          ? `0o0${octal}`
          : decimal;
  const exact = BigInt(digits ?? '0');
  const bits = BigInt.asUintN(64, exact);
  const unsigned = /[uU]/.test(suffix ?? '') || bits >= 1n << 63n;
  return { bits, unsigned };
}

const simpleEscapes: { readonly [letter: string]: number } = {
  a: 7,
  b: 8,
  e: 27,
  E: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/**
 * Character constant. `char` and `wchar_t` are unsigned on arm64, and here (unlike in C proper) that makes the
 * constant unsigned; several characters make a signed int of 32 bits.
 */
function readCharacter(text: string): Value {
  const quote = text.indexOf("'");
  const wide = quote > 0 && text.charAt(0) !== 'u';
  const inner = text.slice(quote + 1, -1);
  const codes: number[] = [];
  const encoder = new TextEncoder();
  for (let i = 0; i < inner.length; ) {
    const c = inner.charAt(i);
    if (c !== '\\') {
      const code = inner.codePointAt(i) ?? 0;
      const ch = String.fromCodePoint(code);
      if (quote > 0) codes.push(code);
      else codes.push(...encoder.encode(ch));
      i += ch.length;
      continue;
    }
    const digits = /^(?:[0-7]{1,3}|x[0-9a-fA-F]+)/.exec(inner.slice(i + 1))?.[0];
    if (digits !== undefined) {
      codes.push(Number.parseInt(digits.startsWith('x') ? digits.slice(1) : digits, digits.startsWith('x') ? 16 : 8));
      i += 1 + digits.length;
    } else {
      const letter = inner.charAt(i + 1);
      codes.push(simpleEscapes[letter] ?? letter.charCodeAt(0));
      i += 2;
    }
  }
  if (quote > 0) {
    const last = codes[codes.length - 1] ?? 0;
    return wrap(BigInt(wide ? last >>> 0 : last & 0xffff), true);
  }
  let value = 0;
  for (const code of codes) value = (value << 8) | (code & 255);
  return wrap(BigInt(codes.length > 1 ? value | 0 : value), codes.length === 1);
}
