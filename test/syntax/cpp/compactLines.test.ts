import { expect, test } from 'vitest';
import { CppCache, preprocess, preprocessing } from '../../../server/src/syntax/cpp/preprocessor.ts';
import { memoryHost, options, readCases, renderAll, run } from './cppCases.ts';

type Files = Readonly<Record<string, string>>;

const c = { language: 'c' } as const;
const again = { ...c, compact: 'again' } as const;
const once = { ...c, compact: 'once' } as const;

/** Lines that make a file long enough to be read in several steps. */
const padding = Array.from({ length: 230 }, (_, nth) => `int pad${nth};\n`).join('');

function filesOf(input: string): Files {
  return { '/main.S': `#include "case.h"\n${input}\n#include "case.h"\n`, '/case.h': `${input}\n` };
}

test('lines of included files in compact form say the same, read for the first time and again', () => {
  for (const { name, input } of readCases()) {
    const plain = renderAll(run(filesOf(input), c));
    const cache = new CppCache();
    for (const round of [1, 2]) {
      expect(renderAll(run(filesOf(input), again, cache)), `${name}, ${round}`).toBe(plain);
      expect(renderAll(run(filesOf(input), once, cache)), `${name}, ${round}, once`).toBe(plain);
    }
  }
});

test('uses nested thousands deep in an included file', () => {
  const chain = Array.from({ length: 3000 }, (_, nth) => `#define M${nth + 1} M${nth} x\n`).join('');
  const files = { '/main.S': '#include "a.h"\n', '/a.h': `#define M0 1\n${chain}M3000\n` };
  const { lines } = run(files, again);
  let depth = 0;
  for (let at = lines[0]?.tokens[0]?.expansion ?? null; at !== null; at = at.parent) depth++;
  expect(depth).toBe(3001);
});

test('an edit of the main file reads it alone: lines of included files stay the same objects', () => {
  const cache = new CppCache();
  const before = run(edited('int a;'), again, cache);
  const after = run(edited('int b;'), again, cache);
  const own = before.lines.findIndex(({ file }) => file === '/main.S');
  expect(own).toBeGreaterThan(2);
  expect(after.lines.slice(0, own).every((line, nth) => line === before.lines[nth])).toBe(true);
  expect(after.lines[own]?.text).toBe('int b;');

  function edited(line: string): Files {
    return {
      '/main.S': `#define NAME x\n#include "a.h"\n#include "b.h"\n${line}\n#include "c.h"\n`,
      '/a.h': '#define A(x) x + x\nint NAME;\n',
      '/b.h': 'int sum = A(1) + A(A(2));\nint more;\n',
      '/c.h': 'int last;\n',
    };
  }
});

test('what is kept of a header does not grow with its edits', () => {
  const cache = new CppCache();
  const kept = [1, 2, 1, 2, 1, 2].map((value) => {
    run({ '/main.S': '#include "a.h"\nint main;\n', '/a.h': `int a = ${value};\n` }, again, cache);
    return cache.touchMain('/main.S')?.bytes ?? 0;
  });
  expect(kept[0]).toBeGreaterThan(0);
  expect(kept).toEqual(kept.map(() => kept[0]));
});

test('any edit of any file gives what a fresh reading gives', () => {
  const base: Files = {
    '/main.S':
      '#define ONE 1\n#include "a.h"\n#ifdef A\n#include "b.h"\nint main = B(ONE);\n#endif\n#include "a.h"\nint end;\n',
    '/a.h': '#ifndef A\n#define A ONE\nint a = A, n = __COUNTER__, m = OBJECT;\n#endif\n#include "c.def"\n',
    '/b.h': '#pragma once\n#define B(x) (x A\n#define C ) + C\nint b = B(2) C;\n',
    '/c.def': 'ITEM(1)\nITEM(2)\n',
  };
  const cache = new CppCache();
  const edits = [
    '#undef ONE\n',
    '#define ITEM(x) x;\n',
    ')',
    '#if 0\n',
    'OBJECT\n',
    '/*',
    '#include "b.h"\n',
    '(',
    '\\\n',
  ];
  for (const [path, text] of Object.entries(base)) {
    for (const edit of edits) {
      for (let at = 0; at <= text.length; at += 7) {
        const files = { ...base, [path]: text.slice(0, at) + edit + text.slice(at) };
        const object = { objectDefines: [{ name: 'OBJECT', value: `"${at % 2}"` }] };
        const what = `${path} ${at} ${edit}`;
        expect(renderAll(run(files, { ...again, ...object }, cache)), what).toBe(
          renderAll(run(files, { ...c, ...object })),
        );
      }
    }
  }
});

test('one macro can be asked for, as well while other runs use the cache', () => {
  const cache = new CppCache();
  const first = run(filesOf('#define A 1\n#define B 2\n#undef B\n'), again, cache);
  const second = run(filesOf('#define A 3\n#define B 4\n'), again, cache);
  const bodies = [first, second].map((one) => ['A', 'B', 'C', '__LINE__'].map((name) => one.macroNamed(name)?.body));
  expect(bodies).toEqual([
    ['1', undefined, undefined, undefined],
    ['3', '4', undefined, undefined],
  ]);
  for (const one of [first, second]) {
    for (const [name, macro] of one.macros) expect(one.macroNamed(name)).toBe(macro);
  }
});

test('runs in steps over one cache do not disturb each other', () => {
  const cases = readCases().filter((_, nth) => nth % 4 === 0);
  const cache = new CppCache();
  const runs = cases.map(({ name, input }, nth) => {
    const files: Files = {
      '/main.S': `${padding}#define PADDED ${nth}\n#include "p.h"\n${padding}${input}\n`,
      '/p.h': `${padding}int padded = PADDED;\n`,
    };
    const how = nth % 3 === 0 ? c : nth % 3 === 1 ? again : once;
    const steps = preprocessing('/main.S', files['/main.S'] ?? '', options(how), memoryHost(files), cache);
    return { name, files, steps, done: '' };
  });
  for (let left = runs; left.length > 0; left = left.filter(({ done }) => done === '')) {
    for (const one of left) {
      const step = one.steps.next();
      if (step.done === true) one.done = renderAll(step.value);
    }
  }
  for (const { name, files, done } of runs) {
    const alone = preprocess('/main.S', files['/main.S'] ?? '', options(c), memoryHost(files), new CppCache());
    expect(done, name).toBe(renderAll(alone));
  }
});
