import { describe, expect, it } from 'vitest';
import {
  findCpucap,
  makeCpucapTable,
  parseCallbackConvention,
  parseCpucapHeader,
  parseCpucapList,
  readCpucapField,
  suggestCpucaps,
} from '../../server/src/kernel/cpucaps.ts';

const table = (names: string, callback = parseCallbackConvention(['#define ARM64_CB_SHIFT 15\n'])) =>
  makeCpucapTable({
    source: { kind: 'list', file: '/k/cpucaps' },
    names: parseCpucapList(names).names,
    count: null,
    callback,
    definitions: null,
  });

describe('cpucap list', () => {
  it('numbers names in file order and keeps their lines', () => {
    const { names, problems } = parseCpucapList('# c\nB\n\nA_2\nHAS_v8\r\n');
    expect(names.map((cap) => `${cap.number} ${cap.name} :${cap.line}`)).toEqual(['0 B :2', '1 A_2 :4', '2 HAS_v8 :5']);
    expect(problems).toEqual([]);
  });

  it('reports the lines at which gen-cpucaps.awk stops, and goes on', () => {
    const { names, problems } = parseCpucapList('A\nlower case\nB');
    expect(names.map((cap) => cap.name)).toEqual(['A', 'B']);
    expect(problems).toEqual([2]);
  });
});

describe('cpucap header', () => {
  it('reads numbers and ARM64_NCAPS of a hand-written header', () => {
    const { names, count } = parseCpucapHeader(
      '#define ARM64_ONE\t\t0\n# define ARM64_TWO 7 /* x */\n#define ARM64_NCAPS 9\n',
    );
    expect(names.map((cap) => `${cap.name}=${cap.number}`)).toEqual(['ONE=0', 'TWO=7']);
    expect(count).toBe(9);
  });
});

describe('callback convention', () => {
  it('is read from the headers, not from a version', () => {
    expect(parseCallbackConvention(['#define ARM64_CB_SHIFT\t15'])).toEqual({ kind: 'bit', shift: 15 });
    expect(parseCallbackConvention(['#define ARM64_CB_PATCH ARM64_NCAPS'])).toEqual({ kind: 'ncaps' });
    expect(parseCallbackConvention(['']).kind).toBe('unknown');
  });

  it('splits a record field by a bit', () => {
    const field = readCpucapField(table('A\nB'), 0x8001);
    expect([field.isCallback, field.number, field.cap?.name]).toEqual([true, 1, 'B']);
  });

  it('knows ARM64_NCAPS as the callback mark of older kernels', () => {
    const old = table('A\nB', { kind: 'ncaps' });
    expect(readCpucapField(old, 2).isCallback).toBe(true);
    expect(readCpucapField(old, 1)).toMatchObject({ isCallback: false, number: 1 });
  });
});

describe('names', () => {
  const caps = table('HAS_GIC_PRIO_MASKING\nHAS_FPSIMD\nHAS_LSE_ATOMICS\nSPECTRE_V2');
  it('are accepted with and without ARM64_', () => {
    expect(findCpucap(caps, 'ARM64_SPECTRE_V2')?.number).toBe(3);
    expect(findCpucap(caps, 'SPECTRE_V2')?.number).toBe(3);
    expect(findCpucap(caps, 'NOPE')).toBeUndefined();
  });

  it.each([
    ['ARM64_HAS_IRQ_PRIO_MASKING', 'HAS_GIC_PRIO_MASKING renamed'],
    ['HAS_NO_FPSIMD', 'HAS_FPSIMD renamed-inverted'],
    ['HAS_LSE_ATOMIC', 'HAS_LSE_ATOMICS similar'],
    ['LSE', 'HAS_LSE_ATOMICS similar'],
  ])('unknown %s suggests %s', (name, first) => {
    const [suggestion] = suggestCpucaps(caps, name);
    expect(`${suggestion?.name} ${suggestion?.reason}`).toBe(first);
  });

  it('have no suggestion when nothing is near', () => {
    expect(suggestCpucaps(caps, 'COMPLETELY_OTHER_THING')).toEqual([]);
  });
});
