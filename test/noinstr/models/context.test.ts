import { describe, expect, it } from 'vitest';
import { checked, contextScenarios, runContext } from '../../../server/src/noinstr/models/contextRun.ts';
import {
  type ContextState,
  derive,
  startContext,
  unknownContext,
} from '../../../server/src/noinstr/models/contextState.ts';
import { contextSteps, daifLetters, daifRestored } from '../../../server/src/noinstr/models/contextSteps.ts';

/** The state after calls by name. */
function behind(start: ContextState, calls: string): ContextState {
  return calls.split(' ').reduce((state, name) => {
    const row = contextSteps.get(name.replaceAll('_exception', ' exception'));
    if (row === undefined) throw new Error(`no step ${name}`);
    return row.effect(state);
  }, start);
}

/** `watching ct nesting nmi` of a state. */
function rcu({ watching, ctState, nesting, nmiNesting }: ContextState): string {
  const nmi = nmiNesting === null ? '?' : `${nmiNesting.nonIdle ? 'N+' : ''}${nmiNesting.count}`;
  return `${watching} ${ctState} ${nesting} ${nmi}`;
}

const task = startContext('task', 'active');
const masked = behind(task, 'raw_local_irq_disable');

describe('calls do what kernel/context_tracking.c does', () => {
  it.each([
    ['user, active', startContext('user', 'active'), 'user_exit_irqoff', 'true kernel 1 N+0'],
    ['user, not active', startContext('user', 'inactive'), 'user_exit_irqoff', 'true kernel 1 N+0'],
    ['user, no tracking', startContext('user', 'off'), 'user_exit_irqoff', 'true kernel 1 N+0'],
    ['exit to user, active', masked, 'user_enter_irqoff', 'false user 0 0'],
    ['exit to user, twice', masked, 'user_enter_irqoff user_enter_irqoff', 'false user 0 0'],
    ['exit to guest, then user exit', masked, 'context_tracking_guest_enter user_exit_irqoff', 'false guest 0 0'],
    ['idle', masked, 'ct_idle_enter', 'false idle 0 0'],
    ['idle and back', masked, 'ct_idle_enter ct_idle_exit', 'true kernel 1 N+0'],
    ['kernel entered twice', task, 'ct_idle_exit', 'true kernel 2 N+0'],
    ['left once of twice: nmi_nesting is cleared all the same', task, 'ct_idle_exit ct_idle_enter', 'true kernel 1 0'],
    ['an interrupt of idle', startContext('idle', 'active'), 'ct_irq_enter', 'true idle 0 1'],
    ['an NMI over it', startContext('idle', 'active'), 'ct_irq_enter ct_nmi_enter', 'true idle 0 3'],
    ['and back', startContext('idle', 'active'), 'ct_irq_enter ct_nmi_enter ct_nmi_exit ct_irq_exit', 'false idle 0 0'],
    ['an NMI over a task', task, 'ct_nmi_enter', 'true kernel 1 N+2'],
  ])('%s', (_, start, calls, expected) => {
    expect(rcu(behind(start, calls))).toBe(expected);
  });

  it('not active on this CPU: only the state changes', () => {
    expect(rcu(behind(startContext('task', 'inactive'), 'raw_local_irq_disable user_enter_irqoff'))).toBe(
      'true user 1 N+0',
    );
  });

  it('the tick is checked outside NMIs, where RCU watches already', () => {
    expect(behind(task, 'ct_irq_enter').tickCheck).toBe(true);
    expect(behind(startContext('idle', 'active'), 'ct_irq_enter').tickCheck).toBe(false);
    expect(behind(task, '__nmi_enter ct_nmi_enter').tickCheck).toBe(false);
  });

  it('masks are those of DAIF', () => {
    expect(daifLetters(0xc0n)).toBe('IF');
    expect(daifLetters(0x1c0n)).toBe('AIF');
    expect(daifLetters(0n)).toBe('');
    expect(daifRestored(masked, 'AIF')).toMatchObject({ daif: 'AIF', irqsMasked: true, lockdepOn: false });
    expect(daifRestored(masked, null)).toMatchObject({ daif: null, irqsMasked: null, lockdepOn: null });
  });
});

describe('scenarios', () => {
  it.each(['active', 'inactive', 'off'] as const)('keep every invariant, tracking %s', (tracking) => {
    for (const scenario of contextScenarios) {
      for (const row of runContext(scenario, startContext(scenario.from, tracking))) {
        expect(row.problems, `${scenario.name}: ${row.step}`).toEqual([]);
        expect(Object.values(row.ticks), `${scenario.name}: ${row.step}`).not.toContain(false);
      }
    }
  });

  it('come back to where they began', () => {
    for (const scenario of contextScenarios) {
      const start = startContext(scenario.from, 'active');
      const end = runContext(scenario, start).at(-1)?.state;
      expect({ name: scenario.name, ...end, tickCheck: false }).toEqual({ name: scenario.name, ...start });
    }
  });

  it('tell a step that is left out', () => {
    /** Problems and broken invariants of a scenario without the calls that are named. */
    const without = (name: string, left: string): string[] => {
      const scenario = contextScenarios.find((one) => one.name === name);
      if (scenario === undefined) throw new Error(name);
      const steps = scenario.steps.map((step) =>
        step.replace(new RegExp(`(?<=: |, )${left}(, |$)`), '').replace(/, $/, ''),
      );
      const rows = runContext({ ...scenario, steps }, startContext(scenario.from, 'active'));
      const broken = rows.flatMap((row) =>
        Object.entries(row.ticks).flatMap(([id, kept]) => (kept === false ? id : [])),
      );
      return [...new Set([...rows.flatMap((row) => row.problems), ...broken])];
    };
    expect(without('syscall', 'user_exit_irqoff')).toEqual(
      expect.arrayContaining(['trace_hardirqs_off_finish needs RCU to watch', 'V1', 'V3']),
    );
    expect(without('el1-irq-idle', 'ct_irq_exit')).toEqual(
      expect.arrayContaining(['not as it was when interrupted: watching, nmiNesting', 'V2']),
    );
    expect(without('el1-irq-idle', 'lockdep_hardirqs_on')).toEqual(
      expect.arrayContaining(['not as it was when interrupted: lockdepOn', 'V2']),
    );
    expect(without('el1-irq-idle', 'lockdep_hardirqs_on_prepare')).toEqual([
      'lockdep_hardirqs_on without lockdep_hardirqs_on_prepare() before it',
    ]);
    expect(without('el1-irq-idle', 'ct_irq_enter')).toEqual(
      expect.arrayContaining(['irq_enter_rcu needs RCU to watch', 'ct_irq_exit with nmi_nesting 0', 'V4']),
    );
  });
});

describe('what follows from a state', () => {
  it('is not known where something that decides it is not', () => {
    expect(derive(unknownContext('active'))).toEqual({
      mode: null,
      instrumentable: null,
      schedulable: null,
      mayFault: null,
      mayTakeIrq: null,
    });
    expect(derive({ ...unknownContext('active'), watching: false }).instrumentable).toBe(false);
  });

  it('an interrupt that can be taken while RCU does not watch breaks V3, but in idle', () => {
    const out = behind(masked, 'user_enter_irqoff');
    const open = behind(out, 'raw_local_irq_enable');
    expect(checked(out, open, 'raw_local_irq_enable', false).ticks.V3).toBe(false);
    const idle = behind(masked, 'ct_idle_enter');
    expect(checked(idle, behind(idle, 'raw_local_irq_enable'), 'raw_local_irq_enable', false).ticks.V3).toBe(true);
  });
});
