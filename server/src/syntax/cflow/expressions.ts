import { constantValue, stringContent } from './lexer.ts';
import type { CExpr, CStmt } from './model.ts';
import type { TokenReader } from './reader.ts';
import { isTypeInParens, isTypeWord, looksLikeTypeName } from './typeWords.ts';

/** Reads the statements of `{ … }` at the current place. */
export type ReadBlock = (reader: TokenReader) => readonly CStmt[];

const maxDepth = 200;

const precedence: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);
const assignments: ReadonlySet<string> = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);
const typeBuiltins: ReadonlySet<string> = new Set([
  '__builtin_types_compatible_p',
  '__builtin_offsetof',
  '__builtin_va_arg',
]);

/** Expression with commas. Total: what is not understood becomes `unknown`. */
export function readExpression(reader: TokenReader, block: ReadBlock): CExpr {
  let left = readAssignment(reader, block);
  while (reader.is(',')) {
    reader.next();
    const right = readAssignment(reader, block);
    left = { kind: 'binary', op: ',', left, right, at: left.at, end: right.end };
  }
  return left;
}

/** Expression without commas: an argument, an initializer. */
export function readAssignment(reader: TokenReader, block: ReadBlock): CExpr {
  if (reader.depth > maxDepth) return tooDeep(reader);
  reader.depth++;
  const left = readConditional(reader, block);
  let value = left;
  const op = reader.peek();
  if (op.kind === 'punctuator' && assignments.has(op.text)) {
    reader.next();
    const right = readAssignment(reader, block);
    value = { kind: 'assign', op: op.text, left, right, at: left.at, end: right.end };
  }
  reader.depth--;
  return value;
}

function tooDeep(reader: TokenReader): CExpr {
  const at = reader.peek().start;
  reader.skipTo([',', ';']);
  return { kind: 'unknown', text: '', at, end: reader.lastEnd };
}

function readConditional(reader: TokenReader, block: ReadBlock): CExpr {
  const condition = readBinary(reader, block, 1);
  if (!reader.take('?')) return condition;
  const whenTrue = reader.is(':') ? null : readExpression(reader, block);
  reader.take(':');
  const whenFalse = readAssignment(reader, block);
  return { kind: 'conditional', condition, whenTrue, whenFalse, at: condition.at, end: whenFalse.end };
}

function readBinary(reader: TokenReader, block: ReadBlock, least: number): CExpr {
  let left = readUnary(reader, block);
  for (;;) {
    const op = reader.peek();
    const level = op.kind === 'punctuator' ? precedence.get(op.text) : undefined;
    if (level === undefined || level < least) return left;
    reader.next();
    const right = readBinary(reader, block, level + 1);
    left = { kind: 'binary', op: op.text, left, right, at: left.at, end: right.end };
  }
}

function readUnary(reader: TokenReader, block: ReadBlock): CExpr {
  if (reader.depth > maxDepth) return tooDeep(reader);
  const token = reader.peek();
  const { text, start: at } = token;
  if (token.kind === 'punctuator') {
    if (
      text === '-' ||
      text === '+' ||
      text === '!' ||
      text === '~' ||
      text === '*' ||
      text === '&' ||
      text === '++' ||
      text === '--'
    ) {
      reader.next();
      reader.depth++;
      const operand = readUnary(reader, block);
      reader.depth--;
      return { kind: 'unary', op: text, operand, at, end: operand.end };
    }
    if (text === '&&') {
      reader.next();
      const name = reader.next();
      return { kind: 'unknown', text: `&&${name.text}`, at, end: name.end };
    }
    if (text === '(' && isTypeInParens(reader)) {
      const type = reader.skipGroup();
      if (reader.is('{')) return readPostfix(reader, block, readList(reader, block, type, at));
      reader.depth++;
      const operand = readUnary(reader, block);
      reader.depth--;
      return { kind: 'cast', type, operand, at, end: operand.end };
    }
  }
  if (token.kind === 'identifier') {
    if (text === '__extension__') {
      reader.next();
      return readUnary(reader, block);
    }
    if (text === 'sizeof' || text === '_Alignof' || text === '__alignof__') {
      reader.next();
      if (reader.is('(') && isTypeInParens(reader)) {
        const start = reader.peek().start;
        const type = reader.skipGroup();
        const of: CExpr = { kind: 'type', text: type, at: start, end: reader.lastEnd };
        return text === 'sizeof' ? { kind: 'sizeof', of, at, end: of.end } : { kind: 'unknown', text, at, end: of.end };
      }
      const of = readUnary(reader, block);
      return text === 'sizeof' ? { kind: 'sizeof', of, at, end: of.end } : { kind: 'unknown', text, at, end: of.end };
    }
  }
  return readPostfix(reader, block, readPrimary(reader, block));
}

function readPrimary(reader: TokenReader, block: ReadBlock): CExpr {
  const token = reader.peek();
  const { start: at, end } = token;
  if (token.kind === 'number' || token.kind === 'character') {
    reader.next();
    return { kind: 'number', value: constantValue(token), at, end };
  }
  if (token.kind === 'string') {
    let text = '';
    let last = end;
    while (reader.peek().kind === 'string') {
      const part = reader.next();
      text += stringContent(part);
      last = part.end;
    }
    return { kind: 'string', text, at, end: last };
  }
  if (token.kind === 'identifier') {
    if (token.text === '_Generic') return readGeneric(reader, block);
    if (isTypeWord(token) && !looksLikeValue(reader)) return readTypeArgument(reader);
    reader.next();
    return { kind: 'name', name: token.text, at, end };
  }
  if (token.text === '(') {
    if (reader.is('{', 1)) {
      reader.next();
      const body = block(reader);
      reader.take(')');
      return { kind: 'block', body, at, end: reader.lastEnd };
    }
    reader.next();
    reader.depth++;
    const inner = readExpression(reader, block);
    reader.depth--;
    if (!reader.take(')')) {
      reader.skipTo([')', ';']);
      reader.take(')');
    }
    return { ...inner, at, end: reader.lastEnd };
  }
  if (token.text === '{') return readList(reader, block, null, at);
  // Nothing begins with this: it stays for the caller unless nobody else would take it.
  if (![')', ']', '}', ';', ',', ':'].includes(token.text)) reader.next();
  return { kind: 'unknown', text: token.text, at, end };
}

/** `bool` and the like are only values as the name of a macro that was not expanded. */
function looksLikeValue(reader: TokenReader): boolean {
  return reader.is('(', 1) && !/^(typeof|__typeof__|__typeof|_Atomic|struct|union|enum)/.test(reader.peek().text);
}

/** A type where an expression stands: an argument of a builtin, up to the next comma. */
function readTypeArgument(reader: TokenReader): CExpr {
  const at = reader.peek().start;
  reader.skipTo([',', ';']);
  return { kind: 'type', text: reader.text.slice(at, reader.lastEnd), at, end: reader.lastEnd };
}

function readPostfix(reader: TokenReader, block: ReadBlock, first: CExpr): CExpr {
  let value = first;
  for (;;) {
    const token = reader.peek();
    if (token.kind !== 'punctuator') return value;
    if (token.text === '(') {
      const args = readArguments(reader, block, value.kind === 'name' && typeBuiltins.has(value.name));
      value = { kind: 'call', callee: value, args, at: value.at, end: reader.lastEnd };
    } else if (token.text === '[') {
      reader.next();
      const index = readExpression(reader, block);
      if (!reader.take(']')) reader.skipTo([';']);
      value = { kind: 'index', operand: value, index, at: value.at, end: reader.lastEnd };
    } else if (token.text === '.' || token.text === '->') {
      reader.next();
      const name = reader.next();
      value = {
        kind: 'member',
        operand: value,
        name: name.text,
        arrow: token.text === '->',
        at: value.at,
        end: name.end,
      };
    } else if (token.text === '++' || token.text === '--') {
      reader.next();
      value = { kind: 'unary', op: token.text, operand: value, at: value.at, end: token.end };
    } else return value;
  }
}

function readArguments(reader: TokenReader, block: ReadBlock, types: boolean): CExpr[] {
  const args: CExpr[] = [];
  reader.next();
  while (!reader.atEnd && !reader.is(')')) {
    const before = reader.at;
    const token = reader.peek();
    const isType =
      types &&
      token.kind === 'identifier' &&
      (isTypeWord(token) || (looksLikeTypeName(token.text) && !reader.is('(', 1)));
    args.push(isType ? readTypeArgument(reader) : readAssignment(reader, block));
    if (!reader.take(',') && !reader.is(')')) {
      if (reader.is(';') || reader.is('}')) break;
      reader.skipTo([',', ')', ';']);
      if (reader.is(';')) break;
      reader.take(',');
    }
    if (reader.at === before) reader.next();
  }
  reader.take(')');
  return args;
}

function readGeneric(reader: TokenReader, block: ReadBlock): CExpr {
  const at = reader.next().start;
  if (!reader.take('(')) return { kind: 'unknown', text: '_Generic', at, end: reader.lastEnd };
  const of = readAssignment(reader, block);
  const choices: { type: string | null; value: CExpr }[] = [];
  while (reader.take(',')) {
    const start = reader.peek().start;
    reader.skipTo([':', ',']);
    const type = reader.text.slice(start, reader.lastEnd).trim();
    if (!reader.take(':')) break;
    choices.push({ type: type === 'default' ? null : type, value: readAssignment(reader, block) });
  }
  if (!reader.take(')')) {
    reader.skipTo([')', ';']);
    reader.take(')');
  }
  return { kind: 'generic', of, choices, at, end: reader.lastEnd };
}

/** `{ … }` of an initializer; designators are left out. */
function readList(reader: TokenReader, block: ReadBlock, type: string | null, at: number): CExpr {
  const items: CExpr[] = [];
  reader.next();
  while (!reader.atEnd && !reader.is('}')) {
    const before = reader.at;
    for (;;) {
      if (reader.is('.') && reader.peek(1).kind === 'identifier') reader.at += 2;
      else if (reader.is('[')) reader.skipGroup();
      else break;
    }
    reader.take('=');
    items.push(readAssignment(reader, block));
    if (!reader.take(',') && !reader.is('}')) {
      reader.skipTo([',', '}']);
      reader.take(',');
    }
    if (reader.at === before) reader.next();
  }
  reader.take('}');
  return { kind: 'list', type, items, at, end: reader.lastEnd };
}
