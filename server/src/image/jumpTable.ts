import { hex } from './elfFile.ts';
import type { IssueList } from './imageIssues.ts';
import { symbolic } from './imagePlace.ts';
import type { KernelImage } from './kernelImage.ts';
import { entryAddresses, tableRanges } from './tableRange.ts';

/** One row of `__jump_table`. */
export interface JumpEntry {
  readonly index: number;
  readonly entry: bigint;
  /** The site: one instruction, `nop` or `b`. */
  readonly code: bigint;
  readonly target: bigint;
  readonly key: bigint;
  /** 1: `static_branch_likely`; the site branches while key and this bit differ. */
  readonly branch: 0 | 1;
}

/** What kind of object a key belongs to. */
export type KeyKind = 'tracepoint' | 'dynamic-debug' | 'lsm-hook' | 'ordinary';

/** A static key with its state in the file. */
export interface ImageKey {
  readonly address: bigint;
  /** `symbol` or `symbol+0x10`. */
  readonly name: string;
  readonly kind: KeyKind;
  /** State in the file; null when the key is in another object. */
  readonly initial: boolean | null;
  /** `enabled` in the file. */
  readonly enabled: number | null;
  /** How many entries it has. */
  readonly entries: number;
}

/** Bytes of one `struct jump_entry` (CONFIG_HAVE_ARCH_JUMP_LABEL_RELATIVE). */
export const jumpEntryBytes = 16;
/** Bytes of one `struct static_key`. */
export const staticKeyBytes = 16;
const names = { start: '__start___jump_table', end: '__stop___jump_table', section: '__jump_table' };

/**
 * The image's jump entries in table order. Rows that cannot be are left out with an issue.
 * Source: include/linux/jump_label.h:struct jump_entry, jump_entry_code, jump_entry_key, v6.12: all three members are
 * relative to themselves; bit 0 of the key is the branch bit, bit 1 is set at boot only.
 */
export function readJumpEntries(image: KernelImage, list: IssueList): readonly JumpEntry[] {
  const entries: JumpEntry[] = [];
  let wrong = 0;
  let first = '';
  let index = 0;
  const ranges = tableRanges(image, names, list);
  if (ranges.length === 0 && (image.kind === 'vmlinux' || image.kind === 'raw-image')) {
    list.warn(`${image.name}: no ${names.start}: built without CONFIG_JUMP_LABEL, or without its symbols`);
  }
  for (const range of ranges) {
    for (const entry of entryAddresses(image, range, jumpEntryBytes, '__jump_table', list)) {
      const one = readEntry(image, entry, index);
      index++;
      if (typeof one !== 'string') entries.push(one);
      else {
        if (wrong === 0) first = `entry ${index - 1} at ${hex(entry)}: ${one}`;
        wrong++;
      }
    }
  }
  if (wrong > 0) {
    list.error(`${image.name}: __jump_table: ${first}${wrong > 1 ? ` (and ${wrong - 1} more like it)` : ''}`);
  }
  return entries;
}

function readEntry(image: KernelImage, entry: bigint, index: number): JumpEntry | string {
  const codeOffset = image.s32(entry);
  const targetOffset = image.s32(entry + 4n);
  const keyOffset = image.pointer(entry + 8n);
  if (codeOffset === null || targetOffset === null || keyOffset === null) return 'not readable';
  const code = BigInt.asUintN(64, entry + BigInt(codeOffset));
  const target = BigInt.asUintN(64, entry + 4n + BigInt(targetOffset));
  const key = BigInt.asUintN(64, entry + 8n + (keyOffset & ~3n));
  const section = image.sectionAt(code);
  if (section === undefined || !section.executable || code % 4n !== 0n) return `the site ${hex(code)} is not code`;
  if (image.sectionAt(target)?.executable !== true) return `the target ${hex(target)} is not code`;
  return { index, entry, code, target, key, branch: (keyOffset & 1n) === 0n ? 0 : 1 };
}

/** Where the keys of tracepoints and of dynamic debugging are, in a linked image. */
function keyKind(image: KernelImage, name: string, address: bigint): KeyKind {
  if (/^__tracepoint_/.test(name)) return 'tracepoint';
  if (/^security_hook_active_/.test(name)) return 'lsm-hook';
  const start = image.symbols.addressOf('__start___dyndbg');
  const end = image.symbols.addressOf('__stop___dyndbg');
  const inTable = start !== null && end !== null && address >= start && address < end;
  return inTable || image.sectionAt(address)?.name === '__dyndbg' ? 'dynamic-debug' : 'ordinary';
}

/** The keys that have entries, by address. Source of the initial state: include/linux/jump_label.h:struct static_key. */
export function readKeys(image: KernelImage, entries: readonly JumpEntry[]): ReadonlyMap<bigint, ImageKey> {
  const counts = new Map<bigint, number>();
  for (const { key } of entries) counts.set(key, (counts.get(key) ?? 0) + 1);
  const keys = new Map<bigint, ImageKey>();
  for (const [address, nEntries] of counts) {
    const name = symbolic(image, address);
    const type = image.pointer(address + 8n);
    keys.set(address, {
      address,
      name,
      kind: keyKind(image, name, address),
      initial: type === null ? null : (type & 1n) === 1n,
      enabled: image.s32(address),
      entries: nEntries,
    });
  }
  return keys;
}
