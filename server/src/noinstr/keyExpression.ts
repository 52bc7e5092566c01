import type { CppExpansion, CppToken } from '../syntax/cpp/model.ts';
import { argumentsOfUse } from './argumentText.ts';
import { expandedText } from './expandedText.ts';
import { rootSite, type Site } from './pathState.ts';
import { outermostUse } from './unit.ts';

/** The key that a static branch tests, as far as its expression says. */
export interface KeyName {
  /** Variable that holds the key. */
  readonly name: string;
  /** `[…]` behind it; `null` for a key of its own. */
  readonly index: string | null;
  /** The whole expression without the `&`. */
  readonly text: string;
}

/** Text of a macro's use with its arguments, as it is written. */
export type UseText = (expansion: CppExpansion) => string;

/**
 * The key of a static branch. Parameters of macros and of inlined functions around it are replaced by what stands at
 * their uses. `null` where the expression is no variable, or the way goes through a pointer.
 */
export function keyOfBranch(site: Site, useText: UseText): KeyName | null {
  const { op } = site;
  let text: string;
  if (op.kind === 'use') text = writtenArgument(op.expansion, useText);
  else if (op.kind === 'call') text = argumentText(op.args.at(-1) ?? []);
  else return null;
  for (let at: Site | null = site; at?.via != null; at = at.via) {
    const call = at.via.op;
    if (call.kind !== 'call') break;
    for (const [index, parameter] of at.fn.parameters.entries()) {
      const arg = call.args[index];
      if (arg !== undefined) text = replaceWord(text, parameter, argumentText(arg));
    }
  }
  const key = readKey(expandedText(text, (name) => site.fn.unit.macroNamed(name)));
  // A pointer that came from elsewhere names no key.
  return key === null || rootSite(site).fn.parameters.includes(key.name) ? null : key;
}

/** Reads `&name`, `&name[i]`, `&name.member`. */
function readKey(text: string): KeyName | null {
  const bare = text.replace(/\s+/g, '').replace(/[()]/g, (bracket, at: number, all: string) => {
    // Parentheses of the expression itself say nothing; those of an index stay.
    return insideIndex(all, at) ? bracket : '';
  });
  const [, name, index, rest] = /^[&*]*([A-Za-z_]\w*)(\[[^\]]*\])?((?:\.\w+)*)$/.exec(bare) ?? [];
  if (name === undefined) return null;
  return { name, index: index ?? null, text: `${name}${index ?? ''}${rest ?? ''}` };
}

function insideIndex(text: string, at: number): boolean {
  return text.lastIndexOf('[', at) > text.lastIndexOf(']', at);
}

/** The last argument of a macro's use; parameters of the macros around it replaced by theirs. */
function writtenArgument(expansion: CppExpansion, useText: UseText): string {
  let text = argumentsOfUse(useText(expansion)).at(-1) ?? '';
  for (let at = expansion.parent; at !== null; at = at.parent) {
    const { parameters } = at.macro;
    if (parameters === null || !parameters.some((one) => hasWord(text, one))) continue;
    const args = argumentsOfUse(useText(at));
    for (const [index, parameter] of parameters.entries()) text = replaceWord(text, parameter, args[index] ?? '');
  }
  return text;
}

/** An argument as the reader wrote it: a constant by its name. */
function argumentText(tokens: readonly CppToken[]): string {
  const words: string[] = [];
  let last: CppExpansion | null = null;
  for (const token of tokens) {
    const outer = outermostUse(token);
    if (outer !== null && outer.macro.parameters === null) {
      if (outer !== last) words.push(outer.macro.name);
    } else words.push(token.text);
    last = outer;
  }
  return words.join('');
}

function hasWord(text: string, word: string): boolean {
  return word !== '' && new RegExp(`\\b${word}\\b`).test(text);
}

function replaceWord(text: string, word: string, by: string): string {
  if (word === '') return text;
  return text.replace(new RegExp(`(?<![.\\w])${word}\\b`, 'g'), (_, at: number) => {
    const isPasted = /##\s*$/.test(text.slice(0, at)) || /^\s*##/.test(text.slice(at + word.length));
    return isPasted ? by : `(${by})`;
  });
}
