/** What a CPU does, as far as entry code tells apart. */
export type Mode = 'user' | 'guest' | 'idle' | 'task' | 'hardirq' | 'softirq' | 'nmi' | 'dbg';

/** `nmi_nesting` counts from 0 while RCU does not watch, else from a constant far away (CT_NESTING_IRQ_NONIDLE). */
export interface NmiNesting {
  readonly nonIdle: boolean;
  readonly count: number;
}

export interface PreemptParts {
  readonly count: number;
  readonly softirq: number;
  readonly hardirq: number;
  readonly nmi: number;
}

/** What an exception return brings back, and what must be the same by then. */
export interface Interrupted {
  readonly base: ContextState['base'];
  readonly idleWindow: boolean;
  readonly irqsMasked: boolean | null;
  readonly daif: string | null;
  readonly split: ContextState['split'];
  readonly prepared: boolean;
  readonly kept: Kept;
}

/** Values that an entry and its exit leave as they were. */
export interface Kept {
  readonly watching: boolean | null;
  readonly ctState: ContextState['ctState'];
  readonly nesting: number | null;
  readonly nmiNesting: NmiNesting | null;
  readonly preempt: PreemptParts | null;
  readonly lockdepOn: boolean | null;
}

/** State of one CPU at one point of entry code. `null` is not known. */
export interface ContextState {
  /** Whose code it is, counts of interrupts aside: `modeOf` tells the mode. */
  readonly base: 'user' | 'guest' | 'idle' | 'task' | 'dbg' | null;
  /** RCU watches this CPU. */
  readonly watching: boolean | null;
  /** What `__ct_state()` says. */
  readonly ctState: 'kernel' | 'user' | 'guest' | 'idle' | null;
  readonly nesting: number | null;
  readonly nmiNesting: NmiNesting | null;
  readonly preempt: PreemptParts | null;
  /** Lockdep has been told that interrupts are on. */
  readonly lockdepOn: boolean | null;
  /** Tracing has been told that interrupts are on. */
  readonly traceOn: boolean | null;
  readonly irqsMasked: boolean | null;
  /** Masked exceptions, letters of `DAIF`. */
  readonly daif: string | null;
  /** `rcu_irq_enter_check_tick()` ran. */
  readonly tickCheck: boolean;
  /** `off`: the context tracking key is off. `inactive`: it is on, but not for this CPU. */
  readonly tracking: 'active' | 'inactive' | 'off';
  /** An idle CPU may have interrupts enabled here. */
  readonly idleWindow: boolean;
  /** Between the two halves of telling lockdep and tracing about interrupts. */
  readonly split: 'entry' | 'exit' | null;
  /** `lockdep_hardirqs_on_prepare()` came, `lockdep_hardirqs_on()` not yet. */
  readonly prepared: boolean;
  /** Depth of `lockdep_hardirq_enter()`. */
  readonly hardirqContext: number;
  /** Exceptions that have not returned yet, outermost first. */
  readonly saved: readonly Interrupted[];
}

export type StartMode = 'user' | 'guest' | 'idle' | 'task' | 'hardirq';

export const startModes: readonly StartMode[] = ['user', 'guest', 'idle', 'task', 'hardirq'];

const nonIdle: NmiNesting = { nonIdle: true, count: 0 };

/**
 * A CPU that runs in a mode, before anything happens. Idle stands in the window in which interrupts may be enabled.
 * Source: kernel/context_tracking.c (initial values, ct_kernel_exit), v6.1 and v6.12.
 */
export function startContext(mode: StartMode, tracking: ContextState['tracking']): ContextState {
  const outside = mode === 'user' || mode === 'guest';
  const quiet = mode === 'idle' || (outside && tracking === 'active');
  const masked = mode === 'hardirq';
  const named = mode === 'idle' || (outside && tracking !== 'off') ? mode : 'kernel';
  return {
    base: mode === 'hardirq' ? 'task' : mode,
    watching: !quiet,
    ctState: named,
    nesting: quiet ? 0 : 1,
    nmiNesting: quiet ? { nonIdle: false, count: 0 } : nonIdle,
    preempt: { count: 0, softirq: 0, hardirq: masked ? 1 : 0, nmi: 0 },
    lockdepOn: !masked,
    traceOn: !masked,
    irqsMasked: masked,
    daif: masked ? 'IF' : '',
    tickCheck: false,
    tracking,
    idleWindow: mode === 'idle',
    split: null,
    prepared: false,
    hardirqContext: masked ? 1 : 0,
    saved: [],
  };
}

/** A CPU of which only the tracking is known. */
export function unknownContext(tracking: ContextState['tracking']): ContextState {
  return {
    ...startContext('task', tracking),
    base: null,
    watching: null,
    ctState: null,
    nesting: null,
    nmiNesting: null,
    preempt: null,
    lockdepOn: null,
    traceOn: null,
    irqsMasked: null,
    daif: null,
  };
}

function modeOf(state: ContextState): Mode | null {
  const { base, preempt } = state;
  if (base === 'user' || base === 'guest' || base === 'dbg') return base;
  if (preempt === null || base === null) return null;
  if (preempt.nmi > 0) return 'nmi';
  if (preempt.hardirq > 0) return 'hardirq';
  return preempt.softirq > 0 ? 'softirq' : base;
}

/** What follows from a state. `null` where something that decides it is not known. */
export interface Derived {
  readonly mode: Mode | null;
  readonly instrumentable: boolean | null;
  readonly schedulable: boolean | null;
  readonly mayFault: boolean | null;
  readonly mayTakeIrq: boolean | null;
}

export function derive(state: ContextState): Derived {
  const mode = modeOf(state);
  const { watching, lockdepOn, irqsMasked, preempt } = state;
  const told = lockdepOn === null || irqsMasked === null ? null : lockdepOn === !irqsMasked;
  const whole = state.split === null;
  const instrumentable = and(watching, told, whole);
  const free = preempt === null ? null : Object.values(preempt).every((part: number) => part === 0);
  const open = irqsMasked === null ? null : !irqsMasked;
  return {
    mode,
    instrumentable,
    schedulable: and(instrumentable, free, mode === null ? null : mode === 'task'),
    mayFault: and(watching, whole),
    mayTakeIrq: and(open, watching === true || state.idleWindow ? true : watching),
  };
}

/** Three-valued: false when one is false, else not known when one is not. */
function and(...values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

export function keptOf(state: ContextState): Kept {
  const { watching, ctState, nesting, nmiNesting, preempt, lockdepOn } = state;
  return { watching, ctState, nesting, nmiNesting, preempt, lockdepOn };
}

/** Names of values that differ, those that are not known left out. */
export function differences(before: Kept, after: Kept): readonly string[] {
  const keys: readonly (keyof Kept)[] = ['watching', 'ctState', 'nesting', 'nmiNesting', 'preempt', 'lockdepOn'];
  return keys.filter((key) => {
    const left = before[key];
    const right = after[key];
    return left !== null && right !== null && JSON.stringify(left) !== JSON.stringify(right);
  });
}
