import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeInsn, isKnownMnemonic, listForms } from '../../server/src/isa/encode.ts';
import { parseInsn } from '../../server/src/isa/operands.ts';
import { contextOf, encodeText, hexWord } from './encodeText.ts';

const record = readFileSync(new URL('./gasWords.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ word: line.slice(0, 8), text: line.slice(9) }));

describe('words recorded from GNU as', () => {
  const accepted = record.filter(({ word }) => word !== '--------');
  const refused = record.filter(({ word }) => word === '--------');

  test(`${accepted.length} instructions get the same word`, () => {
    const wrong = accepted.flatMap(({ word, text }) => {
      const mine = encodeText(text);
      return mine === word ? [] : [`${text}: GNU as ${word}, here ${mine}`];
    });
    expect(wrong).toEqual([]);
  });

  test(`${refused.length} texts are refused here too`, () => {
    const wrong = refused.flatMap(({ text }) => {
      const encoding = encodeInsn(parseInsn(text), contextOf());
      return encoding.word === null ? [] : [`${text}: ${hexWord(encoding.word)}`];
    });
    expect(wrong).toEqual([]);
  });
});

test('every form of the tables has slots that exist', () => {
  const mnemonics = new Set(listForms().map((form) => form.split(' ')[0] ?? ''));
  for (const mnemonic of mnemonics) {
    // Nine operands of a kind no slot takes run into the first slot of each form, which compiles it.
    expect(() => encodeInsn(parseInsn(`${mnemonic} {}`), contextOf())).not.toThrow();
    expect(isKnownMnemonic(mnemonic)).toBe(true);
  }
});

/** `text => word or reason`, aligned; one line of the table is one case. */
function rendered(lines: readonly string[], values: Parameters<typeof contextOf>[0] = {}): string {
  return lines.map((line) => `${line.padEnd(34)} ${encodeText(line, contextOf(values))}`).join('\n');
}

test('mov with an immediate takes movz, movn or orr in the order of GNU as', () => {
  const lines = [
    'mov x0, #0',
    'mov w0, #-1',
    'mov w0, #0xffff0000',
    'mov x0, #-0x10001',
    'mov x0, #0xffffffff',
    'mov sp, #16',
    'mov w0, #0x1ffffffff',
    'mov xzr, #0xffffffff',
    'mov x0, #0x123456789',
  ];
  expect(rendered(lines)).toMatchInlineSnapshot(`
    "mov x0, #0                         d2800000
    mov w0, #-1                        12800000
    mov w0, #0xffff0000                52bfffe0
    mov x0, #-0x10001                  92a00020
    mov x0, #0xffffffff                b2407fe0
    mov sp, #16                        b27c03ff
    mov w0, #0x1ffffffff               -------- operand 2: 0x1ffffffff does not fit 32 bits
    mov xzr, #0xffffffff               -------- operand 2: 0xffffffff cannot be moved by one instruction
    mov x0, #0x123456789               -------- operand 2: 0x123456789 cannot be moved by one instruction"
  `);
});

test('what GNU as rewrites: negative add, unscaled load, sp in mov', () => {
  const lines = [
    'add x0, x1, #-16',
    'cmp x0, #-1',
    'ldr x0, [x1, #7]',
    'ldr x0, [x1, #-256]',
    'prfm pldl1keep, [x0, #-8]',
    'mov x0, sp',
    'bic x0, x1, #1',
    'sub x0, sp, w30',
    'uxtw x0, w1',
  ];
  expect(rendered(lines)).toMatchInlineSnapshot(`
    "add x0, x1, #-16                   d1004020
    cmp x0, #-1                        b100041f
    ldr x0, [x1, #7]                   f8407020
    ldr x0, [x1, #-256]                f8500020
    prfm pldl1keep, [x0, #-8]          f89f8000
    mov x0, sp                         910003e0
    bic x0, x1, #1                     927ff820
    sub x0, sp, w30                    cb3e43e0
    uxtw x0, w1                        2a0103e0"
  `);
});

test('symbols leave relocations as GNU as does', () => {
  const values = {
    sym: { kind: 'external', symbol: 'sym', addend: 0n },
    'sym+4': { kind: 'external', symbol: 'sym', addend: 4n },
    '1f': { kind: 'pc-relative', delta: 8n },
    '1b': { kind: 'pc-relative', delta: -4n },
    far: { kind: 'pc-relative', delta: 0x200000n },
    odd: { kind: 'pc-relative', delta: 2n },
    SIZE: { kind: 'absolute', value: 0x1230n },
    '4*2': { kind: 'absolute', value: 8n },
    '1f-1b': { kind: 'absolute', value: 12n },
    MINUS: { kind: 'absolute', value: -2n },
  } as const;
  const lines = [
    'b sym+4',
    'bl sym',
    'b.eq sym',
    'cbz w0, sym',
    'tbnz x0, #40, sym',
    'adr x0, sym',
    'adrp x0, sym',
    'adrp x0, 1f',
    'adrp x0, :got:sym',
    'ldr x0, [x0, :got_lo12:sym]',
    'add x0, x0, #:lo12:sym',
    'add x0, x0, :lo12:1f',
    'sub x0, x0, :lo12:sym',
    'ldr x0, [x0, :lo12:sym]',
    'ldrb w0, [x0, #:lo12:sym+4]',
    'str q0, [x0, :lo12:sym]',
    'ldr x0, sym',
    'prfm pldl1keep, sym',
    'movz x0, #:abs_g1:sym',
    'movk x0, #:abs_g0_nc:sym',
    'movz x0, :abs_g2_s:MINUS',
    'movz x0, :abs_g0:SIZE',
    'movk x0, :abs_g1_s:sym',
    'movz w0, :abs_g2:sym',
    'movz x0, :abs_g1:sym, lsl #16',
    'b 1b',
    'tbz w3, #2, 1f',
    'cbz x0, far',
    'b odd',
    'b 8',
    'b nowhere',
    'b 4*2',
    'b SIZE',
    'b 1f-1b',
    'movz x0, :prel_g1:1f',
    'add x0, x1, #SIZE',
    'add x0, x1, SIZE-0x230',
    'ldr x0, =sym',
  ];
  expect(rendered(lines, values)).toMatchInlineSnapshot(`
    "b sym+4                            14000000 {JUMP26 sym+4}
    bl sym                             94000000 {CALL26 sym}
    b.eq sym                           54000000 {CONDBR19 sym}
    cbz w0, sym                        34000000 {CONDBR19 sym}
    tbnz x0, #40, sym                  b7400000 {TSTBR14 sym}
    adr x0, sym                        10000000 {ADR_PREL_LO21 sym}
    adrp x0, sym                       90000000 {ADR_PREL_PG_HI21 sym}
    adrp x0, 1f                        90000000 {ADR_PREL_PG_HI21 .+8}
    adrp x0, :got:sym                  90000000 {ADR_GOT_PAGE sym}
    ldr x0, [x0, :got_lo12:sym]        f9400000 {LD64_GOT_LO12_NC sym}
    add x0, x0, #:lo12:sym             91000000 {ADD_ABS_LO12_NC sym}
    add x0, x0, :lo12:1f               91000000 {ADD_ABS_LO12_NC .+8}
    sub x0, x0, :lo12:sym              -------- operand 3: :lo12: is not allowed here
    ldr x0, [x0, :lo12:sym]            f9400000 {LDST64_ABS_LO12_NC sym}
    ldrb w0, [x0, #:lo12:sym+4]        39400000 {LDST8_ABS_LO12_NC sym+4}
    str q0, [x0, :lo12:sym]            3d800000 {LDST128_ABS_LO12_NC sym}
    ldr x0, sym                        58000000 {LD_PREL_LO19 sym}
    prfm pldl1keep, sym                d8000000 {LD_PREL_LO19 sym}
    movz x0, #:abs_g1:sym              d2a00000 {MOVW_UABS_G1 sym}
    movk x0, #:abs_g0_nc:sym           f2800000 {MOVW_UABS_G0_NC sym}
    movz x0, :abs_g2_s:MINUS           92c00000
    movz x0, :abs_g0:SIZE              d2824600
    movk x0, :abs_g1_s:sym             -------- operand 2: :abs_g1_s: is not allowed with movk
    movz w0, :abs_g2:sym               -------- operand 2: :abs_g2: needs an x register
    movz x0, :abs_g1:sym, lsl #16      -------- operand 3: this operand is too many
    b 1b                               17ffffff
    tbz w3, #2, 1f                     36100043
    cbz x0, far                        -------- operand 2: the target is out of range
    b odd                              -------- operand 1: the target is not aligned to 4 bytes
    b 8                                14000002
    b nowhere                          -------- operand 1: 'nowhere' has no value
    b 4*2                              14000002
    b SIZE                             -------- operand 1: a constant is no label
    b 1f-1b                            -------- operand 1: a constant is no label
    movz x0, :prel_g1:1f               d2a00000 {MOVW_PREL_G1 .+8}
    add x0, x1, #SIZE                  -------- operand 3: the immediate SIZE fits neither 12 bits nor 12 bits shifted by 12
    add x0, x1, SIZE-0x230             -------- operand 3: 'SIZE-0x230' has no value
    ldr x0, =sym                       -------- operand 2: a literal pool entry has no known place"
  `);
});

test('a literal load is encoded where the caller knows the place of the literal', () => {
  const asked: string[] = [];
  const ctx = {
    ...contextOf(),
    literalPool: (text: string, sizeBytes: number) => {
      asked.push(`${text} ${sizeBytes}`);
      return { kind: 'pc-relative', delta: 16n } as const;
    },
  };
  expect([
    encodeText('ldr x30, =vectors', ctx),
    encodeText('ldr w1, =0x12345678', ctx),
    ...asked,
  ]).toMatchInlineSnapshot(`
    [
      "5800009e",
      "18000081",
      "vectors 8",
      "0x12345678 4",
    ]
  `);
});

test('a literal of another section leaves a relocation', () => {
  const literalPool = (symbol: string) => ({ kind: 'external', symbol, addend: 0n }) as const;
  expect(encodeText('ldr x30, =vectors', { ...contextOf(), literalPool })).toBe('5800001e {LD_PREL_LO19 vectors}');
});

test('system registers, operations and barriers by name', () => {
  const lines = [
    'mrs x0, CurrentEL',
    'mrs x0, S3_0_C1_C0_1',
    'msr ttbr0_el1, x3',
    'msr daifset, #15',
    'msr pan, #1',
    'msr pan, #2',
    'mrs x0, nosuch_el1',
    'mrs x0, tostring',
    'dc zva, x0',
    'dc zva',
    'ic iallu',
    'tlbi vmalle1is',
    'tlbi vae1is, x9',
    'at s1e1r, x2',
    'dsb ishst',
    'dsb nshnxs',
    'dmb #11',
    'isb',
    'hint #34',
    'bti jc',
    'sys #3, c7, c5, #1, x0',
  ];
  expect(rendered(lines)).toMatchInlineSnapshot(`
    "mrs x0, CurrentEL                  d5384240
    mrs x0, S3_0_C1_C0_1               d5381020
    msr ttbr0_el1, x3                  d5182003
    msr daifset, #15                   d5034fdf
    msr pan, #1                        d500419f
    msr pan, #2                        -------- operand 2: the immediate 2 is out of range 0 to 1
    mrs x0, nosuch_el1                 -------- operand 2: the system register nosuch_el1 is not known
    mrs x0, tostring                   -------- operand 2: the system register tostring is not known
    dc zva, x0                         d50b7420
    dc zva                             -------- operand 2: an x register is needed
    ic iallu                           d508751f
    tlbi vmalle1is                     d508831f
    tlbi vae1is, x9                    d5088329
    at s1e1r, x2                       d5087802
    dsb ishst                          d5033a9f
    dsb nshnxs                         d503363f
    dmb #11                            d5033bbf
    isb                                d5033fdf
    hint #34                           d503245f
    bti jc                             d50324df
    sys #3, c7, c5, #1, x0             d50b7520"
  `);
});

test('what is not certain is refused with a reason that names the operand', () => {
  const lines = [
    '',
    'frobnicate x0',
    'add x0, x1',
    'add x0, w1, x2',
    'add x0, x1, x2, x3',
    'add x0, x1, #0x1001',
    'and x0, x1, #5',
    'ldr x0, [x1, #8',
    'ldxr x0, [x1, #8]',
    'stp x0, x1, [x2, #7]',
    'casp x1, x2, x4, x5, [x6]',
    'tbz w0, #32, 8',
    'csel x0, x1, x2, maybe',
    'cset x0, al',
    'ret sp',
    'b :lo12:sym',
    'mov v0.4s, v1.4s',
  ];
  expect(rendered(lines)).toMatchInlineSnapshot(`
    "                                   -------- there is no instruction
    frobnicate x0                      -------- the instruction frobnicate is not known here
    add x0, x1                         -------- operand 3: a general register is needed
    add x0, w1, x2                     -------- operand 2: the registers have different widths
    add x0, x1, x2, x3                 -------- operand 4: a shift is needed
    add x0, x1, #0x1001                -------- operand 3: the immediate 0x1001 fits neither 12 bits nor 12 bits shifted by 12
    and x0, x1, #5                     -------- operand 3: 5 is no bitmask immediate
    ldr x0, [x1, #8                    -------- ']' is missing
    ldxr x0, [x1, #8]                  -------- operand 2: only the offset 0 fits
    stp x0, x1, [x2, #7]               -------- operand 3: the offset must be a multiple of 8
    casp x1, x2, x4, x5, [x6]          -------- operand 1: the pair must be an even register and the next one
    tbz w0, #32, 8                     -------- operand 2: the bit number 32 is out of range 0 to 31
    csel x0, x1, x2, maybe             -------- operand 4: a condition is needed
    cset x0, al                        -------- operand 2: al and nv are not allowed here
    ret sp                             -------- operand 1: sp is not allowed here
    b :lo12:sym                        -------- operand 1: a label is needed
    mov v0.4s, v1.4s                   -------- operand 1: the arrangement .4s is not allowed here"
  `);
});
