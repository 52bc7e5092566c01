import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import type { KernelImage } from './images.ts';
import type { ImageAlternative, ImageJump, ImageTables } from './imageTables.ts';

/** One inlined function of a chain of debug information; the file relative to the kernel tree. */
export interface ImageFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

export type KeyClass = 'named' | 'tracepoint' | 'dynamic-debug' | 'lsm';

/** All sites of an image that one line of the source makes for one trigger. */
export interface ImagePlace extends ImageTrigger {
  readonly file: string;
  readonly line: number;
  /** Function of the frame. */
  readonly function: string;
  /** The frame is of a function inside another one, or another function is inside of it. */
  readonly isInlined: boolean;
  readonly nSites: number;
  /** Alternatives: each pair of streams as `words -> words`. Jumps: `nop` or `b` with the branch bit. */
  readonly streams: readonly string[];
}

/** What decides about a site. */
export interface ImageTrigger {
  readonly kind: 'alternative' | 'callback-alternative' | 'jump';
  readonly cpucap: string | null;
  readonly callback: string | null;
  readonly key: string | null;
  readonly keyClass: KeyClass | null;
}

export interface ImageSource {
  /** By file, line, kind and trigger. */
  readonly places: readonly ImagePlace[];
  /** Triggers by `file:line` of every frame of every chain. */
  readonly frameLines: ReadonlyMap<string, readonly ImageTrigger[]>;
}

const alternativeHeader = /(^|\/)asm\/alternative-macros\.h$/;
const jumpHeader = /(^|\/)(asm|linux)\/jump_label\.h$/;
const nop = 'd503201f';

/** The reason why chains of an image cannot be read, or `null`. */
export function missingSymbolizer(): string | null {
  try {
    execFileSync(symbolizer(), ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'no llvm-symbolizer; run: apt-get install llvm-19, or name one with PATCHPOINT_SYMBOLIZER';
  }
}

const symbolizer = (): string => process.env.PATCHPOINT_SYMBOLIZER ?? 'llvm-symbolizer-19';

/** Inlined functions at each address, innermost first; files relative to the tree. */
export function chainsAt(
  image: Pick<KernelImage, 'vmlinux' | 'source'>,
  addresses: readonly bigint[],
): ReadonlyMap<bigint, readonly ImageFrame[]> {
  const wanted = [...new Set(addresses)].sort((left, right) => (left < right ? -1 : 1));
  const output = execFileSync(
    symbolizer(),
    [`--obj=${image.vmlinux}`, '--output-style=JSON', '--inlining', '--functions=linkage'],
    {
      input: wanted.map((address) => `0x${address.toString(16)}\n`).join(''),
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    },
  );
  const chains = new Map<bigint, readonly ImageFrame[]>();
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const { Address: address, Symbol: frames } = JSON.parse(line) as {
      Address: string;
      Symbol: readonly { FunctionName: string; FileName: string; Line: number }[];
    };
    chains.set(
      BigInt(address),
      frames.map((frame) => ({
        function: frame.FunctionName,
        file: inTree(frame.FileName, image.source),
        line: frame.Line,
      })),
    );
  }
  return chains;
}

/** A path of debug information relative to the tree. */
export function inTree(path: string, source: string): string {
  if (path === '') return '';
  if (path.startsWith(`${source}/`)) return normalize(path.slice(source.length + 1));
  // Debian builds in a directory below the tree, with relative paths for C and absolute ones for assembly.
  return normalize(path.replace(/^(?:.*\/)?debian\/build\/[^/]+\//, '').replace(/^\/build\/[^/]+\//, ''));
}

/**
 * The place of a site: the innermost frame that is not the mechanism itself. For jumps outside of both `jump_label.h`,
 * for alternatives outside of `alternative-macros.h`. Counted so, 6.12.117 of Debian 12 has 27,549 alternatives of
 * 507 places (with the file's path as written, line, cpucap and callback) and 12,201 jump entries of 4,289 lines.
 */
export function imageSource(image: KernelImage, tables: ImageTables, cpucaps: readonly string[]): ImageSource {
  const chains = chainsAt(
    image,
    [...tables.alternatives, ...tables.jumps].map(({ address }) => address),
  );
  const places = new Map<string, ImagePlace & { nSites: number; streams: string[] }>();
  const frameLines = new Map<string, Map<string, ImageTrigger>>();
  const add = (address: bigint, header: RegExp, about: ImageTrigger, stream: string): void => {
    const chain = chains.get(address) ?? [];
    const trigger = [about.kind, about.cpucap, about.callback, about.key].join(' ');
    for (const frame of chain) {
      const at = `${frame.file}:${frame.line}`;
      const known = frameLines.get(at);
      if (known === undefined) frameLines.set(at, new Map([[trigger, about]]));
      else known.set(trigger, about);
    }
    const frame = chain.find(({ file }) => !header.test(file)) ?? chain.at(-1);
    const { file, line, function: name } = frame ?? { file: '', line: 0, function: '' };
    const id = `${file}:${line} ${trigger}`;
    const isInlined = chain.length > 1;
    const place = places.get(id);
    if (place === undefined)
      places.set(id, { ...about, file, line, function: name, isInlined, nSites: 1, streams: [stream] });
    else {
      place.nSites++;
      if (!place.streams.includes(stream)) place.streams.push(stream);
    }
  };
  for (const site of tables.alternatives) addAlternative(site);
  for (const site of tables.jumps) addJump(site);
  return {
    places: [...places.values()].sort(byPlace),
    frameLines: new Map([...frameLines].map(([at, triggers]) => [at, [...triggers.values()]])),
  };

  function addAlternative(site: ImageAlternative): void {
    const cpucap = cpucaps[site.cpucap] ?? `number ${site.cpucap}`;
    const kind = site.callback === null ? 'alternative' : 'callback-alternative';
    const about = { kind, cpucap, callback: site.callback, key: null, keyClass: null } as const;
    add(site.address, alternativeHeader, about, `${site.original.join(' ')} -> ${site.replacement.join(' ')}`);
  }

  function addJump({ address, key, word, isBranch }: ImageJump): void {
    const about = { kind: 'jump', cpucap: null, callback: null, ...keyOf(key) } as const;
    add(address, jumpHeader, about, `${word === nop ? 'nop' : 'b'} ${isBranch ? 1 : 0}`);
  }
}

/** What a key's symbol says; names that the compiler numbers are not compared. */
function keyOf(key: string): { readonly key: string; readonly keyClass: KeyClass } {
  if (/^(__UNIQUE_ID_ddebug|descriptor\.)/.test(key)) return { key: 'descriptor', keyClass: 'dynamic-debug' };
  if (key.startsWith('__tracepoint_')) return { key, keyClass: 'tracepoint' };
  if (key.startsWith('security_hook_active_')) return { key, keyClass: 'lsm' };
  return { key: key.replace(/\.\d+(?=$|\+)/, ''), keyClass: 'named' };
}

const byPlace = (left: ImagePlace, right: ImagePlace): number =>
  left.file === right.file ? left.line - right.line : left.file < right.file ? -1 : 1;

/** Cpucaps of a tree in the order of their numbers, with `ARM64_` (arch/arm64/tools/gen-cpucaps.awk). */
export function cpucapList(source: string): readonly string[] {
  return readFileSync(`${source}/arch/arm64/tools/cpucaps`, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => `ARM64_${line}`);
}
