import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, normalize, relative, resolve } from 'node:path';
import type { OptionValues } from '../../server/src/cli/command.ts';
import { openSession, type Session } from '../../server/src/cli/session.ts';

/** An `O=` directory whose objects of `.S` files the kernel's own build made. */
export interface KernelBuild {
  /** `6.12-defconfig`; with `-rest`: what that configuration leaves out, asked for by name. */
  readonly name: string;
  readonly source: string;
  readonly directory: string;
  readonly version: string;
  readonly compiler: string;
  /** Changes to the defconfig, as arguments of the kernel's `scripts/config`. */
  readonly options: readonly string[];
}

/** Names the skipped tests where there is no build; never read. */
export const noBuild: KernelBuild = {
  name: 'a kernel build',
  source: '',
  directory: '',
  version: '',
  compiler: '',
  options: [],
};

/** One object of a `.S` file that lies in the tree. */
export interface KernelObject {
  /** Relative to the build, `..` resolved. */
  readonly object: string;
  /** Relative to the tree. */
  readonly file: string;
  /** The compiler call as kbuild recorded it; a shell line, to be run in the build directory. */
  readonly command: string;
}

/** Commands that make what is missing. */
const remedy =
  'run: node test/oracle/setup.mjs (Debian: apt install gcc-aarch64-linux-gnu flex bison bc libssl-dev libelf-dev linux-source-6.12 linux-source-6.1)';

/** The builds that the setup made, or the one that PATCHPOINT_KERNEL and PATCHPOINT_KERNEL_BUILD name. */
export function kernelBuilds(): { readonly builds: readonly KernelBuild[]; readonly missing: string | null } {
  const { PATCHPOINT_KERNEL: kernel, PATCHPOINT_KERNEL_BUILD: build, PATCHPOINT_ORACLE_HOME: home } = process.env;
  const none = (reason: string): ReturnType<typeof kernelBuilds> => ({ builds: [], missing: reason });
  if (build) {
    if (!kernel) return none('PATCHPOINT_KERNEL_BUILD is set, but PATCHPOINT_KERNEL does not name its tree');
    const [source, directory] = [resolve(kernel), resolve(build)];
    if (!existsSync(join(source, 'Makefile'))) return none(`PATCHPOINT_KERNEL: ${source} is not a kernel tree`);
    if (!existsSync(join(directory, '.config'))) return none(`PATCHPOINT_KERNEL_BUILD: ${directory} has no .config`);
    const own = { name: 'PATCHPOINT_KERNEL_BUILD', version: 'unknown', compiler: 'unknown', options: ['unknown'] };
    return { builds: [{ ...own, source: realpathSync(source), directory: realpathSync(directory) }], missing: null };
  }
  const record = join(home || join(homedir(), '.cache/patchpoint/oracle'), 'oracle.json');
  if (!existsSync(record)) return none(`no kernel builds; ${remedy}`);
  const { builds } = JSON.parse(readFileSync(record, 'utf8')) as { builds: readonly KernelBuild[] };
  const gone = builds.find((one) => !existsSync(join(one.directory, '.config')) || !existsSync(one.source));
  if (gone !== undefined) return none(`the kernel build ${gone.name} is no longer there; ${remedy}`);
  if (kernel && builds.some((one) => one.source !== realpathSync(kernel))) {
    return none(`the kernel builds are not of PATCHPOINT_KERNEL (${kernel}); run: node test/oracle/setup.mjs`);
  }
  return { builds, missing: null };
}

/** Objects of a build, by the commands that kbuild recorded, in name order. */
export function kernelObjects(build: KernelBuild): readonly KernelObject[] {
  const objects: KernelObject[] = [];
  for (const name of readdirSync(join(build.directory, 'arch/arm64'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.o.cmd')) continue;
    const text = readFileSync(join(build.directory, 'arch/arm64', name), 'utf8');
    const source = /^source_\S+ := (\S+\.S)$/m.exec(text)?.[1];
    const command = /^(?:saved)?cmd_\S+ := (.*)$/m.exec(text)?.[1];
    if (source === undefined || command === undefined) continue;
    const file = relative(build.source, resolve(build.directory, source));
    const object = normalize(`arch/arm64/${name.replace(/\.([^/]+)\.cmd$/, '$1')}`);
    // A source that the build itself made has no place in the tree.
    if (file.startsWith('..') || !existsSync(join(build.directory, object))) continue;
    objects.push({ object, file, command: command.split(' ; ')[0] ?? command });
  }
  return objects.sort((left, right) => (left.object < right.object ? -1 : 1));
}

/** `.S` files below `arch/arm64` but linker scripts, and headers that define macros of the assembler; absolute. */
export function assemblyFiles(build: KernelBuild): readonly string[] {
  const root = join(build.source, 'arch/arm64');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('boot/'))
    .map((name) => join(root, name))
    .filter(
      (path) =>
        (path.endsWith('.S') && !path.endsWith('.lds.S')) ||
        (path.endsWith('.h') && /^[ \t]*\.macro\b/m.test(readFileSync(path, 'utf8'))),
    )
    .sort();
}

/** A session of the command line on a tree, with the build, with its `.config` alone, or with neither. */
export function openKernel(build: KernelBuild, evidence: 'build' | 'config' | 'tree' = 'build'): Session {
  const values: OptionValues = {
    kernel: build.source,
    ...(evidence === 'build' ? { build: build.directory } : {}),
    ...(evidence === 'config' ? { config: join(build.directory, '.config') } : {}),
  };
  const ignored = (text: string): void => void text;
  const io = { out: ignored, err: ignored, cwd: build.source, color: false, errIsTerminal: false, nowMs: () => 0 };
  return openSession(values, [build.source], io);
}
