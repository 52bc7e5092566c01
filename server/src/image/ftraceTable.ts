import type { IssueList } from './imageIssues.ts';
import type { KernelImage } from './kernelImage.ts';
import { entryAddresses, tableRanges } from './tableRange.ts';

/** One function that ftrace can trace. */
export interface FtraceSite {
  /** What the table says. */
  readonly table: bigint;
  /** The 64-bit literal before the function that holds the ops (CALL_OPS); null without one. */
  readonly literal: bigint | null;
  /** Where the function begins. */
  readonly entry: bigint;
  /** The word that becomes `bl` (`rec->ip`). */
  readonly patch: bigint;
  /** The function begins with a BTI. */
  readonly bti: boolean;
}

export interface FtraceTable {
  /** `call-ops`: 2 NOPs before and 2 at the function; `args`: 2 at the function; `mcount`: `bl _mcount`. */
  readonly layout: 'call-ops' | 'args' | 'mcount';
  readonly sites: readonly FtraceSite[];
  /** Slots of overridden weak functions, which hold 0. */
  readonly skipped: number;
}

const vmlinuxNames = { start: '__start_mcount_loc', end: '__stop_mcount_loc', section: '__patchable_function_entries' };
const mcountNames = { start: '', end: '', section: '__mcount_loc' };
const nop = 0xd503201f;
const btiC = 0xd503245f;

/**
 * The ftrace sites; null when the image has none. How they are laid out is read from the code at them, by majority.
 * Source: arch/arm64/kernel/ftrace.c:ftrace_call_adjust, v6.12; arch/arm64/include/asm/ftrace.h, v6.1.
 */
export function readFtrace(image: KernelImage, list: IssueList): FtraceTable | null {
  const tables = [...tableRanges(image, vmlinuxNames, list), ...tableRanges(image, mcountNames, list)];
  const addresses: bigint[] = [];
  let skipped = 0;
  let wrong = 0;
  for (const range of tables) {
    for (const at of entryAddresses(image, range, 8, 'table of ftrace sites', list)) {
      const address = image.pointer(at);
      if (address === null || address === 0n) skipped++;
      else if (image.sectionAt(address)?.executable === true && address % 4n === 0n) addresses.push(address);
      else wrong++;
    }
  }
  if (wrong > 0) list.error(`${image.name}: ${wrong} addresses in the table of ftrace sites are not code`);
  if (addresses.length === 0) return null;
  const layout = layoutOf(image, addresses);
  return { layout, sites: addresses.map((table) => siteAt(image, table, layout)), skipped };
}

/** Enough to be sure, and nothing in a large table. */
const maxVotes = 2000;

function layoutOf(image: KernelImage, addresses: readonly bigint[]): FtraceTable['layout'] {
  const votes = { 'call-ops': 0, args: 0, mcount: 0 };
  for (const address of addresses.slice(0, maxVotes)) {
    const word = image.word(address);
    if (word !== null && word >>> 26 === 0x25) votes.mcount++;
    else if (word === nop && startsFunction(image, address + 8n) && !startsFunction(image, address))
      votes['call-ops']++;
    else if (word === nop) votes.args++;
  }
  if (votes['call-ops'] > votes.args && votes['call-ops'] >= votes.mcount) return 'call-ops';
  return votes.mcount > votes.args ? 'mcount' : 'args';
}

function startsFunction(image: KernelImage, address: bigint): boolean {
  return image.symbols.at(address).some(({ type }) => type === 'func');
}

function siteAt(image: KernelImage, table: bigint, layout: FtraceTable['layout']): FtraceSite {
  switch (layout) {
    case 'call-ops': {
      const entry = table + 8n;
      const bti = image.word(entry) === btiC;
      return { table, literal: table, entry, patch: entry + (bti ? 8n : 4n), bti };
    }
    case 'args': {
      const bti = image.word(table - 4n) === btiC;
      return { table, literal: null, entry: bti ? table - 4n : table, patch: table + 4n, bti };
    }
    case 'mcount': {
      const entry = image.symbols.functionAt(table)?.address ?? table;
      return { table, literal: null, entry, patch: table, bti: false };
    }
  }
}
