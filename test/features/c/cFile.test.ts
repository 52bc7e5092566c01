import { describe, expect, it } from 'vitest';
import { LineIndex } from '../../../server/src/base/text.ts';
import { type CFile, movedTo } from '../../../server/src/features/c/cFile.ts';
import type { CSite } from '../../../server/src/features/c/cSites.ts';

const text = [
  'DEFINE_KEY(first);',
  'int one(int x)',
  '{',
  '\tif (test(&first))',
  '\t\tx++;',
  '\treturn x;',
  '}',
  'int two(int x)',
  '{',
  '\tif (test(&first))',
  '\t\tx--;',
  '\treturn x;',
  '}',
  '',
].join('\n');

/** A file whose sites are its calls of `test`, with the line below as the block that they switch. */
function fileOf(source: string): CFile {
  const lines = new LineIndex(source);
  const sites = [...source.matchAll(/test\(&first\)/g)].map((match): CSite => {
    const line = lines.lineAt(match.index);
    const insn = {
      text: 'nop',
      written: null,
      word: null,
      wordReason: null,
      relocation: null,
      blockLine: 0,
      file: '/k/a.c',
      line,
      chain: [],
    };
    return {
      kind: 'jump',
      path: '/k/a.c',
      range: { start: match.index, end: match.index + match[0].length },
      line,
      column: 6,
      endLine: line,
      functionName: 'f',
      construct: 'test',
      chain: [{ name: 'test', file: '/k/a.c', line }],
      written: { file: '/k/b.h', line: 3 },
      count: 1,
      alternative: null,
      jump: {
        key: 'first',
        reason: null,
        object: 'first',
        owner: 'key',
        branch: false,
        initial: false,
        unpatched: insn,
        patched: { ...insn, text: 'b %l[yes]' },
        label: 'yes',
        outOfLine: { when: true, line: line + 1, endLine: line + 1 },
        inLine: { when: false, line: null, endLine: null },
      },
      staticCall: null,
      removed: null,
      section: '.text',
      object: null,
      issues: [],
    };
  });
  const functions = [...source.matchAll(/^int (\w+)[\s\S]*?^}/gm)].map((match) => ({
    name: match[1] ?? '',
    nameRange: { start: match.index + 4, end: match.index + 7 },
    range: { start: match.index, end: match.index + match[0].length },
    line: lines.lineAt(match.index),
  }));
  const at = source.indexOf('first');
  const keys: CFile['keys'] = [
    {
      kind: 'static-key',
      name: 'first',
      nameRange: { start: at, end: at + 5 },
      line: 1,
      initial: false,
      target: null,
      count: null,
      config: null,
      isLocal: false,
      isSealed: false,
    },
  ];
  return { path: '/k/a.c', text: source, lines, tree: null, sites, functions, keys, inactive: [], isMoved: false };
}

/** What is known after an edit, as text at its places. */
function known(before: string, after: string): string[] {
  const moved = movedTo(fileOf(before), after);
  const piece = ({ start, end }: { readonly start: number; readonly end: number }): string => after.slice(start, end);
  return [
    ...moved.keys.map((key) => `key ${piece(key.nameRange)} line ${key.line}`),
    ...moved.functions.map((one) => `function ${piece(one.nameRange)} line ${one.line}`),
    ...moved.sites.map(
      (site) =>
        `${piece(site.range)} line ${site.line} block ${site.jump?.outOfLine?.line} chain ${site.chain[0]?.line}`,
    ),
  ];
}

describe('what is known of a C file moves along while it is typed in', () => {
  it('the same text is the same file', () => {
    const file = fileOf(text);
    expect(movedTo(file, text)).toBe(file);
  });

  it('a line in front of everything moves everything', () => {
    expect(known(text, `// new\n${text}`)).toEqual([
      'key first line 2',
      'function one line 3',
      'function two line 9',
      'test(&first) line 5 block 6 chain 5',
      'test(&first) line 11 block 12 chain 11',
    ]);
  });

  it('a line in a function moves what is below it', () => {
    expect(known(text, text.replace('\t\tx++;\n', '\t\tx++;\n\t\tx++;\n'))).toEqual([
      'key first line 1',
      'function one line 2',
      'function two line 9',
      'test(&first) line 4 block 5 chain 4',
      'test(&first) line 11 block 12 chain 11',
    ]);
  });

  it('a site that is typed in is gone until the file is analyzed again', () => {
    expect(known(text, text.replace('test(&first)', 'test(&fist)'))).toEqual([
      'key first line 1',
      'function one line 2',
      'function two line 8',
      'test(&first) line 10 block 11 chain 10',
    ]);
  });

  it('nothing is left of a file that was emptied, and nothing breaks', () => {
    expect(known(text, '')).toEqual([]);
  });

  it('every deletion of a piece leaves places inside the text', () => {
    const file = fileOf(text);
    for (let start = 0; start < text.length; start += 3) {
      for (const length of [1, 7, 60]) {
        const after = text.slice(0, start) + text.slice(start + length);
        const moved = movedTo(file, after);
        for (const { range } of moved.sites) expect(after.slice(range.start, range.end)).toBe('test(&first)');
        for (const { range } of moved.functions) expect(range.end).toBeLessThanOrEqual(after.length);
      }
    }
  });
});
