import type { CSitesOfFile, FoundSite } from './cSitesFound.ts';
import type { ImagePlace, ImageSource, ImageTrigger } from './imagePlaces.ts';

/** What is counted apart. */
export type LineClass = 'alternative' | 'named' | 'tracepoint' | 'dynamic-debug' | 'lsm';

/** Lines of one class that the image has sites of. */
export interface ClassCount {
  readonly nLines: number;
  /** Lines that only name a function, see `isMerged`; not among `nLines`. */
  readonly merged: readonly string[];
  readonly misses: readonly Miss[];
}

export interface Miss {
  readonly place: ImagePlace;
  readonly why: string;
}

export interface Unconfirmed {
  readonly file: string;
  readonly site: FoundSite;
  /** Why the image can have no such site; `null`: no reason found. */
  readonly explanation: string | null;
}

const classOf = (place: ImagePlace): LineClass => place.keyClass ?? 'alternative';
const plain = (cpucap: string | null): string | null => cpucap?.replace(/^ARM64_/, '') ?? null;

/** Kinds of keys as the site's model names them. */
const owners: Readonly<Record<string, string>> = {
  tracepoint: 'tracepoint',
  'dynamic-debug': 'dynamic-debug',
  lsm: 'lsm-hook',
};

/** Each line of C source that the image has sites of, against the sites found there. */
export function compareLines(image: ImageSource, found: readonly CSitesOfFile[]): ReadonlyMap<LineClass, ClassCount> {
  const byLine = sitesByLine(found);
  const files = new Map(found.map((one) => [one.file, one]));
  const lines = new Map<LineClass, Map<string, string | null>>();
  const misses = new Map<LineClass, Miss[]>();
  const merged = new Map<LineClass, string[]>();
  for (const place of image.places) {
    const file = files.get(place.file);
    if (file === undefined) continue;
    const group = classOf(place);
    if (isMerged(place, file)) {
      merged.set(group, [...(merged.get(group) ?? []), `${place.file}:${place.line}`]);
      continue;
    }
    const why = file.error ?? missing(place, byLine.get(`${place.file}:${place.line}`) ?? []);
    const known = lines.get(group) ?? new Map<string, string | null>();
    lines.set(group, known);
    const at = `${place.file}:${place.line}`;
    if (why !== null) {
      misses.set(group, [...(misses.get(group) ?? []), { place, why }]);
      known.set(at, why);
    } else if (!known.has(at)) known.set(at, null);
  }
  return new Map(
    [...lines].map(([group, known]) => [
      group,
      { nLines: known.size, misses: misses.get(group) ?? [], merged: merged.get(group) ?? [] },
    ]),
  );
}

/**
 * Code of a function that gcc found equal to another one's and made of that one (-fipa-icf): its debug information names
 * the line that the function's own name is on and no inlined function. Nothing in that line makes a site.
 */
const isMerged = (place: ImagePlace, { functions }: CSitesOfFile): boolean =>
  functions.some(({ name, nameLine, isInline }) => name === place.function && nameLine === place.line && !isInline) &&
  !place.isInlined;

/** Lines of a class with a miss. */
export const missedLines = ({ misses }: ClassCount): number =>
  new Set(misses.map(({ place }) => `${place.file}:${place.line}`)).size;

function sitesByLine(found: readonly CSitesOfFile[]): ReadonlyMap<string, readonly FoundSite[]> {
  const byLine = new Map<string, FoundSite[]>();
  for (const { file, sites } of found) {
    for (const site of sites) {
      const known = byLine.get(`${file}:${site.line}`);
      if (known === undefined) byLine.set(`${file}:${site.line}`, [site]);
      else known.push(site);
    }
  }
  return byLine;
}

/** Why no site of a line is the image's; `null` when one is. */
function missing(place: ImagePlace, sites: readonly FoundSite[]): string | null {
  const emitted = sites.filter((site) => site.kind === place.kind && site.removed === null);
  if (emitted.length === 0) {
    const removed = sites.find((site) => site.kind === place.kind)?.removed;
    if (removed) return `said to be removed: ${removed}`;
    return sites.length === 0 ? 'no site' : `only ${sites.map(({ kind }) => kind).join(', ')}`;
  }
  const fitting = emitted.filter((site) => isSame(site, place));
  if (fitting.length === 0) {
    const triggers = [...new Set(emitted.map((site) => site.key ?? site.object ?? site.cpucap ?? site.reason ?? '?'))];
    return `other trigger: ${triggers.slice(0, 4).join(', ')}`;
  }
  return place.kind === 'jump' ? wrongJump(place, fitting) : wrongStreams(place, fitting);
}

/** Whether a site is what the image says of its line. */
function isSame(site: FoundSite, trigger: ImageTrigger): boolean {
  if (site.kind !== trigger.kind) return false;
  if (trigger.kind !== 'jump')
    return plain(site.cpucap) === plain(trigger.cpucap) && site.callback === trigger.callback;
  if (trigger.keyClass === 'dynamic-debug') return site.owner === owners['dynamic-debug'];
  const [, symbol = '', offset = '0'] = /^(.*?)(?:\+0x([0-9a-f]+))?$/.exec(trigger.key ?? '') ?? [];
  if (trigger.keyClass !== 'named' && site.owner !== owners[trigger.keyClass ?? '']) return false;
  if (site.object === null) return false;
  if (site.object !== symbol) return trigger.keyClass === 'lsm' && withoutSlot(site.object) === withoutSlot(symbol);
  // Where the source tells sizes, the offset of the key in its object is compared as well.
  if (site.symbol?.includes('+') === true) return site.symbol === trigger.key;
  // The element of an array of keys, where the source has a number.
  const index = /^\w+\[(\d+)\]$/.exec(site.key ?? '')?.[1];
  return index === undefined || Number(index) * 16 === Number.parseInt(offset, 16);
}

/** A hook of security modules has a key for each slot. */
const withoutSlot = (symbol: string): string => symbol.replace(/_\d+$/, '');

function wrongJump(place: ImagePlace, sites: readonly FoundSite[]): string | null {
  const ours = new Set(
    sites.map(({ unpatched, branch }) => {
      const insn = unpatched === 'nop' ? 'nop' : unpatched === null ? '?' : 'b';
      return `${insn} ${branch === null ? '?' : branch ? 1 : 0}`;
    }),
  );
  const other = place.streams.filter((stream) => !ours.has(stream));
  return other.length === 0 ? null : `instruction ${[...ours].join(', ')}, in the image ${place.streams.join(', ')}`;
}

function wrongStreams(place: ImagePlace, sites: readonly FoundSite[]): string | null {
  for (const { original, replacement } of sites) {
    const words = [...(original ?? []), ...(replacement ?? [])];
    // Operands and branch targets are the compiler's.
    if (words.some((word) => word.startsWith('?'))) {
      const [nOriginal, nReplacement] = [original?.length ?? 0, replacement?.length ?? 0];
      const isSameLength = place.streams.some((stream) => {
        const [before = '', after = ''] = stream.split('->');
        return nWords(before) === nOriginal && nWords(after) === nReplacement;
      });
      if (isSameLength) return null;
      continue;
    }
    if (place.streams.includes(`${original?.join(' ') ?? ''} -> ${replacement?.join(' ') ?? ''}`)) return null;
  }
  const [first] = sites;
  return `streams ${first?.original?.join(' ')} -> ${first?.replacement?.join(' ')}, in the image ${place.streams[0]}`;
}

const nWords = (text: string): number => text.split(' ').filter((word) => word !== '').length;

/**
 * Sites that the image has not on their line, in no frame of any chain. A reason is a fact of the image: the function
 * has no instruction anywhere (an inline function that nothing calls), no inlined copy of it has a site, the line has
 * no instruction (the compiler dropped it), or what it calls was not inlined.
 */
export function unconfirmedSites(
  image: ImageSource,
  code: { readonly lines: ReadonlyMap<string, ReadonlySet<number>>; readonly functions: ReadonlySet<string> },
  found: readonly CSitesOfFile[],
): { readonly nReported: number; readonly unconfirmed: readonly Unconfirmed[] } {
  const unconfirmed: Unconfirmed[] = [];
  let nReported = 0;
  const inChains = new Set(image.places.map((place) => place.function));
  for (const { file, sites, functions } of found) {
    const lines = code.lines.get(file);
    // Not part of the image: a module, or a header that nothing includes.
    if (lines === undefined) continue;
    const hasCode = (from: number, to: number): boolean => {
      for (let line = from; line <= to; line++) if (lines.has(line)) return true;
      return false;
    };
    const seen = new Set<string>();
    for (const site of sites) {
      if (site.kind === 'static-call' || site.removed !== null) continue;
      const id = `${site.line} ${site.kind} ${site.cpucap} ${site.callback} ${site.object}`;
      if (seen.has(id)) continue;
      seen.add(id);
      nReported++;
      const triggers = image.frameLines.get(`${file}:${site.line}`) ?? [];
      if (triggers.some((trigger) => isSame(site, trigger) || isUnknown(site, trigger))) continue;
      const owner = functions.find(
        (one) => one.name === site.function && one.line <= site.line && site.line <= one.endLine,
      );
      const ofOwn = site.chain.find((name) => code.functions.has(name));
      const explanation =
        owner !== undefined && !hasCode(owner.line, owner.endLine)
          ? 'the function has no code in the image'
          : owner?.isInline && !code.functions.has(owner.name) && !inChains.has(owner.name)
            ? 'no copy of the inline function has the site'
            : !hasCode(site.line, site.endLine)
              ? 'the line has no code in the image'
              : ofOwn !== undefined
                ? 'an inline function of the chain is a function of its own in the image'
                : null;
      unconfirmed.push({ file, site, explanation });
    }
  }
  return { nReported, unconfirmed };
}

/** A helper's own site whose cpucap or key its callers give. */
const isUnknown = (site: FoundSite, trigger: ImageTrigger): boolean =>
  site.kind === trigger.kind && (site.kind === 'jump' ? site.object === null : site.cpucap === null);
