import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import { diagnosticCodes } from '../../server/src/features/diagnosticCodes.ts';
import { diagnostics } from '../../server/src/features/diagnostics.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { testCParser } from '../support/cParser.ts';

// docs/rules.md is the documentation and the test: every example in it is run on the example tree's headers.

const root = resolve(import.meta.dirname, '../..');
const document = readFileSync(`${root}/docs/rules.md`, 'utf8');
const folder = `${root}/examples/arch/arm64/kernel`;
/** Three lines that every example begins with. */
const preambles = {
  S: '#include <linux/linkage.h>\n#include <asm/assembler.h>\n#include <asm/asm-extable.h>\n',
  c: '#include <linux/types.h>\n#include <asm/alternative.h>\n#include <asm/cpufeature.h>\n',
};

interface Example {
  readonly rule: string;
  readonly language: 'S' | 'c';
  readonly kind: 'bad' | 'good';
  readonly text: string;
  readonly line: number;
}

function readExamples(): Example[] {
  const examples: Example[] = [];
  let rule = '';
  let open: (Omit<Example, 'rule' | 'text'> & { readonly lines: string[] }) | null = null;
  document.split('\n').forEach((line, index) => {
    if (open !== null) {
      if (line === '```') {
        const { lines, ...fence } = open;
        examples.push({ rule, ...fence, text: lines.join('\n') });
        open = null;
      } else open.lines.push(line);
      return;
    }
    if (line.startsWith('## ')) rule = line.slice(3);
    const [, language, kind] = /^```(asm|c) (bad|good)$/.exec(line) ?? [];
    if (kind !== 'bad' && kind !== 'good') return;
    open = { language: language === 'c' ? 'c' : 'S', kind, lines: [], line: index + 1 };
  });
  return examples;
}

const examples = readExamples();
const parser = await testCParser();
const files = createNodeFileSource();

/** Findings as `line rule`, lines of the example counted from 1. */
function lint({ language, text }: Example): string[] {
  const path = `${folder}/rule-example.${language}`;
  const workspace = new Workspace({
    files,
    logger: silentLogger,
    settings: { buildDirectory: null, configFile: null, kernelRoot: null },
  });
  workspace.setCParser(parser);
  workspace.openDocument(path, `${preambles[language]}${text}\n`, 1);
  const ctx = { workspace, state: { name: 'none', core: null, cpucaps: [] }, cancellation: neverCancelled };
  return diagnostics(ctx, path).map((finding) => `${finding.line - 3} ${finding.rule}`);
}

describe('examples of docs/rules.md', () => {
  for (const example of examples) {
    it(`${example.rule}, ${example.kind} (docs/rules.md:${example.line})`, () => {
      const expected = example.text
        .split('\n')
        .flatMap((line, index) => (line.includes('// <- here') ? [`${index + 1} ${example.rule}`] : []));
      expect(lint(example)).toEqual(expected);
      expect(expected.length > 0).toBe(example.kind === 'bad');
    });
  }

  it('cover every rule, each with a bad and a good one, and name no other', () => {
    const rules = diagnosticCodes.map((code) => code.rule);
    for (const kind of ['bad', 'good'] as const) {
      const covered = new Set(examples.filter((example) => example.kind === kind).map((example) => example.rule));
      expect([...covered].sort()).toEqual([...rules].sort());
    }
  });

  it('stand under the id of their rule, in the order of the rules', () => {
    const headings = [...document.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(diagnosticCodes.map((code) => code.rule));
  });
});
