import type { TokenText } from './graph.ts';

/**
 * Value of an integer constant expression of C after preprocessing; `null` when it is none or could not be read.
 * Casts to the basic types are ignored, `sizeof` is known for the basic types of arm64 (LP64).
 */
export function constantValue(tokens: TokenText): bigint | null {
  const reader = { tokens, at: 0 };
  const value = ternary(reader);
  return reader.at === tokens.length ? value : null;
}

interface Reader {
  readonly tokens: TokenText;
  at: number;
}

function peek(reader: Reader): string {
  return reader.tokens[reader.at]?.text ?? '';
}

function ternary(reader: Reader): bigint | null {
  const condition = binary(reader, 0);
  if (peek(reader) !== '?') return condition;
  reader.at++;
  const yes = peek(reader) === ':' ? condition : ternary(reader);
  if (peek(reader) !== ':') return null;
  reader.at++;
  const no = ternary(reader);
  return condition === null ? null : condition !== 0n ? yes : no;
}

const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

function binary(reader: Reader, level: number): bigint | null {
  const operators = levels[level];
  if (operators === undefined) return unary(reader);
  let left = binary(reader, level + 1);
  for (;;) {
    const operator = peek(reader);
    if (!operators.includes(operator)) return left;
    reader.at++;
    left = apply(operator, left, binary(reader, level + 1));
  }
}

function apply(operator: string, left: bigint | null, right: bigint | null): bigint | null {
  // One side can be enough.
  if (operator === '&&' && (left === 0n || right === 0n)) return 0n;
  if (operator === '||' && ((left ?? 0n) !== 0n || (right ?? 0n) !== 0n)) return 1n;
  if (left === null || right === null) return null;
  const truth = (value: boolean): bigint => (value ? 1n : 0n);
  switch (operator) {
    case '&&':
    case '||':
      return truth(left !== 0n && right !== 0n);
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '&':
      return left & right;
    case '==':
      return truth(left === right);
    case '!=':
      return truth(left !== right);
    case '<':
      return truth(left < right);
    case '>':
      return truth(left > right);
    case '<=':
      return truth(left <= right);
    case '>=':
      return truth(left >= right);
    case '<<':
      return right >= 0n && right < 128n ? left << right : null;
    case '>>':
      return right >= 0n && right < 128n ? left >> right : null;
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0n ? null : left / right;
    default:
      return right === 0n ? null : left % right;
  }
}

function unary(reader: Reader): bigint | null {
  const token = reader.tokens[reader.at];
  if (token === undefined) return null;
  const { text } = token;
  reader.at++;
  if (text === '!' || text === '-' || text === '~' || text === '+') {
    const value = unary(reader);
    if (value === null) return null;
    return text === '!' ? (value === 0n ? 1n : 0n) : text === '-' ? -value : text === '~' ? ~value : value;
  }
  if (text === 'sizeof') return sizeOf(reader);
  if (text === '__builtin_expect') return builtinExpect(reader);
  if (text === 'true') return 1n;
  if (text === 'false') return 0n;
  if (text === '(') {
    if (basicTypes.has(peek(reader))) {
      while (peek(reader) !== ')' && reader.at < reader.tokens.length) reader.at++;
      reader.at++;
      return unary(reader);
    }
    const value = ternary(reader);
    if (peek(reader) !== ')') return fail(reader);
    reader.at++;
    return value;
  }
  if (token.kind === 'number') return numberValue(text);
  return fail(reader);
}

/** `__builtin_expect(x, n)` is `x`. */
function builtinExpect(reader: Reader): bigint | null {
  if (peek(reader) !== '(') return fail(reader);
  reader.at++;
  const value = ternary(reader);
  if (peek(reader) !== ',') return fail(reader);
  reader.at++;
  ternary(reader);
  if (peek(reader) !== ')') return fail(reader);
  reader.at++;
  return value;
}

function fail(reader: Reader): null {
  reader.at = reader.tokens.length + 1;
  return null;
}

function numberValue(text: string): bigint | null {
  const digits = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)[uUlL]*$/.exec(text)?.[1];
  if (digits === undefined) return null;
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
}

const basicTypes: ReadonlyMap<string, bigint> = new Map([
  ['void', 1n],
  ['char', 1n],
  ['_Bool', 1n],
  ['bool', 1n],
  ['short', 2n],
  ['int', 4n],
  ['unsigned', 4n],
  ['signed', 4n],
  ['long', 8n],
  ['u8', 1n],
  ['s8', 1n],
  ['u16', 2n],
  ['s16', 2n],
  ['u32', 4n],
  ['s32', 4n],
  ['u64', 8n],
  ['s64', 8n],
  ['size_t', 8n],
]);

function sizeOf(reader: Reader): bigint | null {
  if (peek(reader) !== '(') return fail(reader);
  reader.at++;
  const words: string[] = [];
  for (; peek(reader) !== ')'; reader.at++) {
    if (reader.at >= reader.tokens.length || peek(reader) === '(') return fail(reader);
    words.push(peek(reader));
  }
  reader.at++;
  if (words.includes('*'))
    return words.every((word) => word === '*' || word === 'const' || basicTypes.has(word)) ? 8n : null;
  const sizes = words.filter((word) => word !== 'const').map((word) => basicTypes.get(word) ?? null);
  if (sizes.includes(null)) return null;
  return words.includes('long')
    ? 8n
    : words.includes('char')
      ? 1n
      : words.includes('short')
        ? 2n
        : (sizes.at(-1) ?? null);
}
