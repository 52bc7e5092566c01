import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CppOptions, CppResult } from '../../server/src/syntax/cpp/model.ts';
import { CppCache, type CppHost, preprocess } from '../../server/src/syntax/cpp/preprocessor.ts';
import { mustSkip } from '../support/optional.ts';
import { options, randomFrom, readCases, renderLines, runText } from '../syntax/cpp/cppCases.ts';
import { makeProgram } from './cppPrograms.ts';
import {
  gccDefinitions,
  gccPreprocess,
  gccPreprocessFile,
  missingCompiler,
  type PrintedLine,
  plainFlags,
} from './gccPreprocess.ts';
import { kernelBuilds } from './kernelBuilds.ts';

const { builds, missing } = kernelBuilds();
const noCompiler = missingCompiler();

const skipCompiler = mustSkip('the preprocessor against gcc -E', noCompiler);
const skipBuild = mustSkip('the preprocessor on the .S files of a kernel build', noCompiler ?? missing);

/** First difference, told with both sides; null when there is none. */
function difference(theirs: readonly PrintedLine[], ours: CppResult): string | null {
  const lines = ours.lines.filter(({ text }) => text.trim() !== '');
  for (let i = 0; i < Math.max(theirs.length, lines.length); i++) {
    const [a, b] = [theirs[i], lines[i]].map((line) => line && `${line.file}:${line.line} ${line.text.trimEnd()}`);
    if (a !== b) return `gcc:  ${a ?? '(end)'}\nours: ${b ?? '(end)'}`;
  }
  return null;
}

describe.skipIf(skipCompiler)('the preprocessor against gcc -E', () => {
  const directory = skipCompiler ? '' : mkdtempSync(join(tmpdir(), 'patchpoint-cpp-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('the recorded cases are what gcc prints', () => {
    const path = join(directory, 'case.S');
    for (const { name, input, expected } of readCases()) {
      writeFileSync(path, input);
      expect(`${name}\n${renderLines(gccPreprocessFile(path, directory))}`).toBe(`${name}\n${expected}`);
    }
  });

  test('the built-in macros are those of the compiler', () => {
    for (const language of ['asm', 'c'] as const) {
      const path = join(directory, language === 'asm' ? 'empty.S' : 'empty.c');
      writeFileSync(path, '');
      const theirs = gccDefinitions(gccCommand(path), directory);
      const ours = definitionsOf(runText('', { language }));
      expect([...ours].sort()).toEqual([...theirs].sort());
    }
  });

  for (const language of ['asm', 'c'] as const) {
    test(`random programs, language ${language}`, () => {
      const random = randomFrom(language === 'asm' ? 12 : 34);
      const path = join(directory, language === 'asm' ? 'random.S' : 'random.c');
      const cache = new CppCache();
      const host: CppHost = { readFile: () => undefined, exists: () => false };
      for (let round = 0; round < 250; round++) {
        const text = makeProgram(random);
        // A line marker would change the places in C.
        if (language === 'c' && /^\s*#\s*1/m.test(text)) continue;
        writeFileSync(path, text);
        const ours = preprocess(path, text, options({ language }), host, cache);
        const wrong = difference(gccPreprocessFile(path, directory), ours);
        expect(wrong === null ? null : `${wrong}\n${text}`).toBeNull();
      }
    });
  }
});

describe.skipIf(skipBuild).each(builds)('the preprocessor on the .S files of $name', ({ directory: build }) => {
  const cache = new CppCache();
  const host = diskHost();
  for (const { object, command } of assemblyCommands(build)) {
    test(object, () => {
      const { source, cppOptions } = readCommand(command, build);
      const ours = preprocess(source, readFileSync(source, 'utf8'), cppOptions, host, cache);
      const gcc = command.filter((word) => !word.startsWith('-Wp,')).map((word) => (word === '-c' ? '-E' : word));
      gcc.splice(gcc.indexOf('-o'), 2);
      expect(difference(gccPreprocess(gcc, build), ours)).toBeNull();
      expect(ours.issues).toEqual([]);
      const theirs = new Map(gccDefinitions(gcc, build));
      // Comes with -g.
      theirs.delete('__GCC_HAVE_DWARF2_CFI_ASM');
      expect(tight(definitionsOf(ours))).toEqual(tight(theirs));
    });
  }
});

function gccCommand(path: string): readonly string[] {
  return ['aarch64-linux-gnu-gcc', '-E', ...plainFlags, path];
}

/** Sorted, without the blanks around `##`, which -dM prints as `a ##b`. */
function tight(definitions: ReadonlyMap<string, string>): readonly string[] {
  return [...definitions].map(([name, text]) => `${name}${text.replace(/ ?## ?/g, '##')}`).sort();
}

/** Macro table in the form of `-dM`. */
function definitionsOf(result: CppResult): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, parameters, variadic, body } of result.macros.values()) {
    const shown = (parameters ?? []).map((parameter, i) => {
      if (!variadic || i < (parameters?.length ?? 0) - 1) return parameter;
      return parameter === '__VA_ARGS__' ? '...' : `${parameter}...`;
    });
    found.set(name, `${parameters === null ? '' : `(${shown.join(',')})`} ${body}`);
  }
  return found;
}

function diskHost(): CppHost {
  const texts = new Map<string, { readonly text: string } | undefined>();
  return {
    readFile: (path) => {
      if (!texts.has(path)) texts.set(path, existsSync(path) ? { text: readFileSync(path, 'utf8') } : undefined);
      return texts.get(path);
    },
    exists: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  };
}

/** Compile commands of the objects below arch/arm64 that come from a `.S` file. */
function assemblyCommands(directory: string): readonly { object: string; command: readonly string[] }[] {
  const found: { object: string; command: readonly string[] }[] = [];
  for (const path of readdirSync(join(directory, 'arch/arm64'), { recursive: true, encoding: 'utf8' })) {
    if (!/(?:^|\/)\.[^/]*\.o\.cmd$/.test(path)) continue;
    const text = readFileSync(join(directory, 'arch/arm64', path), 'utf8');
    const line = /^(?:saved)?cmd_(\S+) := (.*)$/m.exec(text);
    if (line === null || !/^source_\S+ := \S+\.S$/m.test(text)) continue;
    const [first = ''] = (line[2] ?? '').replaceAll('$(pound)', '#').split(' ; ');
    found.push({ object: line[1] ?? '', command: shellWords(first) });
  }
  return found.sort((a, b) => (a.object < b.object ? -1 : 1));
}

function shellWords(line: string): readonly string[] {
  const words = line.match(/(?:[^\s'"\\]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_all, single, double, escaped) => {
      if (single !== undefined) return single;
      return double === undefined ? escaped : String(double).replace(/\\(["\\$`])/g, '$1');
    }),
  );
}

function readCommand(command: readonly string[], cwd: string): { source: string; cppOptions: CppOptions } {
  const includePaths: string[] = [];
  const forcedIncludes: string[] = [];
  const defines: { name: string; value: string | null }[] = [];
  const filePrefixes: { from: string; to: string }[] = [];
  let source = '';
  for (let i = 1; i < command.length; i++) {
    const word = command[i] ?? '';
    const next = command[i + 1] ?? '';
    if (word.startsWith('-I')) includePaths.push(resolve(cwd, word.slice(2)));
    else if (word === '-isystem') includePaths.push(resolve(cwd, next));
    else if (word === '-include') forcedIncludes.push(resolve(cwd, next));
    else if (word.startsWith('-D')) {
      const [name = '', ...value] = word.slice(2).split('=');
      defines.push({ name, value: value.length === 0 ? '1' : value.join('=') });
    } else if (word.startsWith('-U')) defines.push({ name: word.slice(2), value: null });
    else if (word.startsWith('-fmacro-prefix-map=')) {
      const [from = '', to = ''] = word.slice(19).split('=');
      filePrefixes.push({ from, to });
    } else if (word.endsWith('.S')) source = resolve(cwd, word);
  }
  return { source, cppOptions: options({ includePaths, forcedIncludes, defines, filePrefixes }) };
}
