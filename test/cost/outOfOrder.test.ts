import { describe, expect, it } from 'vitest';
import { defaultSimulation, simulate } from '../../server/src/cost/simulate.ts';
import { runText, smallCore, smallProgram } from '../support/smallCore.ts';

const run = (text: string, kernel = false, bound: 'lo' | 'hi' = 'lo'): string =>
  runText(smallProgram(smallCore, text, { mode: kernel ? 'kernel' : 'llvm', bound }));

describe('values', () => {
  it('a consumer issues when its latency is over, and retirement is in order', () => {
    expect(run('mul 1 2 3\nadd 4 1 1\nadd 5 6 6')).toMatchInlineSnapshot(`
      "0: 0 1 5 6  start
      1: 0 5 6 7  value 0
      2: 1 2 3 7  width
      total 8"
    `);
  });

  it('a matching advance hands the value over early, another class does not', () => {
    expect(run('mul 1 2 3\nmadd 4 5 6 1')).toMatchInlineSnapshot(`
      "0: 0 1 5 6  start
      1: 0 2 6 7  value 0
      total 8"
    `);
    expect(run('ldr 1 2\nmadd 4 5 6 1')).toMatchInlineSnapshot(`
      "0: 0 1 4 5  start
      1: 0 4 8 9  value 0
      total 10"
    `);
  });

  it('an instruction without latency and units ends in the cycle of its dispatch', () => {
    expect(run('mov 1 2\nmov 3 1\nadd 4 3 3')).toMatchInlineSnapshot(`
      "0: 0 0 0 1  start
      1: 0 0 0 1  start
      2: 1 2 3 4  width
      total 5"
    `);
  });
});

describe('units', () => {
  it('a group is served by its highest member first, and each member once per round', () => {
    const program = smallProgram(smallCore, 'add 1 2 2\nadd 3 4 4\nadd 5 6 6');
    const result = simulate(program, 1);
    expect(result.kind === 'done' && [...result.usedCycles]).toEqual([1, 2, 0, 0, 0]);
  });

  it('waits for a unit that is busy', () => {
    expect(run('div 1 2 2\ndiv 3 4 4\ndiv 5 6 6')).toMatchInlineSnapshot(`
      "0: 0 1 7 8  start
      1: 0 1 7 8  start
      2: 1 7 13 14  unit 0
      total 15"
    `);
  });

  it('of several ready ones the one with more waiting readers goes first', () => {
    const wide = { ...smallCore, widthUops: 8 };
    expect(runText(smallProgram(wide, 'onA 1 9 9\nonA 2 9 9\nonB 3 2 2\nonB 4 2 2'))).toMatchInlineSnapshot(`
      "0: 0 2 3 4  unit 1
      1: 0 1 2 4  start
      2: 0 2 3 4  value 1
      3: 0 3 4 5  unit 2
      total 6"
    `);
  });
});

describe('dispatch', () => {
  it('a wide instruction takes a whole cycle and slots of the next ones', () => {
    expect(run('add 1 2 2\nwide 3 4\nadd 5 6 6')).toMatchInlineSnapshot(`
      "0: 0 1 2 3  start
      1: 1 2 4 5  width
      2: 3 4 5 6  width
      total 7"
    `);
  });

  it('waits for entries of the reorder buffer', () => {
    expect(run(['ldr 1 2', ...Array.from({ length: 9 }, () => 'mov 3 4')].join('\n'))).toMatchInlineSnapshot(`
      "0: 0 1 4 5  start
      1: 0 0 0 5  start
      2: 1 1 1 5  width
      3: 1 1 1 5  width
      4: 2 2 2 5  width
      5: 2 2 2 5  width
      6: 3 3 3 5  width
      7: 3 3 3 5  width
      8: 5 5 5 6  buffer 0
      9: 5 5 5 6  buffer 0
      total 7"
    `);
  });

  it('waits for an entry of a finite scheduler', () => {
    expect(run('div 2 9 9\nldr 1 2\nldr 3 2\nldr 4 2')).toMatchInlineSnapshot(`
      "0: 0 1 7 8  start
      1: 0 7 10 11  value 0
      2: 1 8 11 12  unit 1
      3: 7 9 12 13  unit 2
      total 14"
    `);
  });
});

describe('memory order of llvm-mca', () => {
  it('a store waits until the loads before it have issued, a load waits for nothing', () => {
    expect(run('mul 1 2 2\nldr 3 1\nstr 4 5')).toMatchInlineSnapshot(`
      "0: 0 1 5 6  start
      1: 0 5 8 9  value 0
      2: 1 6 7 9  unit 1
      total 10"
    `);
    expect(run('mul 1 2 2\nstr 1 4\nldr 5 6')).toMatchInlineSnapshot(`
      "0: 0 1 5 6  start
      1: 0 5 6 7  value 0
      2: 1 2 5 7  width
      total 8"
    `);
  });
});

describe('kernel mode', () => {
  it('a NOP takes a slot and nothing else', () => {
    expect(run('add 1 2 2\nnop\nadd 3 4 4', true)).toMatchInlineSnapshot(`
      "0: 0 1 2 3  start
      1: 0 0 0 3  start
      2: 1 2 3 4  width
      total 5"
    `);
  });

  it('what stands behind a taken branch dispatches in the next cycle, at the upper bound one later', () => {
    expect(run('b\nadd 1 2 2', true)).toMatchInlineSnapshot(`
      "0: 0 1 2 3  start
      1: 1 2 3 4  frontEnd 0
      total 5"
    `);
    expect(run('b\nadd 1 2 2', true, 'hi')).toMatchInlineSnapshot(`
      "0: 0 1 2 3  start
      1: 2 3 4 5  frontEnd 0
      total 6"
    `);
  });

  it('a memory barrier stands between memory instructions and lets others pass', () => {
    expect(run('ldr 1 2\ndmb\nldr 3 4\nadd 5 6 6', true)).toMatchInlineSnapshot(`
      "0: 0 1 4 5  start
      1: 0 4 6 7  memory 0
      2: 1 6 9 10  memory 1
      3: 1 2 3 10  width
      total 11"
    `);
  });

  it('a barrier for stores lets loads pass', () => {
    expect(run('str 1 2\ndmbst\nldr 3 4\nstr 5 6', true)).toMatchInlineSnapshot(`
      "0: 0 1 2 3  start
      1: 0 2 4 5  memory 0
      2: 1 2 5 6  width
      3: 1 4 5 6  memory 1
      total 7"
    `);
  });

  it('a draining barrier holds everything behind it', () => {
    expect(run('ldr 1 2\ndsb\nadd 5 6 6', true)).toMatchInlineSnapshot(`
      "0: 0 1 4 5  start
      1: 0 4 7 8  memory 0
      2: 7 8 9 10  serialize 1
      total 11"
    `);
  });

  it('a serializing instruction waits for everything and holds everything', () => {
    expect(run('mul 1 2 2\nisb\nadd 5 6 6', true)).toMatchInlineSnapshot(`
      "0: 0 1 5 6  start
      1: 0 5 10 11  memory 0
      2: 10 11 12 13  serialize 1
      total 14"
    `);
  });

  it('an atomic has the latency of its bound', () => {
    expect(run('swp 1 2 3\nadd 4 1 1', true)).toMatchInlineSnapshot(`
      "0: 0 1 5 6  start
      1: 0 5 6 7  value 0
      total 8"
    `);
    expect(run('swp 1 2 3\nadd 4 1 1', true, 'hi')).toMatchInlineSnapshot(`
      "0: 0 1 13 14  start
      1: 0 13 14 15  value 0
      total 16"
    `);
  });
});

describe('long runs', () => {
  const program = smallProgram(smallCore, 'ldr 1 2\nmul 3 1 1\nadd 2 2 2\nstr 3 2\ndiv 5 6 6');

  it('a period of the complete state gives what the whole run gives', () => {
    const long = simulate(program, 5000);
    // Tracing turns the search for a period off.
    const whole = simulate(program, 5000, { ...defaultSimulation, tracedIterations: 3 });
    if (long.kind !== 'done' || whole.kind !== 'done') throw new Error('failed');
    expect(long.period).not.toBeNull();
    expect(whole.period).toBeNull();
    expect(long.totalCycles).toBe(whole.totalCycles);
    expect([...long.usedCycles]).toEqual([...whole.usedCycles]);
  });

  it('ends with a reason at the step limit, and with an error when it is cancelled', () => {
    const endless = { ...defaultSimulation, tracedIterations: 3, stepLimit: 10_000 };
    expect(simulate(program, 1_000_000, endless)).toEqual({ kind: 'failed', reason: 'no end after 10000 steps' });
    const cancellation = { isCancellationRequested: true };
    expect(() => simulate(program, 1_000_000, { ...endless, cancellation })).toThrow('cancelled');
  });

  it('an empty stream and no iterations cost nothing', () => {
    expect(simulate(program, 0)).toMatchObject({ kind: 'done', totalCycles: 0 });
  });
});
