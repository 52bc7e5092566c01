/** What a name means when noinstr code uses it where instrumentation is not allowed. */
export interface NamedCall {
  /** Rule it breaks; `null` for a name that is always fine. */
  readonly rule: string | null;
  /** What to write instead; `null` where only another place helps. */
  readonly replacement: string | null;
  readonly severity: 'error' | 'warning' | 'information' | null;
  /** A read that entry code makes on purpose: counts where it is written, or where the configuration makes code of it. */
  readonly byExpansion: boolean;
}

const fine: NamedCall = { rule: null, replacement: null, severity: null, byExpansion: false };

const unsafe = (rule: string, replacement: string | null = null, more: Partial<NamedCall> = {}): NamedCall => ({
  rule: `noinstr.${rule}`,
  replacement,
  severity: null,
  byExpansion: false,
  ...more,
});

const words = (text: string): string[] => text.split(' ');

/** Legal wherever noinstr code stands; a plain-inline one of these is the header's business, not the caller's. */
const safeNames: readonly string[] = words(
  'raw_local_irq_disable raw_local_irq_enable raw_local_irq_save raw_local_irq_restore raw_local_save_flags ' +
    'raw_irqs_disabled raw_irqs_disabled_flags raw_safe_halt irqs_disabled irqs_disabled_flags ' +
    'arch_local_irq_disable arch_local_irq_enable arch_local_irq_save arch_local_irq_restore ' +
    'arch_local_save_flags arch_irqs_disabled arch_irqs_disabled_flags lockdep_hardirqs_on lockdep_hardirqs_off ' +
    'this_cpu_ptr raw_cpu_ptr per_cpu_ptr per_cpu __my_cpu_offset smp_processor_id raw_smp_processor_id ' +
    '__smp_processor_id preempt_disable_notrace preempt_enable_no_resched_notrace __preempt_count_add ' +
    '__preempt_count_sub __preempt_count_inc __preempt_count_dec preempt_count in_nmi in_hardirq in_interrupt ' +
    'in_irq in_serving_softirq in_task in_softirq in_atomic need_resched __ct_state rcu_is_watching_curr_cpu ' +
    'rcu_dynticks_curr_cpu_in_eqs arch_test_bit test_bit __set_bit __clear_bit __change_bit ' +
    '__test_and_set_bit __test_and_clear_bit test_thread_flag read_thread_flags tif_need_resched test_ti_thread_flag ' +
    'test_tsk_thread_flag read_ti_thread_flags READ_ONCE WRITE_ONCE __READ_ONCE __WRITE_ONCE smp_load_acquire ' +
    'smp_store_release barrier smp_mb smp_rmb smp_wmb mb rmb wmb dsb isb dmb sb nop wfi wfe sev user_mode ' +
    'compat_user_mode instruction_pointer user_stack_pointer read_sysreg write_sysreg read_sysreg_s ' +
    'write_sysreg_s sysreg_clear_set gic_read_pmr gic_write_pmr is_ttbr0_addr is_ttbr1_addr interrupts_enabled ' +
    'processor_mode fast_interrupts_enabled current get_current current_thread_info task_thread_info is_idle_task ' +
    'is_global_init cpus_have_cap cpus_have_final_cap cpus_have_final_boot_cap cpus_have_const_cap ' +
    'alternative_has_cap_likely alternative_has_cap_unlikely alternative_has_feature_likely ' +
    'alternative_has_feature_unlikely arch_static_branch arch_static_branch_jump sched_clock_noinstr ' +
    'local_clock_noinstr WARN_ON WARN_ON_ONCE WARN WARN_ONCE WARN_TAINT WARN_TAINT_ONCE BUG BUG_ON VM_BUG_ON ' +
    'VM_WARN_ON VM_WARN_ON_ONCE __WARN_FLAGS __WARN __WARN_printf RCU_NOCB_LOCKDEP_WARN unreachable likely unlikely ' +
    'BUILD_BUG_ON BUILD_BUG BUILD_BUG_ON_ZERO BUILD_BUG_ON_MSG compiletime_assert static_assert ' +
    'cpu_relax arch_spin_lock arch_spin_unlock arch_spin_trylock arch_spin_is_locked arch_read_lock arch_read_unlock ' +
    'arch_write_lock arch_write_unlock ' +
    'current_stack_pointer offsetof container_of ARRAY_SIZE min max min_t max_t clamp FIELD_GET FIELD_PREP ' +
    'rcu_irq_enter_check_tick raw_preempt_count swap ESR_ELx_EC virt_to_phys phys_to_virt __pa __va',
);

/** `raw_cpu_*` and `__this_cpu_*`: no preemption toggle around the access. */
const safePatterns: readonly RegExp[] = [
  /^(raw|arch)_(atomic|cmpxchg|try_cmpxchg|xchg)/,
  /^arch_(set|clear|change|test|test_and_set|test_and_clear|test_and_change)_bit(_lock|_unlock)?$/,
  /^__this_cpu_(read|write|add|sub|inc|dec|or|and|xchg|cmpxchg|add_return|sub_return|inc_return|dec_return|preempt_check)(_\w+)?$/,
  /^raw_cpu_(read|write|add|sub|inc|dec|or|and|xchg|cmpxchg|add_return|sub_return|inc_return|dec_return)(_\w+)?$/,
  /^system_(supports|uses)_\w+$/,
  /^__ubsan_handle_\w+$/,
];

const bit = unsafe('instrumented-access');
const irqflags = (replacement: string | null): NamedCall => unsafe('irqflags-traced', replacement);
const preempt = (replacement: string | null, more: Partial<NamedCall> = {}): NamedCall =>
  unsafe('preempt-toggle', replacement, more);
const plain = (replacement: string | null = null): NamedCall => unsafe('calls-instrumentable', replacement);
const schedules = unsafe('schedules-without-context');
const faults = unsafe('faultable-early');
const prints = unsafe('trace-or-print');
const legacy = unsafe('legacy-context-call', 'the split primitives (user_exit_irqoff(), user_enter_irqoff())');

const table: ReadonlyMap<string, NamedCall> = new Map<string, NamedCall>([
  ...safeNames.map((name): [string, NamedCall] => [name, fine]),
  ...words('disable enable save restore').map((verb): [string, NamedCall] => [
    `local_irq_${verb}`,
    irqflags(`raw_local_irq_${verb}`),
  ]),
  ...words('mask save restore inherit save_flags').map((verb): [string, NamedCall] => [
    `local_daif_${verb}`,
    irqflags('write_sysreg(…, daif)'),
  ]),
  ['trace_hardirqs_on_prepare', plain()],
  ['lockdep_hardirqs_on_prepare', plain()],
  ['trace_hardirqs_off_finish', plain()],
  ['lockdep_sys_exit', plain()],
  ['lockdep_hardirqs_enabled', preempt(null, { severity: 'information', byExpansion: true })],
  ['lockdep_assert_irqs_disabled', preempt(null, { severity: 'information', byExpansion: true })],
  ['lockdep_assert_irqs_enabled', preempt(null, { severity: 'information', byExpansion: true })],
  ['lockdep_assert_preemption_disabled', preempt(null, { severity: 'information', byExpansion: true })],
  ...words('get_cpu get_cpu_ptr get_cpu_var').map((name): [string, NamedCall] => [name, preempt('this_cpu_ptr')]),
  ...words('put_cpu put_cpu_ptr put_cpu_var').map((name): [string, NamedCall] => [name, preempt(null)]),
  ['preempt_disable', preempt('preempt_disable_notrace')],
  ...words('preempt_enable preempt_enable_no_resched preempt_enable_notrace').map((name): [string, NamedCall] => [
    name,
    preempt('preempt_enable_no_resched_notrace'),
  ]),
  ['preempt_count_add', preempt('__preempt_count_add')],
  ['preempt_count_sub', preempt('__preempt_count_sub')],
  ['preempt_count_inc', preempt('__preempt_count_add')],
  ['preempt_count_dec', preempt('__preempt_count_sub')],
  ['ct_state', preempt('__ct_state', { byExpansion: true })],
  ['rcu_is_watching', plain('rcu_is_watching_curr_cpu')],
  ...words(
    'rcu_read_lock rcu_read_unlock rcu_read_lock_sched rcu_read_unlock_sched rcu_read_lock_bh rcu_read_unlock_bh ' +
      'RCU_LOCKDEP_WARN rcu_dereference rcu_dereference_check rcu_dereference_sched rcu_dereference_raw call_rcu ' +
      'data_race ASSERT_EXCLUSIVE_WRITER ASSERT_EXCLUSIVE_ACCESS instrument_atomic_read instrument_atomic_write ' +
      'instrument_atomic_read_write instrument_read instrument_write kasan_check_read kasan_check_write ' +
      'kcsan_check_access local_bh_disable local_bh_enable',
  ).map((name): [string, NamedCall] => [name, plain()]),
  ...words('ktime_get ktime_get_real ktime_get_boottime ktime_get_ns ktime_get_raw local_clock').map(
    (name): [string, NamedCall] => [name, plain('local_clock_noinstr')],
  ),
  ['sched_clock', plain('sched_clock_noinstr')],
  ['this_cpu_has_cap', plain('alternative_has_cap_unlikely')],
  ['cpu_have_feature', plain('alternative_has_cap_unlikely')],
  ...words('set clear change test_and_set test_and_clear test_and_change').flatMap((verb): [string, NamedCall][] => [
    [`${verb}_bit`, { ...bit, replacement: `arch_${verb}_bit` }],
    [`${verb}_bit_lock`, { ...bit, replacement: `arch_${verb}_bit_lock` }],
    [`${verb}_bit_unlock`, { ...bit, replacement: `arch_${verb}_bit_unlock` }],
    [`${verb}_thread_flag`, bit],
    [`${verb}_tsk_thread_flag`, bit],
    [`${verb}_ti_thread_flag`, bit],
  ]),
  ...words(
    'dump_stack show_stack show_regs __show_regs printk _printk printk_deferred trace_printk trace_puts trace_dump_stack ' +
      'ftrace_vprintk print_hex_dump print_hex_dump_bytes print_hex_dump_debug early_printk vprintk vprintk_emit',
  ).map((name): [string, NamedCall] => [name, prints]),
  ...words(
    'exception_enter exception_exit schedule_user user_enter user_exit ct_user_enter ct_user_exit ' +
      'user_enter_callable user_exit_callable ct_user_enter_callable ct_user_exit_callable',
  ).map((name): [string, NamedCall] => [name, legacy]),
  ['irq_enter', { ...legacy, replacement: 'irq_enter_rcu', severity: 'information' }],
  ['irq_exit', { ...legacy, replacement: 'irq_exit_rcu', severity: 'information' }],
  ...words(
    'schedule schedule_timeout schedule_preempt_disabled preempt_schedule preempt_schedule_irq ' +
      'preempt_schedule_common might_sleep might_resched cond_resched io_schedule msleep usleep_range ' +
      'wait_for_completion wait_for_completion_timeout wait_event wait_event_timeout wait_event_interruptible ' +
      'wait_on_bit mutex_lock mutex_lock_interruptible mutex_lock_killable down down_read down_write ' +
      'down_interruptible synchronize_rcu arm64_preempt_schedule_irq dynamic_cond_resched dynamic_might_resched',
  ).map((name): [string, NamedCall] => [name, schedules]),
  ...words(
    'get_user put_user __get_user __put_user copy_from_user copy_to_user __copy_from_user __copy_to_user ' +
      'raw_copy_from_user raw_copy_to_user copy_from_user_nofault copy_to_user_nofault ' +
      'copy_from_kernel_nofault copy_to_kernel_nofault get_kernel_nofault __get_kernel_nofault ' +
      'probe_kernel_read probe_kernel_write probe_kernel_address strncpy_from_user clear_user __clear_user ' +
      'copy_from_user_inatomic __copy_from_user_inatomic __copy_to_user_inatomic strnlen_user',
  ).map((name): [string, NamedCall] => [name, faults]),
]);

const atomicOps =
  /^atomic(64|_long)?_(read|set|add|sub|inc|dec|and|or|xor|andnot|xchg|cmpxchg|try_cmpxchg|fetch|cond_read)(_\w+)?$/;
const exchange = /^(cmpxchg|xchg|try_cmpxchg|cmpxchg64|try_cmpxchg64|cmpxchg128)(_local|_relaxed|_acquire|_release)?$/;
const thisCpu =
  /^this_cpu_(read|write|add|sub|inc|dec|or|and|xchg|cmpxchg|cmpxchg128|try_cmpxchg|add_return|sub_return|inc_return|dec_return)(_stable|_[1248])?$/;
const lock =
  /^(raw_)?(spin|read|write)_(lock|unlock|trylock)(_irq|_irqsave|_irqrestore|_bh|_nested)?$|^mutex_(unlock|trylock)$|^up(_read|_write)?$|^local_lock\w*$/;
const sleeps =
  /^(__schedule|schedule_(timeout|hrtimeout)\w*|io_schedule\w*|wait_(event|for_completion|on_bit|woken)\w*|mutex_lock_\w+|down_(read|write)(_nested|_interruptible|_killable\w*)?|down_(interruptible|killable|timeout)|(rt|ww)_mutex_lock\w*|[mfs]sleep\w*|usleep_\w+|yield(_to)?|__?might_sleep\w*|might_sleep_\w+|preempt_schedule\w*|synchronize_(s?rcu|net|irq)\w*)$/;
/** The fast ones are traceable in no kernel: what they are otherwise is told by their definition. */
const clock = /^(ktime_get(?!\w*_fast)(_\w+)?|cpu_clock|running_clock)$/;
const print = /^(pr|dev|netdev)_(emerg|alert|crit|err|warn|notice|info|debug|dbg|cont|devel)(_once|_ratelimited)?$/;
const traceCall = /^(__traceiter_\w+|trace_array_\w+)$/;

/** What a name stands for, `null` for one that is in no table. `atomics` is the prefix of the tree's raw forms. */
export function namedCall(name: string, atomics: 'raw' | 'arch'): NamedCall | null {
  const row = table.get(name);
  if (row !== undefined) return row;
  if (atomicOps.test(name)) return { ...bit, replacement: `${atomics}_${name}` };
  if (exchange.test(name)) return { ...bit, replacement: `${atomics}_${name}` };
  if (thisCpu.test(name)) return preempt(`__${name}`);
  if (lock.test(name)) return plain();
  if (clock.test(name)) return plain('local_clock_noinstr');
  if (sleeps.test(name)) return schedules;
  if (print.test(name) || traceCall.test(name)) return prints;
  if (safePatterns.some((pattern) => pattern.test(name))) return fine;
  return null;
}

/** Why an old call of the context is wrong in entry code, and what stands for it. */
export function legacyText(name: string, replacement: string | null): string {
  return `${name}() keeps context state on the stack, which prevents switching context tracking off per CPU; use ${replacement ?? 'the split primitives'} in noinstr entry code`;
}

/** Routines that a compiler calls by itself for copies and initializers. */
export const compilerMade: ReadonlySet<string> = new Set([
  'memset',
  'memcpy',
  'memmove',
  '__memset',
  '__memcpy',
  '__memmove',
  'memcmp',
  '__stack_chk_fail',
]);

/** Calls that end in a halted machine: worth a note where they stand, not more. */
export const fatalCalls: ReadonlySet<string> = new Set(['panic', 'nmi_panic', 'die']);
