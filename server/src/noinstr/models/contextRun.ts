import { type ContextState, type Derived, derive, differences, keptOf, type StartMode } from './contextState.ts';
import { contextSteps, maskedAs, unmet } from './contextSteps.ts';

export type ContextInvariantId = 'V1' | 'V2' | 'V3' | 'V4' | 'V5';

/** What each invariant says. */
export const contextInvariants: Readonly<Record<ContextInvariantId, string>> = {
  V1: 'where instrumentation is not allowed, only noinstr and always inlined code runs',
  V2: 'returning restores what was interrupted: RCU, nesting, preempt count, lockdep',
  V3: 'no interrupt can be taken while RCU does not watch, but in idle',
  V4: 'irq_enter_rcu() only while RCU watches',
  V5: 'an NMI at this point leaves everything as it was',
};

export const contextInvariantIds: readonly ContextInvariantId[] = ['V1', 'V2', 'V3', 'V4', 'V5'];

export type ContextTicks = Readonly<Record<ContextInvariantId, boolean | null>>;

/** What a step found wrong, and the ticks of the state after it. */
export interface CheckedStep {
  readonly state: ContextState;
  readonly derived: Derived;
  readonly problems: readonly string[];
  readonly ticks: ContextTicks;
}

export interface ContextRow extends CheckedStep {
  /** Name of the call, or what happens. */
  readonly step: string;
  /** Function of the kernel that makes the call. */
  readonly via: string | null;
}

/** A call that the kernel makes of others, where only its name is seen. Source: include/linux/hardirq.h, cpuidle.h. */
export const contextSequences: ReadonlyMap<string, readonly string[]> = new Map([
  ['nmi_enter', ['__nmi_enter', 'lockdep_hardirq_enter', 'ct_nmi_enter', 'ftrace_nmi_enter']],
  ['nmi_exit', ['ftrace_nmi_exit', 'ct_nmi_exit', 'lockdep_hardirq_exit', '__nmi_exit']],
  [
    'ct_cpuidle_enter',
    ['trace_hardirqs_on_prepare', 'lockdep_hardirqs_on_prepare', 'ct_idle_enter', 'lockdep_hardirqs_on'],
  ],
  ['ct_cpuidle_exit', ['lockdep_hardirqs_off', 'ct_idle_exit']],
  ['enter_from_user_mode', ['lockdep_hardirqs_off', 'user_exit_irqoff', 'trace_hardirqs_off_finish']],
  [
    'exit_to_user_mode',
    ['trace_hardirqs_on_prepare', 'lockdep_hardirqs_on_prepare', 'user_enter_irqoff', 'lockdep_hardirqs_on'],
  ],
  [
    'guest_state_enter_irqoff',
    ['trace_hardirqs_on_prepare', 'lockdep_hardirqs_on_prepare', 'context_tracking_guest_enter', 'lockdep_hardirqs_on'],
  ],
  ['guest_state_exit_irqoff', ['lockdep_hardirqs_off', 'context_tracking_guest_exit', 'trace_hardirqs_off_finish']],
]);

/** What happens at a point: a row of the table, ordinary code (`*` before it), or code that may not be instrumented. */
function applyContext(before: ContextState, name: string): CheckedStep {
  const row = contextSteps.get(name);
  const isOrdinary = name.startsWith('*');
  if (name.startsWith('daif = ')) return checked(before, maskedAs(before, name.slice(7)), name, isOrdinary);
  if (row === undefined) return checked(before, before, name, isOrdinary);
  return checked(before, row.effect(before), name, row.plain);
}

/** Ticks and problems of a step. `ordinary`: code that can be instrumented runs in it, in the state before it. */
export function checked(before: ContextState, state: ContextState, name: string, ordinary: boolean): CheckedStep {
  const row = contextSteps.get(name);
  const problems = (row?.needs ?? []).flatMap((need) => unmet(before, need, name) ?? []);
  const allowed = row?.half === true ? before.watching : derive(before).instrumentable;
  const returned = name === 'exception return' ? before.saved.at(-1) : undefined;
  const outside = state.base === 'user' || state.base === 'guest';
  const open = outside || state.idleWindow || state.irqsMasked === true || state.watching === true;
  const V3 = open ? true : state.irqsMasked === null || state.watching === null ? null : false;
  const changed = returned === undefined ? [] : differences(returned.kept, keptOf(state));
  if (changed.length > 0) problems.push(`not as it was when interrupted: ${changed.join(', ')}`);
  return {
    state,
    derived: derive(state),
    problems,
    ticks: {
      V1: ordinary ? allowed : true,
      V2: returned === undefined ? null : changed.length === 0,
      V3,
      V4: name === 'irq_enter_rcu' || name === '__irq_enter' ? before.watching : null,
      V5: survivesNmi(state),
    },
  };
}

/** arch/arm64/kernel/entry-common.c:arm64_enter_nmi and :arm64_exit_nmi; `restore` is lockdep's state before. */
function nmiSteps(restore: boolean): readonly string[] {
  const told = restore ? ['trace_hardirqs_on_prepare', 'lockdep_hardirqs_on_prepare'] : [];
  return [
    'take exception',
    'arm64_enter_nmi: __nmi_enter, lockdep_hardirqs_off, lockdep_hardirq_enter, ct_nmi_enter, trace_hardirqs_off_finish, ftrace_nmi_enter',
    '*NMI handler',
    `arm64_exit_nmi: ${['ftrace_nmi_exit', ...told, 'ct_nmi_exit', 'lockdep_hardirq_exit', ...(restore ? ['lockdep_hardirqs_on'] : []), '__nmi_exit'].join(', ')}`,
    'exception return',
  ];
}

/**
 * Takes an NMI in a state: RCU must watch in it, and everything be as before behind it. What tracing believes may
 * differ: it is told "off" by the NMI and only corrected when lockdep's state is. `null`: too little is known.
 */
function survivesNmi(state: ContextState): boolean | null {
  if (state.watching === null || state.nmiNesting === null || state.preempt === null || state.lockdepOn === null) {
    return null;
  }
  let at = state;
  for (const { name } of nmiSteps(state.lockdepOn).flatMap(namesOf)) {
    at = contextSteps.get(name)?.effect(at) ?? at;
    if (name === '*NMI handler' && derive(at).instrumentable !== true) return false;
  }
  return differences(keptOf(state), keptOf(at)).length === 0;
}

function namesOf(text: string): readonly { readonly name: string; readonly via: string | null }[] {
  const [via, list] = text.includes(': ') ? text.split(': ') : [null, text];
  if (list === undefined || via === undefined) return [];
  return via === null ? [{ name: list, via }] : list.split(', ').map((name) => ({ name, via }));
}

export interface ContextScenario {
  readonly name: string;
  readonly title: string;
  readonly from: StartMode;
  /** Steps; `function: call, call` are calls that a function makes, `*` is ordinary code, `@` where an NMI may be put. */
  readonly steps: readonly string[];
}

const fromUser = 'enter_from_user_mode: lockdep_hardirqs_off, user_exit_irqoff, trace_hardirqs_off_finish';
const toUser =
  'exit_to_user_mode: trace_hardirqs_on_prepare, lockdep_hardirqs_on_prepare, user_enter_irqoff, lockdep_hardirqs_on';
const fromTask = 'enter_from_kernel_mode: lockdep_hardirqs_off, rcu_irq_enter_check_tick, trace_hardirqs_off_finish';
const toTask = 'exit_to_kernel_mode: trace_hardirqs_on';
const handled = ['irq_enter_rcu', '*interrupt handler', '@', 'irq_exit_rcu'];
const interruptOfTask = ['take exception', 'daif = IF', fromTask, ...handled, toTask, 'exception return'];
const idleEnter =
  'ct_cpuidle_enter: trace_hardirqs_on_prepare, lockdep_hardirqs_on_prepare, ct_idle_enter, lockdep_hardirqs_on';
const idleExit = 'ct_cpuidle_exit: lockdep_hardirqs_off, ct_idle_exit';

/** Every NMI scenario is one of these with an NMI at its `@`. */
const plainScenarios: readonly ContextScenario[] = [
  {
    name: 'syscall',
    title: 'system call from user space',
    from: 'user',
    steps: [
      'take exception',
      fromUser,
      'el0_svc: local_daif_restore',
      '*system call',
      'exit_to_user_mode_prepare: local_irq_disable',
      '@',
      'exit_to_user_mode_prepare: local_daif_mask',
      toUser,
      'exception return',
    ],
  },
  {
    name: 'el0-irq',
    title: 'interrupt from user space',
    from: 'user',
    steps: [
      'take exception',
      fromUser,
      'daif = IF',
      ...handled,
      'exit_to_user_mode_prepare: local_daif_mask',
      toUser,
      'exception return',
    ],
  },
  { name: 'el1-irq-task', title: 'interrupt of a task in the kernel', from: 'task', steps: interruptOfTask },
  {
    name: 'el1-irq-idle',
    title: 'interrupt of the idle task while RCU does not watch',
    from: 'idle',
    steps: [
      'take exception',
      'daif = IF',
      'enter_from_kernel_mode: lockdep_hardirqs_off, ct_irq_enter, trace_hardirqs_off_finish',
      ...handled,
      'exit_to_kernel_mode: trace_hardirqs_on_prepare, lockdep_hardirqs_on_prepare, ct_irq_exit, lockdep_hardirqs_on',
      'exception return',
    ],
  },
  {
    name: 'early-debug',
    title: 'debug exception in early entry code, before RCU watches',
    from: 'user',
    steps: [
      'take exception',
      'take debug exception',
      'arm64_enter_el1_dbg: lockdep_hardirqs_off, ct_nmi_enter, trace_hardirqs_off_finish',
      'debug_exception_enter',
      '*debug handler',
      'debug_exception_exit',
      'arm64_exit_el1_dbg: trace_hardirqs_on_prepare, lockdep_hardirqs_on_prepare, ct_nmi_exit, lockdep_hardirqs_on',
      'exception return',
      fromUser,
      'el0_svc: local_daif_restore',
      '*system call',
      'exit_to_user_mode_prepare: local_irq_disable, local_daif_mask',
      toUser,
      'exception return',
    ],
  },
  {
    name: 'guest',
    title: 'a run of a guest',
    from: 'task',
    steps: [
      'kvm_arch_vcpu_ioctl_run: local_irq_disable',
      'guest_state_enter_irqoff: trace_hardirqs_on_prepare, lockdep_hardirqs_on_prepare, context_tracking_guest_enter, lockdep_hardirqs_on',
      'enter guest',
      'leave guest',
      '@',
      'daif = IF',
      'guest_state_exit_irqoff: lockdep_hardirqs_off, context_tracking_guest_exit, trace_hardirqs_off_finish',
      'kvm_arch_vcpu_ioctl_run: local_irq_enable',
      '*exit handling',
    ],
  },
  {
    name: 'idle',
    title: 'idle entry and exit, the core leaves RCU',
    from: 'task',
    steps: [
      'do_idle: local_irq_disable',
      '*idle governor',
      idleEnter,
      'wfi',
      '@',
      idleExit,
      'cpuidle_idle_call: local_irq_enable',
    ],
  },
  {
    name: 'idle-deep',
    title: 'idle entry and exit, CPUIDLE_FLAG_RCU_IDLE: the driver leaves RCU, deeper down',
    from: 'task',
    steps: [
      'do_idle: local_irq_disable',
      '*idle governor',
      '*cpu_pm_enter',
      idleEnter,
      'wfi',
      '@',
      idleExit,
      '*cpu_pm_exit',
      'cpuidle_idle_call: local_irq_enable',
    ],
  },
  {
    name: 'irq-softirq-irq',
    title: 'interrupt of a task, softirq in its exit, interrupt of the softirq',
    from: 'task',
    steps: [
      'take exception',
      'daif = IF',
      fromTask,
      'irq_enter_rcu',
      '*interrupt handler',
      'irq_exit_rcu: __irq_exit_rcu, softirq_handle_begin, local_irq_enable',
      '*softirq handler',
      ...interruptOfTask,
      'irq_exit_rcu: local_irq_disable, softirq_handle_end, lockdep_hardirq_exit',
      toTask,
      'exception return',
    ],
  },
];

export const contextScenarios: readonly ContextScenario[] = [
  ...plainScenarios,
  ...plainScenarios
    .filter(({ steps }) => steps.includes('@'))
    .map((scenario) => ({ ...scenario, name: `${scenario.name}+nmi`, title: `NMI over: ${scenario.title}` })),
];

/** Runs a scenario. The rows are those of its steps, the calls of functions one by one. */
export function runContext(scenario: ContextScenario, start: ContextState): readonly ContextRow[] {
  const rows: ContextRow[] = [];
  let state = start;
  const take = (text: string): void => {
    for (const { name, via } of namesOf(text)) {
      const done = applyContext(state, name === 'local_daif_restore' ? 'local_irq_enable' : name);
      const after = name === 'local_daif_restore' ? { ...done, state: maskedAs(done.state, '') } : done;
      rows.push({ ...after, step: name, via });
      state = after.state;
    }
  };
  const withNmi = scenario.name.endsWith('+nmi');
  let done = false;
  for (const text of scenario.steps) {
    if (text !== '@') take(text);
    else if (withNmi && !done) {
      done = true;
      for (const step of nmiSteps(state.lockdepOn === true)) take(step);
    }
  }
  return rows;
}
