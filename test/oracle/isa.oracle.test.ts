import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Resolved } from '../../server/src/isa/encode.ts';
import { systemRegisterNames } from '../../server/src/isa/systemNames.ts';
import { contextOf, encodeText } from '../isa/encodeText.ts';
import { mustSkip } from '../support/optional.ts';
import { missingAssembler, openGnuAssembler } from './gnuAssembler.ts';
import { makeRandom, mutate } from './isaMutations.ts';

const skip = mustSkip('the instruction encoder against GNU as', missingAssembler());

describe.skipIf(skip)('the encoder against GNU as', () => {
  const gas = skip ? null : openGnuAssembler();
  afterAll(() => gas?.dispose());

  /** Differences between GNU as and the encoder, of the kinds asked for. */
  function differences(lines: readonly string[]): {
    wrong: string[];
    accepted: string[];
    missing: string[];
    nSame: number;
  } {
    const wrong: string[] = [];
    const accepted: string[] = [];
    const missing: string[] = [];
    let nSame = 0;
    const words = gas?.assemble(lines) ?? [];
    lines.forEach((line, i) => {
      const { word = null, relocation = '' } = words[i] ?? {};
      const mine = encodeText(line);
      // Names without a value would be symbols to the assembler; the empty context refuses them.
      if (relocation !== '') return;
      if (word === null && !mine.startsWith('--------')) accepted.push(`${line}: ${mine}`);
      else if (word !== null && mine.startsWith('--------')) missing.push(`${line}: ${word}, ${mine.slice(9)}`);
      else if (word !== null && word !== mine) wrong.push(`${line}: GNU as ${word}, here ${mine}`);
      else if (word !== null) nSame++;
    });
    return { wrong, accepted, missing, nSame };
  }

  test('the recorded words are what the assembler gives', () => {
    const record = readFileSync(new URL('../isa/gasWords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const words = gas?.assemble(record.map((line) => line.slice(9))) ?? [];
    const stale = record.filter((line, i) => line.slice(0, 8) !== (words[i]?.word ?? '--------'));
    expect(stale).toEqual([]);
  });

  test('random words of the integer, branch, memory, SIMD and floating-point space, disassembled', () => {
    const random = makeRandom(20240817);
    // Bits 28:25 without the spaces of SVE, SME and the unallocated ones.
    const spaces = [0b1000, 0b1001, 0b1010, 0b1011, 0b0100, 0b0110, 0b1100, 0b1110, 0b0101, 0b1101, 0b0111, 0b1111];
    const words = Array.from({ length: 60_000 }, () => {
      const space = spaces[random(spaces.length)] ?? 0;
      return ((random(2 ** 32) & ~(15 << 25)) | (space << 25)) >>> 0;
    });
    const texts = gas?.disassemble(words) ?? [];
    const { wrong, accepted, missing, nSame } = differences(texts);
    expect({ wrong, accepted, missing }).toEqual({ wrong: [], accepted: [], missing: [] });
    expect(nSame).toBeGreaterThan(15_000);

    const mutants = Array.from({ length: 40_000 }, () => mutate(texts[random(texts.length)] ?? 'nop', random));
    const near = differences([...new Set(mutants)]);
    expect({ wrong: near.wrong, accepted: near.accepted }).toEqual({ wrong: [], accepted: [] });
    expect(near.nSame).toBeGreaterThan(1000);
  });

  test('random values of mov, logical immediates and :abs_gN:', () => {
    const random = makeRandom(99);
    const lines = Array.from({ length: 20_000 }, () => immediateLine(random));
    const { wrong, accepted, missing, nSame } = differences(lines);
    expect({ wrong, accepted, missing }).toEqual({ wrong: [], accepted: [], missing: [] });
    expect(nSame).toBeGreaterThan(5000);
  });

  test('all system register names', () => {
    const names = systemRegisterNames();
    const { wrong, missing, nSame } = differences(names.flatMap((name) => [`mrs x1, ${name}`, `msr ${name}, x2`]));
    expect({ wrong, missing }).toEqual({ wrong: [], missing: [] });
    expect(nSame).toBeGreaterThan(1500);
  });

  test('relocations of references to symbols', () => {
    const external = (symbol: string, addend = 0n): Resolved => ({ kind: 'external', symbol, addend });
    const values = { sym: external('sym'), 'sym+4': external('sym', 4n) };
    const relocs = 'lo12 abs_g0 abs_g0_nc abs_g0_s abs_g1 abs_g1_nc abs_g1_s abs_g2 abs_g2_nc abs_g2_s abs_g3 prel_g0 ';
    const more =
      'prel_g0_nc prel_g1 prel_g1_nc prel_g2 prel_g2_nc prel_g3 pg_hi21 pg_hi21_nc got got_lo12 tprel_lo12_nc';
    const shapes =
      'b @|bl @|b.eq @|cbz w0, @|cbnz x0, @|tbz x0, #40, @|tbnz w0, #1, @|adr x0, @|adrp x0, @|ldr x0, @|ldr w0, @|' +
      'ldr q0, @|ldrsw x0, @|prfm pldl1keep, @|add x0, x1, @|adds x0, x1, @|sub x0, x1, @|ldr x0, [x1, @]|' +
      'ldrb w0, [x1, @]|strh w0, [x1, @]|ldr w0, [x1, @]|str q0, [x1, @]|ldr d0, [x1, @]|ldrsw x0, [x1, @]|' +
      'ldr x0, [x1, @]!|ldr x0, [x1], @|ldp x0, x1, [x2, @]|movz x0, @|movk x0, @|movn x0, @|movz w0, @|mov x0, @';
    const references = ['sym', 'sym+4', ...(relocs + more).split(' ').flatMap((r) => [`:${r}:sym`, `#:${r}:sym+4`])];
    const lines = shapes.split('|').flatMap((shape) => references.map((reference) => shape.replace('@', reference)));
    const words = gas?.assemble(lines) ?? [];
    const wrong: string[] = [];
    let nSame = 0;
    lines.forEach((line, i) => {
      const mine = encodeText(line, contextOf(values));
      if (mine.startsWith('--------')) return;
      const { word, relocation = '' } = words[i] ?? {};
      const [type = '', symbol = ''] = relocation.replace('R_AARCH64_', '').split(/\s+/);
      const theirs = word === null ? 'refused' : `${word} {${type} ${symbol.replace('+0x', '+')}}`;
      if (mine === theirs) nSame++;
      else wrong.push(`${line}: GNU as ${theirs}, here ${mine}`);
    });
    expect(wrong).toEqual([]);
    expect(nSame).toBeGreaterThan(80);
  });
});

function immediateLine(random: (below: number) => number): string {
  const mask = 0xffffffffffffffffn;
  const wide = (): bigint => (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  const choose = random(5);
  let value = wide() >> BigInt(random(64));
  if (choose === 0) value = (BigInt(random(65536)) << BigInt(16 * random(4))) & mask;
  else if (choose === 1) value = ~(BigInt(random(65536)) << BigInt(16 * random(4))) & mask;
  else if (choose < 4) {
    const size = 2 << random(6);
    const run = (1n << BigInt(1 + random(size - 1))) - 1n;
    const turn = BigInt(random(size));
    const element = ((run >> turn) | (run << (BigInt(size) - turn))) & ((1n << BigInt(size)) - 1n);
    value = 0n;
    for (let at = 0; at < 64; at += size) value |= element << BigInt(at);
    if (random(5) === 0) value ^= 1n << BigInt(random(64));
  }
  const w = random(2) === 0;
  if (w && random(4) !== 0) value &= 0xffffffffn;
  const bank = w ? 'w' : 'x';
  const reg = `${bank}${random(31)}`;
  const sp = w ? 'wsp' : 'sp';
  const number = random(2) === 0 ? `0x${value.toString(16)}` : String(BigInt.asIntN(64, value));
  switch (random(4)) {
    case 0: {
      const op = ['movz', 'movk', 'movn'][random(3)];
      return `${op} ${reg}, #:abs_g${random(4)}${['', '_nc', '_s'][random(3)]}:${BigInt.asIntN(64, value)}`;
    }
    case 1:
      return `${['and', 'orr', 'eor', 'ands', 'bic'][random(5)]} ${[reg, sp][random(2)]}, ${bank}3, #${number}`;
    default:
      return `mov ${[reg, reg, sp, `${bank}zr`][random(4)]}, #${number}`;
  }
}
