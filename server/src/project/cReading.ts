import { basename, dirname, relativePath } from '../base/path.ts';
import { finish, type Steps } from '../base/steps.ts';
import type { CppOptions, CppResult } from '../syntax/cpp/model.ts';
import { type CppCache, type CppHost, preprocessing, withLines } from '../syntax/cpp/preprocessor.ts';
import type { CompileContext } from './compileContext.ts';
import { headerIncluders } from './headerIncluders.ts';
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
  /** As in `CppOptions`. */
  readonly compact?: CppOptions['compact'];
}

const plainOptions: CppOptions = { language: 'c', includePaths: [], forcedIncludes: [], defines: [] };
/** Tokens that macros may make: with the text of all headers, or in tables of registers, they are many. */
const maxTokens = 24_000_000;
/** Files beside one that are looked at to find who includes it. */
const maxSiblings = 2500;
const maxIncluders = 4;

/**
 * Preprocesses a `.c` file or a header. A file that cannot stand alone (a `.c` file that another includes, a header that
 * refuses to be included by itself or lies beside sources, `asm-generic/x.h` that `asm/x.h` completes) is read as part
 * of the one that includes it.
 */
export function readC(input: CReadingInput): CReading {
  return finish(readingC(input));
}

/** The same in steps, between which the cache may serve others. */
export function* readingC(input: CReadingInput): Steps<CReading> {
  const { path, within } = input;
  if (within !== null && within !== path) {
    const inside = yield* readInside(input, within);
    if (inside !== null) return inside;
  }
  for (const parent of within === null ? parentsOf(input) : []) {
    const inside = yield* readInside(input, parent);
    if (inside !== null) return inside;
  }
  const alone = yield* readAlone(input);
  if (within !== null || !alone.cpp.issues.some((issue) => issue.kind === 'error-directive' && issue.file === path)) {
    return alone;
  }
  const [includer] = siblingsIncluding(input, path, /\.h$/);
  return (includer === undefined ? null : yield* readInside(input, includer)) ?? alone;
}

/** The files that a file is known to be a part of, by where it lies. */
function parentsOf(input: CReadingInput): readonly string[] {
  const { path, tree, host } = input;
  if (tree === null) return [];
  if (path.endsWith('.c')) {
    const [context] = tree.cCompileContexts(path);
    const isCompiled =
      context?.evidence.kind !== 'makefile' || !context.evidence.notes.some((note) => note.startsWith('no makefile'));
    return isCompiled ? [] : siblingsIncluding(input, path, /\.c$/);
  }
  const inTree = relativePath(tree.root, path);
  // A header beside sources is written for those that include it.
  if (!/(^|\/)include\//.test(inTree)) {
    const sources = siblingsIncluding(input, path, /\.c$/);
    if (sources.length > 0) return sources;
    const [header] = siblingsIncluding(input, path, /\.h$/);
    return header === undefined ? [] : siblingsIncluding(input, header, /\.c$/);
  }
  const includer = includerOf(input, tree);
  if (includer !== null) return [includer];
  const candidates = [`${dirname(path)}.h`];
  const generic = /^include\/asm-generic\/(.+)$/.exec(inTree)?.[1];
  if (generic !== undefined) candidates.push(`${tree.root}/arch/arm64/include/asm/${generic}`);
  return candidates.filter((file) => file !== path && host.exists(file)).slice(0, 1);
}

const includers = new WeakMap<KernelTree, Map<string, readonly string[] | null>>();

/** The source that makes a header of one directory's objects what it is in the object that is asked for. */
function includerOf({ path, object, context }: CReadingInput, tree: KernelTree): string | null {
  let known = includers.get(tree);
  if (known === undefined) {
    known = new Map();
    includers.set(tree, known);
  }
  let sources = known.get(path);
  if (sources === undefined) {
    sources = headerIncluders(tree.files, tree.root, path);
    known.set(path, sources);
  }
  const wanted = context?.object ?? object ?? tree.cCompileContexts(path)[0]?.object;
  const makes = (source: string): boolean => tree.cCompileContexts(source).some((one) => one.object === wanted);
  return sources?.find(makes) ?? null;
}

/** Files of the same directory that include a file, in order of their names; a few are enough. */
function siblingsIncluding({ tree, host }: CReadingInput, path: string, names: RegExp): readonly string[] {
  const directory = dirname(path);
  const own = basename(path);
  const found: string[] = [];
  let left = maxSiblings;
  for (const { name, kind } of tree?.files.list(directory) ?? []) {
    if (kind !== 'file' || name === own || !names.test(name)) continue;
    if (--left < 0 || found.length >= maxIncluders) break;
    const text = host.readFile(`${directory}/${name}`)?.text;
    if (text !== undefined && includes(text, path, own)) found.push(`${directory}/${name}`);
  }
  return found;
}

/** The text includes the file; `<linux/x.h>` is another file than `kernel/x.h`. */
function includes(text: string, path: string, own: string): boolean {
  for (let at = text.indexOf(own); at >= 0; at = text.indexOf(own, at + 1)) {
    const before = text.slice(text.lastIndexOf('\n', at) + 1, at);
    const [, folder] = /^\s*#\s*include\s*["<]((?:[^">]*\/)?)$/.exec(before) ?? [];
    if (folder === undefined || !/[">]/.test(text.charAt(at + own.length))) continue;
    if (path.endsWith(`/${folder.replace(/^(\.\.?\/)+/, '')}${own}`)) return true;
  }
  return false;
}

/** The file as part of another one; `null` when that one does not include it in this configuration. */
function* readInside(input: CReadingInput, within: string): Steps<CReading | null> {
  const { path, tree, host, cache } = input;
  const text = host.readFile(within)?.text;
  if (text === undefined) return null;
  const context = input.context ?? contextOf(tree, within, input.object);
  const options = { ...optionsFor(input, context), textFile: input.includedText === 'all' ? null : path };
  const cpp = yield* preprocessMain(within, text, options, host, cache);
  if (!cpp.files.includes(path)) return null;
  const files = [path, ...cpp.files.filter((file) => file !== path)];
  return { cpp: withLines(cpp, cpp.lines, cpp.uses, files), context, within };
}

function* readAlone(input: CReadingInput): Steps<CReading> {
  const { path, text, tree, host, cache, object } = input;
  const context = input.context ?? contextOf(tree, path, object);
  const cpp = yield* preprocessMain(path, text, optionsFor(input, context), host, cache);
  return { cpp, context, within: path };
}

function contextOf(tree: KernelTree | null, path: string, object: string | null): CompileContext | null {
  const contexts = tree?.cCompileContexts(path) ?? [];
  return contexts.find((one) => one.object === object || one.variant === object) ?? contexts[0] ?? null;
}

function optionsFor({ tree, includedText, compact }: CReadingInput, context: CompileContext | null): CppOptions {
  const options = context?.options ?? plainOptions;
  const isOfObject = (name: string): boolean => /^(__)?KBUILD_(MODNAME|MODFILE|BASENAME)$/.test(name);
  return {
    ...options,
    language: 'c',
    includedText: includedText ?? 'none',
    ...(compact === undefined ? {} : { compact }),
    limits: { tokens: maxTokens },
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
function* preprocessMain(
  path: string,
  text: string,
  options: CppOptions,
  host: CppHost,
  cache: CppCache,
): Steps<CppResult> {
  if (path.endsWith('.c')) return yield* preprocessing(path, text, options, host, cache);
  let forced = options.forcedIncludes;
  const own = forced.indexOf(path);
  if (own >= 0) forced = forced.slice(0, own);
  for (;;) {
    const result = yield* preprocessing(path, text, { ...options, forcedIncludes: forced }, host, cache);
    const isGuarded = result.lines.length === 0 && forced.length > 0;
    const isRemoved = result.inactive.some(({ start, end }) => end - start > text.length / 2);
    if (!isGuarded || !isRemoved || options.textFile != null) return result;
    forced = forced.slice(0, -1);
  }
}
