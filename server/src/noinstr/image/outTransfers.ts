import { symbolic } from '../../image/imagePlace.ts';
import type { ImageSites } from '../../image/imageSites.ts';
import type { KernelImage } from '../../image/kernelImage.ts';
import type { ImageSymbol } from '../../image/symbolTable.ts';
import { classifyWord } from '../../isa/classify.ts';
import { type BranchTarget, branchTarget } from './branchTarget.ts';

/** In which patch states a transfer can happen: `patched` where an alternative or a jump has to be patched first. */
export type TransferState = 'always' | 'unpatched' | 'patched';

/** A call or branch that leaves noinstr text, or goes through a register. */
export interface OutTransfer {
  readonly from: string;
  readonly fromAddress: bigint;
  /** Out of assembly of the exception vectors. */
  readonly fromAssembly: boolean;
  /** `null` for one through a register. */
  readonly to: string | null;
  readonly toAddress: bigint | null;
  readonly via: 'bl' | 'b' | 'b.cond' | 'cbz' | 'tbz' | 'blr' | 'br';
  readonly state: TransferState;
  /** A jump table inside the function. */
  readonly isSwitch: boolean;
  /** To a function of another object: only its name is known here, not its section. */
  readonly isExternal: boolean;
}

/** One function of the protected text; aliases are left out. */
export interface ProtectedFunction {
  readonly name: string;
  readonly address: bigint;
  readonly sizeBytes: number;
  readonly range: string;
  /** Assembly of the exception vectors: it has no function type. */
  readonly isAssembly: boolean;
}

interface Bounds {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
}

const maxFunctionBytes = 1 << 20;
const btiJump = new Set([0xd503249f, 0xd50324df]);

/** Functions of the ranges that nothing may instrument, by address. `__kvm_nvhe_` and `__pi_` names are aliases. */
export function protectedFunctions(image: KernelImage, sites: ImageSites): ProtectedFunction[] {
  const byAddress = new Map<bigint, ProtectedFunction>();
  const ranges = protectedRanges(image, sites);
  const inRanges: { readonly symbol: ImageSymbol; readonly range: Bounds }[] = [];
  for (const symbol of image.symbols.all()) {
    if (!symbol.defined || (symbol.type !== 'func' && symbol.type !== 'notype')) continue;
    const range = ranges.find(({ start, end }) => symbol.address >= start && symbol.address < end);
    if (range === undefined || aliasPrefix.test(symbol.name) || boundName.test(symbol.name)) continue;
    inRanges.push({ symbol, range });
  }
  // A System.map has neither sizes nor types: functions reach to the next one, and the vectors are known by their text.
  const isMap = inRanges.every(({ symbol }) => symbol.sizeBytes === 0);
  const starts = isMap ? [...new Set(inRanges.map(({ symbol }) => symbol.address))].sort(ascending) : [];
  const next = new Map(starts.map((start, index) => [start, starts[index + 1]]));
  for (const { symbol, range } of inRanges) {
    const { name, address, type } = symbol;
    const end = next.get(address) ?? range.end;
    const sizeBytes = isMap ? Number((end < range.end ? end : range.end) - address) : symbol.sizeBytes;
    const before = byAddress.get(address);
    if (sizeBytes === 0 || (before !== undefined && before.sizeBytes >= sizeBytes)) continue;
    const isAssembly = isMap ? range.name !== 'noinstr' : type === 'notype';
    byAddress.set(address, {
      name,
      address,
      sizeBytes: Math.min(sizeBytes, maxFunctionBytes),
      range: range.name,
      isAssembly,
    });
  }
  return [...byAddress.values()].sort((left, right) => ascending(left.address, right.address));
}

/** Prefixes of a function's other names, in the hypervisor's code and in code that runs before the kernel is mapped. */
export const aliasPrefix = /^__(kvm_nvhe|pi)_/;

/** What a linker script calls the ends of a stretch of text. */
const boundName = /^_?_\w*text_(start|end)$|^_[se]?text$/;

function ascending(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** In an image the linker's bounds say what is protected (6.1: not the idle text); in an object the sections. */
function protectedRanges(image: KernelImage, sites: ImageSites): Bounds[] {
  const isLinked = image.kind === 'vmlinux' || image.kind === 'raw-image';
  const names = new Set(isLinked ? ['noinstr', 'entry', 'entry-trampoline'] : ['noinstr', 'entry', 'cpuidle']);
  return sites.ranges.filter((range) => names.has(range.name));
}

/** Every transfer out of the protected text, in every patch state, by address. */
export function outTransfers(image: KernelImage, sites: ImageSites): OutTransfer[] {
  const ranges = protectedRanges(image, sites);
  const patches = indexPatches(sites);
  return protectedFunctions(image, sites).flatMap((fn) => {
    const found = functionTransfers(image, patches, ranges, fn);
    // Vectors go on through a register in another mapping of themselves: what is called so is no function.
    return fn.isAssembly ? found.filter(({ toAddress }) => toAddress !== null) : found;
  });
}

interface Patches {
  readonly alternatives: ReadonlyMap<bigint, ImageSites['alternatives'][number][]>;
  readonly jumps: ReadonlyMap<bigint, bigint>;
  /** Words of replacements, which are looked at for the site they belong to. */
  readonly replacements: ReadonlySet<bigint>;
}

function indexPatches(sites: ImageSites): Patches {
  const alternatives = new Map<bigint, ImageSites['alternatives'][number][]>();
  const replacements = new Set<bigint>();
  for (const record of sites.alternatives) {
    const nBytes = record.isCallback ? 0 : record.replacementBytes;
    for (let at = 0; at < nBytes; at += 4) replacements.add(record.replacement + BigInt(at));
    const list = alternatives.get(record.original);
    if (list === undefined) alternatives.set(record.original, [record]);
    else list.push(record);
  }
  return { alternatives, jumps: new Map(sites.jumps.map((jump) => [jump.code, jump.target])), replacements };
}

type Mode = 'linked' | 'patched' | 'all';

interface Found {
  readonly pc: bigint;
  readonly via: OutTransfer['via'];
  readonly target: BranchTarget | null;
  readonly isSwitch: boolean;
}

function functionTransfers(
  image: KernelImage,
  patches: Patches,
  ranges: readonly Bounds[],
  fn: ProtectedFunction,
): OutTransfer[] {
  const all = new Map<bigint, Found>();
  const linked = reach(image, patches, ranges, fn, 'linked', all);
  const patched = reach(image, patches, ranges, fn, 'patched', all);
  const any = reach(image, patches, ranges, fn, 'all', all);
  // Code that only a fixup or a table leads to counts as reachable in every state.
  for (let pc = fn.address; pc < fn.address + BigInt(fn.sizeBytes); pc += 4n) {
    if (!any.has(pc) && !isPatchedData(patches, pc)) lookAt(image, ranges, fn, pc, all);
  }
  return [...all.values()]
    .sort((left, right) => (left.pc < right.pc ? -1 : 1))
    .map(({ pc, via, target, isSwitch }) => {
      const inLinked = linked.has(pc) || !any.has(pc);
      const inPatched = patched.has(pc) || !any.has(pc);
      return {
        from: fn.name,
        fromAddress: pc,
        fromAssembly: fn.isAssembly,
        to: target?.name ?? null,
        toAddress: target?.address ?? null,
        isExternal: target?.isExternal ?? false,
        via,
        state: inLinked && inPatched ? 'always' : inLinked ? 'unpatched' : 'patched',
        isSwitch,
      };
    });
}

function isPatchedData(patches: Patches, pc: bigint): boolean {
  return patches.jumps.has(pc) || patches.replacements.has(pc);
}

/** The strongest plain name at an address: `__pi_` and `__kvm_nvhe_` are aliases, a weak name gives way. */
function nameAt(image: KernelImage, address: bigint): string {
  const ranks = { global: 0, local: 1, weak: 2 };
  const names = image.symbols
    .at(address)
    .filter(({ type, name }) => type === 'func' && !aliasPrefix.test(name) && !boundName.test(name))
    .sort((left, right) => ranks[left.binding] - ranks[right.binding] || (left.name < right.name ? -1 : 1));
  return names[0]?.name ?? symbolic(image, address);
}

/** Addresses that can run in a mode, replacements at their own addresses; transfers out are put into `found`. */
function reach(
  image: KernelImage,
  patches: Patches,
  ranges: readonly Bounds[],
  fn: ProtectedFunction,
  mode: Mode,
  found: Map<bigint, Found>,
): ReadonlySet<bigint> {
  const end = fn.address + BigInt(fn.sizeBytes);
  const inside = (pc: bigint): boolean => pc >= fn.address && pc < end;
  const seen = new Set<bigint>();
  /** End of a replacement → end of its original. */
  const joins = new Map<bigint, bigint>();
  const replacements: Bounds[] = [];
  const queue: bigint[] = [fn.address];
  const go = (pc: bigint): void => {
    const to = joins.get(pc) ?? pc;
    if (inside(to) || replacements.some(({ start, end: stop }) => to >= start && to < stop)) queue.push(to);
  };
  while (queue.length > 0) {
    const pc = queue.pop();
    if (pc === undefined || seen.has(pc)) continue;
    let isOriginal = true;
    for (const record of inside(pc) ? (patches.alternatives.get(pc) ?? []) : []) {
      if (mode === 'linked') continue;
      const after = record.original + BigInt(record.originalBytes);
      if (record.isCallback) {
        if (record.callback !== 'alt_cb_patch_nops') continue;
        go(after);
        if (mode === 'patched') isOriginal = false;
        continue;
      }
      const stop = record.replacement + BigInt(record.replacementBytes);
      joins.set(stop, after);
      replacements.push({ start: record.replacement, end: stop, name: '' });
      if (record.replacementBytes === 0) go(after);
      else queue.push(record.replacement);
      if (mode === 'patched') isOriginal = false;
    }
    if (!isOriginal) continue;
    seen.add(pc);
    const jump = patches.jumps.get(pc);
    if (jump !== undefined) {
      const isBranch = classifyWord(image.word(pc) ?? 0) === 'b';
      if (mode === 'all' || isBranch === (mode === 'linked')) go(jump);
      if (mode === 'all' || isBranch === (mode === 'patched')) go(pc + 4n);
      continue;
    }
    for (const next of lookAt(image, ranges, fn, pc, found)) go(next);
  }
  return seen;
}

/** Notes a transfer out at an address; gives where control goes on. */
function lookAt(
  image: KernelImage,
  ranges: readonly Bounds[],
  fn: ProtectedFunction,
  pc: bigint,
  found: Map<bigint, Found>,
): bigint[] {
  const word = image.word(pc);
  if (word === null) return [];
  const what = classifyWord(word);
  switch (what) {
    case 'b':
    case 'bl':
    case 'b.cond':
    case 'cbz':
    case 'tbz': {
      const target = branchTarget(image, pc, word, (address) => nameAt(image, address));
      const { address } = target;
      // What a linker moved out for erratum 843419 comes back.
      if (what === 'b' && target.name.startsWith('e843419@')) return [pc + 4n];
      const isOut = !ranges.some(({ start, end }) => address >= start && address < end);
      if (isOut) found.set(pc, { pc, via: what, target, isSwitch: false });
      const next: bigint[] = what === 'b' ? [] : [pc + 4n];
      if (what !== 'bl' && !isOut) next.push(address);
      return next;
    }
    case 'blr':
      found.set(pc, { pc, via: 'blr', target: null, isSwitch: false });
      return [pc + 4n];
    case 'br': {
      const landings = switchLandings(image, fn, pc);
      found.set(pc, { pc, via: 'br', target: null, isSwitch: landings !== null });
      return landings ?? [];
    }
    case 'ret':
    case 'eret':
      return [];
    default:
      return [pc + 4n];
  }
}

/** Where a jump table can lead: an `adr` and an `add` shortly before the `br` make one; every `bti j` is a target. */
function switchLandings(image: KernelImage, fn: ProtectedFunction, pc: bigint): bigint[] | null {
  let hasTable = false;
  for (let at = pc - 4n; at >= fn.address && at >= pc - 40n; at -= 4n) {
    const what = classifyWord(image.word(at) ?? 0);
    if (what === 'adr') hasTable = true;
    if (what === 'ret' || what === 'bl' || what === 'blr') break;
  }
  if (!hasTable) return null;
  const landings: bigint[] = [];
  const rest: bigint[] = [];
  for (let at = fn.address; at < fn.address + BigInt(fn.sizeBytes); at += 4n) {
    if (btiJump.has(image.word(at) ?? 0)) landings.push(at);
    else rest.push(at);
  }
  return landings.length > 0 ? landings : rest;
}
