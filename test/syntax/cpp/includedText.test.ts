import { expect, test } from 'vitest';
import { CppCache } from '../../../server/src/syntax/cpp/preprocessor.ts';
import { readCases, run } from './cppCases.ts';

const files = {
  '/main.S': `#include "a.h"
#include "b.h"
#ifdef FROM_B
LIST(x) y __LINE__ NAME
#endif
#include "x.def"
int z = SUM(1,
	2);
#pragma weak z
_Pragma("weak y")
`,
  '/a.h': `#ifndef A_H
#define A_H
#define LIST(n) DO(n) DO(#n)
int not_printed(void);
#pragma pack(1)
_Pragma("pack()")
#define SUM(a, b) ((a) + (b))
static inline int f(void) { return SUM(1,
#if 1
	2
#endif
	); }
#endif
`,
  '/b.h': `#include "a.h"
#define DO(n) <n>
#if SUM(1, 2) == 3
#define FROM_B
#endif
#include "missing.h"
`,
  '/x.def': 'DO(1)\n#define NAME2 3\nDO(NAME2)\n',
};

const main = (lines: readonly { readonly file: string; readonly line: number; readonly text: string }[]): string[] =>
  lines.filter(({ file }) => file === '/main.S').map(({ line, text }) => `${line} ${text}`);

test('lines of the main file are the same without those of included files', () => {
  const all = run(files, { language: 'c' });
  const none = run(files, { language: 'c', includedText: 'none' });
  expect(main(none.lines)).toEqual(main(all.lines));
  expect(none.lines.filter(({ file }) => file !== '/main.S')).toEqual([]);
  expect([...none.macros.keys()]).toEqual([...all.macros.keys()]);
  expect(none.files).toEqual(all.files);
  expect(none.uses.map(({ range, expansion }) => [range, expansion])).toEqual(
    all.uses.map(({ range, expansion }) => [range, expansion]),
  );
});

test('and so they are for every case, read from a cache or not', () => {
  for (const { name, input } of readCases()) {
    if (input.includes('__COUNTER__')) continue;
    const given = { '/main.S': `#include "case.h"\n${input}\n`, '/case.h': `${input}\n` };
    const all = run(given, { language: 'c' });
    const cache = new CppCache();
    run(given, { language: 'c', includedText: 'none' }, cache);
    const none = run(given, { language: 'c', includedText: 'none' }, cache);
    expect(main(none.lines), name).toEqual(main(all.lines));
  }
});

test('one included file can be shown instead of the main file', () => {
  const options = { language: 'c', includedText: 'none' } as const;
  const all = run(files, { language: 'c' });
  const shown = run(files, { ...options, textFile: '/a.h' });
  const text = (lines: typeof all.lines): string[] =>
    lines.filter(({ file }) => file === '/a.h').map((one) => one.text);
  expect(text(shown.lines)).toEqual(text(all.lines));
  expect(shown.lines.every(({ file }) => file === '/a.h')).toBe(true);
  expect(shown.uses.map(({ macro }) => macro.name)).toEqual(['SUM']);
});

test('objects that share a cache have their own names', () => {
  const cache = new CppCache();
  const given = {
    '/main.S': '#include "n.h"\nconst char *a = STR(NAME), *b = FILE_NAME; GLUE(init_, NAME)\n',
    '/n.h':
      '#define STR(x) STR_(x)\n#define STR_(x) #x\n#define GLUE(a, b) GLUE_(a, b)\n#define GLUE_(a, b) a##b\n#ifdef NAME\n#define HAS\n#endif\n',
  };
  const texts = ['core', 'fair'].map((name) => {
    const objectDefines = [
      { name: 'NAME', value: name },
      { name: 'FILE_NAME', value: `"kernel/${name}"` },
    ];
    const result = run(given, { language: 'c', includedText: 'none', objectDefines }, cache);
    return [result.lines.map((line) => line.text).join(''), result.macros.has('HAS')];
  });
  expect(texts).toEqual([
    ['const char *a = "core", *b = "kernel/core"; init_core', true],
    ['const char *a = "fair", *b = "kernel/fair"; init_fair', true],
  ]);
});
