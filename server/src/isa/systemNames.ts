import data from '../../data/isa/sysregs.json';

/** System register by name: `encoding` is op0:op1:CRn:CRm:op2 (2+3+4+4+3 bits), as at bits 20:5 of mrs and msr. */
export interface SystemRegister {
  readonly encoding: number;
  readonly readable: boolean;
  readonly writable: boolean;
}

export interface SystemOperation {
  /** op0:op1:CRn:CRm:op2 with op0 = 1, as at bits 20:5 of sys. */
  readonly encoding: number;
  readonly takesRegister: boolean;
}

interface SystemData {
  readonly registers: Readonly<Record<string, string>>;
  readonly operations: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const { registers, operations }: SystemData = data;
const genericPattern = /^s([0-3])_([0-7])_c(\d|1[0-5])_c(\d|1[0-5])_([0-7])$/;

/**
 * The system register a name stands for, lower case; also the generic spelling `s3_0_c1_c0_1`. Undefined when
 * neither GNU as 2.40 nor LLVM 19 knows the name. Directions come from LLVM; generic names allow both.
 */
export function findSystemRegister(name: string): SystemRegister | undefined {
  const generic = encodingOf(name);
  if (generic >= 0) return { encoding: generic, readable: true, writable: true };
  const record = ownValue(registers, name);
  if (record === undefined) return undefined;
  const [place, direction] = record.split(' ');
  const encoding = encodingOf(place ?? '');
  if (encoding < 0) return undefined;
  return { encoding, readable: direction !== 'w', writable: direction !== 'r' };
}

/** Operation of `dc`, `ic`, `at`, `tlbi`, `cfp`, `dvp` or `cpp` by its lower-case name. */
export function findSystemOperation(group: string, name: string): SystemOperation | undefined {
  const record = ownValue(ownValue(operations, group) ?? {}, name);
  if (record === undefined) return undefined;
  const [place, register] = record.split(' ');
  const encoding = encodingOf(place ?? '');
  return encoding < 0 ? undefined : { encoding, takesRegister: register === 'xt' };
}

/** All system register names, for completion and reverse lookup. */
export function systemRegisterNames(): readonly string[] {
  return Object.keys(registers);
}

function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function encodingOf(place: string): number {
  const match = genericPattern.exec(place);
  if (match === null) return -1;
  const [, op0, op1, crn, crm, op2] = match.map(Number);
  return ((op0 ?? 0) << 14) | ((op1 ?? 0) << 11) | ((crn ?? 0) << 7) | ((crm ?? 0) << 3) | (op2 ?? 0);
}

/** dmb and dsb options. Source: Arm DDI 0487, C6.2 DMB. */
export const barrierOptions: ReadonlyMap<string, number> = new Map([
  ['oshld', 1],
  ['oshst', 2],
  ['osh', 3],
  ['nshld', 5],
  ['nshst', 6],
  ['nsh', 7],
  ['ishld', 9],
  ['ishst', 10],
  ['ish', 11],
  ['ld', 13],
  ['st', 14],
  ['sy', 15],
]);

interface PstateField {
  /** op1 at 18:16, op2 at 7:5 and fixed CRm bits of the MSR (immediate) word. */
  readonly bits: number;
  readonly maximum: number;
}

function pstate(op1: number, op2: number, maximum: number, crm = 0): PstateField {
  return { bits: (op1 << 16) | (op2 << 5) | (crm << 8), maximum };
}

const pstateFields: ReadonlyMap<string, PstateField> = new Map([
  ['spsel', pstate(0, 5, 1)],
  ['daifset', pstate(3, 6, 15)],
  ['daifclr', pstate(3, 7, 15)],
  ['uao', pstate(0, 3, 1)],
  ['pan', pstate(0, 4, 1)],
  ['ssbs', pstate(3, 1, 1)],
  ['dit', pstate(3, 2, 1)],
  ['tco', pstate(3, 4, 1)],
  ['allint', pstate(1, 0, 1)],
  ['svcrsm', pstate(3, 3, 1, 2)],
  ['svcrza', pstate(3, 3, 1, 4)],
  ['svcrsmza', pstate(3, 3, 1, 6)],
]);

/** Field that `msr FIELD, #imm` writes. Source: Arm DDI 0487, C6.2 MSR (immediate). */
export function pstateField(name: string): PstateField | undefined {
  return pstateFields.get(name);
}

/** 5-bit code of a prefetch operation such as `pldl1keep`, or undefined. */
export function prefetchOperation(name: string): number | undefined {
  const match = /^(pld|pli|pst)l([123])(keep|strm)$/.exec(name);
  if (match === null) return undefined;
  const type = match[1] === 'pld' ? 0 : match[1] === 'pli' ? 1 : 2;
  return (type << 3) | ((Number(match[2]) - 1) << 1) | (match[3] === 'strm' ? 1 : 0);
}
