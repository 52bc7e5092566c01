import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insnForm, nearKeys } from '../../server/src/isa/formKey.ts';
import { regIdName } from '../../server/src/isa/registerIds.ts';

/** `key | registers in textual order`, and what else was read. */
function shown(text: string): string {
  const { key, regs, detail, target, problem } = insnForm(text);
  const more = [detail === '' ? '' : `detail ${detail}`, target === null ? '' : `target ${target}`, problem ?? ''];
  return [key, regs.map(regIdName).join(' '), ...more].filter((part) => part !== '').join(' | ');
}

describe('spellings of one instruction have one key', () => {
  it.each([
    ['stp x29, x30, [sp, #-16]!', 'stp\tx29, x30, [sp, #-0x10]!', 'STP X29,X30,[SP,#-16]!', 'stp fp, lr, [sp, -16]!'],
    ['b.cs 40 <foo+0x10>', 'b.hs tgt', 'b.hs #0x1234', 'bcs 1f'],
    ['ld1 {v0.16b-v3.16b}, [x1], #64', 'ld1 { v0.16b, v1.16b, v2.16b, v3.16b }, [x1], #0x40'],
    ['clearbhb', 'clrbhb'],
    ['mrs x0, sp_el0', 'mrs x0, SP_EL0'],
    ['ldr x0, [x1]', 'ldr x0, [x1, #0]', 'ldr x0, [x1, #0x0]', 'ldr x0, [x1, #8]', 'ldr x0, [x1, :lo12:foo]'],
    ['add x0, x1, x2', 'add x0, x1, x2, lsl #0', 'add x0, x1, x2 // comment', 'add x0, x1, x2 /* comment */'],
    ['adrp x0, 1000 <foo>', 'adrp x0, foo', 'adrp x0, #0x1000'],
    ['ldr x0, 1000 <foo>', 'ldr x0, =foo', 'ldr x0, #0x1000', 'ldr x0, foo'],
    ['prfm pldl1keep, [x0]', 'prfm #0x0, [x0]', 'prfm #0x18, [x0, #8]'],
    ['mov x0, #-1', 'mov x0, #0xffffffffffffffff', 'mov x0, #-0x1'],
    ['mov x0, #0xfff0000000000000', 'mov x0, #-0x10000000000000', 'mov x0, #-4503599627370496'],
    ['msr daifset, #2', 'msr DAIFSet, #0x2'],
    ['psb csync', 'psb CSYNC'],
  ])('%s', (first, ...others) => {
    for (const other of others) expect(insnForm(other).key).toBe(insnForm(first).key);
  });
});

describe('keys', () => {
  it.each([
    // Registers and their kinds.
    ['mov x29, sp', 'mov x,sp | x29 sp'],
    ['str wzr, [sp, #8]', 'str W,[x] | xzr sp'],
    ['add sp, sp, w3, uxtw #2', 'add sp,sp,w,uxtw#2 | sp sp x3'],
    ['ldp q30, q31, [x0, #480]!', 'ldp q,q,[x,#]! | v30 v31 x0'],
    ['umlal v23.2d, v15.2s, v5.s[2]', 'umlal v.2d,v.2s,v.s[] | v23 v15 v5'],
    ['mov v0.d[0], x6', 'mov v.d[0],x | v0 x6'],
    ['st1 {v5.b}[3], [x0], x2', 'st1 {v.b}[],[x],x | v5 x0 x2'],
    ['ld2 {v31.4s, v0.4s}, [x1]', 'ld2 {v.4s*2},[x] | v31 v0 x1'],
    ['add z0.d, p1/m, z0.d, z2.d', 'add z.d,p/m,z.d,z.d | v0 p1 v0 v2'],
    ['str za[w12, 0], [x3]', 'str za[w,#],[x] | x12 x3'],
    // Addressing.
    ['ldr x0, [x1, #-8]', 'ldr x,[x,#u] | x0 x1'],
    ['ldr w0, [x1, #2]', 'ldr w,[x,#u] | x0 x1'],
    ['ldrb w0, [x1, #4096]', 'ldrb w,[x,#u] | x0 x1'],
    ['ldr x0, [x1], #8', 'ldr x,[x],# | x0 x1'],
    ['ldr x0, [x1, w2, sxtw #3]', 'ldr x,[x,w,sxtw#3] | x0 x1 x2'],
    ['ldrb w0, [x1, x2, lsl #0]', 'ldrb w,[x,x,lsl#0] | x0 x1 x2'],
    ['cpyfp [x0]!, [x1]!, x2!', 'cpyfp [x]!,[x]!,x! | x0 x1 x2'],
    ['ldr z0, [x1, #3, mul vl]', 'ldr z,[x] | v0 x1'],
    // Immediates that decide the opcode.
    ['mov w0, #0', 'mov w,#0 | x0'],
    ['mov w0, #0x10000', 'mov w,# | x0'],
    ['mov w0, #-22', 'mov w,#n | x0'],
    ['mov w0, #0x80000000', 'mov w,# | x0'],
    ['mov x0, #0xff00ff00ff00ff00', 'mov x,#b | x0'],
    ['movi v0.2d, #0', 'movi v.2d,#0 | v0'],
    ['movi v0.4s, #1, lsl #8', 'movi v.4s,#,lsl#+ | v0'],
    ['movk x0, #0x6000, lsl #16', 'movk x,#,lsl#+ | x0'],
    // Shifts and extends with their amounts.
    ['eor x0, x1, x2, ror #19', 'eor x,x,x,ror#+ | x0 x1 x2'],
    ['eor x0, x1, x2, ror #3', 'eor x,x,x,ror#3 | x0 x1 x2'],
    ['eor x0, x1, x2, lsr #0', 'eor x,x,x,lsr#0 | x0 x1 x2'],
    // Names.
    ['csel x0, x1, xzr, ne', 'csel x,x,X,cc | x0 x1 xzr | detail ne'],
    ['ccmp w0, #1, #4, ne', 'ccmp w,#,#,cc | x0 | detail ne'],
    ['msr tpidr_el1, x0', 'msr sr,x | x0 | detail tpidr_el1'],
    ['dsb ish', 'dsb op | detail ish'],
    ['dsb ishnxs', 'dsb nxs | detail ishnxs'],
    ['tlbi vale1is, x1', 'tlbi op,x | x1 | detail vale1is'],
    ['hint #0x22', 'hint # | detail 0x22'],
    ['sys #3, c7, c4, #1, x0', 'sys #,c,c,#,x | x0 | detail 3 c7 c4 1'],
    // A target can look like a register.
    ['bl b30', 'bl @ | target b30'],
    ['cbz x0, d18', 'cbz x,@ | x0 | target d18'],
    ['tbnz w3, #5, .Lx', 'tbnz w,#,@ | x3 | target .Lx'],
    ['blr x8', 'blr x | x8'],
    ['ret', 'ret'],
  ])('%s', (text, key) => {
    expect(shown(text)).toBe(key);
  });
});

it('near keys: bic, bics, orn and eon with an immediate are and, ands, orr and eor', () => {
  expect(nearKeys('bic x,x,#')).toEqual(['and x,x,#']);
  expect(nearKeys('bics w,w,#')).toEqual(['ands w,w,#']);
  expect(nearKeys('bic x,x,x')).toEqual([]);
});

it('near keys: zero registers, lanes, the stack pointer', () => {
  expect(nearKeys('csel x,X,X,cc')).toEqual(['csel x,x,x,cc']);
  expect(nearKeys('mov W,v.s[0]')).toEqual(['mov w,v.s[0]', 'mov W,v.s[]', 'mov w,v.s[]']);
  expect(nearKeys('sub sp,sp,x,lsl#2')).toEqual(['sub x,x,x,lsl#2']);
  expect(nearKeys('mov x,x')).toEqual([]);
});

describe('what is no instruction has a problem, not an error', () => {
  it.each([
    ['', 'the line is empty'],
    ['   // nothing', 'the line is empty'],
    ['123', 'an instruction name is missing'],
    ['ldr x0, [', 'a base register is missing'],
    ['ldr x0, [x1', "']' is missing"],
    ['ld1 {v0.16b, [x0]', 'a register list holds something else than registers'],
    ['add x0, x1,', 'an operand is missing after the comma'],
    ['add x0 x1', "'x1' is not understood"],
  ])('%s', (text, problem) => {
    expect(insnForm(text).problem).toBe(problem);
  });

  it('any text gives an answer', () => {
    const piece = fc.constantFrom(
      'ldr ',
      'x0',
      'v1.16b',
      '[',
      ']',
      '{',
      '}',
      ',',
      '#',
      '-',
      '!',
      'lsl',
      ' ',
      '(',
      '0x',
      '1e999',
      'za',
      '/',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    );
    fc.assert(fc.property(text, (one) => insnForm(one).key.length <= one.length * 4 + 16));
  });
});
