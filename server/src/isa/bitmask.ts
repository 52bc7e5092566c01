/**
 * The 13-bit N:immr:imms field of a logical immediate, or -1 when the value is no bitmask immediate. `value` is the
 * register's content, unsigned; `width` 32 or 64 bits.
 * Source: Arm DDI 0487, shared/functions/integer/DecodeBitMasks: a rotated run of ones, replicated.
 */
export function encodeBitmask(value: bigint, width: 32 | 64): number {
  let low = Number(value & 0xffffffffn);
  let high = width === 32 ? low : Number(value >> 32n);
  let size = 64;
  if (low === high) {
    size = 32;
    while (size > 2) {
      const half = size >>> 1;
      const mask = half === 16 ? 0xffff : (1 << half) - 1;
      if ((low & mask) !== ((low >>> half) & mask)) break;
      size = half;
    }
  }
  if (size < 32) {
    low &= size === 16 ? 0xffff : (1 << size) - 1;
  }
  if (size <= 32) high = 0;
  const ones = popCount(low) + popCount(high);
  if (ones === 0 || ones === size) return -1;
  const rotation = runStart(low, high, size);
  // Rotated right by its start, the element must be a plain run of ones.
  for (let i = 0; i < ones; i++) {
    if (bitAt(low, high, (rotation + i) % size) === 0) return -1;
  }
  const immr = (size - rotation) % size;
  const n = size === 64 ? 1 : 0;
  const sizeMark = size === 64 ? 0 : (0x3f & ~(size * 2 - 1)) >>> 0;
  return (n << 12) | (immr << 6) | (sizeMark | (ones - 1));
}

function bitAt(low: number, high: number, at: number): number {
  return at < 32 ? (low >>> at) & 1 : (high >>> (at - 32)) & 1;
}

/** Lowest position that holds a one while the bit below it (cyclically) holds a zero. */
function runStart(low: number, high: number, size: number): number {
  for (let at = 0; at < size; at++) {
    if (bitAt(low, high, at) === 1 && bitAt(low, high, (at + size - 1) % size) === 0) return at;
  }
  return 0;
}

function popCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
