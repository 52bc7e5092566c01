import { expect, test } from 'vitest';
import {
  adrpOffset,
  branchOffset,
  encodeB,
  encodeBl,
  encodeNop,
  retargetAdrp,
  retargetBranch,
} from '../../server/src/isa/branchWords.ts';
import { classifyInsn, classifyWord } from '../../server/src/isa/classify.ts';
import { parseInsn } from '../../server/src/isa/operands.ts';
import { encodeText, hexWord } from './encodeText.ts';

const wordOf = (text: string): number => Number.parseInt(encodeText(text), 16);

test('b, bl and nop', () => {
  expect(hexWord(encodeNop())).toBe(encodeText('nop'));
  for (const delta of [0n, 4n, -4n, 0x7fffffcn, -0x8000000n]) {
    expect(hexWord(encodeB(delta) ?? 0)).toBe(encodeText(`b ${delta}`));
    expect(hexWord(encodeBl(delta) ?? 0)).toBe(encodeText(`bl ${delta}`));
  }
  expect([encodeB(2n), encodeB(0x8000000n), encodeBl(-0x8000004n)]).toEqual([null, null, null]);
});

test('the distance of every immediate branch is read back', () => {
  for (const text of ['b', 'bl', 'cbz w1,', 'cbnz x1,', 'tbz x1, #40,', 'tbnz w1, #3,', 'b.eq', 'bc.ne']) {
    for (const delta of [0n, 4n, -4n, 32764n, -32768n]) {
      expect([text, branchOffset(wordOf(`${text} ${delta}`))]).toEqual([text, delta]);
    }
  }
  expect(branchOffset(encodeNop())).toBeNull();
});

test('a re-aimed branch keeps its target and its other fields', () => {
  const moved = retargetBranch(wordOf('tbnz x7, #40, 64'), 0x1000n, 0x1020n);
  expect(hexWord(moved ?? 0)).toBe(encodeText('tbnz x7, #40, 32'));
  expect(retargetBranch(encodeNop(), 0n, 4n)).toBeNull();
});

test('a distance out of reach is masked, as the kernel does, instead of being refused', () => {
  const moved = retargetBranch(wordOf('tbz w0, #0, 32764'), 0x10000n, 0x8000n);
  expect(branchOffset(moved ?? 0)).toBe(-4n);
});

test('adrp keeps its page', () => {
  const adrp = 0xb0000001; // adrp x1, one page ahead
  expect(adrpOffset(adrp)).toBe(0x1000n);
  expect(hexWord(retargetAdrp(adrp, 0x40ffcn, 0x41000n) ?? 0)).toBe('90000001');
  expect(hexWord(retargetAdrp(adrp, 0x40000n, 0x43000n) ?? 0)).toBe('d0ffffe1');
  expect(retargetAdrp(0x10000001, 0n, 0n)).toBeNull();
});

test('words and texts fall into the same classes', () => {
  const lines = [
    'b 8',
    'bl 8',
    'cbz x0, 8',
    'cbnz w0, 8',
    'tbz x0, #1, 8',
    'tbnz x0, #1, 8',
    'b.eq 8',
    'bne 8',
    'bc.lo 8',
    'br x1',
    'braa x1, sp',
    'braaz x1',
    'blr x1',
    'blrab x1, x2',
    'blraaz x2',
    'ret',
    'retaa',
    'eret',
    'eretab',
    'adr x0, 8',
    'ldr x0, 8',
    'ldr w0, 8',
    'ldrsw x0, 8',
    'prfm pldl1keep, 8',
    'ldr s0, 8',
    'ldr d0, 8',
    'ldr q0, 8',
    'ldr x0, [x1]',
    'svc #0',
    'hvc #0',
    'smc #0',
    'brk #0x800',
    'hlt #1',
    'nop',
    'hint #34',
    'bti c',
    'esb',
    'csdb',
    'paciasp',
    'dmb ish',
    'dsb sy',
    'isb',
    'sb',
    'clrex',
    'ssbb',
    'mrs x0, ttbr0_el1',
    'msr daifset, #2',
    'sys #3, c7, c5, #1, x0',
    'tlbi vmalle1',
    'dc civac, x0',
    'wfet x1',
    'smstart',
    'add x0, x1, x2',
    'ldr x0, [x1], #8',
    'stp x0, x1, [sp]',
    'ldadd x0, x1, [x2]',
    'aese v0.16b, v1.16b',
  ];
  const different = lines
    .map((line) => `${line}: ${classifyWord(wordOf(line))}, ${classifyInsn(parseInsn(line))}`)
    .filter((line) => !/: (\S+), \1$/.test(line));
  expect(different).toEqual([]);
  expect(new Set(lines.map((line) => classifyInsn(parseInsn(line))))).toMatchInlineSnapshot(`
    Set {
      "b",
      "bl",
      "cbz",
      "tbz",
      "b.cond",
      "br",
      "blr",
      "ret",
      "eret",
      "adr",
      "literal",
      "simd-literal",
      "other",
      "exception",
      "hint",
      "barrier",
      "system",
    }
  `);
  expect(classifyWord(0x90000000)).toBe('adrp');
  expect(classifyInsn(parseInsn('adrp x0, sym'))).toBe('adrp');
  expect(classifyInsn(parseInsn('ldr x0, =sym'))).toBe('literal');
});
