import { describe, expect, test } from 'vitest';
import { CppCache } from '../../../server/src/syntax/cpp/preprocessor.ts';
import { readCases, renderAll, renderLines, renderPlaces, run, runText } from './cppCases.ts';

describe('prints what gcc prints', () => {
  for (const { name, input, expected } of readCases()) {
    test(name, () => expect(renderLines(runText(input).lines)).toBe(expected));
  }
});

describe('included files', () => {
  test('are searched as the compiler does', () => {
    const files = {
      '/main.S': '#include "a.h"\n#include <a.h>\n#include "sub/b.h"\n#include <only.h>\nend\n',
      '/a.h': 'beside\n',
      '/inc1/a.h': 'first path\n',
      '/inc2/a.h': 'second path\n',
      '/sub/b.h': '#include "c.h"\n',
      '/sub/c.h': 'beside the includer\n',
      '/inc2/only.h': '#include "a.h"\n',
    };
    expect(renderPlaces(run(files, { includePaths: ['/inc1', '/inc2'] }))).toMatchInlineSnapshot(`
      "/a.h:1 beside
      /inc1/a.h:1 first path
      /sub/c.h:1 beside the includer
      /inc2/a.h:1 second path
      /main.S:5 end"
    `);
  });

  test('are found by #include_next behind the directory of the includer', () => {
    const files = {
      '/main.S': '#include <a.h>\n',
      '/1/a.h': 'one\n#include_next <a.h>\n',
      '/2/a.h': 'two\n#if __has_include_next(<a.h>)\n#include_next "a.h"\n#endif\n',
      '/3/a.h': 'three\n#if __has_include_next(<a.h>)\nmore\n#endif\n',
    };
    const result = run(files, { includePaths: ['/1', '/2', '/3'] });
    expect(result.lines.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  test('are named by macros too', () => {
    const files = {
      '/main.S': '#define H <d/a.h>\n#define Q "d/a.h"\n#define S(x) #x\n#include H\n#include Q\n#include S(d/a.h)\n',
      '/d/a.h': 'hit\n',
    };
    const result = run(files, { includePaths: ['/'] });
    expect(result.lines).toHaveLength(3);
    expect(result.includes.map(({ spec, resolved }) => `${spec} ${resolved}`)).toEqual([
      '<d/a.h> /d/a.h',
      '"d/a.h" /d/a.h',
      '"d/a.h" /d/a.h',
    ]);
  });

  test('are read once with a guard, #pragma once or #import', () => {
    const files = {
      '/main.S':
        '#include "g.h"\n#include "g.h"\n#include "d.h"\n#include "d.h"\n#include "o.h"\n#include "o.h"\n#import "i.h"\n#include "i.h"\n#undef G\n#include "g.h"\n',
      '/g.h': '// guard\n#ifndef G\n#define G\ng\n#endif\n',
      '/d.h': '#if !defined(D)\n#define D\nd\n#endif // D\n',
      '/o.h': '#pragma once\no\n',
      '/i.h': 'i\n',
    };
    expect(run(files).lines.map(({ text }) => text)).toEqual(['g', 'd', 'o', 'i', 'g']);
  });

  test('come first when forced, with -D and -U before them', () => {
    const files = { '/main.S': 'A B C\n', '/f.h': '#ifdef A\n#define B A\n#endif\nforced\n' };
    const defines = [
      { name: 'A', value: '1' },
      { name: 'C', value: '2' },
      { name: 'C', value: null },
    ];
    const result = run(files, { forcedIncludes: ['/f.h'], defines });
    expect(renderPlaces(result)).toBe('/f.h:4 forced\n/main.S:1 1 1 C');
    expect(result.files).toEqual(['/main.S', '/f.h']);
    expect(result.macros.get('A')?.file).toBe('<command line>');
  });

  test('that are missing are an issue, and reading goes on', () => {
    const result = runText('a\n#include "gone.h"\n#include <gone/too.h> // x\nb\n');
    expect(renderLines(result.lines)).toBe('  1 a\n  4 b\n');
    expect(result.issues.map(({ kind, line, message, range }) => ({ kind, line, message, range }))).toEqual([
      { kind: 'include-not-found', line: 2, message: 'gone.h: no such file', range: { start: 11, end: 19 } },
      { kind: 'include-not-found', line: 3, message: 'gone/too.h: no such file', range: { start: 29, end: 41 } },
    ]);
    expect(result.includes.map(({ resolved }) => resolved)).toEqual([null, null]);
  });

  test('that include themselves stop at the limit', () => {
    const result = run(
      { '/main.S': '#include "a.h"\n', '/a.h': 'x\n#include "a.h"\n' },
      { limits: { includeDepth: 5 } },
    );
    expect(result.lines).toHaveLength(5);
    expect(result.issues.map(({ kind }) => kind)).toEqual(['limit']);
  });

  test('that include themselves twice do not hang', () => {
    const result = run({ '/main.S': 'x\n#include "main.S"\n#include "main.S"\nend\n' });
    expect(result.issues.map(({ kind }) => kind)).toEqual(['limit']);
    expect(result.lines).toHaveLength(201);
  });

  test('that multiply from level to level do not hang', () => {
    const files: Record<string, string> = { '/main.S': '#include "l1"\n', '/l40': 'x\n' };
    for (let i = 1; i < 40; i++) files[`/l${i}`] = `#include "l${i + 1}"\n`.repeat(2);
    expect(run(files).issues.map(({ kind }) => kind)).toEqual(['limit']);
  });

  test('know their name, level and place', () => {
    const files = {
      '/src/main.S': '',
      '/main.S': '#include "d/a.h"\n__FILE__ __INCLUDE_LEVEL__\n#line 7 "x.c"\n__FILE__ __LINE__\n',
      '/d/a.h': '__FILE__ __FILE_NAME__ __BASE_FILE__ __INCLUDE_LEVEL__ __LINE__\n',
    };
    const result = run(files, { filePrefixes: [{ from: '/d/', to: './' }] });
    expect(renderPlaces(result)).toMatchInlineSnapshot(`
      "/d/a.h:1 "./a.h" "a.h" "/main.S" 1 1
      /main.S:2 "/main.S" 0
      /main.S:4 "x.c" 7"
    `);
  });
});

describe('origin of tokens', () => {
  test('each has its spelling and the chain of macros', () => {
    const text = '#define IN(r) [r, #8]\n#define OUT(r) ldr r, IN(r)\n\tOUT(x0) x1\n';
    const line = runText(text).lines[0];
    const rendered = line?.tokens.map((tok, i) => {
      const chain: string[] = [];
      for (let at = tok.expansion; at !== null; at = at.parent) chain.push(`${at.macro.name}@${at.offset}`);
      const spelled = text.slice(tok.offset, tok.offset + tok.text.length) === tok.text ? 'ok' : 'elsewhere';
      return `${line.columns[i]} ${tok.kind} ${tok.text} @${tok.offset} ${spelled} ${chain.join(' < ')}`;
    });
    expect(line?.text).toBe(' ldr x0, [x0, #8] x1');
    expect(rendered).toMatchInlineSnapshot(`
      [
        "1 identifier ldr @37 ok OUT@51",
        "5 identifier x0 @55 ok OUT@51",
        "7 punctuator , @42 ok OUT@51",
        "9 punctuator [ @14 ok IN@44 < OUT@51",
        "10 identifier x0 @55 ok IN@44 < OUT@51",
        "12 punctuator , @16 ok IN@44 < OUT@51",
        "14 punctuator # @18 ok IN@44 < OUT@51",
        "15 number 8 @19 ok IN@44 < OUT@51",
        "16 punctuator ] @20 ok IN@44 < OUT@51",
        "18 identifier x1 @59 ok ",
      ]
    `);
  });

  test('columns point at the token in the printed line', () => {
    for (const { input } of readCases()) {
      for (const { text, tokens, columns } of runText(input).lines) {
        for (const [i, tok] of tokens.entries()) {
          expect(text.slice(columns[i], (columns[i] ?? 0) + tok.text.length)).toBe(tok.text);
        }
      }
    }
  });

  test('tokens of the text itself stand where they say', () => {
    for (const { input } of readCases()) {
      for (const { tokens } of runText(input).lines) {
        for (const tok of tokens) {
          if (tok.expansion !== null || input.includes('\\\n')) continue;
          expect(input.slice(tok.offset, tok.offset + tok.text.length)).toBe(tok.text);
        }
      }
    }
  });
});

describe('uses of macros in the main file', () => {
  const render = (text: string) =>
    runText(text).uses.map((use) => {
      const { range, nameRange } = use;
      return `${use.macro.name} [${text.slice(range.start, range.end)}] ${text.slice(nameRange.start, nameRange.end) === use.macro.name} => ${use.expansion}`;
    });

  test('have range and full expansion', () => {
    const text = '#define R x0\n#define L(r, o) [r, o]\n\tldr L(R, #1), R ; L\nL(1,\n R)\n';
    expect(render(text)).toMatchInlineSnapshot(`
      [
        "L [L(R, #1)] true => [x0, #1]",
        "R [R] true => x0",
        "R [R] true => x0",
        "L [L(1,
       R)] true => [1, x0]",
        "R [R] true => x0",
      ]
    `);
  });

  test('are found in conditions, not in what conditions remove', () => {
    const text =
      '#define A 1\n#define F(x) x + A\n#ifdef A\n#if F(2) == 3 && defined(F) && defined B\n A\n#else\n A\n#endif\n#endif\n';
    expect(render(text)).toMatchInlineSnapshot(`
      [
        "A [A] true => 1",
        "F [F(2)] true => 2 + 1",
        "F [F] true => x + A",
        "A [A] true => 1",
      ]
    `);
  });
});

test('ranges that conditionals remove', () => {
  const text =
    '#if 0\na\n#if 1\nb\n#endif\n#elif 1\nc\n#else\nd\n#endif\n#ifdef X\n#endif\n#ifndef Y\n#elif 1\ne\n#endif';
  expect(runText(text).inactive.map(({ start, end }) => text.slice(start, end))).toEqual([
    'a\n#if 1\nb\n#endif\n',
    'd\n',
    'e\n',
  ]);
});

test('the macro table has definitions as written, without the computed ones', () => {
  const { macros } = runText('#define F(a, b...)  a ## b #a  x  // c\n#define G 1\n#undef G\n#define E\n');
  const { name, parameters, variadic, body, file, line, offset } = macros.get('F') ?? { name: '?' };
  expect({ name, parameters, variadic, body, file, line, offset }).toEqual({
    name: 'F',
    parameters: ['a', 'b'],
    variadic: true,
    body: 'a ## b #a x',
    file: '/main.S',
    line: 1,
    offset: 8,
  });
  expect([macros.has('G'), macros.get('E')?.body, macros.has('__LINE__')]).toEqual([false, '', false]);
  expect(macros.get('__aarch64__')?.body).toBe('1');
});

test('problems are reported where they are', () => {
  const text = [
    '#error no way',
    '#warning hmm',
    '#if 1 +',
    '#endif',
    '#else',
    '#define F(x) x',
    'F(1,2)',
    '#define 1',
    '#include',
    '#ifdef',
    '#endif',
    '#if 1',
    'F(',
    '/* x',
  ].join('\n');
  const rendered = runText(text).issues.map(({ kind, line, message }) => `${line} ${kind}: ${message}`);
  expect(rendered).toMatchInlineSnapshot(`
    [
      "14 unterminated: unterminated comment",
      "1 error-directive: #error no way",
      "2 warning-directive: #warning hmm",
      "3 bad-expression: expression ends where a value is expected",
      "5 unbalanced-conditional: #else without #if",
      "7 macro-arguments: macro "F" passed 2 arguments, but takes just 1",
      "8 bad-directive: macro names must be identifiers",
      "9 bad-directive: #include expects "FILENAME" or <FILENAME>",
      "10 bad-directive: no macro name given in #ifdef directive",
      "13 unterminated: unterminated argument list invoking macro "F"",
      "12 unbalanced-conditional: unterminated conditional: no #endif",
    ]
  `);
});

describe('limits', () => {
  test('macros that grow without end', () => {
    const levels = Array.from({ length: 40 }, (_, i) => `#define A${i + 1} A${i} A${i}\n`).join('');
    const result = runText(`#define A0 x\n${levels}A40\nend\n`, { limits: { tokens: 10_000 } });
    expect(result.issues.map(({ kind }) => kind)).toEqual(['limit']);
    expect(result.lines.at(-1)?.text).toBe('end');
  });

  test('macros that double their argument', () => {
    const levels = Array.from({ length: 40 }, (_, i) => `#define D${i + 1}(x) D${i}(x x)\n`).join('');
    const result = runText(`#define D0(x) x\n${levels}D40(y)\nend\n`, { limits: { tokens: 10_000 } });
    expect(result.issues.some(({ kind }) => kind === 'limit')).toBe(true);
  });

  test('pastes that double a name', () => {
    const levels = Array.from({ length: 60 }, (_, i) => `#define P${i + 1}(x) P${i}(x##x)\n`).join('');
    const result = runText(`#define P0(x) x\n${levels}P60(y)\nend\n`, { limits: { tokens: 10_000 } });
    expect(result.lines.at(-1)?.text).toBe('end');
  });

  test('literals that are made literals again and again', () => {
    const n = 60;
    const result = runText(`#define S(x) #x\n#define T(x) S(x)\n${'T('.repeat(n)}"a"${')'.repeat(n)}\nend\n`);
    expect(result.lines.at(-1)?.text).toBe('end');
  });

  test('uses nested thousands deep', () => {
    const n = 5000;
    const result = runText(
      `#define F(x) x\n${'F('.repeat(n)}1${')'.repeat(n)}\n#if ${'('.repeat(n)}1${')'.repeat(n)}\n#endif\n`,
    );
    expect(result.issues.map(({ kind }) => kind)).toContain('limit');
  });
});

describe('a shared cache changes nothing', () => {
  const base = {
    '/main.S':
      '// top\n#define EARLY 1\n#include "a.h"\n#include <b.h>\n\tA(1) B __COUNTER__\n#if EARLY\n\tx0 C\n#endif\n#define LATE(x) x A(x)\nLATE(3)\n#include "a.h"\nend\n',
    '/a.h': '#ifndef A_H\n#define A_H\n#include <b.h>\n#define A(x) x B __LINE__\n#endif\na __COUNTER__\n',
    '/inc/b.h': '#pragma once\n#define B 7\n#if EARLY == 1\n#define C one\n#else\n#define C other\n#endif\n b\n',
  };
  const more = { includePaths: ['/inc'], defines: [{ name: 'Z', value: '1' }], forcedIncludes: ['/inc/b.h'] };

  test('when nothing changes', () => {
    const cache = new CppCache();
    const first = renderAll(run(base, more, cache));
    expect(renderAll(run(base, more, cache))).toBe(first);
    expect(renderAll(run(base, more))).toBe(first);
  });

  test('when any one character of any file goes, comes back or is doubled', { timeout: 60_000 }, () => {
    const cache = new CppCache();
    run(base, more, cache);
    for (const path of Object.keys(base) as (keyof typeof base)[]) {
      const text = base[path];
      for (let at = 0; at < text.length; at++) {
        for (const replacement of ['', text.charAt(at).repeat(2), '\n']) {
          const files = { ...base, [path]: text.slice(0, at) + replacement + text.slice(at + 1) };
          expect(renderAll(run(files, more, cache))).toBe(renderAll(run(files, more)));
        }
      }
    }
  });

  test('when files appear, vanish or options differ', () => {
    const cache = new CppCache();
    const { '/inc/b.h': gone, ...without } = base;
    const steps: [Record<string, string>, Parameters<typeof run>[1]][] = [
      [base, more],
      [without, more],
      [
        { ...base, '/b.h': 'shadow\n' },
        { ...more, includePaths: ['/', '/inc'] },
      ],
      [base, { ...more, language: 'c' }],
      [base, { ...more, defines: [] }],
      [
        { ...base, '/inc/a.h': gone },
        { ...more, forcedIncludes: [] },
      ],
      [base, more],
    ];
    for (const [files, opts] of steps) expect(renderAll(run(files, opts, cache))).toBe(renderAll(run(files, opts)));
  });
});
