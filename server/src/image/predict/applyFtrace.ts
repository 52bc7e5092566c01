import { encodeBl } from '../../isa/branchWords.ts';
import type { FtraceSite, FtraceTable } from '../ftraceTable.ts';
import type { KernelImage } from '../kernelImage.ts';
import { movX9LrWord, nopWord } from './insnWords.ts';
import type { RuntimeValues } from './runtimeValues.ts';
import type { TextChanges } from './textChanges.ts';

/** What a site calls while it is traced. */
const tracedReason = 'which ftrace_ops the site has depends on who traces it';

/**
 * Words of one ftrace site once `ftrace_init` has seen it, and while it is traced by a callback: the literal before the
 * function, the first word at its entry and the one that is swung between `nop` and `bl`. A word that is not listed
 * stays as compiled; `null` is a word that is not known.
 * Source: arch/arm64/kernel/ftrace.c:ftrace_init_nop, ftrace_make_call and ftrace_rec_set_ops, v6.1 and v6.12.
 */
export interface FtraceWord {
  readonly address: bigint;
  readonly word: number | null;
  readonly reason: string | null;
}

export interface FtraceKernel {
  readonly layout: FtraceTable['layout'];
  /** `ftrace_nop_ops`, `ftrace_caller`, `ftrace_regs_caller`: link addresses. */
  addressOf(symbol: string): bigint | null;
  readonly runtime: RuntimeValues;
}

export function ftraceWords(kernel: FtraceKernel, site: FtraceSite, traced: boolean): readonly FtraceWord[] {
  const words: FtraceWord[] = [];
  if (site.literal !== null) words.push(...literalWords(kernel, site.literal, traced));
  // With mcount the one word at the site is a call that becomes a nop; there is nothing before it.
  if (kernel.layout !== 'mcount') words.push({ address: site.patch - 4n, word: movX9LrWord, reason: null });
  words.push(traced ? callWord(kernel, site) : { address: site.patch, word: nopWord, reason: null });
  return words;
}

function literalWords(kernel: FtraceKernel, literal: bigint, traced: boolean): readonly FtraceWord[] {
  const both = (low: number | null, high: number | null, reason: string | null): readonly FtraceWord[] => [
    { address: literal, word: low, reason },
    { address: literal + 4n, word: high, reason },
  ];
  if (traced) return both(null, null, tracedReason);
  const ops = kernel.addressOf('ftrace_nop_ops');
  if (ops === null) return both(null, null, 'the address of ftrace_nop_ops in the kernel is not known here');
  const slide = kernel.runtime.get('kaslr_slide');
  if (!slide.known) return both(null, null, slide.reason);
  const pointer = BigInt.asUintN(64, ops + slide.value);
  return both(Number(pointer & 0xffffffffn), Number(pointer >> 32n), null);
}

function callWord(kernel: FtraceKernel, site: FtraceSite): FtraceWord {
  const caller = kernel.addressOf('ftrace_caller');
  const address = site.patch;
  if (caller === null)
    return { address, word: null, reason: 'the address of ftrace_caller in the kernel is not known here' };
  if (kernel.addressOf('ftrace_regs_caller') !== null) {
    const reason = 'bl to ftrace_caller, or to ftrace_regs_caller when a tracer wants all registers';
    return { address, word: null, reason };
  }
  const word = encodeBl(caller - site.patch);
  return { address, word, reason: word === null ? 'ftrace_caller is out of reach of bl' : null };
}

/**
 * Applies ftrace to all sites: 'off' leaves them as compiled, 'nops' is what `ftrace_init` makes of them, and with a
 * list of symbols these functions are traced. `placed` says whether a table address is in kernel or init text, which is
 * what the kernel asks before it takes it. Returns the symbols that have no site.
 */
export function applyFtrace(
  text: TextChanges,
  image: KernelImage,
  table: FtraceTable,
  runtime: RuntimeValues,
  mode: 'off' | 'nops' | { readonly traced: readonly string[] },
  placed: (address: bigint) => boolean,
): readonly string[] {
  if (mode === 'off') return [];
  const wanted = new Set(mode === 'nops' ? [] : mode.traced);
  const addresses = new Map<string, bigint | null>();
  const addressOf = (symbol: string): bigint | null => {
    let address = addresses.get(symbol);
    if (address === undefined) {
      address = image.symbols.addressOf(symbol);
      addresses.set(symbol, address);
    }
    return address;
  };
  const kernel: FtraceKernel = { layout: table.layout, addressOf, runtime };
  const found = new Set<string>();
  for (const site of table.sites) {
    if (!placed(site.table)) continue;
    const symbols = image.symbols.at(site.entry).map((symbol) => symbol.name);
    const tracedName = symbols.find((name) => wanted.has(name));
    for (const name of symbols) if (wanted.has(name)) found.add(name);
    const detail = tracedName ?? symbols[0] ?? `0x${site.entry.toString(16)}`;
    for (const { address, word, reason } of ftraceWords(kernel, site, tracedName !== undefined)) {
      if (word === null) text.writeUnknown(address, 'ftrace', detail, reason ?? 'not known');
      else text.write(address, word, 'ftrace', detail);
    }
  }
  if (wanted.size > 0) applyTracerCall(text, image, table);
  return [...wanted].filter((name) => !found.has(name));
}

/** Without ops literals the common trampoline calls one function, which tracing swaps. */
function applyTracerCall(text: TextChanges, image: KernelImage, table: FtraceTable): void {
  if (table.layout === 'call-ops') return;
  for (const label of ['ftrace_call', 'ftrace_regs_call']) {
    const address = image.symbols.addressOf(label);
    if (address !== null) text.writeUnknown(address, 'ftrace', label, 'the tracer that the trampoline calls');
  }
}
