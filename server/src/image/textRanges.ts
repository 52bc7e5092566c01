import type { KernelImage } from './kernelImage.ts';

/** A stretch of code that the linker script keeps together; half open. */
export interface TextRange {
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** Bounds in arch/arm64/kernel/vmlinux.lds.S and include/asm-generic/vmlinux.lds.h, 6.1 and 6.12. */
const bounds: readonly (readonly [name: string, start: string, end: string])[] = [
  ['irqentry', '__irqentry_text_start', '__irqentry_text_end'],
  ['softirqentry', '__softirqentry_text_start', '__softirqentry_text_end'],
  ['entry', '__entry_text_start', '__entry_text_end'],
  ['noinstr', '__noinstr_text_start', '__noinstr_text_end'],
  ['cpuidle', '__cpuidle_text_start', '__cpuidle_text_end'],
  ['sched', '__sched_text_start', '__sched_text_end'],
  ['lock', '__lock_text_start', '__lock_text_end'],
  ['kprobes', '__kprobes_text_start', '__kprobes_text_end'],
  ['hyp-idmap', '__hyp_idmap_text_start', '__hyp_idmap_text_end'],
  ['hyp', '__hyp_text_start', '__hyp_text_end'],
  ['entry-trampoline', '__entry_tramp_text_start', '__entry_tramp_text_end'],
  ['hibernate-exit', '__hibernate_exit_text_start', '__hibernate_exit_text_end'],
  ['relocate', '__relocate_new_kernel_start', '__relocate_new_kernel_end'],
  ['idmap', '__idmap_text_start', '__idmap_text_end'],
  ['init', '_sinittext', '_einittext'],
  ['exit', '__exittext_begin', '__exittext_end'],
  ['text', '_stext', '_etext'],
];

const sectionNames: Readonly<Record<string, string>> = {
  '.noinstr.text': 'noinstr',
  '.entry.text': 'entry',
  '.cpuidle.text': 'cpuidle',
  '.sched.text': 'sched',
  '.spinlock.text': 'lock',
  '.kprobes.text': 'kprobes',
  '.irqentry.text': 'irqentry',
  '.softirqentry.text': 'softirqentry',
  '.hyp.text': 'hyp',
  '.hyp.idmap.text': 'hyp-idmap',
  '.idmap.text': 'idmap',
  '.init.text': 'init',
  '.exit.text': 'exit',
};

/** Named stretches of code: by the linker script's bounds, by section in an object. A place may be in several. */
export function readTextRanges(image: KernelImage): readonly TextRange[] {
  const ranges: TextRange[] = [];
  for (const [name, first, last] of bounds) {
    const start = image.symbols.addressOf(first);
    const end = image.symbols.addressOf(last);
    if (start !== null && end !== null && start < end) ranges.push({ name, start, end });
  }
  if (ranges.length > 0) return ranges;
  for (const { name, address, sizeBytes, executable } of image.sections) {
    const known = executable ? sectionNames[name.replace(/^(\.\w+\.text)\..*/, '$1')] : undefined;
    if (known !== undefined) ranges.push({ name: known, start: address, end: address + BigInt(sizeBytes) });
  }
  return ranges;
}

/** The first of the ranges that holds the address, in the order of `readTextRanges`; null for none. */
export function rangeAt(ranges: readonly TextRange[], address: bigint): TextRange | null {
  return ranges.find(({ start, end }) => address >= start && address < end) ?? null;
}
