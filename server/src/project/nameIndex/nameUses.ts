import { firstNotBefore } from '../../base/search.ts';
import type { TextRange } from '../../base/text.ts';
import type { NameDefinition, NameIndex } from '../nameIndex.ts';
import { beginsBody } from './madeNames.ts';

/** A place where code names something. */
export interface NameUse {
  readonly path: string;
  readonly range: TextRange;
  /** Function or macro with parentheses around it, whose argument it is in (`static_branch_enable(&x)`); `null` for none. */
  readonly call: string | null;
  /** It is followed by a parenthesis itself; in assembly, a branch leads to it. */
  readonly isCalled: boolean;
  /** Function or macro in whose text it is; `null` at file scope. */
  readonly within: NameDefinition | null;
}

/** How far back the beginning of an argument list is looked for. */
const maxBack = 600;

/**
 * Uses of a name in one file's text, in order: outside of comments, strings and `#include`. What is between braces is
 * not parsed; `within` is the definition before it whose body has not ended. Never throws, linear time.
 */
export function usesInText(index: NameIndex, path: string, text: string, name: string): readonly NameUse[] {
  if (!/^\w+$/.test(name) || !text.includes(name)) return [];
  const found: NameUse[] = [];
  const comments = path.endsWith('.S')
    ? String.raw`//[^\n]*|/\*[^]*?\*/`
    : String.raw`//[^\n]*|/\*[^]*?\*/|'(?:[^'\\\n]|\\.)*'`;
  const pattern = new RegExp(String.raw`${comments}|"(?:[^"\\\n]|\\[^])*"|\b${name}\b`, 'g');
  let definitions: readonly NameDefinition[] | null = null;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] !== name) continue;
    const start = match.index;
    const end = start + name.length;
    definitions ??= bodiesIn(index, path, text);
    found.push({
      path,
      range: { start, end },
      call: callAround(text, start),
      isCalled: path.endsWith('.S') ? isBranchTarget(text, start) : /^\s*\(/.test(text.slice(end, end + 40)),
      within: holderOf(text, definitions, start),
    });
  }
  return found;
}

/** Definitions with a text of their own, in order. */
function bodiesIn(index: NameIndex, path: string, text: string): readonly NameDefinition[] {
  if (path.endsWith('.S')) return assemblyBodies(index, path);
  const written = index.definitionsIn(path).filter(({ kind }) => isBody(kind));
  const made = index.candidatesIn(path).flatMap(({ definition, maker }): NameDefinition[] => {
    return beginsBody(text, definition.offset) ? [{ ...definition, kind: 'function', madeBy: maker }] : [];
  });
  return made.length === 0 ? written : [...written, ...made].sort((left, right) => left.offset - right.offset);
}

/** Functions and macros of an assembly file; each goes on to the next one. */
function assemblyBodies(index: NameIndex, path: string): readonly NameDefinition[] {
  const macros = index.definitionsIn(path).filter(({ kind }) => kind === 'asm-macro' || kind === 'macro');
  const made = index.candidatesIn(path).flatMap(({ definition: { name, offset } }) => {
    const isHere = (one: NameDefinition): boolean => one.path === path && one.offset === offset;
    return index.definitionsOf(name).find((one) => isHere(one) && one.kind === 'asm-symbol') ?? [];
  });
  return [...macros, ...made].sort((left, right) => left.offset - right.offset);
}

function isBranchTarget(text: string, offset: number): boolean {
  return /^[^/;\n]*\b(?:bl?|b\.\w+|cbn?z|tbn?z)\s[^;\n]*$/.test(text.slice(text.lastIndexOf('\n', offset) + 1, offset));
}

function isBody(kind: NameDefinition['kind']): boolean {
  return kind === 'function' || kind === 'inline-function' || kind === 'macro' || kind === 'asm-macro';
}

/** The word before the parenthesis that is open at an offset, in the same statement. */
function callAround(text: string, offset: number): string | null {
  let depth = 0;
  const stop = Math.max(0, offset - maxBack);
  for (let at = offset - 1; at >= stop; at--) {
    const character = text[at];
    if (character === ')') depth++;
    else if (character === '(' && --depth < 0) {
      const word = /([A-Za-z_]\w*)\s*$/.exec(text.slice(Math.max(0, at - 100), at))?.[1];
      // A parenthesis for order only: that of the call may be around it.
      if (word !== undefined && !/^(?:if|while|for|switch|return|sizeof)$/.test(word)) return word;
      if (word !== undefined) return null;
      depth = 0;
    } else if (character === ';' || character === '{' || character === '}') return null;
  }
  return null;
}

/** The definition whose text holds an offset. */
function holderOf(text: string, definitions: readonly NameDefinition[], offset: number): NameDefinition | null {
  const next = firstNotBefore(definitions, (one) => one.offset < offset);
  // A macro may be defined inside of a function.
  for (let at = next - 1; at >= Math.max(0, next - 8); at--) {
    const one = definitions[at];
    if (one !== undefined && !one.isDeclaration && endOf(text, one) > offset) return one;
  }
  return null;
}

/** Where the text of a definition ends. */
export function endOf(text: string, { kind, offset }: Pick<NameDefinition, 'kind' | 'offset'>): number {
  if (kind === 'macro') {
    let end = text.indexOf('\n', offset);
    while (end > 0 && text[end - 1] === '\\') end = text.indexOf('\n', end + 1);
    return end < 0 ? text.length : end;
  }
  if (kind === 'asm-symbol') return text.length;
  const close = kind === 'asm-macro' ? text.indexOf('.endm', offset) : closeOfBody(text, offset);
  return close < 0 ? text.length : close + 1;
}

/** The brace that closes a body: in the first column, or on the line of the one that opens it. */
function closeOfBody(text: string, offset: number): number {
  const open = text.indexOf('{', offset);
  if (open < 0) return -1;
  const lineEnd = text.indexOf('\n', open);
  const line = text.slice(open, lineEnd < 0 ? text.length : lineEnd);
  if (/\}\s*(?:\/[/*].*)?$/.test(line) && count(line, '{') === count(line, '}')) return open + line.lastIndexOf('}');
  const close = text.indexOf('\n}', open);
  return close < 0 ? -1 : close + 1;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
