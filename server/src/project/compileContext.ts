import { basename, dirname, joinPath, normalizePath, relativePath } from '../base/path.ts';
import type { CppOptions } from '../syntax/cpp/model.ts';
import {
  cppOptionsOf,
  movedTree,
  parseRecordedCommand,
  readPreprocessorFlags,
  splitFirstCommand,
} from './compileCommand.ts';
import type { FileSource } from './fileSource.ts';
import { headerIncluders } from './headerIncluders.ts';
import type { KernelConfig } from './kernelConfig.ts';
import { readMakefile } from './kernelMakefile.ts';
import { indexObjects, type MakefileObject, type ObjectIndex } from './kernelObjects.ts';

/** How one source file becomes one object. */
export interface CompileContext {
  readonly options: CppOptions;
  /** Object relative to the tree: `arch/arm64/kvm/hyp/entry.nvhe.o`. */
  readonly object: string;
  /** Middle part of the object's name (`nvhe`), `null` for the plain object. */
  readonly variant: string | null;
  /** Where the options come from: the recorded command, or the makefiles with what had to be assumed. */
  readonly evidence:
    | { readonly kind: 'cmd'; readonly path: string }
    | { readonly kind: 'makefile'; readonly path: string | null; readonly notes: readonly string[] };
  /** Compiler words the options were read from (for what `options` cannot say, such as `-march=`). */
  readonly flags: readonly string[];
  readonly isModule: boolean;
  /** Files the context was read from. */
  readonly dependencies: readonly string[];
}

/** What compile contexts are made from. */
export interface CompileSources {
  readonly files: FileSource;
  readonly root: string;
  /** Real build directory, `null` without one. */
  readonly buildDirectory: string | null;
  /** Directory of the virtual generated headers; laid out as a build directory. */
  readonly virtualDirectory: string;
  /** Virtual headers win over the build directory's (another configuration was asked for). */
  readonly virtualFirst: boolean;
  readonly config: KernelConfig;
}

/** Gives compile contexts of one tree; keeps what it learned about makefiles. */
export interface CompileContexts {
  /** At least one context, the plain object first. `file` is absolute; a header is read as `header` (assembly). */
  contextsOf(file: string, header?: 'asm' | 'c'): readonly CompileContext[];
}

export function openCompileContexts(sources: CompileSources): CompileContexts {
  const known = new Map<string, readonly CompileContext[]>();
  let objects: ObjectIndex | undefined;
  let baseFlags: BaseFlags | undefined;
  const contextsOf: CompileContexts['contextsOf'] = (path, header = 'asm') => {
    const file = normalizePath(path);
    const key = file.endsWith('.h') ? `${header}:${file}` : file;
    const before = known.get(key);
    if (before) return before;
    const ofIncluders = header === 'c' && file.endsWith('.h') ? includerContexts(sources, file, contextsOf) : [];
    if (ofIncluders.length > 0) {
      known.set(key, ofIncluders);
      return ofIncluders;
    }
    const recorded = recordedContexts(sources, file);
    if (recorded.length > 0) {
      known.set(key, recorded);
      return recorded;
    }
    objects ??= indexObjects(sources.files, sources.root, (name) => sources.config.value(name));
    baseFlags ??= readBaseFlags(sources);
    const made = makefileContexts(sources, file, objects, baseFlags, header);
    known.set(key, made);
    return made;
  };
  return { contextsOf };
}

const maxHeaderContexts = 4;

/** How the objects that include a header of their own directory are compiled, each way of compiling once. */
function includerContexts(
  sources: CompileSources,
  header: string,
  contextsOf: CompileContexts['contextsOf'],
): readonly CompileContext[] {
  const found = new Map<string, CompileContext>();
  for (const source of headerIncluders(sources.files, sources.root, header) ?? []) {
    for (const context of contextsOf(source)) {
      const { defines, includePaths, forcedIncludes } = context.options;
      const own = defines.filter(({ name }) => !/^(?:__)?KBUILD_|^CC_USING_/.test(name));
      const way = JSON.stringify([own, includePaths.filter((path) => !path.endsWith(dirname(source))), forcedIncludes]);
      if (!found.has(way)) found.set(way, context);
    }
    if (found.size >= maxHeaderContexts) break;
  }
  return [...found.values()].sort(plainFirst).slice(0, maxHeaderContexts);
}

/** Source path relative to the tree; sources that the build made lie in the build directory. */
function sourcePath(sources: CompileSources, file: string): string {
  const { root, buildDirectory } = sources;
  if (buildDirectory !== null && buildDirectory !== root && file.startsWith(`${buildDirectory}/`)) {
    return relativePath(buildDirectory, file);
  }
  return relativePath(root, file);
}

function languageOf(file: string, isAssembly: boolean | null, header: 'asm' | 'c' = 'asm'): 'asm' | 'c' {
  if (isAssembly !== null) return isAssembly ? 'asm' : 'c';
  if (file.endsWith('.h')) return header;
  return file.endsWith('.c') ? 'c' : 'asm';
}

function recordedContexts(sources: CompileSources, file: string): readonly CompileContext[] {
  const { files, root, buildDirectory } = sources;
  if (buildDirectory === null || !/\.[cS]$/.test(file)) return [];
  const source = sourcePath(sources, file);
  const directory = joinPath(buildDirectory, dirname(`/${source}`).slice(1));
  const stem = basename(source).replace(/\.[cS]$/, '');
  const out: CompileContext[] = [];
  for (const entry of files.list(directory)) {
    if (!entry.name.startsWith(`.${stem}.`) || !entry.name.endsWith('.o.cmd')) continue;
    const path = `${directory}/${entry.name}`;
    const command = parseRecordedCommand(files.readText(path) ?? '');
    if (!command) continue;
    const written = joinPath(buildDirectory, command.source);
    const moved = movedTree(written, file, root);
    if (written !== file && moved === null) continue;
    const flags = readPreprocessorFlags(command.words);
    const language = languageOf(file, flags.isAssembly);
    const options = cppOptionsOf(flags, { cwd: buildDirectory, language, moved });
    const variant = entry.name.slice(stem.length + 2, -'.o.cmd'.length).replace(/\.$/, '');
    out.push({
      options: { ...options, includePaths: withVirtual(sources, options.includePaths) },
      object: `${dirname(`/${source}`).slice(1)}/${stem}${variant === '' ? '' : `.${variant}`}.o`,
      variant: variant === '' ? null : variant,
      evidence: { kind: 'cmd', path },
      flags: command.words,
      isModule: flags.defines.some((define) => define.name === 'MODULE'),
      dependencies: [path],
    });
  }
  return out.sort(plainFirst);
}

function plainFirst(a: CompileContext, b: CompileContext): number {
  if ((a.variant === null) !== (b.variant === null)) return a.variant === null ? -1 : 1;
  return a.object < b.object ? -1 : a.object > b.object ? 1 : 0;
}

/** After (or before) each generated directory of the build, the virtual one that fills its holes. */
function withVirtual(sources: CompileSources, paths: readonly string[]): readonly string[] {
  const { buildDirectory, virtualDirectory, virtualFirst } = sources;
  if (buildDirectory === null) return paths;
  const generated = new Map(
    generatedDirectories.map((part) => [joinPath(buildDirectory, part), joinPath(virtualDirectory, part)]),
  );
  return paths.flatMap((path) => {
    const virtual = generated.get(path);
    if (virtual === undefined) return [path];
    return virtualFirst ? [virtual, path] : [path, virtual];
  });
}

/** The include directories that kbuild fills, relative to the build directory. */
const generatedDirectories: readonly string[] = [
  'arch/arm64/include/generated',
  'include',
  'arch/arm64/include/generated/uapi',
  'include/generated/uapi',
];

interface BaseFlags {
  readonly include: readonly string[];
  readonly cpp: readonly string[];
  readonly asm: readonly string[];
  readonly c: readonly string[];
  readonly asmModule: readonly string[];
  readonly cModule: readonly string[];
  /** Whether assembly gets `KBUILD_MODNAME` (6.2 on) and, when built in, `KBUILD_MODFILE`. */
  readonly asmNames: { readonly module: boolean; readonly file: boolean };
  readonly notes: readonly string[];
  readonly dependencies: readonly string[];
}

// Top-level Makefile, 5.10 to 6.12. Used where the tree's own Makefile does not say it.
const usualInclude =
  '-I$(srctree)/arch/arm64/include -I$(objtree)/arch/arm64/include/generated -I$(srctree)/include -I$(objtree)/include ' +
  '-I$(srctree)/arch/arm64/include/uapi -I$(objtree)/arch/arm64/include/generated/uapi ' +
  '-I$(srctree)/include/uapi -I$(objtree)/include/generated/uapi ' +
  '-include $(srctree)/include/linux/compiler-version.h -include $(srctree)/include/linux/kconfig.h';

/** Flags that every object gets, from the top-level and the arm64 Makefile. */
function readBaseFlags(sources: CompileSources): BaseFlags {
  const { files, root, config } = sources;
  const dependencies = [`${root}/Makefile`, `${root}/arch/arm64/Makefile`];
  const variables = readMakefile({
    text: files.readText(`${root}/Makefile`) ?? '',
    preset: {
      ARCH: 'arm64',
      SRCARCH: 'arm64',
      srctree: root,
      srcroot: root,
      abs_srctree: root,
      objtree: '.',
      abs_objtree: '.',
      building_out_of_srctree: '1',
      // What the second, inner call of make sees: none of the paths that only call make again is taken.
      sub_make_done: '1',
      MAKEFLAGS: '--no-print-directory',
      MAKEFILE_LIST: `${root}/Makefile`,
      CURDIR: '.',
      CC: 'gcc',
    },
    config: (name) => config.value(name),
    include: (path) => {
      // auto.conf is the configuration again; everything else is part of the tree.
      if (path.startsWith('include/config/') || path.includes('.cmd')) return undefined;
      const absolute = joinPath(root, path);
      dependencies.push(absolute);
      return files.readText(absolute);
    },
  });
  const notes: string[] = [];
  const own = variables.words('LINUXINCLUDE').filter((word) => word !== '');
  const isUsable = own.some((word) => word.endsWith('/arch/arm64/include'));
  if (!isUsable) notes.push('include paths of 6.12 assumed: the top-level Makefile does not give LINUXINCLUDE');
  const include = isUsable
    ? own
    : usualInclude
        .replaceAll('$(srctree)', root)
        .replaceAll('$(objtree)', '.')
        .split(' ')
        .filter((word) => {
          return !word.startsWith('/') || files.kindOf(word) === 'file';
        });
  const orUsual = (name: string, usual: string): readonly string[] => {
    const words = variables.words(name);
    return words.includes(usual) ? words : [usual, ...words];
  };
  return {
    include: dropLoneIncludes(include),
    cpp: orUsual('KBUILD_CPPFLAGS', '-D__KERNEL__'),
    asm: orUsual('KBUILD_AFLAGS', '-D__ASSEMBLY__'),
    c: variables.words('KBUILD_CFLAGS'),
    asmModule: orUsual('KBUILD_AFLAGS_MODULE', '-DMODULE'),
    cModule: orUsual('KBUILD_CFLAGS_MODULE', '-DMODULE'),
    asmNames: readNameFlags(files.readText(`${root}/scripts/Makefile.lib`)),
    notes,
    dependencies,
  };
}

/** Which name flags `a_flags` and `modkern_aflags` of `scripts/Makefile.lib` hold; all of them when it is not there. */
function readNameFlags(makefile: string | undefined): BaseFlags['asmNames'] {
  const body = (name: string): string =>
    new RegExp(`^${name}[ \\t]*=((?:.*\\\\\\r?\\n)*.*)$`, 'm').exec(makefile ?? '')?.[1] ?? '';
  if (makefile === undefined) return { module: true, file: true };
  return {
    module: body('a_flags').includes('$(modname_flags)'),
    file: body('modkern_aflags').includes('$(modfile_flags)') || body('a_flags').includes('$(modfile_flags)'),
  };
}

/** `-include` without a file after it (the fallback filters absent files) is dropped. */
function dropLoneIncludes(flags: readonly string[]): readonly string[] {
  return flags.filter((word, index) => word !== '-include' || (flags[index + 1] ?? '-').startsWith('-') === false);
}

function makefileContexts(
  sources: CompileSources,
  file: string,
  index: ObjectIndex,
  base: BaseFlags,
  header: 'asm' | 'c',
): readonly CompileContext[] {
  const source = sourcePath(sources, file);
  const isSource = /\.[cS]$/.test(file);
  const found = isSource ? index.objectsOf(source.replace(/\.[cS]$/, '')) : [];
  const objects = found.length > 0 ? found : [index.assumedObject(source.replace(/\.[cSh]$/, ''))];
  return objects
    .map((object) => {
      const notes = [...base.notes, ...object.notes];
      if (isSource && found.length === 0) notes.push('no makefile names its object: flags of its directory');
      return contextOf(sources, file, object, base, notes, header);
    })
    .sort(plainFirst);
}

/** A makefile's word as the shell hands it on: `-DNAME='"text"'`. */
function withoutShellQuotes(word: string): string {
  return /['\\]/.test(word) ? (splitFirstCommand(word)[0] ?? word) : word;
}

function contextOf(
  sources: CompileSources,
  file: string,
  object: MakefileObject,
  base: BaseFlags,
  notes: readonly string[],
  header: 'asm' | 'c',
): CompileContext {
  const { root, buildDirectory, virtualDirectory } = sources;
  const language = languageOf(file, null, header);
  const isAsm = language === 'asm';
  const moduleFlags = isAsm ? base.asmModule : base.cModule;
  const removed = new Set(isAsm ? object.asmRemoved : object.cRemoved);
  const name = object.moduleName.replaceAll('-', '_');
  const words = [
    ...base.include,
    ...[...base.cpp, ...(isAsm ? base.asm : base.c), ...(isAsm ? object.asmFlags : object.cFlags)]
      .filter((word) => !removed.has(word))
      .map(withoutShellQuotes),
    `-I${root}/${object.makefileDirectory}`,
    `-I${object.makefileDirectory}`,
    ...(isAsm ? [] : ['-include', `${root}/include/linux/compiler_types.h`]),
    ...(object.isModule ? moduleFlags : []),
    ...(isAsm ? [] : [`-DKBUILD_BASENAME="${basename(object.object).replace(/\.o$/, '').replaceAll('-', '_')}"`]),
    ...(object.isModule || (isAsm && !base.asmNames.file) ? [] : [`-DKBUILD_MODFILE="${object.moduleFile}"`]),
    ...(isAsm && !base.asmNames.module ? [] : [`-DKBUILD_MODNAME="${name}"`, `-D__KBUILD_MODNAME=kmod_${name}`]),
  ];
  // Relative paths are below the build directory; those of `$(src)` may exist in the tree only.
  const flags = readPreprocessorFlags(words);
  const options = cppOptionsOf(flags, { cwd: buildDirectory ?? virtualDirectory, language, moved: null });
  return {
    options: { ...options, includePaths: withVirtual(sources, options.includePaths) },
    object: object.object,
    variant: object.variant,
    evidence: { kind: 'makefile', path: object.makefile, notes },
    flags: words,
    isModule: object.isModule,
    dependencies: [...base.dependencies, ...object.dependencies],
  };
}
