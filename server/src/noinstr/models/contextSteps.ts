import { type ContextState, keptOf, type NmiNesting, type PreemptParts } from './contextState.ts';

/** What a step requires of the state it is taken in; what is not known is not complained about. */
type Need = 'irqs-masked' | 'watching' | 'lockdep-prepared' | 'nmi-nesting' | 'no-hardirq-context';

/** What one call, or one thing that the hardware does, changes. */
export interface ContextStep {
  readonly effect: (state: ContextState) => ContextState;
  readonly needs: readonly Need[];
  /** An ordinary function: where it is called, instrumentation must be allowed. */
  readonly plain: boolean;
  /** One half of telling about interrupts: it may be called in the middle of the pair, while RCU watches. */
  readonly half: boolean;
  /** Which way it goes: out of what was interrupted, or back to it. */
  readonly way: 'in' | 'back' | null;
}

const rest: Omit<ContextStep, 'effect'> = { needs: [], plain: false, half: false, way: null };

const step = (effect: ContextStep['effect'], more: Partial<ContextStep> = {}): ContextStep => ({
  ...rest,
  ...more,
  effect,
});

/** Why a need is not met, in words. */
export function unmet(state: ContextState, need: Need, name: string): string | null {
  const inNmi = state.preempt !== null && state.preempt.nmi > 0;
  switch (need) {
    case 'irqs-masked':
      return state.irqsMasked === false && !inNmi ? `${name} needs interrupts masked` : null;
    case 'watching':
      return state.watching === false ? `${name} needs RCU to watch` : null;
    case 'lockdep-prepared':
      return state.lockdepOn === false && !state.prepared && !inNmi
        ? `${name} without lockdep_hardirqs_on_prepare() before it`
        : null;
    case 'nmi-nesting':
      return state.nmiNesting !== null && !state.nmiNesting.nonIdle && state.nmiNesting.count <= 0
        ? `${name} with nmi_nesting ${state.nmiNesting.count}`
        : null;
    case 'no-hardirq-context':
      return state.hardirqContext > 0 && !inNmi ? `${name} inside a handler of interrupts` : null;
  }
}

/** kernel/context_tracking.c:ct_kernel_exit: nmi_nesting is cleared even where nesting says that RCU goes on watching. */
function kernelExit(state: ContextState, to: 'user' | 'guest' | 'idle'): ContextState {
  if (state.nesting === null) return { ...state, nmiNesting: null, watching: null, ctState: null };
  const nmiNesting: NmiNesting = { nonIdle: false, count: 0 };
  if (state.nesting !== 1) return { ...state, nmiNesting, nesting: state.nesting - 1 };
  return { ...state, nmiNesting, nesting: 0, watching: false, ctState: to };
}

/** kernel/context_tracking.c:ct_kernel_enter. */
function kernelEnter(state: ContextState): ContextState {
  if (state.nesting === null) return { ...state, watching: true, nmiNesting: null, ctState: 'kernel' };
  if (state.nesting !== 0) return { ...state, nesting: state.nesting + 1 };
  return { ...state, watching: true, nesting: 1, nmiNesting: { nonIdle: true, count: 0 }, ctState: 'kernel' };
}

/** include/linux/context_tracking.h (the key), kernel/context_tracking.c:__ct_user_enter. */
function userEnter(state: ContextState, to: 'user' | 'guest'): ContextState {
  if (state.tracking === 'off' || state.ctState === to) return state;
  return state.tracking === 'active' ? kernelExit(state, to) : { ...state, ctState: to };
}

/** kernel/context_tracking.c:__ct_user_exit: nothing happens unless the state is the one that is left. */
function userExit(state: ContextState, from: 'user' | 'guest'): ContextState {
  if (state.tracking === 'off' || (state.ctState !== null && state.ctState !== from)) return state;
  return state.tracking === 'active' ? kernelEnter(state) : { ...state, ctState: 'kernel' };
}

/** kernel/context_tracking.c:ct_nmi_enter, and ct_irq_enter, which is the same. */
function nmiEnter(state: ContextState): ContextState {
  const { watching, nmiNesting, preempt } = state;
  const tickCheck = state.tickCheck || (watching === true && preempt?.nmi === 0);
  if (watching === null || nmiNesting === null) return { ...state, watching: true, nmiNesting: null, tickCheck };
  const count = nmiNesting.count + (watching ? 2 : 1);
  return { ...state, watching: true, nmiNesting: { ...nmiNesting, count }, tickCheck };
}

/** kernel/context_tracking.c:ct_nmi_exit. */
function nmiExit(state: ContextState): ContextState {
  const { nmiNesting } = state;
  if (nmiNesting === null) return { ...state, watching: null };
  if (!nmiNesting.nonIdle && nmiNesting.count === 1) {
    return { ...state, watching: false, nmiNesting: { nonIdle: false, count: 0 } };
  }
  return { ...state, nmiNesting: { ...nmiNesting, count: nmiNesting.count - 2 } };
}

const counted = (state: ContextState, change: Partial<PreemptParts>): ContextState => {
  const { preempt } = state;
  if (preempt === null) return state;
  const part = (key: keyof PreemptParts): number => preempt[key] + (change[key] ?? 0);
  return {
    ...state,
    preempt: { count: part('count'), softirq: part('softirq'), hardirq: part('hardirq'), nmi: part('nmi') },
  };
};

/** Masks or opens interrupts; `letters` are set or cleared in what is masked. */
export function masked(state: ContextState, letters: string, on: boolean): ContextState {
  const has = (letter: string): boolean => (letters.includes(letter) ? on : state.daif?.includes(letter) === true);
  const daif = state.daif === null && letters.length < 4 ? null : [...'DAIF'].filter(has).join('');
  return { ...state, daif, irqsMasked: letters.includes('I') ? on : state.irqsMasked };
}

/** The mask as a whole, `null` for a value that is not known. */
export function maskedAs(state: ContextState, letters: string | null): ContextState {
  if (letters === null) return { ...state, daif: null, irqsMasked: null };
  return { ...state, daif: letters, irqsMasked: letters.includes('I') };
}

/** kernel/locking/lockdep.c:lockdep_hardirqs_off. */
const lockdepOff = (state: ContextState): ContextState => ({
  ...state,
  lockdepOn: false,
  prepared: false,
  split: 'entry',
});

const lockdepOn = (state: ContextState): ContextState => ({ ...state, lockdepOn: true, prepared: false, split: null });

const traceOffFinish = (state: ContextState): ContextState => ({ ...state, traceOn: false, split: null });

const traceOnPrepare = (state: ContextState): ContextState => ({ ...state, traceOn: true, split: 'exit' });

const lockdepOnPrepare = (state: ContextState): ContextState =>
  state.lockdepOn === true ? state : { ...state, prepared: true, split: 'exit' };

/** kernel/trace/trace_preemptirq.c: tracing and lockdep at once, for code that does not switch the context. */
const toldOff = (state: ContextState): ContextState => ({
  ...state,
  lockdepOn: false,
  traceOn: false,
  prepared: false,
  split: null,
});

const toldOn = (state: ContextState): ContextState => ({ ...toldOff(state), lockdepOn: true, traceOn: true });

/** An exception masks everything and remembers what it interrupted. */
function exception(state: ContextState, base: ContextState['base']): ContextState {
  const { irqsMasked, daif, idleWindow, split, prepared } = state;
  const kept = keptOf(state);
  const saved = [...state.saved, { base: state.base, idleWindow, irqsMasked, daif, split, prepared, kept }];
  return { ...state, base, idleWindow: false, irqsMasked: true, daif: 'DAIF', split: null, prepared: false, saved };
}

function exceptionReturn(state: ContextState): ContextState {
  const last = state.saved.at(-1);
  if (last === undefined) return state;
  const { kept: _, ...restored } = last;
  return { ...state, ...restored, saved: state.saved.slice(0, -1) };
}

const inKernel = (base: ContextState['base']): ContextState['base'] =>
  base === 'user' || base === 'guest' ? 'task' : base;

const same = (state: ContextState): ContextState => state;

const rows = (names: string, row: ContextStep): [string, ContextStep][] => names.split(' ').map((name) => [name, row]);

/**
 * What each call does to the state, by name; names of 6.1 and 6.12. What the hardware does has names with a blank.
 * Sources: kernel/context_tracking.c, include/linux/hardirq.h, kernel/softirq.c, include/linux/irqflags.h,
 * kernel/trace/trace_preemptirq.c, kernel/locking/lockdep.c, arch/arm64/include/asm/daifflags.h of v6.1 and v6.12.
 */
export const contextSteps: ReadonlyMap<string, ContextStep> = new Map<string, ContextStep>([
  ['take exception', step((state) => exception(state, inKernel(state.base)))],
  ['take debug exception', step((state) => exception(state, 'dbg'))],
  ['exception return', step(exceptionReturn)],
  ['enter guest', step((state) => ({ ...maskedAs(state, ''), base: 'guest' }))],
  ['leave guest', step((state) => ({ ...maskedAs(state, 'DAIF'), base: 'task' }))],

  ...rows(
    'user_exit_irqoff __ct_user_exit',
    step((state) => userExit(state, 'user'), { way: 'in' }),
  ),
  ...rows(
    'user_enter_irqoff __ct_user_enter',
    step((state) => userEnter(state, 'user'), { needs: ['irqs-masked'], way: 'back' }),
  ),
  ['context_tracking_guest_exit', step((state) => userExit(state, 'guest'), { way: 'in' })],
  ['context_tracking_guest_enter', step((state) => userEnter(state, 'guest'), { needs: ['irqs-masked'], way: 'back' })],
  ...rows(
    'ct_idle_enter rcu_idle_enter',
    step((state) => ({ ...kernelExit(state, 'idle'), base: 'idle', idleWindow: true }), {
      needs: ['irqs-masked'],
      way: 'back',
    }),
  ),
  // The idle loop opens a region right behind it: there is no second half for tracing to wait for.
  ...rows(
    'ct_idle_exit rcu_idle_exit',
    step((state) => ({ ...kernelEnter(state), base: 'task', idleWindow: false, split: null }), { way: 'in' }),
  ),
  ...rows('ct_irq_enter rcu_irq_enter', step(nmiEnter, { needs: ['irqs-masked'], way: 'in' })),
  ...rows('ct_nmi_enter rcu_nmi_enter', step(nmiEnter, { way: 'in' })),
  ...rows(
    'ct_irq_exit rcu_irq_exit',
    step(nmiExit, { needs: ['irqs-masked', 'nmi-nesting', 'watching'], way: 'back' }),
  ),
  ...rows('ct_nmi_exit rcu_nmi_exit', step(nmiExit, { needs: ['nmi-nesting', 'watching'], way: 'back' })),
  ['rcu_irq_enter_check_tick', step((state) => ({ ...state, tickCheck: true }), { needs: ['watching'] })],

  ['lockdep_hardirqs_off', step(lockdepOff, { needs: ['irqs-masked'], way: 'in' })],
  ['lockdep_hardirqs_on', step(lockdepOn, { needs: ['irqs-masked', 'lockdep-prepared'], way: 'back' })],
  [
    'lockdep_hardirqs_on_prepare',
    step(lockdepOnPrepare, {
      needs: ['watching', 'irqs-masked', 'no-hardirq-context'],
      plain: true,
      half: true,
    }),
  ],
  ['trace_hardirqs_on_prepare', step(traceOnPrepare, { needs: ['watching'], plain: true, half: true })],
  ['trace_hardirqs_off_finish', step(traceOffFinish, { needs: ['watching'], plain: true, half: true })],
  ['trace_hardirqs_off', step(toldOff, { needs: ['watching'], plain: true, half: true, way: 'in' })],
  ['trace_hardirqs_on', step(toldOn, { needs: ['watching'], plain: true, half: true, way: 'back' })],
  ['lockdep_hardirq_enter', step((state) => ({ ...state, hardirqContext: state.hardirqContext + 1 }))],
  ['lockdep_hardirq_exit', step((state) => ({ ...state, hardirqContext: Math.max(0, state.hardirqContext - 1) }))],

  ['__nmi_enter', step((state) => counted(state, { nmi: 1, hardirq: 1 }))],
  ['__nmi_exit', step((state) => counted(state, { nmi: -1, hardirq: -1 }))],
  ['ftrace_nmi_enter', step(same, { needs: ['watching'] })],
  ['ftrace_nmi_exit', step(same, { needs: ['watching'] })],
  [
    'irq_enter_rcu',
    step((state) => counted({ ...state, hardirqContext: state.hardirqContext + 1 }, { hardirq: 1 }), {
      needs: ['watching'],
      plain: true,
    }),
  ],
  [
    'irq_exit_rcu',
    step((state) => counted({ ...state, hardirqContext: Math.max(0, state.hardirqContext - 1) }, { hardirq: -1 }), {
      needs: ['watching'],
      plain: true,
    }),
  ],
  ['__irq_exit_rcu', step((state) => counted(state, { hardirq: -1 }), { plain: true })],
  ['softirq_handle_begin', step((state) => counted(state, { softirq: 1 }), { plain: true })],
  ['softirq_handle_end', step((state) => counted(state, { softirq: -1 }), { plain: true })],
  ...rows(
    'preempt_disable preempt_disable_notrace debug_exception_enter',
    step((state) => counted(state, { count: 1 })),
  ),
  ...rows(
    'preempt_enable preempt_enable_notrace preempt_enable_no_resched preempt_enable_no_resched_notrace debug_exception_exit',
    step((state) => counted(state, { count: -1 })),
  ),

  ...rows(
    'raw_local_irq_disable arch_local_irq_disable',
    step((state) => masked(state, 'IF', true)),
  ),
  ...rows(
    'raw_local_irq_enable arch_local_irq_enable',
    step((state) => masked(state, 'IF', false)),
  ),
  ['local_irq_disable', step((state) => toldOff(masked(state, 'IF', true)), { needs: ['watching'] })],
  ['local_irq_enable', step((state) => masked(toldOn(state), 'IF', false), { needs: ['watching'] })],
  ['local_daif_mask', step((state) => toldOff(maskedAs(state, 'DAIF')), { needs: ['watching'] })],
]);

/** `local_daif_restore()` with the letters that stay masked; `null`: the value is not known. */
export function daifRestored(state: ContextState, letters: string | null): ContextState {
  if (letters === null) return { ...maskedAs(state, null), lockdepOn: null, traceOn: null, split: null };
  const told = letters.includes('I') ? toldOff(state) : toldOn(state);
  return maskedAs(told, letters);
}

/** `local_daif_inherit()`: the masks of what was interrupted. */
export function daifInherited(state: ContextState): ContextState {
  const from = state.saved.at(-1);
  if (from === undefined) return daifRestored(state, null);
  const told = from.irqsMasked === false ? toldOn(state) : state;
  return { ...told, daif: from.daif, irqsMasked: from.irqsMasked };
}

/** Bits of PSR_D_BIT, PSR_A_BIT, PSR_I_BIT, PSR_F_BIT (arch/arm64/include/uapi/asm/ptrace.h) as letters. */
export function daifLetters(value: bigint): string {
  return [...'DAIF'].filter((_, at) => (value & (0x200n >> BigInt(at))) !== 0n).join('');
}
