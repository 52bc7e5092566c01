import { describe, expect, it } from 'vitest';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { coreChoice, modelNames } from '../../server/src/cost/cores.ts';
import { type BoundInsn, type BoundRegisters, callLatency, registerIds } from '../../server/src/cost/model.ts';
import { bindInsn, type CoreTables, isKnownForm, makeBinder, TableCache } from '../../server/src/cost/records.ts';
import { namedRegId, regIdName } from '../../server/src/isa/registerIds.ts';
import { readProjectFile } from '../support/projectFiles.ts';

const cache = new TableCache(bundledCostData);
const none: ReadonlySet<string> = new Set();

const bound = async (core: string, text: string, mode: 'llvm' | 'kernel' = 'llvm'): Promise<BoundInsn> =>
  bindInsn(await cache.core(core), text, { mode, features: new Set(coreChoice(core)?.features) });

/** `writes <- reads`, each operand with its latency or its advances. */
async function dependencies(core: string, text: string): Promise<string> {
  const { record, writes, reads } = await bound(core, text);
  if (record === null) return 'refused';
  const names = ({ registers }: BoundRegisters): string => registers.map(regIdName).join('+') || 'nothing';
  const latency = (cycles: number | undefined): string => (cycles === callLatency ? 'call' : `${cycles}`);
  const left = writes.map((write, i) => `${names(write)} ${latency(record.writes[i]?.latencyCycles)}`);
  const right = reads.map((read, i) => {
    const advances = record.reads[i]?.advances ?? [];
    return `${names(read)}${advances.length === 0 ? '' : ` -${advances[0]?.cycles}`}`;
  });
  return `${left.join(', ')} <- ${right.join(', ')}`;
}

describe('registers and latencies', () => {
  // Latencies: llvm-mca-19 -mcpu=neoverse-n1 -instruction-tables and -timeline.
  it.each([
    ['add w0, w1, w2', 'x0 1 <- x1, x2'],
    ['adds x0, x1, xzr', 'x0 1, nzcv 1 <- x1, nothing'],
    ['cmp w3, #1', 'nzcv 1 <- x3'],
    ['csel x0, x1, xzr, ne', 'x0 1 <- x1, nothing, nzcv'],
    ['ldr x0, [x1], #8', 'x1 1, x0 4 <- x1'],
    ['ldp x29, x30, [sp], #16', 'sp 1, x29 4, x30 4 <- sp'],
    ['str wzr, [sp, #8]', ' <- nothing, sp'],
    ['bl foo', 'x30 1 <- sp'],
    ['ret', ' <- x30'],
    ['ret x3', ' <- x3'],
    ['paciasp', 'x30 1 <- x30, sp'],
    ['mov x0, v3.d[0]', 'x0 2 <- v3'],
    ['ld1 {v31.4s, v0.4s}, [x1]', 'v31+v0 5 <- x1'],
    ['mrs x0, nzcv', 'x0 1, nzcv 1 <- '],
  ])('%s', async (text, wanted) => {
    expect(await dependencies('neoverse-n1', text)).toBe(wanted);
  });

  it('a value may be taken early', async () => {
    expect(await dependencies('cortex-a57', 'madd x0, x1, x2, x3')).toBe('x0 5 <- x1, x2, x3 -2');
  });

  it('an empty write of LLVM keeps its place where it meets a real register', async () => {
    expect(await dependencies('cortex-a55', 'ldp x0, xzr, [x1]')).toBe('x0 4, x0 0 <- x1');
  });
});

it('the simulator and the texts number registers alike', () => {
  expect([registerIds.lr, registerIds.sp, registerIds.v0, registerIds.p0].map(regIdName)).toEqual([
    'x30',
    'sp',
    'v0',
    'p0',
  ]);
  for (const name of ['nzcv', 'ffr', 'fpcr', 'za', 'vg', 'other'] as const)
    expect(namedRegId(name)).toBe(registerIds[name]);
});

describe('lookup', () => {
  it('finds a near form', async () => {
    expect((await bound('cortex-a55', 'csel x0, x1, xzr, ne')).form).toBe('csel x,x,x,cc');
    expect((await bound('cortex-a55', 'sub sp, x29, #16')).form).toBe('sub x,x,#');
  });

  it('a zero register can be a record of its own', async () => {
    const plain = await bound('neoverse-v2', 'mov x0, x1');
    const zero = await bound('neoverse-v2', 'mov x0, #0');
    expect([plain.record?.latencyCycles, zero.record?.latencyCycles]).toEqual([0, 0]);
    expect((await bound('neoverse-v2', 'mov x0, #1')).record?.latencyCycles).toBe(1);
  });

  it('llvm mode has no rows of ours, kernel mode has', async () => {
    expect(await bound('neoverse-n1', 'ldadd x0, x1, [x2]')).toMatchObject({ record: null, own: null });
    const { own, record } = await bound('neoverse-n1', 'ldadd x0, x1, [x2]', 'kernel');
    expect(record).toBeNull();
    expect(own).toMatchObject({ id: 'lse', loCycles: 10, hiCycles: 25, mayLoad: true, mayStore: true, assumed: false });
  });

  it('says why nothing is known', async () => {
    expect((await bound('cortex-a57', 'ldadd x0, x1, [x2]')).unknownReason).toBe(
      'LLVM 19.1.7 has no record for it on cortex-a57',
    );
    expect((await bound('cortex-a57', 'frobnicate x0', 'kernel')).unknownReason).toBe(
      'no table knows the form frobnicate x',
    );
    expect((await bound('cortex-a57', '[]', 'kernel')).unknownReason).toBe('an instruction name is missing');
  });

  it('kinds of branches and their targets', async () => {
    const kinds = async (text: string) => [
      (await bound('cortex-a57', text)).branch,
      (await bound('cortex-a57', text)).target,
    ];
    expect(await kinds('b.ne 1f')).toEqual(['conditional', '1f']);
    expect(await kinds('bls foo')).toEqual(['conditional', 'foo']);
    expect(await kinds('b foo')).toEqual(['jump', 'foo']);
    expect(await kinds('blr x1')).toEqual(['call', null]);
    expect(await kinds('eret')).toEqual(['exception-return', null]);
    expect(await kinds('bic x0, x1, x2')).toEqual([null, null]);
  });

  it('equal texts give one object, equal records are one object', async () => {
    const bind = makeBinder(await cache.core('cortex-a57'), { mode: 'llvm', features: none });
    expect(bind('nop')).toBe(bind('nop'));
    expect(bind('add x0, x1, x2').record).toBe(bind('add x5, x6, x7').record);
  });

  it('a core that is not shipped is an error, and asking again is not', async () => {
    await expect(cache.core('i486')).rejects.toThrow('no cost data is named i486');
    await expect(cache.core('cortex-a53')).resolves.toBeDefined();
  });
});

describe('rows of our own', () => {
  /** `id behavior lo..hi`, `assumed` where it is. */
  async function row(
    core: string,
    text: string,
    features: ReadonlySet<string> = new Set(['PAuth', 'RAS']),
  ): Promise<string> {
    const { own } = bindInsn(await cache.core(core), text, { mode: 'kernel', features });
    if (own === null) return 'table';
    const bounds = `${own.relative ? '+' : ''}${own.loCycles}..${own.hiCycles ?? '?'}`;
    return [own.id, own.behavior, bounds, own.boundary ?? '', own.assumed ? 'assumed' : ''].filter(Boolean).join(' ');
  }

  it.each([
    ['nop', 'nop slot 0..0'],
    ['hint #0x6', 'nop slot 0..0'],
    ['hint #99', 'nop slot 0..0'],
    ['bti c', 'bti slot 0..0 assumed'],
    ['hint #34', 'bti slot 0..0 assumed'],
    ['add x0, x1, x2', 'table'],
    ['ldr x0, [x1]', 'table'],
    ['stxr w0, x1, [x2]', 'stxr point +0..13'],
    ['casal x0, x1, [x2]', 'lse point 10..25'],
    ['swpl x0, x1, [x2]', 'lse point 10..25'],
    ['caspa x0, x1, x2, x3, [x4]', 'casp point 10..35'],
    ['stset x0, [x1]', 'lse-store point 1..200'],
    ['ldar x0, [x1]', 'load-acquire point +0..10 assumed'],
    ['ldapr x0, [x1]', 'load-acquire point +0..10 assumed'],
    ['stlr x0, [x1]', 'store-release point 1..10 assumed'],
    ['dmb ishld', 'dmb-loads order-memory 1..30 assumed'],
    ['dmb #9', 'dmb-loads order-memory 1..30 assumed'],
    ['dmb ishst', 'dmb-stores order-memory 1..30 assumed'],
    ['dmb ish', 'dmb order-memory 1..30 assumed'],
    ['dsb nsh', 'dsb drain-memory 10..? assumed'],
    ['isb', 'isb serialize 20..60 assumed'],
    ['sb', 'sb serialize 20..60 assumed'],
    ['clearbhb', 'clrbhb-absent slot 0..0'],
    ['hint #22', 'clrbhb-absent slot 0..0'],
    ['mrs x0, SP_EL0', 'mrs-thread-and-id point 1..10 assumed'],
    ['mrs x0, ID_AA64PFR0_EL1', 'mrs-thread-and-id point 1..10 assumed'],
    ['mrs x0, esr_el1', 'system-register point 1..? assumed'],
    ['msr daifclr, #2', 'daif point 1..40'],
    ['msr pan, #1', 'pstate point 1..40 assumed'],
    ['msr tpidr_el1, x0', 'msr-thread point 1..15 assumed'],
    ['msr icc_pmr_el1, x0', 'msr-pmr point 1..? assumed'],
    ['msr ttbr0_el1, x0', 'msr-translation point 3..40 assumed'],
    ['tlbi vale1is, x0', 'tlbi slot 0..? assumed'],
    ['sys #0, c8, c3, #5, x0', 'tlbi-sys slot 0..? assumed'],
    ['at s1e1r, x0', 'at point 5..? assumed'],
    ['dc zva, x0', 'dc-zva point 1..20 assumed'],
    ['dc civac, x0', 'maintenance slot 0..? assumed'],
    ['prfm pldl1keep, [x0]', 'table'],
    ['eret', 'eret serialize 11..33 leaves assumed'],
    ['svc #0', 'exception-call slot 0..? leaves assumed'],
    ['brk #0x800', 'trap slot 0..? leaves assumed'],
    ['wfe', 'wait slot 0..? wait assumed'],
    ['stg x0, [x1]', 'memory-tags point 1..20 assumed'],
  ])('Neoverse N1: %s', async (text, wanted) => {
    expect(await row('neoverse-n1', text)).toBe(wanted);
  });

  it('hints of an absent feature are NOPs', async () => {
    expect(await row('neoverse-v2', 'paciasp', none)).toBe('pauth-hint-absent slot 0..0');
    expect(await row('neoverse-v2', 'paciasp')).toBe('table');
    expect(await row('neoverse-v2', 'hint #25', none)).toBe('pauth-hint-absent slot 0..0');
    expect(await row('neoverse-v2', 'esb', none)).toBe('esb-absent slot 0..0');
    expect(await row('neoverse-v2', 'clrbhb', new Set(['CLRBHB']))).toBe('clrbhb point 1..? assumed');
  });

  it('cores differ', async () => {
    expect(await row('cortex-a53', 'msr daifset, #2')).toBe('daif point 1..1');
    expect(await row('cortex-a55', 'ldadd x0, x1, [x2]')).toBe('lse point 8..30 assumed');
    expect(await row('apple-m1', 'ldaddal x0, x1, [x2]')).toBe('lse-release point 7..7');
    expect(await row('apple-m1', 'ldadda x0, x1, [x2]')).toBe('lse point 3..3');
    expect(await row('a64fx', 'ldadd x0, x1, [x2]')).toBe('table');
    expect(await row('neoverse-n2', 'stg x0, [x1]')).toBe('table');
  });

  it('a numbered hint and LDAPR take the record of what they are', async () => {
    const options = { mode: 'kernel', features: new Set(['PAuth']) } as const;
    const tables = await cache.core('neoverse-v2');
    const hint = bindInsn(tables, 'hint #25', options);
    expect([hint.record?.latencyCycles, hint.writes]).toEqual([5, [{ registers: [30] }]]);
    const load = bindInsn(await cache.core('cortex-a57'), 'ldapr x3, [x4]', options);
    expect([load.record?.latencyCycles, load.writes, load.reads]).toEqual([
      4,
      [{ registers: [3] }],
      [{ registers: [4] }],
    ]);
  });
});

describe('coverage', () => {
  const seeds = readProjectFile('server/data/cost/generate/seeds.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  // No kernel has them, and nothing is known about them.
  const unknown = /^(rcwcas|umin) /;

  it.each(modelNames)('every form of the seeds has a figure on %s', async (name) => {
    const tables: CoreTables = await cache.core(name);
    const bind = makeBinder(tables, { mode: 'kernel', features: new Set(coreChoice(name)?.features) });
    const lacking = seeds.filter((text) => {
      const { record, own } = bind(text);
      return record === null && own === null && !unknown.test(text);
    });
    expect(lacking).toEqual([]);
    expect(seeds.filter((text) => !isKnownForm(tables, text))).toEqual([]);
  });
});
