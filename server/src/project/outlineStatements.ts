// Statements of the assembler in an outline: labels, operations, operands, and the directives that give names a meaning.

import type { OpenBlock, OutlineBuilder } from './outlineBuilder.ts';
import type { BlockKind, SourceToken, TokenRole } from './outlineModel.ts';

const conditions: ReadonlySet<string> = new Set(
  'if ifb ifc ifeq ifeqs ifge ifgt ifle iflt ifnb ifnc ifne ifnes ifdef ifndef ifnotdef'.split(' '),
);
const assignments: ReadonlySet<string> = new Set(['set', 'equ', 'equiv', 'eqv']);
/** Directives whose first word is neither a symbol nor a value. */
const ownWords: ReadonlySet<string> = new Set(
  'section pushsection arch arch_extension cpu subsection ident file code64 inst.n option'.split(' '),
);
const loops: ReadonlyMap<string, BlockKind> = new Map([
  ['rept', 'rept'],
  ['rep', 'rept'],
  ['irp', 'irp'],
  ['irep', 'irp'],
  ['irpc', 'irpc'],
]);

/** Reads the statements up to the end of the line. */
export function readStatements(builder: OutlineBuilder): void {
  while (!builder.isLineEnd) {
    builder.skipBlank();
    if (builder.isLineEnd) return;
    if (builder.peek() === 59) builder.at++;
    else readStatement(builder);
  }
}

function readStatement(builder: OutlineBuilder): void {
  for (;;) {
    builder.skipBlank();
    const start = builder.at;
    const end = builder.wordEnd();
    if (end === start) {
      readOperands(builder, 'operand', true);
      return;
    }
    const text = builder.text.slice(start, end);
    const after = skipPlain(builder.text, end);
    const next = builder.text.charCodeAt(after);
    if (next === 58 && builder.text.charCodeAt(after + 1) !== 58) {
      readLabel(builder, text, after + 1);
      continue;
    }
    if (next === 61) {
      builder.word('constant');
      builder.at = after + (builder.text.charCodeAt(after + 1) === 61 ? 2 : 1);
      readOperands(builder, 'operand', true);
      define(builder, 'constant', text, start, end);
      return;
    }
    if (text.charCodeAt(0) === 46 && !text.includes('\\')) {
      readDirective(builder, text.slice(1).toLowerCase());
      return;
    }
    if (isRequest(builder.text, after)) {
      builder.word('alias');
      builder.at = after;
      builder.word('directive');
      readOperands(builder, 'operand', true);
      define(builder, 'alias', text, start, end);
      return;
    }
    const operation = builder.word('operation');
    if (operation !== null) readArguments(builder, operation);
    return;
  }
}

function readLabel(builder: OutlineBuilder, text: string, after: number): void {
  const start = builder.at;
  const isNumeric = /^[0-9]+\$?$/.test(text);
  builder.word(isNumeric ? 'numeric-label' : 'label');
  define(builder, isNumeric ? 'numeric-label' : 'label', text, start, builder.at, after);
  builder.at = after;
}

function define(
  builder: OutlineBuilder,
  kind: 'label' | 'numeric-label' | 'alias' | 'constant',
  name: string,
  start: number,
  end: number,
  statementEnd: number = builder.at,
): void {
  const scope = builder.scope;
  builder.definitions.push({ kind, name, range: { start, end }, statement: { start, end: statementEnd }, scope });
}

function readArguments(builder: OutlineBuilder, operation: SourceToken): void {
  const { text } = builder;
  let from = skipPlain(text, operation.end);
  const isCall = text.charCodeAt(from) === 40;
  if (isCall) from = skipPlain(text, from + 1);
  readOperands(builder, 'operand', false);
  let end = from;
  let depth = 0;
  for (; end < builder.at; end++) {
    const next = text.charCodeAt(end);
    if (next === 44 && depth === 0) break;
    if (next === 40) depth++;
    else if (next === 41 && --depth < 0) break;
    else if (!isCall && depth === 0 && (next === 32 || next === 9)) break;
    else if (next === 10 || next === 59 || (next === 47 && isCommentStart(text, end))) break;
  }
  while (end > from && isPlainBlank(text.charCodeAt(end - 1))) end--;
  const argument = end > from ? { start: from, end } : null;
  builder.statements.push({ operation, end: Math.max(operation.end, trimmedEnd(builder)), argument });
}

/** End of what was read without the blanks and the separator after it. */
function trimmedEnd(builder: OutlineBuilder): number {
  let end = builder.at;
  while (end > 0 && (isPlainBlank(builder.text.charCodeAt(end - 1)) || builder.text.charCodeAt(end - 1) === 59)) end--;
  return end;
}

/** Reads operands to the end of the statement. `keepStrings`: strings are data, not text with words in it. */
function readOperands(builder: OutlineBuilder, role: TokenRole, keepStrings: boolean): void {
  let first = true;
  let inString = false;
  while (!builder.isLineEnd) {
    builder.skipBlank();
    if (builder.isLineEnd) return;
    const next = builder.peek();
    if (next === 59 && !inString) {
      builder.at++;
      return;
    }
    if (next === 34) {
      if (keepStrings) builder.string();
      else {
        inString = !inString;
        builder.at++;
      }
    } else if (next === 39) builder.character();
    else {
      const end = builder.wordEnd();
      if (end === builder.at) builder.at++;
      else readOperand(builder, end, first ? role : 'operand');
      first = false;
    }
  }
}

/** A word of an operand; what says the elements of a vector (`acc.16b`, `acc.\\type`) is a word of its own. */
function readOperand(builder: OutlineBuilder, end: number, role: TokenRole): void {
  const { at } = builder;
  const kind = operandRole(builder, at, end, role);
  const vector = kind === 'operand' ? arrangement.exec(builder.text.slice(at, end)) : null;
  if (vector?.[1] === undefined) {
    builder.word(kind);
    return;
  }
  builder.word(kind, at + vector[1].length);
  builder.word('modifier', end);
}

/** Arm DDI 0487, C1.2.2: `8B`, `16B`, `4H`, `8H`, `2S`, `4S`, `1D`, `2D`, one element `B` to `Q`. */
const arrangement =
  /^([A-Za-z_]\w*(?:\\\w+)?)\.(?:(?:4|8|16)?[bB]|[248]?[hH]|[24]?[sS]|[12]?[dD]|1?[qQ]|\\[\w\\@()]+|\d*\\\w+)$/;

function operandRole(builder: OutlineBuilder, start: number, end: number, role: TokenRole): TokenRole {
  const { text } = builder;
  const first = text.charCodeAt(start);
  const before = start > 0 ? text.charCodeAt(start - 1) : 0;
  if (before === 58 && text.charCodeAt(end) === 58) return 'modifier';
  // `%progbits`, `@function`; a `%` between values is the remainder.
  if ((before === 37 || before === 64) && /[\s,]/.test(text[start - 2] ?? ' ')) return 'modifier';
  if (first < 48 || first > 57) return role;
  const last = text.charCodeAt(end - 1) | 32;
  if ((last === 98 || last === 102) && /^[0-9]+.$/.test(text.slice(start, end))) return 'numeric-reference';
  return text.slice(start, end).includes('\\') ? role : 'number';
}

function readDirective(builder: OutlineBuilder, name: string): void {
  const start = builder.at;
  builder.word('directive');
  const loop = loops.get(name);
  if (name === 'macro') readMacroHead(builder, start);
  else if (loop !== undefined) readLoopHead(builder, loop, start);
  else if (conditions.has(name)) {
    readOperands(builder, 'operand', true);
    enter(builder, builder.open('if', start, builder.block));
  } else if (name === 'else' || name === 'elseif') {
    if (builder.block?.kind === 'if') builder.block.dividers.push(start);
    readOperands(builder, 'operand', true);
  } else if (name === 'endif') leave(builder, start, ['if']);
  else if (name === 'endm' || name === 'endmacro') leave(builder, start, ['macro']);
  else if (name === 'endr') leave(builder, start, ['rept', 'irp', 'irpc']);
  else if (assignments.has(name)) readAssignment(builder, start);
  else if (name === 'unreq') readOperands(builder, 'alias-end', true);
  else if (name === 'purgem') readOperands(builder, 'macro-mention', true);
  else readOperands(builder, ownWords.has(name) ? 'modifier' : 'operand', true);
}

function enter(builder: OutlineBuilder, block: OpenBlock): void {
  block.headEnd = builder.at;
  builder.block = block;
}

/** Closes the innermost block of a kind, and what was left open in it. A stray end closes nothing. */
function leave(builder: OutlineBuilder, start: number, kinds: readonly BlockKind[]): void {
  let block = builder.block;
  // Only a macro's own end reaches over a macro's border.
  while (block !== null && !kinds.includes(block.kind)) block = block.kind === 'macro' ? null : block.parent;
  readOperands(builder, 'modifier', true);
  if (block === null) return;
  block.close = { start, end: trimmedEnd(builder) };
  for (const twin of block.twins) twin.close ??= block.close;
  builder.block = block.parent;
}

function readAssignment(builder: OutlineBuilder, statementStart: number): void {
  builder.skipBlank();
  const start = builder.at;
  const name = builder.word('constant');
  readOperands(builder, 'operand', true);
  if (name === null) return;
  const { scope } = builder;
  const statement = { start: statementStart, end: trimmedEnd(builder) };
  const range = { start, end: name.end };
  builder.definitions.push({ kind: 'constant', name: builder.slice(range), range, statement, scope });
}

/** Parameters of a `.macro`: names with `:req` or `:vararg` and `=default`, separated by commas or blanks. */
function readMacroHead(builder: OutlineBuilder, start: number): void {
  const block = builder.open('macro', start, builder.block);
  builder.skipBlank();
  const name = builder.word('macro-name');
  if (name !== null) block.name = { name: builder.slice(name), range: { start: name.start, end: name.end } };
  while (!builder.isLineEnd) {
    builder.skipBlank();
    if (builder.isLineEnd) break;
    const next = builder.peek();
    if (next === 59) {
      builder.at++;
      break;
    }
    const parameter = builder.word('parameter');
    if (parameter === null) {
      if (next === 61) readDefault(builder);
      else if (next === 58) {
        builder.at++;
        builder.word('modifier');
      } else builder.at++;
      continue;
    }
    block.parameters.push({ name: builder.slice(parameter), range: { start: parameter.start, end: parameter.end } });
  }
  enter(builder, block);
}

/** Text after the `=` of a parameter: to a comma or a blank outside brackets, or one string. */
function readDefault(builder: OutlineBuilder): void {
  builder.at++;
  builder.skipBlank();
  let depth = 0;
  while (!builder.isLineEnd) {
    const next = builder.peek();
    if (next === 34) {
      builder.string();
      continue;
    }
    if (depth === 0 && (next === 44 || next === 59 || isPlainBlank(next))) return;
    if (next === 47 && isCommentStart(builder.text, builder.at)) return;
    const end = builder.wordEnd();
    if (end > builder.at) {
      builder.word(operandRole(builder, builder.at, end, 'operand'));
      continue;
    }
    if (next === 40 || next === 91) depth++;
    else if (next === 41 || next === 93) depth--;
    builder.at++;
  }
}

function readLoopHead(builder: OutlineBuilder, kind: BlockKind, start: number): void {
  const block = builder.open(kind, start, builder.block);
  builder.skipBlank();
  if (kind !== 'rept') {
    const name = builder.word('parameter');
    if (name !== null) {
      block.parameters.push({ name: builder.slice(name), range: { start: name.start, end: name.end } });
    }
  }
  readOperands(builder, 'operand', true);
  enter(builder, block);
}

function isRequest(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 46 || text.slice(at, at + 4).toLowerCase() !== '.req') return false;
  const after = text.charCodeAt(at + 4);
  return Number.isNaN(after) || isPlainBlank(after) || after === 10;
}

function isCommentStart(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  return next === 47 || next === 42;
}

function isPlainBlank(value: number): boolean {
  return value === 32 || value === 9 || value === 13;
}

function skipPlain(text: string, at: number): number {
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at++;
  return at;
}
