import { joinPath } from '../base/path.ts';
import { parseCpucapList } from '../kernel/cpucaps.ts';
import { renderAutoconf } from '../kernel/kconfig/dotConfig.ts';
import { parseSysregText, renderSysregDefs } from '../kernel/sysregs.ts';
import type { DirectoryEntry, FileSource } from './fileSource.ts';
import type { KernelConfig } from './kernelConfig.ts';
import type { KernelVersion } from './kernelVersion.ts';
import { renderSyscallNumbers, type SyscallAbi } from './syscallTables.ts';

/** Headers that a build would generate, by path below the build directory. Texts are made when first read. */
export interface VirtualFiles {
  /** Directory that stands for the build directory. */
  readonly directory: string;
  /** Absolute paths. */
  readonly paths: readonly string[];
  text(path: string): string | undefined;
  /** Headers whose content cannot be known without a build, by absolute path. */
  readonly hollow: readonly string[];
}

export interface VirtualFilesInput {
  readonly files: FileSource;
  readonly root: string;
  readonly version: KernelVersion;
  readonly config: KernelConfig;
  /** Real build directory: what only a compiler can know is not hollow when it is there. */
  readonly buildDirectory: string | null;
}

const kernelAsm = 'arch/arm64/include/generated/asm';
const userAsm = 'arch/arm64/include/generated/uapi/asm';

/**
 * What `make prepare` would generate and assembly includes, made from the tree's text: configuration, cpucaps,
 * system registers, `asm-generic` wrappers, syscall numbers, version. `asm-offsets.h` and its kin need a
 * compiler: they are there, so that includes resolve, but define nothing.
 */
export function virtualFiles(input: VirtualFilesInput): VirtualFiles {
  const { files, root, version, config } = input;
  const directory = `${root}/.patchpoint-generated`;
  const makers = new Map<string, () => string>();
  const hollow: string[] = [];
  const read = (path: string): string => files.readText(`${root}/${path}`) ?? '';
  const put = (path: string, make: () => string): void => {
    const absolute = joinPath(directory, path);
    if (!makers.has(absolute)) makers.set(absolute, make);
  };
  const putHollow = (path: string, why: string): void => {
    if (input.buildDirectory !== null && files.kindOf(joinPath(input.buildDirectory, path)) === 'file') return;
    put(path, () => `/* ${path}: ${why} */\n`);
    hollow.push(joinPath(directory, path));
  };

  put('include/generated/autoconf.h', () => renderAutoconf(config.values()));
  put('include/generated/utsrelease.h', () => `#define UTS_RELEASE "${version.text}"\n`);
  put('include/generated/uapi/linux/version.h', () => versionHeader(version));
  put('include/generated/compile.h', () => '#define UTS_MACHINE "aarch64"\n');
  put('include/generated/bounds.h', () => boundsHeader(config));
  putHollow('include/generated/asm-offsets.h', 'offsets are computed by the compiler; without a build they stay names');
  putHollow(
    'include/generated/vdso-offsets.h',
    'offsets are read from the linked vDSO; without a build they stay names',
  );
  putHollow(
    'include/generated/vdso32-offsets.h',
    'offsets are read from the linked vDSO; without a build they stay names',
  );
  putHollow(
    'arch/arm64/kvm/hyp_constants.h',
    'constants are computed by the compiler; without a build they stay names',
  );
  putHollow('include/generated/timeconst.h', 'computed by bc from CONFIG_HZ; not needed by assembly');

  for (const [name, make] of cpucapHeaders(input)) put(`${kernelAsm}/${name}`, make);
  if (files.kindOf(`${root}/arch/arm64/tools/sysreg`) === 'file') {
    put(`${kernelAsm}/sysreg-defs.h`, () => renderSysregDefs(parseSysregText(read('arch/arm64/tools/sysreg'))));
  }
  for (const [path, abi] of syscallHeaders(files, root)) put(path, () => renderSyscallNumbers(files, root, abi));
  for (const name of genericHeaders(files, root, 'arch/arm64/include/asm', 'include/asm-generic')) {
    put(`${kernelAsm}/${name}`, () => `#include <asm-generic/${name}>\n`);
  }
  for (const name of genericHeaders(files, root, 'arch/arm64/include/uapi/asm', 'include/uapi/asm-generic')) {
    put(`${userAsm}/${name}`, () => `#include <asm-generic/${name}>\n`);
  }

  const texts = new Map<string, string>();
  return {
    directory,
    paths: [...makers.keys()],
    hollow,
    text: (path) => {
      const before = texts.get(path);
      if (before !== undefined) return before;
      const text = makers.get(path)?.();
      if (text !== undefined) texts.set(path, text);
      return text;
    },
  };
}

/** A file source that also has the virtual files. */
export function withVirtualFiles(files: FileSource, virtual: VirtualFiles): FileSource {
  const paths = new Set(virtual.paths);
  const directories = new Set<string>();
  for (const path of paths) {
    for (let at = path.lastIndexOf('/'); at > virtual.directory.length; at = path.lastIndexOf('/', at - 1)) {
      directories.add(path.slice(0, at));
    }
  }
  directories.add(virtual.directory);
  const inside = (path: string): boolean => path.startsWith(virtual.directory);
  return {
    readText: (path) => (inside(path) ? virtual.text(path) : files.readText(path)),
    ...(files.readBytes ? { readBytes: (path: string) => (inside(path) ? undefined : files.readBytes?.(path)) } : {}),
    ...(files.release ? { release: (path: string) => files.release?.(path) } : {}),
    kindOf: (path) => {
      if (!inside(path)) return files.kindOf(path);
      return paths.has(path) ? 'file' : directories.has(path) ? 'directory' : undefined;
    },
    list: (path) => (inside(path) ? listVirtual(path, paths, directories) : files.list(path)),
    linkTarget: (path) => (inside(path) ? undefined : files.linkTarget(path)),
    // The content belongs to one opened tree; a changed tree is opened anew.
    stamp: (path) => (inside(path) ? (paths.has(path) ? 1 : undefined) : files.stamp(path)),
  };
}

function listVirtual(path: string, paths: ReadonlySet<string>, directories: ReadonlySet<string>): DirectoryEntry[] {
  const out: DirectoryEntry[] = [];
  for (const [kind, all] of [
    ['file', paths],
    ['directory', directories],
  ] as const) {
    for (const candidate of all) {
      const name = candidate.slice(path.length + 1);
      if (candidate.startsWith(`${path}/`) && !name.includes('/')) out.push({ name, kind });
    }
  }
  return out.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * `asm/cpucap-defs.h` (6.7 on) or `asm/cpucaps.h` (5.13 to 6.6) as `arch/arm64/tools/gen-cpucaps.awk`
 * makes it. Up to 5.12 the header is written by hand and part of the tree.
 */
function cpucapHeaders({ files, root }: VirtualFilesInput): readonly [string, () => string][] {
  const list = `${root}/arch/arm64/tools/cpucaps`;
  if (files.kindOf(list) !== 'file') return [];
  const name = files.kindOf(`${root}/arch/arm64/include/asm/cpucaps.h`) === 'file' ? 'cpucap-defs.h' : 'cpucaps.h';
  const make = (): string => {
    const { names } = parseCpucapList(files.readText(list) ?? '');
    const guard = name === 'cpucaps.h' ? '__ASM_CPUCAPS_H' : '__ASM_CPUCAP_DEFS_H';
    const lines = [`#ifndef ${guard}`, `#define ${guard}`];
    for (const cap of names) lines.push(`#define ARM64_${cap.name} ${cap.number}`);
    lines.push(`#define ARM64_NCAPS ${names.length}`, '#endif');
    return `${lines.join('\n')}\n`;
  };
  return [[name, make]];
}

/** Headers of `generic-y` and of `mandatory-y` that the architecture lacks (`scripts/Makefile.asm-generic`). */
function genericHeaders(files: FileSource, root: string, own: string, generic: string): readonly string[] {
  const wanted = new Set<string>();
  const add = (path: string, list: string): void => {
    const text = files.readText(`${root}/${path}/Kbuild`) ?? '';
    for (const match of text.matchAll(/^[ \t]*([\w-]+)[ \t]*\+=[ \t]*(.*)$/gm)) {
      if (match[1] !== list) continue;
      for (const name of (match[2] ?? '').split(/\s+/)) if (name !== '') wanted.add(name);
    }
  };
  add(own, 'generic-y');
  add(generic, 'mandatory-y');
  return [...wanted].filter(
    (name) =>
      files.kindOf(`${root}/${own}/${name}`) !== 'file' && files.kindOf(`${root}/${generic}/${name}`) === 'file',
  );
}

/** Generated syscall number headers by path, where the tree has tables for them (6.11 on). */
function syscallHeaders(files: FileSource, root: string): readonly [string, SyscallAbi][] {
  const hasTable = (path: string): boolean => files.kindOf(`${root}/${path}`) === 'file';
  const out: [string, SyscallAbi][] = [];
  if (hasTable('arch/arm64/tools/syscall_64.tbl') || hasTable('scripts/syscall.tbl')) {
    out.push([`${userAsm}/unistd_64.h`, '64']);
  }
  if (hasTable('arch/arm64/tools/syscall_32.tbl')) {
    out.push([`${kernelAsm}/unistd_32.h`, '32'], [`${kernelAsm}/unistd_compat_32.h`, 'compat']);
  }
  return out;
}

function versionHeader(version: KernelVersion): string {
  const number = (version.version << 16) + (version.patchlevel << 8) + Math.min(255, version.sublevel);
  return [
    `#define LINUX_VERSION_CODE ${number}`,
    '#define KERNEL_VERSION(a,b,c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))',
    `#define LINUX_VERSION_MAJOR ${version.version}`,
    `#define LINUX_VERSION_PATCHLEVEL ${version.patchlevel}`,
    `#define LINUX_VERSION_SUBLEVEL ${version.sublevel}`,
    '',
  ].join('\n');
}

/** `kernel/bounds.c` as far as it follows from the configuration: zones and bits of a CPU number. */
function boundsHeader(config: KernelConfig): string {
  const zones =
    ['ZONE_DMA', 'ZONE_DMA32', 'HIGHMEM', 'ZONE_DEVICE'].filter((name) => config.value(name) === 'y').length + 2;
  const nrCpus = Number(config.value('NR_CPUS') ?? '1');
  return [
    `#define MAX_NR_ZONES ${zones}`,
    `#define NR_CPUS_BITS ${nrCpus > 1 ? Math.ceil(Math.log2(nrCpus)) : 0}`,
    ...(config.value('LRU_GEN') === null ? ['#define LRU_GEN_WIDTH 0', '#define __LRU_REFS_WIDTH 0'] : []),
    '/* NR_PAGEFLAGS and SPINLOCK_SIZE need a compiler. */',
    '',
  ].join('\n');
}
