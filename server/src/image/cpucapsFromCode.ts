import type { AlternativeRecord } from './alternativeTable.ts';
import type { ImageSites } from './imageSites.ts';
import type { KernelImage } from './kernelImage.ts';

const nop = 0xd503201f;

/** What the records of one cpucap look like; the names it has had. */
interface Signature {
  readonly names: readonly string[];
  readonly fits: (original: readonly number[], replacement: readonly number[], record: AlternativeRecord) => boolean;
}

/** Callbacks that are always used with ALWAYS_SYSTEM (patching.md, section 4). */
const systemCallbacks = /^(kvm_|spectre_|smccc_)/;

/**
 * Replacements that only one cpucap has. Sources: asm/percpu.h, asm/lse.h, asm/cmpxchg.h, asm/barrier.h, asm/uaccess.h,
 * asm/io.h and asm/irqflags.h, 6.1 and 6.12; encodings from DDI 0487 K.a, C6.2.
 */
const signatures: readonly Signature[] = [
  {
    names: ['ALWAYS_SYSTEM'],
    fits: (_original, _replacement, { callback }) => callback !== null && systemCallbacks.test(callback),
  },
  {
    // mrs or msr tpidr_el1 becomes tpidr_el2.
    names: ['HAS_VIRT_HOST_EXTN'],
    fits: ([from = 0], [to = 0]) => (from & 0xffdfffe0) >>> 0 === 0xd518d080 && (to & 0xffdfffe0) >>> 0 === 0xd51cd040,
  },
  {
    // A load exclusive becomes one atomic instruction or a compare and swap.
    names: ['HAS_LSE_ATOMICS'],
    fits: (original, replacement) =>
      original.some((word) => (word & 0x3fe00000) >>> 0 === 0x08400000 || (word & 0x3fe00000) >>> 0 === 0x08600000) &&
      replacement.some((word) => (word & 0x3b200c00) >>> 0 === 0x38200000 || (word & 0x3fa07c00) >>> 0 === 0x08a07c00),
  },
  {
    // dsb nsh; isb becomes sb; nop.
    names: ['HAS_SB'],
    fits: ([, from], [first, second]) => from === 0xd5033fdf && first === 0xd50330ff && second === nop,
  },
  { names: ['HAS_PAN'], fits: ([from], [to = 0]) => from === nop && (to & 0xfffff0ff) >>> 0 === 0xd500409f },
  {
    // A load becomes a load acquire.
    names: ['WORKAROUND_DEVICE_LOAD_ACQUIRE'],
    fits: (original, [to = 0]) => original.length === 1 && (to & 0x3ffffc00) >>> 0 === 0x08dffc00,
  },
  {
    // The interrupt mask becomes ICC_PMR_EL1.
    names: ['HAS_GIC_PRIO_MASKING', 'HAS_IRQ_PRIO_MASKING'],
    fits: (_original, replacement) => replacement.some((word) => (word & 0xffdfffe0) >>> 0 === 0xd5184600),
  },
];

/** Candidate names of numbers whose records bear a cpucap's signature; the number with the most such records has it. */
export function inferFromCode(
  image: KernelImage,
  { alternatives }: ImageSites,
): ReadonlyMap<number, readonly string[]> {
  const votes = signatures.map(() => new Map<number, number>());
  for (const record of alternatives) {
    const original = wordsAt(image, record.original, record.originalBytes);
    const replacement = record.isCallback ? [] : wordsAt(image, record.replacement, record.replacementBytes);
    const at = signatures.findIndex(({ fits }) => fits(original, replacement, record));
    const box = votes[at];
    if (box !== undefined) box.set(record.cpucap, (box.get(record.cpucap) ?? 0) + 1);
  }
  const names = new Map<number, readonly string[]>();
  votes.forEach((box, index) => {
    const [best] = [...box].sort((a, b) => b[1] - a[1]);
    const signature = signatures[index];
    if (best !== undefined && signature !== undefined && !names.has(best[0])) names.set(best[0], signature.names);
  });
  return names;
}

function wordsAt(image: KernelImage, address: bigint, lengthBytes: number): readonly number[] {
  const words: number[] = [];
  for (let at = 0; at < lengthBytes; at += 4) words.push(image.word(address + BigInt(at)) ?? 0);
  return words;
}
