import { describe, expect, it } from 'vitest';
import { type CoreRecord, coreRecords } from '../../server/src/kernel/coreRecords.ts';
import type { CpucapMeaning } from '../../server/src/kernel/cpucapMeaning.ts';
import { deriveCpucaps } from '../../server/src/kernel/deriveCpucaps.ts';

const core: CoreRecord = {
  core: 'demo',
  title: 'Demo r1p2',
  model: 'MIDR_DEMO',
  variant: 1,
  revision: 2,
  architecture: '8.2',
  complete: false,
  registers: { ID_A_EL1: '0x30' },
  fields: {},
  hwcaps: 'atomics',
  depends: { OPTION: 'a build option of the core' },
  source: 'test',
};

const plain: CpucapMeaning = {
  name: '',
  description: null,
  type: null,
  scope: 'system',
  patchedBy: null,
  detects: null,
  fields: [],
  midrRanges: [],
  match: { name: 'has_cpuid_feature', file: null, line: null },
  configGates: [],
  isCompiledIn: true,
  file: 'f',
  line: 1,
};

const field = (register: string, name: string, limitValue: number): CpucapMeaning => ({
  ...plain,
  fields: [{ register, field: name, relation: 'min', limit: String(limitValue), limitValue }],
});

const range = (variant: number, revision: number): CpucapMeaning => ({
  ...plain,
  match: { name: 'is_affected_midr_range', file: null, line: null },
  midrRanges: [
    {
      model: 'MIDR_DEMO',
      min: { variant: 0, revision: 0 },
      max: { variant, revision },
      isCompiledIn: true,
      fixedSome: null,
    },
  ],
});

function verdict(name: string, meaning: CpucapMeaning | null): string {
  const derived = deriveCpucaps(core, {
    names: [name],
    meaningOf: () => meaning,
    fieldPosition: () => ({ lsb: 4, width: 4, isSigned: false }),
    midrList: () => null,
    isConfigSet: () => false,
  });
  const [kind, list] = Object.entries(derived).find(([, caps]) => caps.length > 0) ?? ['nowhere', []];
  return `${kind}: ${list[0]?.reason}`;
}

describe('cpucaps of a core', () => {
  it.each<[string, CpucapMeaning | null, string]>([
    ['FIELD', field('ID_A_EL1', 'F', 3), 'present: ID_A_EL1.F is 3'],
    ['FIELD', field('ID_A_EL1', 'F', 4), 'absent: ID_A_EL1.F is 3'],
    ['FIELD', field('ID_B_EL1', 'F', 1), 'unknown: ID_B_EL1.F of this core is not known'],
    ['ATOMICS', field('ID_AA64ISAR0_EL1', 'ATOMIC', 2), 'present: ID_AA64ISAR0_EL1.ATOMIC is 2'],
    ['PAN', field('ID_AA64MMFR1_EL1', 'PAN', 1), 'present: ID_AA64MMFR1_EL1.PAN is 2'],
    ['MIDR', range(1, 2), 'present: Demo r1p2 is in its MIDR list'],
    ['MIDR', range(1, 1), 'absent: Demo r1p2 is not in its MIDR list'],
    ['OPTION', plain, 'depends: a build option of the core'],
    ['OFF', { ...plain, isCompiledIn: false, configGates: ['CONFIG_X'] }, 'absent: not built: CONFIG_X'],
    ['NEW', { ...plain, match: { name: 'has_news', file: null, line: null } }, 'unknown: has_news() decides'],
    ['NONE', null, 'unknown: the tree’s tables have no entry for it'],
  ])('%s', (name, meaning, expected) => {
    expect(verdict(name, meaning)).toBe(expected);
  });
});

describe('cores.json', () => {
  it('names each core once, with readable registers and a source', () => {
    expect(new Set(coreRecords.map((each) => each.core)).size).toBe(coreRecords.length);
    for (const each of coreRecords) {
      for (const value of Object.values(each.registers)) expect(value).toMatch(/^0x[\da-f]+$/);
      expect(each.source).not.toBe('');
    }
  });
});
