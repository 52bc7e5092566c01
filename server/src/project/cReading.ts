import { basename, dirname, relativePath } from '../base/path.ts';
import type { CppOptions, CppResult } from '../syntax/cpp/model.ts';
import { type CppCache, type CppHost, preprocess, withLines } from '../syntax/cpp/preprocessor.ts';
import type { CompileContext } from './compileContext.ts';
import type { KernelTree } from './kernelTree.ts';

/** How a file was preprocessed: as a main file, or as part of the file that includes it. */
export interface CReading {
  readonly cpp: CppResult;
  readonly context: CompileContext | null;
  readonly within: string;
}

export interface CReadingInput {
  readonly path: string;
  readonly text: string;
  readonly tree: KernelTree | null;
  readonly object: string | null;
  /** How it is compiled; absent: as `object` is. */
  readonly context?: CompileContext | null;
  /** `null`: the file itself where it can stand alone. */
  readonly within: string | null;
  readonly host: CppHost;
  readonly cache: CppCache;
  /** `all` gives the lines of included files as well; absent: `none`. */
  readonly includedText?: 'all' | 'none';
}

const plainOptions: CppOptions = { language: 'c', includePaths: [], forcedIncludes: [], defines: [] };
/** Files beside one that are looked at to find who includes it. */
const maxSiblings = 2500;

/**
 * Preprocesses a `.c` file or a header. A file that cannot stand alone (a `.c` file that another includes, a header that
 * refuses to be included by itself or lies beside sources, `asm-generic/x.h` that `asm/x.h` completes) is read as part
 * of the one that includes it.
 */
export function readC(input: CReadingInput): CReading {
  const { path, within } = input;
  if (within !== null && within !== path) {
    const inside = readInside(input, within);
    if (inside !== null) return inside;
  }
  const parent = within === null ? parentOf(input) : null;
  const inside = parent === null ? null : readInside(input, parent);
  if (inside !== null) return inside;
  const alone = readAlone(input);
  if (within !== null || !alone.cpp.issues.some((issue) => issue.kind === 'error-directive' && issue.file === path)) {
    return alone;
  }
  const includer = siblingIncluding(input, /\.h$/);
  return (includer === null ? null : readInside(input, includer)) ?? alone;
}

/** The file that a file is known to be a part of, by where it lies. */
function parentOf(input: CReadingInput): string | null {
  const { path, tree, host } = input;
  if (tree === null) return null;
  if (path.endsWith('.c')) {
    const [context] = tree.cCompileContexts(path);
    const isCompiled =
      context?.evidence.kind !== 'makefile' || !context.evidence.notes.some((note) => note.startsWith('no makefile'));
    return isCompiled ? null : siblingIncluding(input, /\.c$/);
  }
  const inTree = relativePath(tree.root, path);
  // A header beside sources is written for those that include it.
  if (!/(^|\/)include\//.test(inTree)) return siblingIncluding(input, /\.c$/);
  const candidates = [`${dirname(path)}.h`];
  const generic = /^include\/asm-generic\/(.+)$/.exec(inTree)?.[1];
  if (generic !== undefined) candidates.push(`${tree.root}/arch/arm64/include/asm/${generic}`);
  return candidates.find((file) => file !== path && host.exists(file)) ?? null;
}

/** A file of the same directory that includes the file by its name. */
function siblingIncluding({ path, tree, host }: CReadingInput, names: RegExp): string | null {
  const directory = dirname(path);
  const own = basename(path);
  const siblings = tree?.files.list(directory) ?? [];
  let left = maxSiblings;
  for (const { name, kind } of siblings) {
    if (kind !== 'file' || name === own || !names.test(name) || --left < 0) continue;
    const text = host.readFile(`${directory}/${name}`)?.text;
    if (text === undefined) continue;
    for (let at = text.indexOf(own); at >= 0; at = text.indexOf(own, at + 1)) {
      const before = text.slice(text.lastIndexOf('\n', at) + 1, at);
      if (/^\s*#\s*include\s*["<](?:[^">]*\/)?$/.test(before) && /[">]/.test(text.charAt(at + own.length))) {
        return `${directory}/${name}`;
      }
    }
  }
  return null;
}

/** The file as part of another one; `null` when that one does not include it in this configuration. */
function readInside(input: CReadingInput, within: string): CReading | null {
  const { path, tree, host, cache } = input;
  const text = host.readFile(within)?.text;
  if (text === undefined) return null;
  const context = input.context ?? contextOf(tree, within, input.object);
  const options = { ...optionsFor(input, context), textFile: input.includedText === 'all' ? null : path };
  const cpp = preprocessMain(within, text, options, host, cache);
  if (!cpp.files.includes(path)) return null;
  const files = [path, ...cpp.files.filter((file) => file !== path)];
  return { cpp: withLines(cpp, cpp.lines, cpp.uses, files), context, within };
}

function readAlone(input: CReadingInput): CReading {
  const { path, text, tree, host, cache, object } = input;
  const context = input.context ?? contextOf(tree, path, object);
  return { cpp: preprocessMain(path, text, optionsFor(input, context), host, cache), context, within: path };
}

function contextOf(tree: KernelTree | null, path: string, object: string | null): CompileContext | null {
  const contexts = tree?.cCompileContexts(path) ?? [];
  return contexts.find((one) => one.object === object || one.variant === object) ?? contexts[0] ?? null;
}

function optionsFor({ tree, includedText }: CReadingInput, context: CompileContext | null): CppOptions {
  const options = context?.options ?? plainOptions;
  const isOfObject = (name: string): boolean => /^(__)?KBUILD_(MODNAME|MODFILE|BASENAME)$/.test(name);
  return {
    ...options,
    language: 'c',
    includedText: includedText ?? 'none',
    // Headers with all their text take more than a file by itself.
    ...(includedText === 'all' ? { limits: { tokens: 24_000_000 } } : {}),
    defines: options.defines.filter(({ name }) => !isOfObject(name)),
    objectDefines: options.defines.flatMap(({ name, value }) =>
      isOfObject(name) && value !== null ? [{ name, value }] : [],
    ),
    // The kernel's build maps its own path away (-fmacro-prefix-map), wherever the tree lies.
    ...(tree === null ? {} : { filePrefixes: [{ from: `${tree.root}/`, to: '' }] }),
  };
}

/**
 * Preprocesses a file as a main file. A header that is forced in before every file would find its guard set: it is
 * read with those forced includes only that come before the one that reads it.
 */
function preprocessMain(path: string, text: string, options: CppOptions, host: CppHost, cache: CppCache): CppResult {
  if (path.endsWith('.c')) return preprocess(path, text, options, host, cache);
  let forced = options.forcedIncludes;
  const own = forced.indexOf(path);
  if (own >= 0) forced = forced.slice(0, own);
  for (;;) {
    const result = preprocess(path, text, { ...options, forcedIncludes: forced }, host, cache);
    const isGuarded = result.lines.length === 0 && forced.length > 0;
    const isRemoved = result.inactive.some(({ start, end }) => end - start > text.length / 2);
    if (!isGuarded || !isRemoved || options.textFile != null) return result;
    forced = forced.slice(0, -1);
  }
}
