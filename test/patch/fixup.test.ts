import { expect, test } from 'vitest';
import { patchReplacement } from '../../server/src/patch/fixup.ts';
import { encodeText, hexWord } from '../isa/encodeText.ts';

const original = 0x10000n;
const replacement = 0x20000n;

/** Patches a replacement written as text (branch targets in bytes from the instruction) and renders what happened. */
function patched(
  lines: readonly string[],
  relocated: readonly number[] = [],
  at = original,
  from = replacement,
): string {
  const words = lines.map((line) => Number.parseInt(encodeText(line).slice(0, 8), 16));
  const result = patchReplacement(words, at, from, new Set(relocated));
  if (result.words === null) return `BUG at ${result.index}: ${result.bug}`;
  return result.words
    .map((word, i) => {
      const note = result.notes.find(({ index }) => index === i);
      return `${hexWord(words[i] ?? 0)} ${hexWord(word)} ${note?.kind ?? ''}`.trim();
    })
    .join('\n');
}

test('plain instructions are copied', () => {
  expect(patched(['nop', 'mrs x0, tpidr_el2', 'add x0, x0, #1'])).toBe(
    'd503201f d503201f\nd53cd040 d53cd040\n91000400 91000400',
  );
});

test('a branch out of the replacement keeps its target', () => {
  // 0x20004 + 0x100 = 0x20104, which is 0x10100 from 0x10004.
  expect(patched(['nop', 'b 0x100', 'cbz x1, -8', 'tbz w2, #3, 0x40'])).toBe(
    [
      'd503201f d503201f',
      `14000040 ${encodeText(`b ${0x10100}`)} branch-retargeted`,
      `b4ffffc1 b4ffffc1 branch-internal`,
      `36180202 ${encodeText(`tbz w2, #3, ${(0x10040 << 16) >> 16}`)} branch-wrapped`,
    ].join('\n'),
  );
});

test('the end of the replacement counts as inside', () => {
  expect(patched(['b 8', 'nop'])).toBe('14000002 14000002 branch-to-end\nd503201f d503201f');
  expect(patched(['b 12', 'nop'])).toBe(`14000003 ${encodeText(`b ${0x1000c}`)} branch-retargeted\nd503201f d503201f`);
  expect(patched(['b -4', 'nop'])).toBe(
    `17ffffff ${encodeText(`b ${0x10000 - 4}`)} branch-retargeted\nd503201f d503201f`,
  );
});

test("a masked distance that no longer reaches is reported, and the word is the kernel's", () => {
  expect(patched(['tbz w0, #0, 0x1000'], [], 0x108000n)).toBe('36008000 36048000 branch-wrapped');
});

test('adrp keeps its page', () => {
  const result = patchReplacement([0xb0000001], 0x41000n, 0x40ffcn);
  expect(result).toEqual({ words: [0x90000001], notes: [{ index: 0, kind: 'adrp-retargeted' }], bug: null });
});

test("words with a relocation are the linker's", () => {
  expect(patched(['b 0', 'nop'], [0])).toBe('14000000 14000000 left-to-relocation\nd503201f d503201f');
});

test('literal loads and adr stop the kernel, SIMD literal loads read a wrong place', () => {
  expect([
    patched(['nop', 'ldr x0, 8']),
    patched(['adr x0, 8']),
    patched(['prfm pldl1keep, 8']),
    patched(['ldr q0, 16']),
  ]).toMatchInlineSnapshot(`
    [
      "BUG at 1: a literal load in a replacement: get_alt_insn() stops in BUG()",
      "BUG at 0: adr in a replacement: get_alt_insn() stops in BUG()",
      "BUG at 0: a literal load in a replacement: get_alt_insn() stops in BUG()",
      "9c000080 9c000080 simd-literal-moved",
    ]
  `);
});
