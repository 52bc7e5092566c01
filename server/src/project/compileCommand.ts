import { dirname, joinPath, normalizePath } from '../base/path.ts';
import type { CppOptions } from '../syntax/cpp/model.ts';

/** A compiler call as kbuild recorded it in a `.NAME.o.cmd` file. */
export interface RecordedCommand {
  /** Target as written: relative to the build directory, `..` kept. */
  readonly target: string;
  /** Words of the compiler call, quotes removed; the first is the compiler. */
  readonly words: readonly string[];
  /** The source file as written. */
  readonly source: string;
}

/**
 * The compiler call of a `.cmd` file: `savedcmd_TARGET := …` (6.x) or `cmd_TARGET := …` (older), undone
 * from make's and the shell's quoting (`scripts/Kbuild.include:make-cmd`). Only the first command of the
 * line counts: what follows `;` or `&&` is objtool or symbol-version work. `null` when it compiles nothing.
 */
export function parseRecordedCommand(text: string): RecordedCommand | null {
  const match = /^(?:saved)?cmd_(\S+)[ \t]*:=[ \t]*(.*)$/m.exec(text);
  if (!match?.[1] || match[2] === undefined) return null;
  const line = match[2].replaceAll('$(pound)', '#').replaceAll('$$', '$');
  const words = splitFirstCommand(line);
  const source = words.findLast((word) => /\.[cS]$/.test(word) && !word.startsWith('-'));
  return source === undefined ? null : { target: match[1], words, source };
}

/** Words of the first simple command of a POSIX shell line (quotes and backslashes; no expansions). */
export function splitFirstCommand(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const c = line[at] ?? '';
    if (c === "'") {
      const end = line.indexOf("'", at + 1);
      const stop = end < 0 ? line.length : end;
      word = (word ?? '') + line.slice(at + 1, stop);
      at = stop;
    } else if (c === '"') {
      word ??= '';
      for (at++; at < line.length && line[at] !== '"'; at++) {
        if (line[at] === '\\' && /["\\$`]/.test(line[at + 1] ?? '')) at++;
        word += line[at] ?? '';
      }
    } else if (c === '\\') {
      at++;
      word = (word ?? '') + (line[at] ?? '');
    } else if (c === ';' || c === '|' || c === '&') break;
    else if (c === ' ' || c === '\t' || c === '\n') {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + c;
  }
  if (word !== null) words.push(word);
  return words;
}

/** What the words of a compiler call mean for preprocessing, paths still as written. */
export interface PreprocessorFlags {
  readonly include: readonly string[];
  readonly system: readonly string[];
  readonly forced: readonly string[];
  readonly defines: CppOptions['defines'];
  readonly isAssembly: boolean | null;
}

/**
 * `-I`, `-isystem`, `-iquote`, `-idirafter`, `-include`, `-D`, `-U`, `-x` and the flags whose only trace
 * here is a predefined macro; every other flag (warnings, code generation, `-Wp,…`, `-Wa,…`) is passed over.
 */
export function readPreprocessorFlags(words: readonly string[]): PreprocessorFlags {
  const include: string[] = [];
  const system: string[] = [];
  const after: string[] = [];
  const forced: string[] = [];
  const defines: { name: string; value: string | null }[] = [];
  let isAssembly: boolean | null = null;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    // The argument may be glued to the flag or be the next word.
    const argument = (flag: string): string =>
      word.length > flag.length ? word.slice(flag.length) : (words[++at] ?? '');
    if (word === '-include' || word === '-imacros') forced.push(argument(word));
    else if (word.startsWith('-isystem')) system.push(argument('-isystem'));
    else if (word.startsWith('-idirafter')) after.push(argument('-idirafter'));
    else if (word.startsWith('-iquote')) include.push(argument('-iquote'));
    else if (word.startsWith('-I')) include.push(argument('-I'));
    else if (word.startsWith('-D')) {
      const [, name = '', equals, value = ''] = /^([^=]*)(=)?([\s\S]*)$/.exec(argument('-D')) ?? [];
      if (name !== '') defines.push({ name, value: equals === undefined ? '1' : value });
    } else if (word.startsWith('-U')) {
      const name = argument('-U');
      if (name !== '') defines.push({ name, value: null });
    } else if (word.startsWith('-x')) {
      const language = argument('-x');
      isAssembly = language.startsWith('assembler') ? true : language === 'c' ? false : null;
    } else if (word === '-mbig-endian') {
      // GCC: aarch64_cpu_cpp_builtins; the preprocessor's built-in set is the little-endian one.
      defines.push({ name: '__AARCH64EL__', value: null }, { name: '__AARCH64EB__', value: '1' });
      defines.push({ name: '__ARM_BIG_ENDIAN', value: '1' }, { name: '__BYTE_ORDER__', value: '__ORDER_BIG_ENDIAN__' });
    } else if (word === '-o' || word === '-MF' || word === '-MT' || word === '-MQ') at++;
  }
  return { include, system: [...system, ...after], forced, defines, isAssembly };
}

/**
 * Preprocessor options of flags. Relative paths are taken below `cwd`; a path below `moved.from` is taken
 * below `moved.to` (the tree was somewhere else when it was built).
 */
export function cppOptionsOf(
  flags: PreprocessorFlags,
  where: {
    readonly cwd: string;
    readonly language: 'asm' | 'c';
    readonly moved: { readonly from: string; readonly to: string } | null;
  },
): CppOptions {
  const place = (path: string): string => {
    const absolute = path.startsWith('/') ? normalizePath(path) : joinPath(where.cwd, path);
    const { moved } = where;
    if (moved && (absolute === moved.from || absolute.startsWith(`${moved.from}/`))) {
      return moved.to + absolute.slice(moved.from.length);
    }
    return absolute;
  };
  const unique = (paths: readonly string[]): string[] => [...new Set(paths.map(place))];
  return {
    language: where.language,
    includePaths: unique([...flags.include, ...flags.system]),
    forcedIncludes: flags.forced.map(place),
    defines: flags.defines,
  };
}

/** Where the tree was when `recorded` (absolute) was compiled, if `actual` is the same file below `root`. */
export function movedTree(recorded: string, actual: string, root: string): { from: string; to: string } | null {
  if (recorded === actual || !actual.startsWith(`${root}/`)) return null;
  const inside = actual.slice(root.length);
  return recorded.endsWith(inside) ? { from: recorded.slice(0, -inside.length) || dirname('/'), to: root } : null;
}
