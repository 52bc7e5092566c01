import { expect, test } from 'vitest';
import {
  findSystemOperation,
  findSystemRegister,
  prefetchOperation,
  systemRegisterNames,
} from '../../server/src/isa/systemNames.ts';

const place = (encoding: number): string =>
  `s${encoding >> 14}_${(encoding >> 11) & 7}_c${(encoding >> 7) & 15}_c${(encoding >> 3) & 15}_${encoding & 7}`;

test('names, generic names and directions', () => {
  const lines = ['sctlr_el1', 'midr_el1', 'icc_eoir1_el1', 's3_4_c11_c15_7', 'oslar_el1', 'nothing'].map((name) => {
    const found = findSystemRegister(name);
    if (found === undefined) return `${name} unknown`;
    return `${name} ${place(found.encoding)} ${found.readable ? 'r' : ''}${found.writable ? 'w' : ''}`;
  });
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "sctlr_el1 s3_0_c1_c0_0 rw
    midr_el1 s3_0_c0_c0_0 r
    icc_eoir1_el1 s3_0_c12_c12_1 w
    s3_4_c11_c15_7 s3_4_c11_c15_7 rw
    oslar_el1 s2_0_c1_c0_4 w
    nothing unknown"
  `);
});

test('operations say whether they take a register', () => {
  const lines = ['dc zva', 'ic iallu', 'tlbi vmalle1', 'tlbi vae1', 'at s1e1r', 'dc nothing', 'constructor x'].map(
    (line) => {
      const [group = '', name = ''] = line.split(' ');
      const found = findSystemOperation(group, name);
      return found === undefined ? `${line} unknown` : `${line} ${place(found.encoding)} ${found.takesRegister}`;
    },
  );
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "dc zva s1_3_c7_c4_1 true
    ic iallu s1_0_c7_c5_0 false
    tlbi vmalle1 s1_0_c8_c7_0 false
    tlbi vae1 s1_0_c8_c7_1 true
    at s1e1r s1_0_c7_c8_0 true
    dc nothing unknown
    constructor x unknown"
  `);
});

test('every record of the data file is readable', () => {
  const names = systemRegisterNames();
  expect(names.length).toBeGreaterThan(1000);
  const bad = names.filter((name) => {
    const found = findSystemRegister(name);
    return found === undefined || !(found.readable || found.writable);
  });
  expect(bad).toEqual([]);
  expect(names).toEqual([...names].sort());
});

test('prefetch operations', () => {
  expect(['pldl1keep', 'plil2strm', 'pstl3strm', 'pldl4keep'].map(prefetchOperation)).toEqual([0, 11, 21, undefined]);
});
