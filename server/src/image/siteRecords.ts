import { encodeB, encodeNop } from '../isa/branchWords.ts';
import { hexWord } from '../isa/hexWord.ts';
import { callbackKnowledge } from '../kernel/callbacks.ts';
import { patchReplacement } from '../patch/fixup.ts';
import type { AlternativeRecord } from './alternativeTable.ts';
import type { RuntimeConstant } from './bootLists.ts';
import type { CpucapNames } from './cpucapNames.ts';
import { hex } from './elfFile.ts';
import type { FtraceSite } from './ftraceTable.ts';
import { imagePlace, symbolic } from './imagePlace.ts';
import type { ImageSites } from './imageSites.ts';
import type { InsnTexts } from './insnTexts.ts';
import type { JumpEntry } from './jumpTable.ts';
import type { KernelImage } from './kernelImage.ts';
import type { PredictedWords } from './predict/textChanges.ts';
import type { StaticCallKey } from './staticCalls.ts';
import { rangeAt } from './textRanges.ts';

export type ImageSiteKind =
  | 'alternative'
  | 'callback-alternative'
  | 'jump'
  | 'static-call'
  | 'ftrace'
  | 'runtime-constant';

export const imageSiteKinds: readonly ImageSiteKind[] = [
  'alternative',
  'callback-alternative',
  'jump',
  'static-call',
  'ftrace',
  'runtime-constant',
];

/** One instruction (or word of data) at an address of the site. */
export interface ImageInsn {
  readonly text: string;
  readonly word: string | null;
  readonly origin: { readonly file: string; readonly line: number } | null;
}

/** A frame of an inline chain, outermost first. */
export interface ImageFrame {
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
}

/** One site of a built image: the same object as of `patchpoint sites`, with its address. */
export interface ImageSiteRecord {
  readonly kind: ImageSiteKind;
  /** Known through debug information only. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly construct: string | null;
  readonly trigger: Readonly<Record<string, string | number | boolean | null>>;
  readonly unpatched: readonly ImageInsn[];
  readonly patched: readonly ImageInsn[] | null;
  readonly patchedReason: string | null;
  /** Why members are null that only source or debug information tells. */
  readonly unknownReason: string | null;
  readonly evidence: 'object';
  readonly chain: readonly ImageFrame[];
  readonly issues: readonly string[];
  /** `0x…` in a linked image, null in an object. */
  readonly address: string | null;
  readonly section: string | null;
  readonly offset: string | null;
  /** `symbol+0x10`. */
  readonly symbol: string;
  /** Part of the linker script's code that holds it: `noinstr`, `entry`, `hyp`, `init` … */
  readonly range: string | null;
  readonly part: 'image' | 'vdso';
  /** Address of the record that describes it. */
  readonly record: string | null;
  /** Address of the replacement, for alternatives. */
  readonly replacement: string | null;
}

/** What the records are made from. */
export interface SiteSource {
  readonly image: KernelImage;
  readonly sites: ImageSites;
  readonly names: CpucapNames;
  readonly texts: InsnTexts;
  /** Words of a running kernel: `patched` is then the stream there, not the other one of the two. */
  readonly running?: PredictedWords | undefined;
}

/** Every site of the wanted kinds, table by table in table order; alternatives of the vDSO after the kernel's. */
export function* imageSiteRecords(
  source: SiteSource,
  wanted: ReadonlySet<ImageSiteKind> = new Set(imageSiteKinds),
): Iterable<ImageSiteRecord> {
  const { sites, image } = source;
  const kindOf = ({ isCallback }: AlternativeRecord): ImageSiteKind =>
    isCallback ? 'callback-alternative' : 'alternative';
  for (const one of sites.alternatives) if (wanted.has(kindOf(one))) yield alternativeSite(source, one, 'image');
  for (const one of sites.vdso?.alternatives ?? []) {
    if (wanted.has(kindOf(one))) yield alternativeSite(source, one, 'vdso');
  }
  if (wanted.has('jump')) for (const one of sites.jumps) yield jumpSite(source, one);
  if (wanted.has('static-call')) for (const one of sites.staticCalls) yield staticCallSite(source, one);
  if (wanted.has('runtime-constant')) for (const one of sites.runtimeConstants) yield constantSite(source, one);
  if (wanted.has('ftrace') && sites.ftrace !== null) {
    const ops = image.symbols.addressOf('ftrace_nop_ops');
    for (const one of sites.ftrace.sites) yield ftraceSite(source, one, ops);
  }
}

/** What a kind of site says of itself. */
interface Told {
  readonly kind: ImageSiteKind;
  readonly construct?: string | null;
  readonly trigger: ImageSiteRecord['trigger'];
  readonly unpatched: readonly ImageInsn[];
  readonly patched: readonly ImageInsn[] | null;
  readonly patchedReason: string | null;
  readonly issues?: readonly string[];
  readonly part?: 'image' | 'vdso';
  readonly record?: string;
  readonly replacement?: string;
}

/**
 * A record of a site at an address, with null for what nothing in an object tells; `first` is where its stream begins. One literal with all its members:
 * there are a hundred thousand records, and spread ones took ten times the memory.
 */
function recordOf(source: SiteSource, address: bigint, told: Told, first = address): ImageSiteRecord {
  const stream = inState(source, told, first);
  const place = imagePlace(source.image, address);
  const construct = told.construct ?? null;
  return {
    kind: told.kind,
    file: null,
    line: null,
    column: null,
    endLine: null,
    construct,
    trigger: told.trigger,
    unpatched: told.unpatched,
    patched: stream.patched,
    patchedReason: stream.patchedReason,
    unknownReason: construct === null ? withoutConstruct : withoutLines,
    evidence: 'object',
    chain: [],
    issues: told.issues ?? [],
    address: place.address,
    section: place.section,
    offset: place.offset,
    symbol: symbolic(source.image, address),
    range: rangeAt(source.sites.ranges, address)?.name ?? null,
    part: told.part ?? 'image',
    record: told.record ?? null,
    replacement: told.replacement ?? null,
  };
}

const withoutLines = 'file, line and chain need --symbolizer';
const withoutConstruct = `${withoutLines}; an image does not tell the construct`;

/** The stream that a running kernel has at a site, where one is asked for; else as it is told. */
function inState(source: SiteSource, told: Told, first: bigint): Pick<ImageSiteRecord, 'patched' | 'patchedReason'> {
  const { running } = source;
  if (running === undefined || told.unpatched.length === 0) return told;
  const reasons = new Set<string>();
  const patched = told.unpatched.map((insn, index) => {
    const address = first + BigInt(index * 4);
    const change = running.at(address);
    if (change === null) return insn;
    if (change.new !== null) return insnOf(source, change.new, address);
    reasons.add(change.reason ?? 'not known');
    return insn;
  });
  return reasons.size > 0
    ? { patched: null, patchedReason: [...reasons].join('; ') }
    : { patched, patchedReason: null };
}

function placeText(image: KernelImage, address: bigint): string {
  const { address: linked, section, offset } = imagePlace(image, address);
  return linked ?? (section === null ? hex(address) : `${section}+${offset}`);
}

function insnsAt(source: SiteSource, address: bigint, lengthBytes: number): ImageInsn[] {
  const insns: ImageInsn[] = [];
  for (let at = 0; at < lengthBytes; at += 4) {
    const place = address + BigInt(at);
    const word = source.image.word(place);
    insns.push(word === null ? { text: '(not in the image)', word: null, origin: null } : insnOf(source, word, place));
  }
  return insns;
}

function insnOf({ texts }: SiteSource, word: number, address: bigint): ImageInsn {
  return texts.insn(word, address);
}

const nopInsn: ImageInsn = { text: 'nop', word: hexWord(encodeNop()), origin: null };

function nops(count: number): ImageInsn[] {
  return Array.from({ length: count }, () => nopInsn);
}

/** Stream and reason once the cpucap is set, on a machine of which nothing else is known. */
function alternativeSite(source: SiteSource, one: AlternativeRecord, part: 'image' | 'vdso'): ImageSiteRecord {
  const { image, names } = source;
  const cpucap = names.name(one.cpucap);
  const unpatched = insnsAt(source, one.original, one.originalBytes);
  const record = placeText(image, one.record);
  const issues = cpucap === null ? [`cpucap ${one.cpucap} has no name: ${unnamedReason(source)}`] : [];
  const scope = patchedBy(names.scope(one.cpucap));
  if (!one.isCallback) {
    const { patched, reason } = patchedStream(source, one);
    return recordOf(source, one.original, {
      kind: 'alternative',
      trigger: { cpucap, number: one.cpucap, scope, config: null },
      unpatched,
      patched,
      patchedReason: reason,
      issues,
      part,
      record,
      replacement: placeText(image, one.replacement),
    });
  }
  const callback = one.callback ?? symbolic(image, one.replacement);
  const effect = callbackKnowledge(callback)?.effect(() => null);
  return recordOf(source, one.original, {
    kind: 'callback-alternative',
    trigger: { cpucap, number: one.cpucap, scope, callback },
    unpatched,
    patched: effect?.kind === 'nops' ? nops(one.originalBytes / 4) : null,
    patchedReason:
      effect === undefined
        ? `written at boot by ${callback}, which is not known here`
        : effect.kind === 'runtime'
          ? `written at boot by ${callback}; depends on ${effect.reason}`
          : null,
    issues,
    part,
    record,
  });
}

/** The batch that applies it: cpucaps of local scope are patched with the system's. */
function patchedBy(scope: ReturnType<CpucapNames['scope']>): 'boot' | 'system' | null {
  return scope === 'local' ? 'system' : scope;
}

function unnamedReason({ image, sites }: SiteSource): string {
  return sites.capabilities.length > 0
    ? `${image.name} was built without what detects it, so it is never set`
    : 'name the tree with --kernel DIR';
}

function patchedStream(
  source: SiteSource,
  { original, replacement, replacementBytes }: AlternativeRecord,
): { readonly patched: readonly ImageInsn[] | null; readonly reason: string | null } {
  const { image, texts } = source;
  const words: number[] = [];
  const relocated = new Set<number>();
  for (let at = 0; at < replacementBytes; at += 4) {
    const word = image.word(replacement + BigInt(at));
    if (word === null) return { patched: null, reason: 'the replacement is not in the image' };
    if (image.relocationAt(replacement + BigInt(at)) !== null) relocated.add(at / 4);
    words.push(word);
  }
  const result = patchReplacement(words, original, replacement, relocated);
  if (result.words === null) return { patched: null, reason: result.bug };
  const patched = result.words.map((word, index) => {
    const from = replacement + BigInt(index * 4);
    // The linker's symbol is known at the replacement, where the relocation is.
    const isOpen = relocated.has(index);
    return {
      text: texts.text(word, isOpen ? from : original + BigInt(index * 4)),
      word: isOpen ? null : hexWord(word),
      origin: null,
    };
  });
  const open = relocated.size > 0 ? 'words without digits are completed by the linker' : null;
  return { patched, reason: open };
}

function jumpSite(source: SiteSource, { code, target, key, branch, entry }: JumpEntry): ImageSiteRecord {
  const { image, sites } = source;
  const unpatched = insnsAt(source, code, 4);
  const known = sites.keys.get(key);
  const word = image.word(code);
  const jump = encodeB(target - code);
  const initial = known?.initial ?? null;
  const isNop = word === encodeNop();
  const other = isNop ? (jump === null ? null : insnOf(source, jump, code)) : nopInsn;
  const expectsBranch = initial === null ? null : initial !== (branch === 1);
  const issues =
    expectsBranch !== null && image.relocationAt(code) === null && expectsBranch === isNop
      ? [
          `the key is ${initial ? 'true' : 'false'} in the file, but the site holds ${isNop ? 'nop' : unpatched[0]?.text}`,
        ]
      : [];
  return recordOf(source, code, {
    kind: 'jump',
    trigger: {
      key: known?.name ?? symbolic(image, key),
      keyAddress: imagePlace(image, key).address,
      branch: branch === 1 ? 'likely' : 'unlikely',
      initial,
      target: symbolic(image, target),
    },
    unpatched,
    patched: other === null || other === undefined ? null : [other],
    patchedReason: other === null ? 'the target is out of reach of a branch' : null,
    issues,
    record: placeText(image, entry),
  });
}

function staticCallSite(source: SiteSource, { key, name, target, targetName }: StaticCallKey): ImageSiteRecord {
  return recordOf(source, key, {
    kind: 'static-call',
    trigger: { call: name, target: targetName ?? (target === null ? null : placeText(source.image, target)) },
    unpatched: [],
    patched: [],
    patchedReason: 'calls go through the pointer of this key; arm64 patches no text for them',
  });
}

function constantSite(source: SiteSource, { kind, symbol, site }: RuntimeConstant): ImageSiteRecord {
  return recordOf(source, site, {
    kind: 'runtime-constant',
    trigger: { symbol, constant: kind },
    unpatched: insnsAt(source, site, kind === 'ptr' ? 16 : 4),
    patched: null,
    patchedReason: `the immediates become the value that ${symbol} has at boot`,
  });
}

const movX9X30 = 0xaa1e03e9;

/** Patched: what ftrace_init leaves at a function that nobody traces. */
function ftraceSite(source: SiteSource, one: FtraceSite, nopOps: bigint | null): ImageSiteRecord {
  const { image } = source;
  const first = one.literal ?? (one.bti ? one.entry : one.table);
  const unpatched = insnsAt(source, first, Number(one.patch - first) + 4);
  const layout = source.sites.ftrace?.layout ?? 'args';
  const patched = [...unpatched];
  let reason: string | null = null;
  if (layout === 'mcount') patched[patched.length - 1] = nopInsn;
  else patched[patched.length - 2] = { text: 'mov x9, x30', word: hexWord(movX9X30), origin: null };
  if (one.literal !== null) {
    const low = nopOps === null ? null : Number(nopOps & 0xffffffffn);
    const high = nopOps === null ? null : Number(nopOps >> 32n);
    patched[0] = { text: '.quad ftrace_nop_ops (low word)', word: low === null ? null : hexWord(low), origin: null };
    patched[1] = { text: '.quad ftrace_nop_ops (high word)', word: high === null ? null : hexWord(high), origin: null };
    if (nopOps === null) reason = 'ftrace_nop_ops is in another object';
  }
  const name = image.symbols.at(one.entry)[0]?.name ?? symbolic(image, one.entry);
  const told: Told = {
    kind: 'ftrace',
    trigger: { function: name, layout },
    unpatched,
    patched,
    patchedReason: reason,
  };
  return recordOf(source, one.patch, told, first);
}
