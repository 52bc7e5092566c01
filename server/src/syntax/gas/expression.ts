// Expressions with GNU as precedence (binutils 2.40, gas/expr.c:op_rank): shifts bind like `*`, then the bit
// operators, then + and -, then comparisons (true is -1), then && and ||.

import type { Position } from './model.ts';
import { isNameStartCode, isSymbolCode, placeholderMark } from './scrub.ts';

export type GasValue =
  | { readonly kind: 'absolute'; readonly value: bigint }
  /** A place in this file plus `addend` bytes. */
  | { readonly kind: 'position'; readonly position: Position; readonly addend: bigint }
  /** A symbol that this file does not define, plus `addend`. */
  | { readonly kind: 'symbol'; readonly name: string; readonly addend: bigint }
  /** Depends on a macro argument that is left as a name. */
  | { readonly kind: 'open' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What names mean at the place of the expression. */
export interface ExpressionScope {
  symbol(name: string): GasValue;
  /** Numeric label such as `661b` (`direction` `b`) or `661f`. */
  numericLabel(number: string, direction: 'b' | 'f'): GasValue;
  here(): GasValue;
}

export interface ExpressionResult {
  readonly value: GasValue;
  /** Offset in the text after the expression and the blanks that follow it. */
  readonly end: number;
}

const absolute = (value: bigint): GasValue => ({ kind: 'absolute', value: BigInt.asIntN(64, value) });
const unknown = (reason: string): GasValue => ({ kind: 'unknown', reason });
const missing = unknown('missing operand');

/** Parentheses and signs within each other; a file of nothing else must not end the stack. */
const maxDepth = 200;
/** Longer digits than any number has; reading millions of them takes minutes. */
const maxDigits = 128;

/**
 * Value of the expression at `start` of scrubbed text. Stops at the first character that cannot continue it
 * (a comma, the end). Never throws: what has no value is `unknown` with the reason.
 */
export function evaluateExpression(text: string, scope: ExpressionScope, start = 0): ExpressionResult {
  const simple = /^(0|[1-9][0-9]{0,14})$/.test(text) && start === 0;
  if (simple) return { value: absolute(BigInt(text)), end: text.length };
  const parser = new Parser(text, scope, start);
  const value = parser.expression(0);
  parser.skipBlanks();
  return { value, end: parser.at };
}

const rank: Readonly<Record<string, number>> = {
  '*': 8,
  '/': 8,
  '%': 8,
  '<<': 8,
  '>>': 8,
  '|': 7,
  '!': 7,
  '^': 7,
  '&': 7,
  '+': 5,
  '-': 5,
  '==': 4,
  '<>': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>=': 4,
  '>': 4,
  '&&': 3,
  '||': 2,
};

class Parser {
  at: number;
  readonly #text: string;
  readonly #scope: ExpressionScope;
  #depth = 0;

  constructor(text: string, scope: ExpressionScope, start: number) {
    this.#text = text;
    this.#scope = scope;
    this.at = start;
  }

  skipBlanks(): void {
    while (this.#text.charCodeAt(this.at) === 32 || this.#text.charCodeAt(this.at) === 9) this.at++;
  }

  expression(minimum: number): GasValue {
    if (++this.#depth > maxDepth) return this.#tooDeep();
    let left = this.#operand();
    for (;;) {
      this.skipBlanks();
      const operator = this.#operator();
      const precedence = rank[operator];
      if (precedence === undefined || precedence <= minimum) break;
      this.at += operator.length;
      const right = this.expression(precedence);
      left = combine(operator, left, right);
    }
    this.#depth--;
    return left;
  }

  #operator(): string {
    const two = this.#text.slice(this.at, this.at + 2);
    if (two.length === 2 && rank[two] !== undefined) return two;
    return two.slice(0, 1);
  }

  #tooDeep(): GasValue {
    this.at = this.#text.length;
    return unknown('expression nests too deeply');
  }

  /** Operand of a sign or of another operator in front. */
  #signed(): GasValue {
    this.at++;
    if (++this.#depth > maxDepth) return this.#tooDeep();
    const value = this.#operand();
    this.#depth--;
    return value;
  }

  #operand(): GasValue {
    this.skipBlanks();
    const text = this.#text;
    const code = text.charCodeAt(this.at);
    if (Number.isNaN(code)) return missing;
    switch (code) {
      case 40: /* ( */
      case 91 /* [ */:
        {
          this.at++;
          const value = this.expression(0);
          this.skipBlanks();
          if (text.charCodeAt(this.at) === (code === 40 ? 41 : 93)) this.at++;
          return value;
        }
      case 43 /* + */:
      case 35 /* # */:
        return this.#signed();
      case 45 /* - */:
        return combine('-', absolute(0n), this.#signed());
      case 126 /* ~ */:
        {
          const value = this.#signed();
          return value.kind === 'absolute' ? absolute(~value.value) : cannot(value, '~');
        }
      case 33 /* ! */:
        {
          const value = this.#signed();
          return value.kind === 'absolute' ? absolute(value.value === 0n ? 1n : 0n) : cannot(value, '!');
        }
    }
    if (code >= 48 && code <= 57) return this.#number();
    if (code === 34 /* " */) {
      const end = text.indexOf('"', this.at + 1);
      const name = text.slice(this.at + 1, end < 0 ? text.length : end);
      this.at = end < 0 ? text.length : end + 1;
      return this.#scope.symbol(name);
    }
    if (isNameStartCode(code)) {
      const start = this.at++;
      while (this.at < text.length && isSymbolCode(text.charCodeAt(this.at))) this.at++;
      const name = text.slice(start, this.at);
      if (name.includes(placeholderMark)) return { kind: 'open' };
      return name === '.' ? this.#scope.here() : this.#scope.symbol(name);
    }
    return unknown(`unexpected \`${text[this.at] ?? ''}'`);
  }

  #number(): GasValue {
    const text = this.#text;
    const start = this.at;
    while (this.at < text.length && isSymbolCode(text.charCodeAt(this.at)) && text[this.at] !== '.') this.at++;
    const word = text.slice(start, this.at);
    if (word.includes(placeholderMark)) return { kind: 'open' };
    if (word.length > maxDigits) return unknown(`\`${word.slice(0, 20)}…' is no number`);
    if (/^0[xX][0-9a-fA-F]+$/.test(word)) return absolute(BigInt(word.toLowerCase()));
    if (/^0[bB][01]+$/.test(word)) return absolute(BigInt(word.toLowerCase()));
    const label = /^([0-9]+)([bBfF])$/.exec(word);
    if (label?.[1] !== undefined && label[2] !== undefined) {
      return this.#scope.numericLabel(label[1], label[2].toLowerCase() === 'b' ? 'b' : 'f');
    }
    if (/^0[0-7]+$/.test(word)) return absolute(BigInt(`0o${word.slice(1)}`));
    if (/^[0-9]+$/.test(word)) return absolute(BigInt(word));
    return unknown(`\`${word}' is no number`);
  }
}

function cannot(value: GasValue, operator: string): GasValue {
  if (value.kind === 'open' || value.kind === 'unknown') return value;
  return unknown(`\`${operator}' of a symbol that is not constant`);
}

function combine(operator: string, left: GasValue, right: GasValue): GasValue {
  if (left.kind === 'open' || right.kind === 'open') return { kind: 'open' };
  if (left.kind === 'unknown') return left;
  if (right.kind === 'unknown') return right;
  if (left.kind === 'absolute' && right.kind === 'absolute') return constant(operator, left.value, right.value);
  if (operator === '+') {
    if (right.kind === 'absolute' && left.kind !== 'absolute') return { ...left, addend: left.addend + right.value };
    if (left.kind === 'absolute' && right.kind !== 'absolute') return { ...right, addend: right.addend + left.value };
  }
  if (operator === '-') {
    if (right.kind === 'absolute' && left.kind !== 'absolute') return { ...left, addend: left.addend - right.value };
    const difference = distance(left, right);
    if (difference !== null) return absolute(difference);
    if (left.kind === 'position' && right.kind === 'position') {
      return unknown(
        left.position.bucket === right.position.bucket
          ? 'something of unknown size lies between the two labels'
          : 'the labels are in different sections',
      );
    }
  }
  if (left.kind === 'position' && right.kind === 'position') {
    const difference = distance(left, right);
    if (difference !== null && (rank[operator] ?? 0) === 4) return constant(operator, difference, 0n);
  }
  if (left.kind === 'symbol' && right.kind === 'symbol' && left.name === right.name && operator === '==') {
    return absolute(left.addend === right.addend ? -1n : 0n);
  }
  return unknown(`\`${operator}' of a symbol that is not constant`);
}

function distance(left: GasValue, right: GasValue): bigint | null {
  if (left.kind === 'symbol' && right.kind === 'symbol' && left.name === right.name) return left.addend - right.addend;
  if (left.kind !== 'position' || right.kind !== 'position') return null;
  if (left.position.bucket !== right.position.bucket || left.position.part !== right.position.part) return null;
  return BigInt(left.position.offsetBytes - right.position.offsetBytes) + left.addend - right.addend;
}

function constant(operator: string, left: bigint, right: bigint): GasValue {
  const truth = (holds: boolean): GasValue => absolute(holds ? -1n : 0n);
  switch (operator) {
    case '*':
      return absolute(left * right);
    case '/':
      return right === 0n ? unknown('division by zero') : absolute(left / right);
    case '%':
      return right === 0n ? unknown('division by zero') : absolute(left % right);
    case '<<':
      return right < 0n || right > 63n ? absolute(0n) : absolute(left << right);
    case '>>':
      return right < 0n || right > 63n ? absolute(0n) : absolute(BigInt.asUintN(64, left) >> right);
    case '|':
      return absolute(left | right);
    case '!':
      return absolute(left | ~right);
    case '^':
      return absolute(left ^ right);
    case '&':
      return absolute(left & right);
    case '+':
      return absolute(left + right);
    case '-':
      return absolute(left - right);
    case '==':
      return truth(left === right);
    case '<>':
    case '!=':
      return truth(left !== right);
    case '<':
      return truth(left < right);
    case '<=':
      return truth(left <= right);
    case '>':
      return truth(left > right);
    case '>=':
      return truth(left >= right);
    case '&&':
      return absolute(left !== 0n && right !== 0n ? 1n : 0n);
    case '||':
      return absolute(left !== 0n || right !== 0n ? 1n : 0n);
    default:
      return unknown(`unknown operator \`${operator}'`);
  }
}
