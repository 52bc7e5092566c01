import { describe, expect, it } from 'vitest';
import { defaultSimulation, simulate } from '../../server/src/cost/simulate.ts';
import { runText, smallInOrder, smallProgram } from '../support/smallCore.ts';

const run = (text: string, kernel = false, bound: 'lo' | 'hi' = 'lo'): string =>
  runText(smallProgram(smallInOrder, text, { mode: kernel ? 'kernel' : 'llvm', bound }));

describe('issue', () => {
  it('an instruction that waits for a value holds everything behind it', () => {
    expect(run('ldr 1 2\nadd 3 1 1\nadd 4 5 5')).toMatchInlineSnapshot(`
      "0: 0 0 3 3  start
      1: 3 3 4 4  value 0
      2: 3 3 4 4  width 1
      total 5"
    `);
  });

  it('waits for a unit', () => {
    expect(run('onA 1 9 9\nonA 2 9 9')).toMatchInlineSnapshot(`
      "0: 0 0 1 1  start
      1: 1 1 2 2  unit 0
      total 3"
    `);
  });

  it('a write must not come before one that is pending', () => {
    expect(run('mul 1 2 2\nadd 3 4 4')).toMatchInlineSnapshot(`
      "0: 0 0 4 4  start
      1: 3 3 4 4  writeBack 0
      total 5"
    `);
  });

  it('a wide instruction may start at any time and takes slots of the next cycles', () => {
    expect(run('add 1 9 9\nwide 3 4\nadd 5 6 6')).toMatchInlineSnapshot(`
      "0: 0 0 1 1  start
      1: 0 0 2 2  width 0
      2: 3 3 4 4  width 1
      total 5"
    `);
  });
});

describe('kernel mode', () => {
  it('a NOP takes a slot and nothing else', () => {
    expect(run('add 1 9 9\nnop\nadd 3 9 9', true)).toMatchInlineSnapshot(`
      "0: 0 0 1 1  start
      1: 0 0 0 0  width 0
      2: 1 1 2 2  width 1
      total 3"
    `);
  });

  it('barriers hold what they order', () => {
    expect(run('ldr 1 2\ndmb\nadd 7 9 9\nldr 3 4', true)).toMatchInlineSnapshot(`
      "0: 0 0 3 3  start
      1: 3 3 5 5  memory 0
      2: 3 3 4 4  width 1
      3: 5 5 8 8  serialize 1
      total 9"
    `);
    expect(run('ldr 1 2\ndsb\nadd 5 6 6', true)).toMatchInlineSnapshot(`
      "0: 0 0 3 3  start
      1: 3 3 6 6  memory 0
      2: 6 6 7 7  serialize 1
      total 8"
    `);
  });

  it('what stands behind a taken branch issues in the next cycle, at the upper bound one later', () => {
    expect(run('b\nadd 1 9 9', true, 'hi')).toMatchInlineSnapshot(`
      "0: 0 0 1 1  start
      1: 2 2 3 3  frontEnd 0
      total 4"
    `);
  });
});

it('a period of the complete state gives what the whole run gives', () => {
  const program = smallProgram(smallInOrder, 'ldr 1 2\nwide 3 1\nadd 2 2 2\nstr 3 2\ndiv 5 6 6');
  const long = simulate(program, 5000);
  const whole = simulate(program, 5000, { ...defaultSimulation, tracedIterations: 3 });
  if (long.kind !== 'done' || whole.kind !== 'done') throw new Error('failed');
  expect(long.period).not.toBeNull();
  expect(whole.period).toBeNull();
  expect(long.totalCycles).toBe(whole.totalCycles);
  expect([...long.usedCycles]).toEqual([...whole.usedCycles]);
});
