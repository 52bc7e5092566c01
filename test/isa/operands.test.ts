import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeInsn } from '../../server/src/isa/encode.ts';
import { type Expr, type Operand, type ParseOptions, parseInsn } from '../../server/src/isa/operands.ts';
import type { Reg } from '../../server/src/isa/registers.ts';
import { contextOf, encodeText } from './encodeText.ts';

function exprText(expr: Expr): string {
  return `${expr.reloc === '' ? '' : `:${expr.reloc}:`}${expr.value === null ? `'${expr.text}'` : expr.value}`;
}

function regText(reg: Reg): string {
  const name =
    reg.num === 31 && (reg.isSp || reg.isZero) ? `${reg.bank}${reg.isSp ? 'SP' : 'ZR'}` : `${reg.bank}${reg.num}`;
  const index = reg.index === null ? '' : `[${exprText(reg.index)}]`;
  return (
    name + (reg.arrangement === '' ? '' : `.${reg.arrangement}`) + index + (reg.predication && `/${reg.predication}`)
  );
}

function operandText(operand: Operand): string {
  switch (operand.kind) {
    case 'reg':
      return regText(operand.reg) + (operand.writeback ? '!' : '');
    case 'name':
      return `name(${operand.name})`;
    case 'imm':
      return `imm(${exprText(operand.expr)})`;
    case 'shift':
      return `shift(${operand.op}${operand.amount === null ? '' : ` ${exprText(operand.amount)}`})`;
    case 'mem': {
      const { offset, offsetReg } = operand;
      const reg =
        offsetReg === null
          ? ''
          : ` ${regText(offsetReg.reg)} ${offsetReg.extend}${offsetReg.amount === null ? '' : ` ${exprText(offsetReg.amount)}`}`;
      const tail = `${offset === null ? '' : ` ${exprText(offset)}`}${reg}${operand.mulVl ? ' mul vl' : ''}`;
      return `${operand.mode}(${regText(operand.base)}${tail})`;
    }
    case 'list':
      return `{${operand.regs.map(regText).join(' ')}}${operand.index === null ? '' : `[${exprText(operand.index)}]`}`;
    case 'literal':
      return `=${exprText(operand.expr)}`;
    case 'bad':
      return `bad(${operand.text})`;
  }
}

function parsed(text: string, options?: ParseOptions): string {
  const insn = parseInsn(text, options);
  const issues = insn.issues.map((issue) => ` ! ${issue.start}-${issue.end} ${issue.message}`);
  return `${insn.mnemonic} ${insn.operands.map(operandText).join(' ')}${issues.join('')}`;
}

const table = (lines: readonly string[]): string =>
  lines.map((line) => `${line.padEnd(36)} ${parsed(line)}`).join('\n');

describe('parseInsn', () => {
  test('operands of every shape', () => {
    const lines = [
      'ADD X0, SP, #16',
      'add x0, x1, w2, uxtw #3',
      'mov x0, #(1 << 3) | 4',
      'mov w0, 010',
      "mov w0, #'a'",
      'b.ne 1f',
      'b . - 4',
      'ldr x0, [sp, #16 * 2]',
      'ldr x0, [x1, x2, lsl #3]',
      'ldr x0, [x1, w2, sxtw]',
      'ldp x0, x1, [sp], #16',
      'stp fp, lr, [sp, #-16]!',
      'ldr x0, [x1, #:lo12:sym + 8]',
      'movk x0, :abs_g1_nc: val, lsl #16',
      'adrp x0, sym',
      'ldr x0, =sym+4',
      'ld1 {v0.16b-v3.16b}, [x0], #64',
      'ld1 { v0.4s, v1.4s }, [x0], x2',
      'st1 {v3.s}[1], [x0]',
      'mov v0.d[1], x3',
      'ldr z0, [x0, #-3, mul vl]',
      'cpyfp [x0]!, [x1]!, x2!',
      'mrs x0, S3_0_C1_C0_1',
      'fmov d0, #1.0e+00',
      'movi v0.4s, #1, msl #8',
      'csel w0, wzr, w1, NE // a comment',
      'and x0, /* in the way */ x0, #7',
      'nop',
    ];
    expect(table(lines)).toMatchInlineSnapshot(`
      "ADD X0, SP, #16                      add x0 xSP imm(16)
      add x0, x1, w2, uxtw #3              add x0 x1 w2 shift(uxtw 3)
      mov x0, #(1 << 3) | 4                mov x0 imm('(1 << 3) | 4')
      mov w0, 010                          mov w0 imm(8)
      mov w0, #'a'                         mov w0 imm(''a'')
      b.ne 1f                              b.ne imm('1f')
      b . - 4                              b imm('. - 4')
      ldr x0, [sp, #16 * 2]                ldr x0 offset(xSP '16 * 2')
      ldr x0, [x1, x2, lsl #3]             ldr x0 offset(x1 x2 lsl 3)
      ldr x0, [x1, w2, sxtw]               ldr x0 offset(x1 w2 sxtw)
      ldp x0, x1, [sp], #16                ldp x0 x1 post(xSP 16)
      stp fp, lr, [sp, #-16]!              stp x29 x30 pre(xSP -16)
      ldr x0, [x1, #:lo12:sym + 8]         ldr x0 offset(x1 :lo12:'sym + 8')
      movk x0, :abs_g1_nc: val, lsl #16    movk x0 imm(:abs_g1_nc:'val') shift(lsl 16)
      adrp x0, sym                         adrp x0 name(sym)
      ldr x0, =sym+4                       ldr x0 ='sym+4'
      ld1 {v0.16b-v3.16b}, [x0], #64       ld1 {v0.16b v1.16b v2.16b v3.16b} post(x0 64)
      ld1 { v0.4s, v1.4s }, [x0], x2       ld1 {v0.4s v1.4s} post(x0 x2 )
      st1 {v3.s}[1], [x0]                  st1 {v3.s}[1] offset(x0)
      mov v0.d[1], x3                      mov v0.d[1] x3
      ldr z0, [x0, #-3, mul vl]            ldr z0 offset(x0 -3 mul vl)
      cpyfp [x0]!, [x1]!, x2!              cpyfp pre(x0) pre(x1) x2!
      mrs x0, S3_0_C1_C0_1                 mrs x0 name(S3_0_C1_C0_1)
      fmov d0, #1.0e+00                    fmov d0 imm('1.0e+00')
      movi v0.4s, #1, msl #8               movi v0.4s imm(1) shift(msl 8)
      csel w0, wzr, w1, NE // a comment    csel w0 wZR w1 name(NE)
      and x0, /* in the way */ x0, #7      and x0 x0 imm(7)
      nop                                  nop "
    `);
  });

  test('broken text keeps what is whole and says what is not', () => {
    const lines = [
      'add x0,, x1',
      'add x0,',
      'ldr x0, [x1',
      'ldr x0, [#8]',
      'ld1 {v0.4s, 5}, [x0]',
      'ld1 {v30.4s-v1.4s}, [x0]',
      'add x0 x1, x2',
      '#5',
      'add @, x1',
      'ldr x0, [x1], x2!',
      'add d0[1], d1, d2',
    ];
    expect(table(lines)).toMatchInlineSnapshot(`
      "add x0,, x1                          add x0 bad() x1 ! 7-8 an operand is missing before the comma
      add x0,                              add x0 ! 6-7 an operand is missing after the comma
      ldr x0, [x1                          ldr x0 bad([x1) ! 8-11 ']' is missing
      ldr x0, [#8]                         ldr x0 bad([#8]) ! 8-12 a base register is missing
      ld1 {v0.4s, 5}, [x0]                 ld1 bad({v0.4s) imm(5) bad(}) bad() offset(x0) ! 4-10 a register list holds something else than registers ! 13-14 this operand is not understood ! 14-15 an operand is missing before the comma
      ld1 {v30.4s-v1.4s}, [x0]             ld1 bad({v30.4s-v1.4s}) offset(x0) ! 4-18 this register range is not valid
      add x0 x1, x2                        add x0 bad(x1) bad() x2 ! 7-9 this operand is not understood ! 9-10 an operand is missing before the comma
      #5                                    imm(5) ! 0-1 an instruction name is missing
      add @, x1                            add imm('@') x1
      ldr x0, [x1], x2!                    ldr x0 post(x1 x2 ) ! 14-17 writeback is not possible here
      add d0[1], d1, d2                    add d0[1] d1 d2 ! 6-9 this register has no elements"
    `);
  });

  test('.req names lead to registers, also over other aliases, but never replace a register', () => {
    const aliases: Readonly<Record<string, string>> = { tmp: 'x9', vec: 'v3', again: 'tmp', x1: 'x2', loop: 'loop' };
    const options = { registerAlias: (name: string) => aliases[name] };
    expect(
      ['add tmp, again, x1', 'mov vec.16b, vec.16b', 'ldr x0, [tmp, loop]'].map((t) => parsed(t, options)),
    ).toMatchInlineSnapshot(`
      [
        "add x9 x9 x1",
        "mov v3.16b v3.16b",
        "ldr x0 offset(x9 'loop')",
      ]
    `);
  });

  test('operand ranges point into the text', () => {
    const text = 'ldp x0, x1, [sp, #16]!';
    expect(parseInsn(text).operands.map(({ start, end }) => text.slice(start, end))).toEqual([
      'x0',
      'x1',
      '[sp, #16]!',
    ]);
  });

  test('any text is read without an exception and never gives a word for nonsense', () => {
    const piece = fc.constantFrom(
      ...'add ldr b mov x0 w1 sp v0.4s [ ] { } # , ! : = + - ( ) 1 0x10 lsl // /* " \' ;'.split(' '),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }), (pieces) => {
        const insn = parseInsn(pieces.join(' '));
        const encoding = encodeInsn(insn, contextOf());
        if (insn.issues.length > 0) expect(encoding.word).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  test('every prefix and every deletion of one character of an instruction is read', () => {
    const text = 'ldr x0, [x1, w2, sxtw #3] // end';
    for (let i = 0; i <= text.length; i++) {
      expect(() => encodeText(text.slice(0, i))).not.toThrow();
      expect(() => encodeText(text.slice(0, i) + text.slice(i + 1))).not.toThrow();
    }
  });
});
