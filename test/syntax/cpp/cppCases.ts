import { readFileSync } from 'node:fs';
import type { CppOptions, CppResult } from '../../../server/src/syntax/cpp/model.ts';
import { CppCache, type CppHost, preprocess } from '../../../server/src/syntax/cpp/preprocessor.ts';

/** One entry of `cases.txt`. */
export interface CppCase {
  readonly name: string;
  readonly input: string;
  readonly expected: string;
}

const controls: readonly (readonly [string, string])[] = [
  ['␍', '\r'],
  ['␌', '\f'],
  ['␋', '\v'],
  ['⏎\n', ''],
];

export function readCases(): readonly CppCase[] {
  const text = readFileSync(new URL('./cases.txt', import.meta.url), 'utf8');
  return text
    .split(/^==== /m)
    .slice(1)
    .map((entry) => {
      const nameEnd = entry.indexOf('\n');
      const at = entry.indexOf('----\n');
      const input = controls.reduce((all, [sign, char]) => all.replaceAll(sign, char), entry.slice(nameEnd + 1, at));
      return { name: entry.slice(0, nameEnd), input, expected: entry.slice(at + 5) };
    });
}

/** Printed lines as `cases.txt` has them: line of the input, text. */
export function renderLines(lines: readonly { readonly line: number; readonly text: string }[]): string {
  return lines
    .filter(({ text }) => text.trim() !== '')
    .map(({ line, text }) => `${String(line).padStart(3)} ${text.replaceAll('\r', '␍')}\n`)
    .join('');
}

/** A host over a record of path to text. */
export function memoryHost(files: Readonly<Record<string, string>>): CppHost {
  return {
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? undefined : { text };
    },
    exists: (path) => files[path] !== undefined,
  };
}

export function options(more: Partial<CppOptions> = {}): CppOptions {
  return { language: 'asm', includePaths: [], forcedIncludes: [], defines: [], ...more };
}

/** Preprocesses `/main.S` of a set of files with a fresh cache. */
export function run(
  files: Readonly<Record<string, string>>,
  more: Partial<CppOptions> = {},
  cache: CppCache = new CppCache(),
): CppResult {
  return preprocess('/main.S', files['/main.S'] ?? '', options(more), memoryHost(files), cache);
}

export function runText(text: string, more: Partial<CppOptions> = {}): CppResult {
  return run({ '/main.S': text }, more);
}

/** `file:line text` per printed line. */
export function renderPlaces(result: CppResult): string {
  return result.lines.map(({ file, line, text }) => `${file}:${line} ${text}`).join('\n');
}

/** Everything a result says, for comparing two. */
export function renderAll(result: CppResult): string {
  const chain = (expansion: CppResult['lines'][number]['tokens'][number]['expansion']): string =>
    expansion === null
      ? ''
      : ` < ${expansion.macro.name}@${expansion.file}:${expansion.offset}${chain(expansion.parent)}`;
  const parts: string[] = [];
  for (const { file, line, text, tokens, columns } of result.lines) {
    parts.push(`${file}:${line} ${text}`);
    for (const [i, tok] of tokens.entries()) {
      parts.push(`  ${columns[i]} ${tok.kind} ${tok.text} ${tok.file}:${tok.offset}${chain(tok.expansion)}`);
    }
  }
  for (const { name, body, file, offset, line, parameters } of [...result.macros.values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (file !== '<built-in>')
      parts.push(`macro ${name}(${parameters?.join() ?? '-'}) ${body} ${file}:${line}:${offset}`);
  }
  parts.push(JSON.stringify(result.includes), JSON.stringify(result.inactive), JSON.stringify(result.issues));
  parts.push(JSON.stringify(result.files));
  for (const use of result.uses) {
    const { range, nameRange } = use;
    parts.push(`use ${use.macro.name} ${nameRange.start}-${nameRange.end}-${range.end} ${use.expansion}`);
  }
  return parts.join('\n');
}

/** Reproducible pseudo-random numbers below a bound. */
export function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % bound;
  };
}
