import { readAsm } from './asmStatement.ts';
import { readAssignment, readExpression } from './expressions.ts';
import { type CToken, lexC } from './lexer.ts';
import type { CExpr, CStmt } from './model.ts';
import { TokenReader } from './reader.ts';
import { beginsDeclaration, isStorageWord, isTypeWord } from './typeWords.ts';

const maxDepth = 200;

/**
 * Statements of a function body (`{ … }`, offsets into `text`) after preprocessing. Total: what is not understood
 * becomes an `unknown` expression. Never throws; time is linear in the length.
 */
export function parseBody(text: string, from: number, to: number): readonly CStmt[] {
  return parseTokens(text, lexC(text, from, to));
}

/**
 * Statements of a function body whose tokens are there already, the last one of kind `end`. `isTypeName` tells the
 * names that typedefs made; without it a type is told from how the text goes on.
 */
export function parseTokens(
  text: string,
  tokens: readonly CToken[],
  isTypeName?: (name: string) => boolean,
): readonly CStmt[] {
  const reader = new TokenReader(text, tokens, isTypeName);
  if (reader.is('{')) return readBlock(reader);
  return readStatements(reader);
}

/** One expression, for example of a macro's argument. */
export function parseExpression(text: string, from = 0, to = text.length): CExpr {
  return readExpression(new TokenReader(text, lexC(text, from, to)), readBlock);
}

/** Statements of `{ … }` at the reader's place. */
function readBlock(reader: TokenReader): readonly CStmt[] {
  if (!reader.take('{')) return [];
  const statements = readStatements(reader);
  reader.take('}');
  return statements;
}

function readStatements(reader: TokenReader): CStmt[] {
  const statements: CStmt[] = [];
  while (!reader.atEnd && !reader.is('}')) {
    const before = reader.at;
    readStatement(reader, statements);
    if (reader.at === before) reader.next();
  }
  return statements;
}

/** The one statement of an `if` or a loop; labels before it make it a block. */
function readSubStatement(reader: TokenReader): CStmt {
  const statements: CStmt[] = [];
  const at = reader.peek().start;
  do {
    const before = reader.at;
    readStatement(reader, statements);
    if (reader.at === before) break;
  } while (['label', 'case'].includes(statements.at(-1)?.kind ?? '') && !reader.is('}') && !reader.atEnd);
  const [first] = statements;
  if (statements.length === 1 && first !== undefined) return first;
  return { kind: 'block', body: statements, at, end: reader.lastEnd };
}

function readStatement(reader: TokenReader, out: CStmt[]): void {
  if (reader.depth > maxDepth) {
    endStatement(reader);
    return;
  }
  reader.depth++;
  out.push(...readOne(reader));
  reader.depth--;
}

/** One statement; a declaration gives one for each name. */
function readOne(reader: TokenReader): readonly CStmt[] {
  const token = reader.peek();
  const at = token.start;
  if (token.text === '{' && token.kind === 'punctuator') {
    const body = readBlock(reader);
    return [{ kind: 'block', body, at, end: reader.lastEnd }];
  }
  if (token.text === ';') {
    reader.next();
    return [{ kind: 'empty', at, end: token.end }];
  }
  if (token.kind === 'identifier') {
    const keyword = readKeyword(reader, token.text, at);
    if (keyword !== null) return [keyword];
    if (reader.is(':', 1) && !reader.is(':', 2)) {
      reader.at += 2;
      skipAttributes(reader);
      return [{ kind: 'label', name: token.text, at, end: reader.lastEnd }];
    }
    if (beginsDeclaration(reader)) {
      const declared: CStmt[] = [];
      readDeclaration(reader, declared);
      return declared;
    }
  }
  const value = readExpression(reader, readBlock);
  if (!reader.is('}')) endStatement(reader);
  return [{ kind: 'expr', value, at, end: reader.lastEnd }];
}

function readKeyword(reader: TokenReader, word: string, at: number): CStmt | null {
  switch (word) {
    case 'if': {
      reader.next();
      const condition = readCondition(reader);
      const then = readSubStatement(reader);
      const otherwise = reader.take('else') ? readSubStatement(reader) : null;
      return { kind: 'if', condition, then, otherwise, at, end: reader.lastEnd };
    }
    case 'switch': {
      reader.next();
      const on = readCondition(reader);
      const body = readSubStatement(reader);
      return { kind: 'switch', on, body, at, end: reader.lastEnd };
    }
    case 'while': {
      reader.next();
      const condition = readCondition(reader);
      const body = readSubStatement(reader);
      return { kind: 'loop', init: [], condition, step: null, body, atLeastOnce: false, at, end: reader.lastEnd };
    }
    case 'do': {
      reader.next();
      const body = readSubStatement(reader);
      const condition = reader.take('while') ? readCondition(reader) : null;
      reader.take(';');
      return { kind: 'loop', init: [], condition, step: null, body, atLeastOnce: true, at, end: reader.lastEnd };
    }
    case 'for':
      return readFor(reader, at);
    case 'return': {
      reader.next();
      const value = reader.is(';') ? null : readExpression(reader, readBlock);
      endStatement(reader);
      return { kind: 'return', value, at, end: reader.lastEnd };
    }
    case 'goto': {
      reader.next();
      const label = reader.peek().kind === 'identifier' ? reader.next().text : null;
      endStatement(reader);
      return { kind: 'goto', label, at, end: reader.lastEnd };
    }
    case 'break':
    case 'continue':
      reader.next();
      endStatement(reader);
      return { kind: word, at, end: reader.lastEnd };
    case 'case':
    case 'default':
      return readCase(reader, word, at);
    case 'asm':
    case '__asm__':
    case '__asm':
      return readAsm(reader, at, readBlock);
    case '__label__':
      return readLocalLabels(reader, at);
    case '_Static_assert':
      reader.skipTo([';']);
      reader.take(';');
      return { kind: 'empty', at, end: reader.lastEnd };
    case '__attribute__':
    case '__attribute':
      // `__attribute__((__fallthrough__));`
      skipAttributes(reader);
      return reader.take(';') ? { kind: 'empty', at, end: reader.lastEnd } : null;
    default:
      return null;
  }
}

/** `__label__ a, b;` */
function readLocalLabels(reader: TokenReader, at: number): CStmt {
  const names: string[] = [];
  reader.next();
  while (reader.peek().kind === 'identifier') {
    names.push(reader.next().text);
    reader.take(',');
  }
  endStatement(reader);
  return { kind: 'local-labels', names, at, end: reader.lastEnd };
}

function readCase(reader: TokenReader, word: string, at: number): CStmt | null {
  if (word === 'default' && !reader.is(':', 1)) return null;
  reader.next();
  const low = word === 'case' ? readBoundary(reader) : null;
  const high = reader.take('...') ? readBoundary(reader) : null;
  reader.take(':');
  return { kind: 'case', low, high, at, end: reader.lastEnd };
}

/** A `case` value may hold a conditional, whose `:` is not the label's. */
function readBoundary(reader: TokenReader): CExpr {
  return readAssignment(reader, readBlock);
}

function endStatement(reader: TokenReader): void {
  if (reader.take(';')) return;
  reader.skipTo([';']);
  reader.take(';');
}

function readCondition(reader: TokenReader): CExpr {
  const at = reader.peek().start;
  if (!reader.take('(')) return { kind: 'unknown', text: '', at, end: at };
  const condition = readExpression(reader, readBlock);
  if (!reader.take(')')) {
    reader.skipTo([')', ';']);
    reader.take(')');
  }
  return condition;
}

function readFor(reader: TokenReader, at: number): CStmt {
  reader.next();
  const init: CStmt[] = [];
  let condition: CExpr | null = null;
  let step: CExpr | null = null;
  if (reader.take('(')) {
    readStatement(reader, init);
    if (!reader.is(';') && !reader.is(')')) condition = readExpression(reader, readBlock);
    if (!reader.take(';')) reader.skipTo([';', ')']);
    reader.take(';');
    if (!reader.is(')')) step = readExpression(reader, readBlock);
    if (!reader.take(')')) {
      reader.skipTo([')', ';']);
      reader.take(')');
    }
  }
  const body = readSubStatement(reader);
  return { kind: 'loop', init, condition, step, body, atLeastOnce: false, at, end: reader.lastEnd };
}

/** Skips `__attribute__((…))`; gives the function of a `cleanup`. */
function skipAttributes(reader: TokenReader): string | null {
  let cleanup: string | null = null;
  while (reader.is('__attribute__') || reader.is('__attribute')) {
    reader.next();
    const text = reader.is('(') ? reader.skipGroup() : '';
    cleanup = /\b(?:__)?cleanup(?:__)?\s*\(\s*(\w+)\s*\)/.exec(text)?.[1] ?? cleanup;
  }
  return cleanup;
}

function readDeclaration(reader: TokenReader, out: CStmt[]): void {
  const at = reader.peek().start;
  const words: string[] = [];
  let isStatic = false;
  let isExtern = false;
  let cleanup = skipAttributes(reader);
  let named = false;
  for (;;) {
    const token = reader.peek();
    if (token.kind !== 'identifier') break;
    if (/^__attribute(__)?$/.test(token.text)) {
      cleanup = skipAttributes(reader) ?? cleanup;
      continue;
    }
    if (isStorageWord(token)) {
      isStatic ||= token.text === 'static';
      isExtern ||= token.text === 'extern';
      reader.next();
      continue;
    }
    if (isTypeWord(token)) {
      const start = token.start;
      reader.next();
      if (/^(struct|union|enum)$/.test(token.text)) {
        cleanup = skipAttributes(reader) ?? cleanup;
        if (reader.peek().kind === 'identifier') reader.next();
        if (reader.is('{')) reader.skipGroup();
        named = true;
      } else if (reader.is('(') && /typeof|_Atomic/.test(token.text)) {
        reader.skipGroup();
        named = true;
      } else if (!/const|volatile|restrict/.test(token.text)) named = true;
      words.push(reader.text.slice(start, reader.lastEnd));
      continue;
    }
    if (named) break;
    words.push(token.text);
    reader.next();
    named = true;
  }
  const type = words.join(' ');
  for (;;) {
    const before = reader.at;
    readDeclarator(reader, out, { type, isStatic, isExtern, cleanup, at });
    if (reader.take(';')) return;
    if (reader.is('{')) {
      // A nested function, or something that is none.
      reader.skipGroup();
      return;
    }
    if (!reader.take(',')) {
      reader.skipTo([';', ',']);
      if (!reader.take(',')) {
        reader.take(';');
        return;
      }
    }
    if (reader.at === before) return;
  }
}

interface DeclarationHead {
  readonly type: string;
  readonly isStatic: boolean;
  readonly isExtern: boolean;
  readonly cleanup: string | null;
  readonly at: number;
}

function readDeclarator(reader: TokenReader, out: CStmt[], head: DeclarationHead): void {
  let { type, cleanup } = head;
  let name: { text: string; start: number } | null = null;
  for (;;) {
    const token = reader.peek();
    if (/^__attribute(__)?$/.test(token.text)) {
      cleanup = skipAttributes(reader) ?? cleanup;
    } else if (token.text === '*' && token.kind === 'punctuator') {
      reader.next();
      type += ' *';
    } else if (token.kind === 'identifier' && name === null) {
      reader.next();
      if (!/^(const|volatile|restrict|__restrict|__restrict__)$/.test(token.text)) name = token;
    } else if (token.text === '[') {
      type += ` [${reader.skipGroup()}]`;
    } else if (token.text === '(') {
      const inner = reader.skipGroup();
      if (name === null) {
        const found = /^[\s*]*(?:const\s+)?(\w+)/.exec(inner)?.[1];
        name = found === undefined ? null : { text: found, start: token.start };
        type += ' *()';
      } else type += ' ()';
    } else if (/^(asm|__asm__|__asm)$/.test(token.text)) {
      reader.next();
      if (reader.is('(')) reader.skipGroup();
    } else break;
  }
  if (reader.take(':')) readAssignment(reader, readBlock);
  const init = reader.take('=') ? readAssignment(reader, readBlock) : null;
  if (name === null) return;
  const { isStatic, isExtern } = head;
  const end = reader.lastEnd;
  out.push({ kind: 'declare', name: name.text, type, isStatic, isExtern, init, cleanup, at: name.start, end });
}
