import type { ParsedInsn } from './operands.ts';

/**
 * Classes of instructions the patching rules tell apart. `cbz` is also cbnz, `tbz` also tbnz, `b.cond` also bc.cond;
 * `literal` is a load or prefetch the kernel's `aarch64_insn_uses_literal` names, `simd-literal` one it misses.
 */
export type InsnClass =
  | 'b'
  | 'bl'
  | 'cbz'
  | 'tbz'
  | 'b.cond'
  | 'br'
  | 'blr'
  | 'ret'
  | 'eret'
  | 'adr'
  | 'adrp'
  | 'literal'
  | 'simd-literal'
  | 'exception'
  | 'hint'
  | 'barrier'
  | 'system'
  | 'other';

type MaskRow = readonly [mask: number, value: number, insnClass: InsnClass];

/** First match wins. Source: arch/arm64/include/asm/insn.h, v6.12; system space: Arm DDI 0487, C4.1.66. */
const maskRows: readonly MaskRow[] = [
  [0xfc000000, 0x14000000, 'b'],
  [0xfc000000, 0x94000000, 'bl'],
  [0x7e000000, 0x34000000, 'cbz'],
  [0x7e000000, 0x36000000, 'tbz'],
  [0xff000000, 0x54000000, 'b.cond'],
  [0x9f000000, 0x10000000, 'adr'],
  [0x9f000000, 0x90000000, 'adrp'],
  [0xbf000000, 0x18000000, 'literal'],
  [0xff000000, 0x98000000, 'literal'],
  [0xff000000, 0xd8000000, 'literal'],
  [0xbf000000, 0x1c000000, 'simd-literal'],
  [0xff000000, 0x9c000000, 'simd-literal'],
  [0xfffff01f, 0xd503201f, 'hint'],
  [0xfffff000, 0xd5033000, 'barrier'],
  [0xffc00000, 0xd5000000, 'system'],
  [0xff000000, 0xd4000000, 'exception'],
  [0xfffffc1f, 0xd61f0000, 'br'],
  [0xfefff800, 0xd61f0800, 'br'],
  [0xfffffc1f, 0xd63f0000, 'blr'],
  [0xfefff800, 0xd63f0800, 'blr'],
  [0xfffffc1f, 0xd65f0000, 'ret'],
  [0xfffffbff, 0xd65f0bff, 'ret'],
  [0xfffff3ff, 0xd69f03e0, 'eret'],
  [0xfffffbff, 0xd69f0bff, 'eret'],
];

/** Class of one instruction word (unsigned 32 bits). */
export function classifyWord(word: number): InsnClass {
  for (const [mask, value, insnClass] of maskRows) {
    if ((word & mask) >>> 0 === value >>> 0) return insnClass;
  }
  return 'other';
}

const mnemonicClasses: ReadonlyMap<string, InsnClass> = new Map<string, InsnClass>([
  ['b', 'b'],
  ['bl', 'bl'],
  ['cbz', 'cbz'],
  ['cbnz', 'cbz'],
  ['tbz', 'tbz'],
  ['tbnz', 'tbz'],
  ['adr', 'adr'],
  ['adrp', 'adrp'],
  ...classNames('br', 'br braa brab braaz brabz'),
  ...classNames('blr', 'blr blraa blrab blraaz blrabz'),
  ...classNames('ret', 'ret retaa retab'),
  ...classNames('eret', 'eret eretaa eretab'),
  ...classNames('exception', 'svc hvc smc brk hlt dcps1 dcps2 dcps3 tcancel'),
  ...classNames('barrier', 'dmb dsb isb clrex sb ssbb pssbb dfb tcommit'),
  ...classNames('hint', 'hint nop yield wfe wfi sev sevl dgh esb csdb psb tsb bti clearbhb clrbhb xpaclri'),
  ...classNames('hint', 'paciaz paciasp pacibz pacibsp autiaz autiasp autibz autibsp'),
  ...classNames('hint', 'pacia1716 pacib1716 autia1716 autib1716'),
  ...classNames('system', 'mrs msr sys sysl dc ic at tlbi cfp dvp cpp cfinv xaflag axflag smstart smstop wfet wfit'),
]);

function classNames(insnClass: InsnClass, names: string): [string, InsnClass][] {
  return names.split(' ').map((name) => [name, insnClass]);
}

const conditionalBranch = /^(?:bc?\.[a-z]+|b(?:eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al|nv))$/;
const literalLoads: ReadonlySet<string> = new Set(['ldr', 'ldrsw', 'prfm']);

/** The same classes from text, so also for words whose relocation or symbol is not known. */
export function classifyInsn(insn: ParsedInsn): InsnClass {
  const known = mnemonicClasses.get(insn.mnemonic);
  if (known !== undefined) return known;
  if (conditionalBranch.test(insn.mnemonic)) return 'b.cond';
  if (literalLoads.has(insn.mnemonic)) {
    const [first, second] = insn.operands;
    if (second?.kind !== 'imm' && second?.kind !== 'name' && second?.kind !== 'literal') return 'other';
    if (first?.kind !== 'reg') return 'literal';
    return first.reg.bank === 'x' || first.reg.bank === 'w' ? 'literal' : 'simd-literal';
  }
  return 'other';
}
