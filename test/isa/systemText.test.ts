import { describe, expect, it } from 'vitest';
import { systemInsnText } from '../../server/src/isa/systemText.ts';

// Words as GNU as 2.40 assembles the texts.
const cases: readonly [number, string | null][] = [
  [0xd503201f, 'nop'],
  [0xd503245f, 'hint #34'],
  [0xd50322df, 'hint #22'],
  [0xd50330ff, 'sb'],
  [0xd5033fdf, 'isb'],
  [0xd5033b9f, 'dsb #11'],
  [0xd500419f, 'msr pan, #1'],
  [0xd503415f, 'msr dit, #1'],
  [0xd5382200, 'mrs x0, s3_0_c2_c2_0'],
  [0xd5182116, 'msr s3_0_c2_c1_0, x22'],
  [0xd50b7b23, 'sys #3, c7, c11, #1, x3'],
  [0x91000400, null],
  [0x14000000, null],
];

describe('system instructions by word', () => {
  it.each(cases)('%d', (word, text) => {
    expect(systemInsnText(word)).toBe(text);
  });
});
