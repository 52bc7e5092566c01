/** What a function does to the context: whether RCU watches this CPU and tracing and lockdep have been told. */
export interface Primitive {
  readonly effect: 'enter' | 'leave';
  /** Base primitives are never looked into; a wrapper's row is used only where its body is not at hand. */
  readonly kind: 'base' | 'wrapper';
  /** Nests over everything, so that a second one is no mistake. */
  readonly nests: boolean;
  /** Opens (`leave`) or closes (`enter`) the window in which an idle CPU may have interrupts enabled. */
  readonly idle: boolean;
}

const rows = (
  effect: Primitive['effect'],
  kind: Primitive['kind'],
  names: string,
  more: Partial<Primitive> = {},
): [string, Primitive][] =>
  names.split(' ').map((name) => [name, { effect, kind, nests: false, idle: false, ...more }]);

/**
 * The calls that switch the context, by name: the union of 6.1 and 6.12, whose names do not clash.
 * Sources: include/linux/context_tracking.h, kernel/context_tracking.c, arch/arm64/kernel/entry-common.c,
 * include/linux/entry-common.h, include/linux/kvm_host.h, include/linux/cpuidle.h of v6.1 and v6.12.
 */
export const primitives: ReadonlyMap<string, Primitive> = new Map([
  ...rows('enter', 'base', 'user_exit_irqoff __ct_user_exit context_tracking_guest_exit'),
  ...rows('enter', 'base', 'ct_idle_exit rcu_idle_exit', { idle: true }),
  ...rows('enter', 'base', 'ct_irq_enter ct_nmi_enter rcu_irq_enter rcu_nmi_enter', { nests: true }),
  ...rows('leave', 'base', 'user_enter_irqoff __ct_user_enter context_tracking_guest_enter'),
  ...rows('leave', 'base', 'ct_idle_enter rcu_idle_enter', { idle: true }),
  ...rows('leave', 'base', 'ct_irq_exit ct_nmi_exit rcu_irq_exit rcu_nmi_exit', { nests: true }),
  ...rows(
    'enter',
    'wrapper',
    'enter_from_user_mode __enter_from_user_mode irqentry_enter_from_user_mode syscall_enter_from_user_mode ' +
      'syscall_enter_from_user_mode_prepare guest_state_exit_irqoff guest_context_exit_irqoff ' +
      'arm64_enter_from_user_mode',
  ),
  ...rows('enter', 'wrapper', 'ct_cpuidle_exit', { idle: true }),
  ...rows(
    'enter',
    'wrapper',
    'enter_from_kernel_mode __enter_from_kernel_mode arm64_enter_nmi arm64_enter_el1_dbg irqentry_enter ' +
      'irqentry_nmi_enter nmi_enter arm64_enter_from_kernel_mode',
    { nests: true },
  ),
  ...rows(
    'leave',
    'wrapper',
    'exit_to_user_mode __exit_to_user_mode asm_exit_to_user_mode irqentry_exit_to_user_mode ' +
      'syscall_exit_to_user_mode guest_state_enter_irqoff guest_context_enter_irqoff arm64_exit_to_user_mode',
  ),
  ...rows('leave', 'wrapper', 'ct_cpuidle_enter', { idle: true }),
  ...rows(
    'leave',
    'wrapper',
    'exit_to_kernel_mode __exit_to_kernel_mode arm64_exit_nmi arm64_exit_el1_dbg irqentry_exit irqentry_nmi_exit ' +
      'nmi_exit arm64_exit_to_kernel_mode',
    { nests: true },
  ),
]);

/** Steps whose order Documentation/core-api/entry.rst fixes. */
export type OrderStep =
  | 'save'
  | 'nmi-count'
  | 'lockdep-off'
  | 'lockdep-nmi'
  | 'rcu-enter'
  | 'trace-off'
  | 'ftrace-nmi'
  | 'x-ftrace-nmi'
  | 'trace-on-prepare'
  | 'lockdep-on-prepare'
  | 'rcu-exit'
  | 'x-lockdep-nmi'
  | 'lockdep-on'
  | 'x-nmi-count';

export interface OrderRow {
  readonly step: OrderStep;
  readonly side: 'entry' | 'exit';
  /** Place in the order of its side. */
  readonly rank: number;
  /** Only an NMI-like entry or exit has it. */
  readonly nmi: boolean;
}

const order = (side: OrderRow['side'], step: OrderStep, rank: number, nmi = false): OrderRow => ({
  step,
  side,
  rank,
  nmi,
});

/** The ordered steps by the name of the call that makes them. */
export const orderSteps: ReadonlyMap<string, OrderRow> = new Map([
  ['lockdep_hardirqs_enabled', order('entry', 'save', 0, true)],
  ['__nmi_enter', order('entry', 'nmi-count', 1, true)],
  ['lockdep_hardirqs_off', order('entry', 'lockdep-off', 2)],
  ['lockdep_hardirq_enter', order('entry', 'lockdep-nmi', 3, true)],
  ['user_exit_irqoff', order('entry', 'rcu-enter', 4)],
  ['__ct_user_exit', order('entry', 'rcu-enter', 4)],
  ['ct_irq_enter', order('entry', 'rcu-enter', 4)],
  ['rcu_irq_enter', order('entry', 'rcu-enter', 4)],
  ['context_tracking_guest_exit', order('entry', 'rcu-enter', 4)],
  ['ct_idle_exit', order('entry', 'rcu-enter', 4)],
  ['rcu_idle_exit', order('entry', 'rcu-enter', 4)],
  ['ct_nmi_enter', order('entry', 'rcu-enter', 4, true)],
  ['rcu_nmi_enter', order('entry', 'rcu-enter', 4, true)],
  ['trace_hardirqs_off_finish', order('entry', 'trace-off', 5)],
  ['ftrace_nmi_enter', order('entry', 'ftrace-nmi', 6, true)],
  ['ftrace_nmi_exit', order('exit', 'x-ftrace-nmi', 0, true)],
  ['trace_hardirqs_on_prepare', order('exit', 'trace-on-prepare', 1)],
  ['lockdep_hardirqs_on_prepare', order('exit', 'lockdep-on-prepare', 2)],
  ['user_enter_irqoff', order('exit', 'rcu-exit', 3)],
  ['__ct_user_enter', order('exit', 'rcu-exit', 3)],
  ['ct_irq_exit', order('exit', 'rcu-exit', 3)],
  ['rcu_irq_exit', order('exit', 'rcu-exit', 3)],
  ['context_tracking_guest_enter', order('exit', 'rcu-exit', 3)],
  ['ct_idle_enter', order('exit', 'rcu-exit', 3)],
  ['rcu_idle_enter', order('exit', 'rcu-exit', 3)],
  ['ct_nmi_exit', order('exit', 'rcu-exit', 3, true)],
  ['rcu_nmi_exit', order('exit', 'rcu-exit', 3, true)],
  ['lockdep_hardirq_exit', order('exit', 'x-lockdep-nmi', 4, true)],
  ['lockdep_hardirqs_on', order('exit', 'lockdep-on', 5)],
  ['__nmi_exit', order('exit', 'x-nmi-count', 6, true)],
]);

/** Calls that reschedule with interrupts disabled and come back so. */
export const reschedules: ReadonlySet<string> = new Set([
  'irqentry_exit_cond_resched',
  'raw_irqentry_exit_cond_resched',
  'dynamic_irqentry_exit_cond_resched',
  'preempt_schedule_irq',
  'arm64_preempt_schedule_irq',
]);

/** Calls after which tracing knows that interrupts are on again. */
export const tracesOn: ReadonlySet<string> = new Set([
  'trace_hardirqs_on',
  'trace_hardirqs_on_prepare',
  'irqentry_exit',
  'exit_to_kernel_mode',
  'exit_to_user_mode',
  '__exit_to_kernel_mode',
  'irqentry_exit_to_user_mode',
]);

/** Functions that PREEMPT_DYNAMIC turns on and off (kernel/sched/core.c:__sched_dynamic_update). */
export const switchableByPreemptMode: ReadonlySet<string> = new Set([
  'irqentry_exit_cond_resched',
  'cond_resched',
  'might_resched',
  'preempt_schedule',
  'preempt_schedule_notrace',
  'dynamic_irqentry_exit_cond_resched',
  'dynamic_cond_resched',
  'dynamic_might_resched',
  'dynamic_preempt_schedule',
  'dynamic_preempt_schedule_notrace',
]);
