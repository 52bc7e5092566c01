import { hexWord } from '../hexWord.ts';

// Exclusives, ordered accesses, LSE atomics, memory copy and set; see integer.ts for the notation.

/** Suffixes b, h, none (w), none (x) with the two size bits. */
const sizes: readonly (readonly [suffix: string, bank: string, size: number])[] = [
  ['b', 'W', 0],
  ['h', 'W', 1],
  ['', 'W', 2],
  ['', 'X', 3],
];

/** Acquire and release suffixes with bits 23 (A) and 22 (R) of the LSE encodings. */
const orders: readonly (readonly [suffix: string, bits: number])[] = [
  ['', 0],
  ['a', 2],
  ['l', 1],
  ['al', 3],
];

function exclusives(): string {
  let rows = '';
  for (const [suffix, bank, size] of sizes) {
    const base = 0x08000000 + size * 0x40000000;
    rows += `stxr${suffix}  ${hexWord(base + 0x007c00)} Ws ${bank}t membase\n`;
    rows += `stlxr${suffix} ${hexWord(base + 0x00fc00)} Ws ${bank}t membase\n`;
    rows += `ldxr${suffix}  ${hexWord(base + 0x5f7c00)} ${bank}t membase\n`;
    rows += `ldaxr${suffix} ${hexWord(base + 0x5ffc00)} ${bank}t membase\n`;
    rows += `stllr${suffix} ${hexWord(base + 0x9f7c00)} ${bank}t membase\n`;
    rows += `stlr${suffix}  ${hexWord(base + 0x9ffc00)} ${bank}t membase\n`;
    rows += `ldlar${suffix} ${hexWord(base + 0xdf7c00)} ${bank}t membase\n`;
    rows += `ldar${suffix}  ${hexWord(base + 0xdffc00)} ${bank}t membase\n`;
    rows += `ldapr${suffix} ${hexWord(0x38bfc000 + size * 0x40000000)} ${bank}t membase\n`;
    if (size < 2) continue;
    rows += `stxp  ${hexWord(base + 0x200000)} Ws ${bank}t ${bank}u membase\n`;
    rows += `stlxp ${hexWord(base + 0x208000)} Ws ${bank}t ${bank}u membase\n`;
    rows += `ldxp  ${hexWord(base + 0x7f0000)} ${bank}t ${bank}u membase\n`;
    rows += `ldaxp ${hexWord(base + 0x7f8000)} ${bank}t ${bank}u membase\n`;
  }
  return rows;
}

const operations = ['add', 'clr', 'eor', 'set', 'smax', 'smin', 'umax', 'umin'];

function lse(): string {
  let rows = '';
  for (const [suffix, bank, size] of sizes) {
    for (const [order, bits] of orders) {
      const base = 0x38200000 + size * 0x40000000 + bits * 0x400000;
      operations.forEach((operation, i) => {
        rows += `ld${operation}${order}${suffix} ${hexWord(base + i * 0x1000)} ${bank}s ${bank}t membase\n`;
        // The store forms are loads into the zero register; only release order exists.
        if ((bits & 2) === 0) {
          rows += `st${operation}${order}${suffix} ${hexWord(base + i * 0x1000 + 31)} ${bank}s membase\n`;
        }
      });
      rows += `swp${order}${suffix} ${hexWord(base + 0x8000)} ${bank}s ${bank}t membase\n`;
      // cas has its acquire bit at 22 and its release bit at 15.
      const casBits = ((bits & 2) === 0 ? 0 : 0x400000) + ((bits & 1) === 0 ? 0 : 0x8000);
      rows += `cas${order}${suffix} ${hexWord(0x08a07c00 + size * 0x40000000 + casBits)} ${bank}s ${bank}t membase\n`;
      if (size >= 2) {
        const pair = 0x08207c00 + (size - 2) * 0x40000000 + casBits;
        rows += `casp${order} ${hexWord(pair)} even${bank}s even${bank}t membase\n`;
      }
    }
  }
  return rows;
}

/**
 * FEAT_MOPS: prologue, main and epilogue differ at 23:22 (copies) or 15:14 (sets); options of copies at 15:12, of
 * sets at 13:12.
 */
function memoryCopies(): string {
  let rows = '';
  const reads = ['', 'wt', 'rt', 't'];
  const temporal = ['', 'wn', 'rn', 'n'];
  for (const [i, stage] of ['p', 'm', 'e'].entries()) {
    temporal.forEach((nt, high) => {
      reads.forEach((t, low) => {
        const option = (high << 14) | (low << 12);
        rows += `cpyf${stage}${t}${nt} ${hexWord(0x19000400 + i * 0x400000 + option)} d! s! n! distinct\n`;
        rows += `cpy${stage}${t}${nt} ${hexWord(0x1d000400 + i * 0x400000 + option)} d! s! n! distinct\n`;
      });
    });
    ['', 't', 'n', 'tn'].forEach((name, option) => {
      rows += `set${stage}${name} ${hexWord(0x19c00400 + (i << 14) + (option << 12))} d! n! Xs distinct\n`;
      rows += `setg${stage}${name} ${hexWord(0x1dc00400 + (i << 14) + (option << 12))} d! n! Xs distinct\n`;
    });
  }
  return rows;
}

export const atomicForms = exclusives() + lse() + memoryCopies();
