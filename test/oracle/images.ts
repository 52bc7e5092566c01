import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** A built kernel with its debug information, its configuration and the tree it was made from. */
export interface KernelImage {
  /** `6.12`. */
  readonly name: string;
  /** `6.12.117+deb12-arm64`. */
  readonly release: string;
  readonly source: string;
  readonly vmlinux: string;
  readonly config: string;
}

/** Names the skipped tests where there is no image; never read. */
export const noImage: KernelImage = {
  name: 'a kernel image',
  release: 'a kernel image',
  source: '',
  vmlinux: '',
  config: '',
};

const remedy =
  'run: dpkg --add-architecture arm64 && apt-get update && node test/oracle/setup.mjs, or name one with PATCHPOINT_VMLINUX and PATCHPOINT_KERNEL';

/**
 * The images that the setup fetched, or the one that PATCHPOINT_VMLINUX names: of the tree PATCHPOINT_KERNEL, with the
 * configuration of PATCHPOINT_VMLINUX_CONFIG, else `.config` beside it, else `boot/config-RELEASE` of the same root.
 */
export function kernelImages(): { readonly images: readonly KernelImage[]; readonly missing: string | null } {
  const { PATCHPOINT_VMLINUX: own, PATCHPOINT_KERNEL: kernel, PATCHPOINT_ORACLE_HOME: home } = process.env;
  const none = (reason: string): ReturnType<typeof kernelImages> => ({ images: [], missing: reason });
  if (own) {
    if (!kernel) return none('PATCHPOINT_VMLINUX is set, but PATCHPOINT_KERNEL does not name its tree');
    const vmlinux = resolve(own);
    const release = basename(vmlinux).replace(/^vmlinux-?/, '');
    const config = [
      process.env.PATCHPOINT_VMLINUX_CONFIG,
      join(dirname(vmlinux), '.config'),
      join(dirname(vmlinux), '../../../../boot', `config-${release}`),
      join(dirname(vmlinux), `config-${release}`),
    ].find((path) => path !== undefined && existsSync(path));
    if (config === undefined) return none(`PATCHPOINT_VMLINUX: no configuration beside ${vmlinux}`);
    if (!existsSync(vmlinux)) return none(`PATCHPOINT_VMLINUX: ${vmlinux} is not there`);
    const image = { name: 'PATCHPOINT_VMLINUX', release, source: realpathSync(resolve(kernel)), vmlinux, config };
    return { images: [image], missing: null };
  }
  const record = join(home || join(homedir(), '.cache/patchpoint/oracle'), 'oracle.json');
  if (!existsSync(record)) return none(`no kernel images; ${remedy}`);
  const { images = [] } = JSON.parse(readFileSync(record, 'utf8')) as { images?: readonly KernelImage[] };
  const present = images.filter(({ vmlinux, config, source }) => [vmlinux, config, source].every(existsSync));
  if (present.length === 0) return none(`no kernel images; ${remedy}`);
  return { images: present, missing: null };
}

/** Objects of a few C files of an `O=` build, linked by themselves so that their tables have addresses. */
export interface LinkedObjects {
  readonly name: string;
  readonly source: string;
  readonly directory: string;
  readonly vmlinux: string;
  /** Relative to the build. */
  readonly objects: readonly string[];
}

/** The linked objects of builds with a preemption model that is chosen at boot. */
export function linkedObjects(): { readonly linked: readonly LinkedObjects[]; readonly missing: string | null } {
  const home = process.env.PATCHPOINT_ORACLE_HOME || join(homedir(), '.cache/patchpoint/oracle');
  const record = join(home, 'oracle.json');
  const text = existsSync(record) ? readFileSync(record, 'utf8') : '{}';
  const { linked = [] } = JSON.parse(text) as { linked?: readonly LinkedObjects[] };
  const present = linked.filter(({ vmlinux }) => existsSync(vmlinux));
  const missing = present.length > 0 ? null : 'no objects with PREEMPT_DYNAMIC; run: node test/oracle/setup.mjs';
  return { linked: present, missing };
}
