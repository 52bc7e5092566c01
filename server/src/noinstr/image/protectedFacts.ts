import type { ImageSites } from '../../image/imageSites.ts';
import type { KernelImage } from '../../image/kernelImage.ts';
import { aliasPrefix, type ProtectedFunction } from './outTransfers.ts';

/** Who may put something into a function; `null`: not known of a function of another object. */
export interface CalleeFacts {
  /** It has an ftrace site. */
  readonly traceable: boolean | null;
  /** kprobes take it: neither its range nor a mark of its own forbids it. */
  readonly probeable: boolean | null;
}

/**
 * Facts of functions by address. Sources: kernel/kprobes.c:populate_kprobe_blacklist, within_kprobe_blacklist;
 * arch/arm64/kernel/probes/kprobes.c:arch_populate_kprobe_blacklist; 6.1 and 6.12 alike.
 */
export function calleeFacts(image: KernelImage, sites: ImageSites): (address: bigint) => CalleeFacts {
  const traced = new Set(sites.ftrace?.sites.map(({ entry }) => entry));
  const forbidden = sites.ranges.filter(({ name }) => unprobed.has(name));
  const isLinked = image.kind === 'vmlinux' || image.kind === 'raw-image';
  const hasProbes = !isLinked || image.symbols.addressOf('register_kprobe') !== null;
  return (address) => {
    if (image.sectionAt(address) === undefined) return { traceable: null, probeable: null };
    const isMarked = image.symbols
      .at(address)
      .some(({ name }) => image.symbols.addressOf(`_kbl_addr_${name}`) !== null);
    const isForbidden = isMarked || forbidden.some(({ start, end }) => address >= start && address < end);
    return { traceable: traced.has(address), probeable: hasProbes && !isForbidden };
  };
}

const unprobed = new Set(['kprobes', 'noinstr', 'entry', 'irqentry', 'idmap', 'hyp', 'hyp-idmap']);

/** A static key that protected functions test. */
export interface ProtectedKey {
  readonly name: string;
  /** `read-only`: nobody toggles it once the kernel has booted; `null`: it is in another object. */
  readonly placed: 'read-only' | 'writable' | null;
  readonly section: string | null;
  readonly nSites: number;
  readonly functions: readonly string[];
}

/** Keys tested in protected functions, most used first. */
export function protectedKeys(
  image: KernelImage,
  sites: ImageSites,
  functions: readonly ProtectedFunction[],
): readonly ProtectedKey[] {
  const start = image.symbols.addressOf('__start_ro_after_init');
  const end = image.symbols.addressOf('__end_ro_after_init');
  const found = new Map<bigint, { nSites: number; names: Set<string> }>();
  for (const { code, key } of sites.jumps) {
    const owner = functions.find(({ address, sizeBytes }) => code >= address && code < address + BigInt(sizeBytes));
    if (owner === undefined) continue;
    const known = found.get(key) ?? { nSites: 0, names: new Set() };
    known.nSites++;
    known.names.add(owner.name);
    found.set(key, known);
  }
  const keys = [...found].map(([address, { nSites, names }]): ProtectedKey => {
    const section = image.sectionAt(address);
    const isAfterInit = start !== null && end !== null && address >= start && address < end;
    const isReadOnly = isAfterInit || section?.writable === false || section?.name === '.data..ro_after_init';
    return {
      name: sites.keys.get(address)?.name ?? `0x${address.toString(16)}`,
      placed: section === undefined ? null : isReadOnly ? 'read-only' : 'writable',
      section: isAfterInit ? 'ro_after_init' : (section?.name ?? null),
      nSites,
      functions: [...names],
    };
  });
  return keys.sort((left, right) => right.nSites - left.nSites || (left.name < right.name ? -1 : 1));
}

/** A function that writes alternatives. */
export interface PatchCallback {
  readonly name: string;
  /** `noinstr`, `init`: gone after boot, `plain`: it can be instrumented; `null`: it is in another object. */
  readonly placed: 'noinstr' | 'init' | 'plain' | null;
  readonly uses: number;
}

/** Callbacks of the whole image, not of its noinstr text alone: each patches text that others run. */
export function patchCallbacks(image: KernelImage, sites: ImageSites): readonly PatchCallback[] {
  const found = new Map<string, { address: bigint; uses: number }>();
  for (const record of sites.alternatives) {
    if (!record.isCallback) continue;
    const name = (record.callback ?? `0x${record.replacement.toString(16)}`).replace(aliasPrefix, '');
    const known = found.get(name);
    found.set(name, { address: record.replacement, uses: (known?.uses ?? 0) + 1 });
  }
  const callbacks = [...found].map(([name, { address, uses }]): PatchCallback => {
    const within = (range: string): boolean =>
      sites.ranges.some((one) => one.name === range && address >= one.start && address < one.end);
    const section = image.sectionAt(address);
    if (section === undefined) return { name, placed: null, uses };
    return { name, placed: within('noinstr') ? 'noinstr' : within('init') ? 'init' : 'plain', uses };
  });
  return callbacks.sort((left, right) => right.uses - left.uses || (left.name < right.name ? -1 : 1));
}

/** Parts and copies of protected functions (`f.cold`, `f.part.0`) that the compiler put into other text. */
export function strayClones(
  image: KernelImage,
  functions: readonly ProtectedFunction[],
): readonly { readonly name: string; readonly address: bigint }[] {
  const names = new Set(functions.map(({ name }) => baseName(name)));
  const inside = new Set(functions.map(({ address }) => address));
  const stray = new Map<bigint, string>();
  for (const { name, address, type, defined, sizeBytes } of image.symbols.all()) {
    const isClone = /\.(cold|part|isra|constprop)(\.|$)/.test(name) && defined && type === 'func' && sizeBytes > 0;
    if (isClone && names.has(baseName(name)) && !inside.has(address)) stray.set(address, name);
  }
  return [...stray].map(([address, name]) => ({ name, address }));
}

/** Without what a compiler adds to the name of a part or copy of a function. */
function baseName(name: string): string {
  return name.split('.')[0] ?? name;
}
