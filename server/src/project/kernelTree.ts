import recordedCoreCpucaps from '../../data/kernel/coreCpucaps.json' with { type: 'json' };
import type { Logger } from '../base/logger.ts';
import { dirname, joinPath, normalizePath } from '../base/path.ts';
import { type CoreRecord, coreRecords } from '../kernel/coreRecords.ts';
import type { CpucapMeaning } from '../kernel/cpucapMeaning.ts';
import {
  type CpucapTable,
  makeCpucapTable,
  parseCallbackConvention,
  parseCpucapHeader,
  parseCpucapList,
} from '../kernel/cpucaps.ts';
import type { DerivedCpucaps } from '../kernel/deriveCpucaps.ts';
import { type BuiltinSources, builtinStates, type MachineState } from '../kernel/machineStates.ts';
import type { SysregText } from '../kernel/sysregs.ts';
import { type BuildDirectory, findBuildDirectory } from './buildDirectory.ts';
import { type CompileContext, openCompileContexts } from './compileContext.ts';
import { openCpucapMeanings } from './cpucapMeanings.ts';
import { type DefconfigCache, defconfigAssumption, evaluateDefconfig } from './defconfig.ts';
import { type FileSource, recordingReads } from './fileSource.ts';
import { virtualFiles, withVirtualFiles } from './generatedHeaders.ts';
import { type KernelConfig, openConfig } from './kernelConfig.ts';
import { type KernelVersion, parseKernelVersion } from './kernelVersion.ts';

/** Something about the tree or its build that a person should know. */
export interface KernelIssue {
  readonly kind:
    | 'no-kernel-tree'
    | 'build-not-found'
    | 'build-of-another-architecture'
    | 'config-not-found'
    | 'build-without-config'
    | 'config-of-another-build'
    | 'no-configuration'
    | 'empty-configuration'
    | 'no-cpucaps'
    | 'bad-cpucaps-line'
    | 'stale-cpucaps'
    | 'unknown-callback-convention'
    | 'no-asm-offsets';
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly file: string | null;
}

/** One arm64 kernel tree with its build directory and configuration. Open it anew when a dependency changes. */
export interface KernelTree {
  readonly root: string;
  readonly version: KernelVersion;
  readonly buildDirectory: BuildDirectory | null;
  readonly config: KernelConfig;
  readonly cpucaps: CpucapTable;
  /** The host's files plus the generated headers that no build made. Use this one to preprocess. */
  readonly files: FileSource;
  /** How `file` (absolute) is compiled; its plain object when it becomes several. */
  compileContext(file: string): CompileContext;
  /** All objects `file` becomes, the plain one first (`entry.o`, `entry.nvhe.o`). Never empty. */
  compileContexts(file: string): readonly CompileContext[];
  /** The same for a `.c` file or a header that is read as C. */
  cCompileContexts(file: string): readonly CompileContext[];
  /** What a cpucap means, from the tree's own tables, or why that is not known. Read when first asked for. */
  cpucapMeaning(name: string): CpucapMeaningAnswer;
  /** Cpucaps that the tree's own rules give a core, each with the reason. */
  deriveCpucaps(core: CoreRecord): DerivedCpucaps;
  /** `none`, `all` and real cores, in the words of this tree. */
  builtinStates(): readonly MachineState[];
  /** System registers and fields of `arch/arm64/tools/sysreg`; `null` in trees without it (up to 5.18). */
  sysregs(): SysregText | null;
  /** Text of a header that no build made; `undefined` for every other path. */
  virtualFile(path: string): string | undefined;
  readonly issues: readonly KernelIssue[];
  /** Files whose change makes this object out of date, as far as they were read yet. */
  readonly dependencies: readonly string[];
  /** The few of them, and directories, that tell a tree apart that was configured, built or switched meanwhile. */
  readonly markers: readonly string[];
}

export type CpucapMeaningAnswer =
  | { readonly meaning: CpucapMeaning; readonly reason: null }
  | { readonly meaning: null; readonly reason: string };

export interface KernelTreeOptions {
  /** `O=` directory; a relative path is taken below the tree. */
  readonly buildDir?: string;
  /** A `.config` to use instead of the build directory's. */
  readonly configFile?: string;
  /** Keeps evaluated defconfigs between two openings of a tree. */
  readonly defconfigCache?: DefconfigCache;
  readonly logger: Logger;
}

/** Root of the arm64 kernel tree that holds `path` (a file or directory), or `null`. */
export function findKernelRoot(files: FileSource, path: string): string | null {
  for (let at = normalizePath(path); ; at = dirname(at)) {
    if (isKernelRoot(files, at)) return at;
    if (at === '/' || at === '') return null;
  }
}

function isKernelRoot(files: FileSource, path: string): boolean {
  const has = (name: string): boolean => files.kindOf(joinPath(path, name)) === 'file';
  // The folder `tools` of a kernel has an arch/arm64/include of its own.
  const isOld = has('arch/arm64/include/asm/cpucaps.h') && has('Kconfig') && has('Makefile');
  return has('arch/arm64/tools/cpucaps') || isOld;
}

/** Whether a directory that somebody named can serve as a kernel tree: a part of one will do. */
export function canBeKernelRoot(files: FileSource, path: string): boolean {
  return isKernelRoot(files, path) || files.kindOf(joinPath(path, 'arch/arm64')) === 'directory';
}

/** Opens the tree at `root`. Reads a handful of small files; everything larger is read when it is asked for. */
export function openKernelTree(disk: FileSource, root: string, options: KernelTreeOptions): KernelTree {
  const issues: KernelIssue[] = [];
  const dependencies = new Set<string>();
  const files = recordingReads(disk, dependencies);

  if (!canBeKernelRoot(disk, root)) {
    issues.push({
      kind: 'no-kernel-tree',
      severity: 'error',
      message: `${root} is no arm64 kernel tree: it has no arch/arm64. Name the tree's own directory, or none.`,
      file: null,
    });
  }
  const version = parseKernelVersion(files.readText(`${root}/Makefile`) ?? '');
  const found = findBuildDirectory(files, root, options.buildDir);
  if (!found && options.buildDir !== undefined) {
    issues.push({
      kind: 'build-not-found',
      severity: 'error',
      message: `The build directory ${options.buildDir} does not exist. Its configuration and generated headers are missing; name the O= directory of this tree, or none.`,
      file: joinPath(root, options.buildDir),
    });
  }
  const buildDirectory = found && isForArm64(files, found.path, issues) ? found : null;
  const build = buildDirectory?.path ?? null;
  dependencies.add(`${build ?? root}/.config`);

  const configFile = options.configFile === undefined ? undefined : joinPath(root, options.configFile);
  if (configFile !== undefined) {
    dependencies.add(configFile);
    if (files.kindOf(configFile) !== 'file') {
      issues.push({
        kind: 'config-not-found',
        severity: 'error',
        message: `The configuration file ${configFile} cannot be read. Name a .config of this tree, or none.`,
        file: configFile,
      });
    }
  }
  const config = openConfig(files, root, {
    configFile,
    buildDirectory: build,
    evaluate: (defconfig) => {
      const input = { defconfig, kernelVersion: version.text, cache: options.defconfigCache };
      const evaluated = evaluateDefconfig(disk, root, input);
      for (const path of evaluated.files) dependencies.add(path);
      return evaluated.values;
    },
    assumptions: [defconfigAssumption],
  });
  const markers = markersOf(root, build, config.source.path);
  if (build !== null && config.source.kind === 'defconfig') {
    issues.push({
      kind: 'build-without-config',
      severity: 'warning',
      message: `${build} has no .config, so the arm64 defconfig decides. Configure it (make O=${build} defconfig), or name another build directory.`,
      file: `${build}/.config`,
    });
  }
  if (build !== null && config.source.kind === 'file') {
    issues.push({
      kind: 'config-of-another-build',
      severity: 'note',
      message: `Options come from ${config.source.path}, but offsets and compile commands from ${build}, which may be configured otherwise.`,
      file: config.source.path,
    });
  }
  if ((config.source.kind === 'dot-config' || config.source.kind === 'file') && config.values().size === 0) {
    issues.push({
      kind: 'empty-configuration',
      severity: 'warning',
      message: `${config.source.text} sets no option: every CONFIG_ option counts as not set. Configure it again, or name another file.`,
      file: config.source.path,
    });
  }
  if (config.source.kind === 'none') {
    issues.push({
      kind: 'no-configuration',
      severity: 'warning',
      message: 'No .config and no arm64 defconfig: every CONFIG_ option counts as not set.',
      file: null,
    });
  }

  const cpucaps = readCpucaps(files, root, build, issues);
  const virtual = virtualFiles({ files, root, version, config, buildDirectory: build });
  const overlay = withVirtualFiles(disk, virtual);
  if (build === null || files.kindOf(`${build}/include/generated/asm-offsets.h`) !== 'file') {
    issues.push({
      kind: 'no-asm-offsets',
      severity: 'note',
      message:
        'No asm-offsets.h: structure offsets (S_PC, TSK_STACK, …) stay names. Build the tree (make prepare) to see their values.',
      file: null,
    });
  }
  const contexts = openCompileContexts({
    files,
    root,
    buildDirectory: build,
    virtualDirectory: virtual.directory,
    virtualFirst: config.source.kind === 'file' && build !== null,
    config,
  });
  const meanings = openCpucapMeanings(files, root, config);
  const derive = (core: CoreRecord): DerivedCpucaps =>
    meanings.derive(
      core,
      cpucaps.caps.map((cap) => cap.name),
    );
  let states: readonly MachineState[] | undefined;
  options.logger.info('kernel tree opened', {
    root,
    version: version.text,
    build,
    config: config.source.text,
    cpucaps: cpucaps.caps.length,
  });

  return {
    root,
    version,
    buildDirectory,
    config,
    cpucaps,
    files: overlay,
    compileContexts: (file) => contexts.contextsOf(file),
    cCompileContexts: (file) => contexts.contextsOf(file, 'c'),
    compileContext: (file) => {
      const [first] = contexts.contextsOf(file);
      if (!first) throw new Error('compileContexts is never empty');
      return first;
    },
    cpucapMeaning: (name) => meanings.meaningOf(name),
    deriveCpucaps: derive,
    builtinStates: () => {
      const recorded = recordedCoreCpucaps.cores as unknown as BuiltinSources['recorded'];
      states ??= builtinStates({ cpucaps, cores: coreRecords, derive: meanings.hasTables() ? derive : null, recorded });
      return states;
    },
    sysregs: () => meanings.sysregs(),
    virtualFile: (path) => virtual.text(path),
    issues,
    get dependencies() {
      return [...dependencies];
    },
    markers,
  };
}

/** What changes when a build directory appears beside the tree, headers appear in it, or the tree is another version. */
function markersOf(root: string, build: string | null, config: string | null): readonly string[] {
  const inBuild = ['.config', 'include/generated', 'arch/arm64/include/generated/asm'];
  return [
    root,
    dirname(root),
    ...['Makefile', 'arch/arm64/tools/cpucaps'].map((name) => `${root}/${name}`),
    ...inBuild.map((name) => `${build ?? root}/${name}`),
    ...(config === null ? [] : [config]),
  ];
}

/** A build directory of another architecture has no word to say here. */
function isForArm64(files: FileSource, build: string, issues: KernelIssue[]): boolean {
  const text = files.readText(`${build}/.config`);
  if (text === undefined || /^CONFIG_ARM64=y/m.test(text) || !/^CONFIG_/m.test(text)) return true;
  issues.push({
    kind: 'build-of-another-architecture',
    severity: 'warning',
    message: `${build} is configured for another architecture (no CONFIG_ARM64=y); it is not used.`,
    file: `${build}/.config`,
  });
  return false;
}

function readCpucaps(files: FileSource, root: string, build: string | null, issues: KernelIssue[]): CpucapTable {
  const listPath = `${root}/arch/arm64/tools/cpucaps`;
  const headerPath = `${root}/arch/arm64/include/asm/cpucaps.h`;
  const listText = files.readText(listPath);
  const headerText = files.readText(headerPath);
  const macroTexts = ['alternative-macros.h', 'alternative.h']
    .map((name) => files.readText(`${root}/arch/arm64/include/asm/${name}`))
    .filter((text) => text !== undefined);
  const callback = parseCallbackConvention([...macroTexts, ...(headerText === undefined ? [] : [headerText])]);
  if (callback.kind === 'unknown') {
    issues.push({ kind: 'unknown-callback-convention', severity: 'warning', message: callback.reason, file: null });
  }

  const list = listText === undefined ? null : parseCpucapList(listText);
  for (const line of list?.problems ?? []) {
    issues.push({
      kind: 'bad-cpucaps-line',
      severity: 'warning',
      message: `${listPath}:${line}: not a cpucap name; gen-cpucaps.awk stops here and the build fails.`,
      file: listPath,
    });
  }
  const definitions =
    list === null ? null : new Map(list.names.map(({ name, line }) => [name, { file: listPath, line }] as const));

  for (const name of build === null ? [] : ['cpucap-defs.h', 'cpucaps.h']) {
    const path = `${build}/arch/arm64/include/generated/asm/${name}`;
    const text = files.kindOf(path) === 'file' ? files.readText(path) : undefined;
    if (text === undefined) continue;
    const { names, count } = parseCpucapHeader(text);
    if (names.length === 0) continue;
    const isStale = list?.names.some((cap, index) => names[index]?.name !== cap.name);
    if (isStale) {
      issues.push({
        kind: 'stale-cpucaps',
        severity: 'warning',
        message: `${path} does not agree with ${listPath}: the build is older or newer than the tree. Cpucap numbers are the build's.`,
        file: path,
      });
    }
    return makeCpucapTable({ source: { kind: 'generated-header', file: path }, names, count, callback, definitions });
  }
  if (list !== null) {
    const source = { kind: 'list', file: listPath } as const;
    return makeCpucapTable({ source, names: list.names, count: list.names.length, callback, definitions });
  }
  const header = parseCpucapHeader(headerText ?? '');
  if (header.names.length > 0) {
    const source = { kind: 'hand-written-header', file: headerPath } as const;
    return makeCpucapTable({ source, ...header, callback, definitions: null });
  }
  const reason = 'neither arch/arm64/tools/cpucaps nor numbers in asm/cpucaps.h';
  issues.push({ kind: 'no-cpucaps', severity: 'warning', message: `No cpucaps known: ${reason}.`, file: null });
  return makeCpucapTable({ source: { kind: 'none', reason }, names: [], count: null, callback, definitions: null });
}
