import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noinstrCodes } from '../../server/src/features/noinstr/noinstrCodes.ts';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';

const folder = resolve(import.meta.dirname, '../../docs/rules');

interface Example {
  readonly rule: string;
  readonly kind: 'bad' | 'good';
  readonly language: string;
  readonly text: string;
  readonly beside: { readonly language: string; readonly text: string } | null;
}

/** Examples of the pages of docs/rules: fences marked `bad`, `good` and `beside` (a file in the same folder). */
function readExamples(): Example[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => {
      const text = readFileSync(`${folder}/${name}`, 'utf8');
      const fences = [...text.matchAll(/^```(\w+) (bad|good|beside)\n([\s\S]*?)^```/gm)];
      const beside = fences.find((fence) => fence[2] === 'beside');
      return fences
        .filter((fence) => fence[2] !== 'beside')
        .map((fence) => ({
          rule: name.replace(/\.md$/, ''),
          kind: fence[2] === 'bad' ? ('bad' as const) : ('good' as const),
          language: fence[1] ?? '',
          text: fence[3] ?? '',
          beside: beside === undefined ? null : { language: beside[1] ?? '', text: beside[3] ?? '' },
        }));
    });
}

const extension = (language: string): string => (language === 'asm' ? 'S' : 'c');

/** Findings as `line rule`, the line that of the example. */
function lint({ language, text, beside }: Example): string[] {
  const folderOf = '/k/arch/arm64/kernel';
  const path = `${folderOf}/ax_example.${extension(language)}`;
  const lead = (kind: string): string => (kind === 'asm' ? '#include <linux/compiler_types.h>\n' : preamble);
  const files: Record<string, string> = { [path]: lead(language) + text };
  if (beside !== null)
    files[`${folderOf}/ax_beside.${extension(beside.language)}`] = lead(beside.language) + beside.text;
  const findings = noinstrFindings(noinstrTree(files), path);
  return findings.filter((one) => one.path === path).map((one) => `${one.line - 1} ${one.rule}`);
}

/** What the comments say: `<- here` is the page's rule, `<- noinstr.x` another one that comes with it. */
function expected({ rule, text }: Example): string[] {
  return text.split('\n').flatMap((line, index) => {
    const words = /<- ([\w. -]+?)\s*(?:\*\/|$)/.exec(line)?.[1]?.split(' ') ?? [];
    return words
      .filter((word) => word === 'here' || word.startsWith('noinstr.'))
      .map((word) => `${index + 1} ${word === 'here' ? rule : word}`);
  });
}

describe('examples of docs/rules', () => {
  const examples = readExamples();
  for (const example of examples) {
    it(`${example.rule}, ${example.kind}`, () => {
      expect(lint(example).sort()).toEqual(expected(example).sort());
    });
  }

  it('there is a page with a bad and a good example for every rule, and no other page', () => {
    for (const kind of ['bad', 'good'] as const) {
      const covered = examples.filter((example) => example.kind === kind).map((example) => example.rule);
      expect([...new Set(covered)].sort()).toEqual(noinstrCodes.map((code) => code.rule).sort());
    }
    for (const example of examples) expect(expected(example).length > 0).toBe(example.kind === 'bad');
  });
});
