// Preprocessor lines of an outline: names, conditions, and which side of `__ASSEMBLY__` a header's line is on.

import type { OpenBlock, OutlineBuilder } from './outlineBuilder.ts';
import type { OutlineParameter, SourceLanguage, TokenRole } from './outlineModel.ts';

type Side = 'assembly' | 'c' | 'unknown';

interface Condition {
  readonly block: OpenBlock;
  /** Side of the branch that is being read, and what the condition alone says about the first one. */
  side: Side;
  readonly says: Side;
  readonly isPlain: boolean;
  readonly outerSide: Side;
  /** Innermost block of the assembler before the condition, and at the end of its first branch. */
  readonly blockBefore: OpenBlock | null;
  blockAfterFirst: OpenBlock | null | undefined;
}

const assemblyName = /\b__ASSEMBL(?:Y|ER)__\b/;

/** Reads preprocessor lines and knows which language the lines between them are in. */
export class PreprocessorLines {
  readonly #builder: OutlineBuilder;
  readonly #language: SourceLanguage;
  readonly #fileSide: Side;
  readonly #conditions: Condition[] = [];
  #outermost: OpenBlock | null = null;

  constructor(builder: OutlineBuilder, language: SourceLanguage) {
    this.#builder = builder;
    this.#language = language;
    this.#fileSide = sideOfFile(builder.text, language);
  }

  /** Whether the line at the position is assembly. Outside of conditions that say so, a header is C but for macros. */
  isAssembly(): boolean {
    if (this.#language !== 'header') return this.#language === 'assembly';
    const side = this.#side;
    if (side !== 'unknown') return side === 'assembly';
    const builder = this.#builder;
    return builder.block !== null || (builder.peek() === 46 && isLetter(builder.peek(1)));
  }

  get #side(): Side {
    return this.#conditions[this.#conditions.length - 1]?.side ?? this.#fileSide;
  }

  /** Reads one line that begins with `#`. */
  readDirective(): void {
    const builder = this.#builder;
    const start = builder.at;
    const match = directive.exec(builder.text.slice(start, start + 40));
    const name = match?.[1];
    if (match === null || name === undefined) {
      // In assembly a `#` at the beginning of a line is a comment.
      builder.toLineEnd();
      builder.add('comment', start, builder.at);
      return;
    }
    builder.at = start + match[0].length;
    builder.add('cpp-directive', start, builder.at);
    switch (name) {
      case 'define':
        this.#define(start);
        break;
      case 'include':
      case 'include_next':
      case 'import':
        this.#include();
        break;
      case 'if':
      case 'ifdef':
      case 'ifndef':
        this.#condition(name, start);
        break;
      case 'elif':
      case 'elifdef':
      case 'elifndef':
      case 'else':
        this.#divider(name, start);
        break;
      case 'endif':
        this.#endif(start);
        break;
      case 'undef':
        this.#words('cpp-word');
        break;
      default:
        builder.toLineEnd();
    }
  }

  #condition(name: string, start: number): void {
    const builder = this.#builder;
    const text = this.#words('cpp-word');
    const outerSide = this.#side;
    const says = sideOfCondition(name, text);
    const block = builder.open('cpp-if', start, this.#outermost);
    block.headEnd = builder.at;
    this.#outermost = block;
    this.#conditions.push({
      block,
      side: says === 'unknown' ? outerSide : says,
      says,
      isPlain: !/&&|\|\|/.test(text),
      outerSide,
      blockBefore: builder.block,
      blockAfterFirst: undefined,
    });
  }

  #divider(name: string, start: number): void {
    const text = this.#words('cpp-word');
    const condition = this.#conditions[this.#conditions.length - 1];
    if (condition === undefined) return;
    condition.block.dividers.push(start);
    const says = name === 'else' ? 'unknown' : sideOfCondition(name.slice(2), text);
    const opposite = !condition.isPlain || condition.says === 'unknown' ? 'unknown' : other(condition.says);
    const side = says === 'unknown' ? opposite : says;
    condition.side = side === 'unknown' ? condition.outerSide : side;
    // Each branch begins with the blocks that were open before the first one.
    this.#endBranch(condition);
    this.#builder.block = condition.blockBefore;
  }

  #endBranch(condition: Condition): void {
    const { block } = this.#builder;
    const first = condition.blockAfterFirst;
    if (first === undefined) condition.blockAfterFirst = block;
    else if (first !== null && block !== null && block !== first && block.kind === first.kind) first.twins.push(block);
  }

  #endif(start: number): void {
    const builder = this.#builder;
    builder.toLineEnd();
    const condition = this.#conditions.pop();
    if (condition === undefined) return;
    condition.block.close = { start, end: builder.at };
    this.#outermost = condition.block.parent;
    this.#endBranch(condition);
    builder.block = condition.blockAfterFirst ?? null;
  }

  #include(): void {
    const builder = this.#builder;
    builder.skipBlank();
    const start = builder.at;
    const quote = builder.peek();
    const closing = quote === 60 ? '>' : quote === 34 ? '"' : null;
    if (closing !== null) {
      const end = lineEndFrom(builder.text, start);
      const close = builder.text.indexOf(closing, start + 1);
      builder.at = close < 0 || close >= end ? end : close + 1;
      builder.add('include', start, builder.at);
      const range = { start, end: builder.at };
      builder.includes.push({ spec: builder.slice(range), range });
    }
    this.#words('cpp-word');
  }

  #define(start: number): void {
    const builder = this.#builder;
    builder.skipBlank();
    const name = this.#name('cpp-name');
    if (name === null) {
      builder.toLineEnd();
      return;
    }
    const parameters = builder.peek() === 40 ? this.#parameters() : null;
    builder.skipBlank();
    const from = builder.at;
    this.#body(parameters ?? []);
    let end = builder.at;
    while (end > from && builder.text.charCodeAt(end - 1) <= 32) end--;
    const body = { start: from, end };
    builder.defines.push({ name: name.name, nameRange: name.range, parameters, body, start });
  }

  #parameters(): OutlineParameter[] {
    const builder = this.#builder;
    const parameters: OutlineParameter[] = [];
    builder.at++;
    while (!builder.isLineEnd) {
      builder.skipBlank();
      const next = builder.peek();
      if (next === 41) {
        builder.at++;
        break;
      }
      const name = this.#name('cpp-parameter');
      if (name !== null) parameters.push(name);
      else if (!builder.isLineEnd) builder.at++;
    }
    return parameters;
  }

  /** An identifier of the preprocessor, which has no dots. */
  #name(role: TokenRole): OutlineParameter | null {
    const builder = this.#builder;
    const start = builder.at;
    const first = builder.peek();
    if (!isLetter(first) && first !== 95 && first !== 36) return null;
    while (isLetter(builder.peek()) || isDigit(builder.peek()) || builder.peek() === 95 || builder.peek() === 36) {
      builder.at++;
    }
    builder.add(role, start, builder.at);
    const range = { start, end: builder.at };
    return { name: builder.slice(range), range };
  }

  #body(parameters: readonly OutlineParameter[]): void {
    const builder = this.#builder;
    const names = new Set(parameters.map((parameter) => parameter.name));
    let isStatementStart = true;
    while (!builder.isLineEnd) {
      builder.skipBlank();
      if (builder.isLineEnd) return;
      const next = builder.peek();
      if (next === 34) builder.string();
      else if (next === 39) builder.character();
      else if (isLetter(next) || next === 95 || next === 46 || next === 92) {
        isStatementStart = this.#bodyWord(names, isStatementStart);
        continue;
      } else if (isDigit(next)) {
        const start = builder.at;
        builder.at = Math.max(builder.wordEnd(), start + 1);
        // A numeric label may stand before the statement's operation.
        builder.add('number', start, builder.at);
        if (builder.peek() === 58) {
          builder.at++;
          continue;
        }
      } else builder.at++;
      isStatementStart = next === 59;
    }
  }

  /** Returns whether a statement begins after the word. */
  #bodyWord(parameters: ReadonlySet<string>, isStatementStart: boolean): boolean {
    const builder = this.#builder;
    const start = builder.at;
    const end = builder.wordEnd();
    if (end === start) {
      builder.at++;
      return false;
    }
    const text = builder.text.slice(start, end);
    if (parameters.has(text)) builder.word('cpp-parameter-use');
    else if (text.charCodeAt(0) === 46 && isStatementStart) builder.word('directive');
    else builder.word(isStatementStart && this.#language !== 'c' ? 'body-operation' : 'body-word');
    if (text === 'ASM_NL') return true;
    builder.skipBlank();
    if (builder.peek() !== 58 || !isStatementStart) return false;
    builder.at++;
    return true;
  }

  /** Words of the rest of the line; returns its text. */
  #words(role: TokenRole): string {
    const builder = this.#builder;
    const start = builder.at;
    while (!builder.isLineEnd) {
      builder.skipBlank();
      if (builder.isLineEnd) break;
      const next = builder.peek();
      if (next === 34) builder.string();
      else if (this.#name(role) === null) builder.at = isDigit(next) ? builder.wordEnd() : builder.at + 1;
    }
    return builder.text.slice(start, builder.at);
  }
}

const directive =
  /^#[ \t]*(define|include_next|include|import|ifndef|ifdef|if|elifdef|elifndef|elif|else|endif|undef|error|warning|pragma|line|ident)(?![\w$])/;

/** A header that ends in `#error` unless `__ASSEMBLY__` is defined is assembly as a whole. */
const assemblyOnly = /^[ \t]*#[ \t]*ifndef[ \t]+__ASSEMBL(?:Y|ER)__[^\n]*\n\s*#[ \t]*error\b/m;

function sideOfFile(text: string, language: SourceLanguage): Side {
  if (language === 'assembly') return 'assembly';
  if (language === 'c') return 'c';
  return assemblyOnly.test(text) ? 'assembly' : 'unknown';
}

function sideOfCondition(name: string, text: string): Side {
  if (!assemblyName.test(text) || text.includes('||')) return 'unknown';
  if (name === 'ifdef') return 'assembly';
  if (name === 'ifndef') return 'c';
  return /!\s*defined\s*\(?\s*__ASSEMBL/.test(text) ? 'c' : 'assembly';
}

function other(side: Side): Side {
  return side === 'assembly' ? 'c' : side === 'c' ? 'assembly' : 'unknown';
}

function lineEndFrom(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function isLetter(value: number): boolean {
  return (value >= 97 && value <= 122) || (value >= 65 && value <= 90);
}

function isDigit(value: number): boolean {
  return value >= 48 && value <= 57;
}
