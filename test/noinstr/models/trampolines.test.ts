import { describe, expect, it } from 'vitest';
import {
  checkTrampolines,
  type InvariantId,
  invariantIds,
} from '../../../server/src/noinstr/models/trampolineInvariants.ts';
import {
  applyStep,
  type Protocol,
  protocols,
  refusal,
  runningTask,
  startTrampolines,
  type TrampolineState,
  type TrampolineStep,
  verdictOf,
} from '../../../server/src/noinstr/models/trampolineModel.ts';
import {
  parseSteps,
  runTrampolines,
  stepText,
  trampolineScenarios,
} from '../../../server/src/noinstr/models/trampolineRun.ts';
import { classOfCode } from '../../../server/src/noinstr/models/trampolineSymbols.ts';

const alphabet: readonly TrampolineStep[] = [
  { kind: 'run', code: { class: 'plain', label: 'plain' } },
  { kind: 'run', code: { class: 'tramp', label: 'tramp' } },
  { kind: 'irqEnter', nmi: false },
  { kind: 'irqEnter', nmi: true },
  ...(['softirq', 'softirqEnd', 'irqExit', 'preempt', 'resume', 'migrate', 'ask'] as const).map((kind) => ({ kind })),
];

interface Explored {
  readonly nSequences: number;
  readonly nStates: number;
  readonly broken: ReadonlySet<InvariantId>;
  readonly verdicts: ReadonlySet<string>;
}

/** Every sequence of up to `length` steps that can happen, equal states taken together. */
function explore(
  protocol: Protocol,
  length: number,
  can: (state: TrampolineState, step: TrampolineStep) => boolean,
): Explored {
  const broken = new Set<InvariantId>();
  const verdicts = new Set<string>();
  const seen = new Set<string>();
  let level = new Map([['', { state: startTrampolines(protocol), ways: 1 }]]);
  let nSequences = 0;
  for (let at = 0; at < length; at++) {
    const next = new Map<string, { state: TrampolineState; ways: number }>();
    for (const { state, ways } of level.values()) {
      for (const step of alphabet) {
        if (!can(state, step)) continue;
        const after = applyStep(state, step);
        const ticks = checkTrampolines(state, after);
        for (const id of invariantIds) if (ticks[id] === false) broken.add(id);
        verdicts.add(verdictOf(after));
        nSequences += ways;
        const key = JSON.stringify(after);
        seen.add(key);
        const known = next.get(key);
        if (known === undefined) next.set(key, { state: after, ways });
        else known.ways += ways;
      }
    }
    level = next;
  }
  return { nSequences, nStates: seen.size, broken, verdicts };
}

const canHappen = (state: TrampolineState, step: TrampolineStep): boolean => refusal(state, step) === null;

/** Interrupts may come at any point, three deep: more than a kernel allows. */
const anywhere = (state: TrampolineState, step: TrampolineStep): boolean =>
  step.kind === 'irqEnter' ? runningTask(state).stack.length < 3 : refusal(state, step) === null;

describe('all sequences of up to eight steps', () => {
  it('keep every invariant for the flag with a mark per frame', () => {
    const found = explore('flag+frame', 8, canHappen);
    expect([...found.broken]).toEqual([]);
    expect([...found.verdicts].sort()).toEqual(['correct', 'running']);
    expect(found.nSequences).toBeGreaterThan(100_000);
    expect(found.nStates).toBeGreaterThan(300);
  });

  it('keep them even when interrupts nest three deep at any point', () => {
    const found = explore('flag+frame', 8, anywhere);
    expect([...found.broken]).toEqual([]);
    expect([...found.verdicts].sort()).toEqual(['correct', 'running']);
  });

  it.each([
    ['innermost-pc', ['I4'], ['correct', 'false-negative', 'running']],
    ['saved-ip-per-cpu', ['I4', 'I6', 'I7'], ['correct', 'false-negative', 'false-positive', 'running']],
    [
      'flag-per-cpu',
      ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7'],
      ['correct', 'false-negative', 'false-positive', 'running'],
    ],
  ] as const)('break these for %s', (protocol, broken, verdicts) => {
    const found = explore(protocol, 8, canHappen);
    expect([...found.broken].sort()).toEqual(broken);
    expect([...found.verdicts].sort()).toEqual(verdicts);
  });
});

describe('scenarios', () => {
  /** Verdicts at each `ask` of a scenario. */
  function asked(number: number, protocol: Protocol): string[] {
    const parsed = parseSteps(trampolineScenarios[number - 1]?.steps ?? '');
    if (parsed.problem !== null) throw new Error(parsed.problem);
    const { rows, refused } = runTrampolines(protocol, parsed.steps);
    expect(refused).toBeNull();
    return rows.filter((row) => row.step.kind === 'ask').map((row) => row.verdict);
  }

  it('can happen, and the flag with a mark per frame is right in all of them', () => {
    for (const { number } of trampolineScenarios) {
      expect(new Set(asked(number, 'flag+frame')), String(number)).toEqual(new Set(['correct']));
    }
  });

  it('fail for the other protocols where the thread below, or another task, decides', () => {
    const table = trampolineScenarios.map(({ number }) =>
      [number, ...protocols.slice(1).map((protocol) => asked(number, protocol).join(' '))].join(' | '),
    );
    expect(table.join('\n')).toMatchInlineSnapshot(`
      "1 | correct | correct | correct
      2 | correct | correct | correct
      3 | false-negative correct | false-negative false-negative | correct correct
      4 | correct correct | correct false-positive | correct correct
      5 | correct correct | correct correct | correct correct
      6 | correct correct | false-negative false-negative | correct false-negative
      7 | false-negative false-negative | false-negative false-negative | correct correct"
    `);
  });
});

describe('steps', () => {
  it('are read in long and short form and written in short form', () => {
    const parsed = parseSteps(
      'run(tramp) -> irqEnter(irq); softirq → IRQ, irqEnter(nmi), irqExit, run ftrace_caller+0x10',
    );
    expect(parsed.problem === null && parsed.steps.map(stepText).join(', ')).toBe(
      'run tramp, irq, softirq, irq, nmi, exit, run ftrace_caller+0x10',
    );
    const marked = parseSteps('run ax_slot+0x8 as tramp, irq');
    expect(marked.problem === null && marked.steps.map(stepText).join(', ')).toBe('run ax_slot+0x8 as tramp, irq');
    expect(parseSteps('run tramp, jump').problem).toContain('"jump" is no step');
    expect(parseSteps(' ').problem).toContain('no steps');
  });

  it.each([
    ['exit', 'there is no interrupt to return from'],
    ['irq, irq', 'interrupts are masked in a handler'],
    ['nmi, nmi', 'an NMI masks the next one'],
    ['irq, softirq, preempt', 'the preempt count is not 0'],
    ['nmi, preempt', 'the preempt count is not 0'],
    ['migrate', 'has not been preempted'],
    ['irq, nmi, softirq', 'outermost interrupt only'],
  ])('that cannot happen are refused: %s', (text, reason) => {
    const parsed = parseSteps(text);
    const run = parsed.problem === null ? runTrampolines('flag+frame', parsed.steps) : null;
    expect(run?.refused?.reason).toContain(reason);
  });
});

describe('class of an instruction', () => {
  it.each([
    ['ftrace_caller+0x40/0x98', 'tramp'],
    ['arch_rethook_trampoline', 'tramp'],
    ['bpf_prog_6deef7357e7b4530_sd [bpf]', 'tramp'],
    ['ax_probe+0x8 [ax_module]', 'tramp'],
    ['schedule+0x20', 'plain'],
    ['ftrace_caller_name_alike', 'plain'],
    ['ax_slot+0x8 as tramp', 'tramp'],
    ['ftrace_caller as plain', 'plain'],
  ])('%s is %s', (symbol, expected) => {
    expect(classOfCode(symbol).code.class).toBe(expected);
  });
});
