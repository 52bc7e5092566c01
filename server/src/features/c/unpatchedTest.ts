import type { TextRange } from '../../base/text.ts';
import { findCpucap } from '../../kernel/cpucaps.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import { cpucapSummary } from '../cpucapText.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { CFile } from './cFile.ts';
import { linked } from './siteText.ts';

/** Characters behind a name in which its arguments end. */
const maxArguments = 400;

/**
 * What to say of a test of a cpucap or a key that is not patched (`cpus_have_cap`, `static_key_enabled`): it looks like
 * those that are. It is told by what it is given, not by its name. `null` for every other name.
 */
export function unpatchedTestText(ctx: FeatureContext, file: CFile, word: string, range: TextRange): string | null {
  const given = argumentsAt(file.text, range.end);
  if (given === null || file.tree === null) return null;
  const definition = definitionOf(ctx, file.tree, word);
  const cpucap = /\bARM64_\w+/.exec(given)?.[0] ?? null;
  if (cpucap !== null && findCpucap(file.tree.cpucaps, cpucap) !== undefined) {
    // What sets a cpucap or prints its name is given one as well.
    if (definition !== null && !definition.isTest) return null;
    const summary = cpucapSummary(file, cpucap);
    return text(word, cpucap, definition, [summary, where(ctx, definition)]);
  }
  const key = /^\s*&\s*([\w.]+)/.exec(given)?.[1] ?? null;
  const isKey = key !== null && /^static_key_(enabled|count)$/.test(word);
  return isKey ? text(word, key, { ...noDefinition, kind: 'inline' }, []) : null;
}

interface Definition {
  readonly kind: 'inline' | 'call' | null;
  /** It answers yes or no. */
  readonly isTest: boolean;
  readonly path: string;
  readonly line: number;
}

const noDefinition: Definition = { kind: null, isTest: true, path: '', line: 0 };

function text(word: string, about: string, definition: Definition | null, more: readonly (string | null)[]): string {
  const cost = {
    inline: 'It reads the present value from memory each time: a load and a test.',
    call: 'It is a call each time.',
    unknown: 'It asks each time.',
  }[definition?.kind ?? 'unknown'];
  const lines = [`**Not patched**: no instruction here changes. ${cost}`, ...more.filter((one) => one !== null)];
  return [`**${word}** · \`${about}\``, lines.join('  \n')].join('\n\n');
}

function where(ctx: FeatureContext, definition: Definition | null): string | null {
  if (definition === null || definition.path === '') return null;
  return `Written in ${linked(ctx, `\`${definition.path.split('/').slice(-2).join('/')}:${definition.line}\``, definition.path, definition.line)}`;
}

/** The one definition of a function or macro that the index knows. */
function definitionOf(ctx: FeatureContext, tree: KernelTree, name: string): Definition | null {
  const found = nameIndexOf(ctx.workspace, tree)
    .writtenDefinitionsOf(name)
    .filter(({ isDeclaration, path }) => !isDeclaration && !/\/arch\/(?!arm64\/)/.test(path));
  const [first] = found;
  if (first === undefined) return null;
  const source = ctx.workspace.textOf(first.path) ?? '';
  const head = source.slice(Math.max(0, source.lastIndexOf('\n', first.offset - 1) - 60), first.offset);
  const isMacro = first.kind === 'macro';
  return {
    kind: isMacro || first.kind === 'inline-function' ? 'inline' : first.kind === 'function' ? 'call' : null,
    isTest: isMacro || /\bbool\b/.test(head),
    path: first.path,
    line: first.line,
  };
}

/** Text between the parentheses behind an offset; `null` where there are none. */
function argumentsAt(source: string, offset: number): string | null {
  const open = /^\s*\(/.exec(source.slice(offset, offset + 20));
  if (open === null) return null;
  let depth = 0;
  const from = offset + open[0].length;
  for (let at = from - 1; at < source.length && at < from + maxArguments; at++) {
    if (source[at] === '(') depth++;
    else if (source[at] === ')' && --depth === 0) return source.slice(from, at);
  }
  return null;
}
