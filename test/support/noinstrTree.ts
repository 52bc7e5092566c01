import { type Cancellation, neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { completeIndex } from '../../server/src/project/nameIndex/treeIndex.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { smallTree } from './smallTree.ts';

/** Headers of our own with the kernel's names: what entry code is written with, as 6.12 has it. */
export const noinstrHeaders: Readonly<Record<string, string>> = {
  'include/linux/kconfig.h': '#define IS_ENABLED(option) option\n',
  'include/linux/compiler-version.h': '',
  'include/asm-generic/vmlinux.lds.h': [
    '#define NOINSTR_TEXT \\',
    '\t__noinstr_text_start = .; \\',
    '\t*(.noinstr.text) \\',
    '\t*(.cpuidle.text) \\',
    '\t__noinstr_text_end = .;',
    '',
  ].join('\n'),
  'include/linux/compiler_types.h': `
#ifndef __ASSEMBLY__
#define notrace __attribute__((no_instrument_function))
#define inline inline notrace
#define __always_inline inline __attribute__((__always_inline__))
#define noinline __attribute__((noinline))
#define __section(s) __attribute__((__section__(s)))
#define __noinstr_section(s) noinline notrace __section(s)
#define noinstr __noinstr_section(".noinstr.text")
#define __cpuidle __noinstr_section(".cpuidle.text")
#define __init __section(".init.text")
#define __ro_after_init __section(".data..ro_after_init")
#define __noreturn __attribute__((__noreturn__))
#define asmlinkage
#define NULL ((void *)0)
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) do { *(volatile typeof(x) *)&(x) = (v); } while (0)
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
typedef unsigned int u32;
typedef unsigned long u64;
typedef struct { int counter; } atomic_t;
struct pt_regs { unsigned long pc; unsigned long pstate; _Bool exit_rcu; unsigned long lockdep_hardirqs; };
struct alt_instr;
struct task_struct;
typedef struct { _Bool exit_rcu; } irqentry_state_t;
enum ctx_state { CT_STATE_KERNEL };
struct static_key_false { int enabled; };
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name = { 0 }
#define DEFINE_STATIC_KEY_FALSE_RO(name) struct static_key_false name __ro_after_init = { 0 }
#define static_branch_unlikely(key) __builtin_expect(!!((key)->enabled), 0)
#define ALTERNATIVE_CB(old, cap, cb) old "\\n .word " #cb " - .\\n"
#define NOKPROBE_SYMBOL(fname) static unsigned long _kbl_addr_##fname = (unsigned long)fname;
#define CALLER_ADDR0 ((unsigned long)__builtin_return_address(0))
#define DAIF_PROCCTX 0
#define DAIF_ERRCTX 0xc0
#define instrumentation_begin() do { } while (0)
#define instrumentation_end() do { } while (0)
#define trace_hardirqs_on() do { } while (0)
#define trace_hardirqs_off() do { } while (0)
#define trace_hardirqs_off_finish() do { } while (0)
#define trace_hardirqs_on_prepare() do { } while (0)
static inline void lockdep_hardirqs_off(unsigned long ip) { }
static inline void lockdep_hardirqs_on(unsigned long ip) { }
static inline void lockdep_hardirqs_on_prepare(void) { }
#define lockdep_hardirq_enter() do { } while (0)
#define lockdep_hardirq_exit() do { } while (0)
#define lockdep_hardirqs_enabled() 0
#define __nmi_enter() do { } while (0)
#define __nmi_exit() do { } while (0)
static __always_inline void user_exit_irqoff(void) { }
static __always_inline void user_enter_irqoff(void) { }
void ct_nmi_enter(void);
void ct_nmi_exit(void);
void ct_irq_enter(void);
void ct_irq_exit(void);
void ct_idle_enter(void);
void ct_idle_exit(void);
irqentry_state_t irqentry_enter(struct pt_regs *regs);
void irqentry_exit(struct pt_regs *regs, irqentry_state_t state);
void raw_irqentry_exit_cond_resched(void);
void irqentry_exit_cond_resched(void);
enum ctx_state exception_enter(void);
void exception_exit(enum ctx_state prev);
static inline void atomic_inc(atomic_t *v) { v->counter++; }
static __always_inline void raw_atomic_inc(atomic_t *v) { v->counter++; }
#define raw_local_irq_save(flags) do { flags = 1; asm volatile("msr daifset, #3"); } while (0)
#define local_irq_save(flags) do { raw_local_irq_save(flags); } while (0)
static __always_inline void local_daif_restore(unsigned long flags) { asm volatile("msr daif, %0" : : "r" (flags)); }
#define this_cpu_read(x) ({ (x); })
#define __this_cpu_read(x) ({ (x); })
int printk(const char *fmt, ...);
#define pr_err(fmt, ...) printk(fmt, ##__VA_ARGS__)
#define get_user(x, p) ({ (x) = *(p); 0; })
void schedule(void);
void panic(const char *fmt, ...) __noreturn;
static __always_inline _Bool alternative_has_cap_unlikely(const unsigned long cap) { asm goto("nop" : : : : no); return 1; no: return 0; }
static __always_inline _Bool is_idle_task(const struct task_struct *p) { return 0; }
#define current ((struct task_struct *)0)
#define ARM64_HAS_PAN 1
#define ARM64_ALWAYS_SYSTEM 2
#define WARN_ON(x) ({ int __ret = !!(x); if (__ret) asm volatile("brk 0x800"); __ret; })
#else
#define SYM_CODE_START(name) name:
#define SYM_CODE_END(name)
#define SYM_FUNC_START(name) name:
#define SYM_FUNC_END(name)
#endif
`,
  // What examples speak of without defining it; each is a plain function of the tree.
  'kernel/ax.c': `
int ax_count;
atomic_t ax_n;
int ax_v;
int ax_long_call;
void ax_work(void) { ax_count++; }
int ax_try(void) { return ax_count; }
void noinstr ax_wfi(void) { asm volatile("wfi"); }
void noinstr ct_nmi_enter(void) { }
void noinstr ct_nmi_exit(void) { }
void noinstr ct_irq_enter(void) { }
void noinstr ct_irq_exit(void) { }
void noinstr ct_idle_enter(void) { }
void noinstr ct_idle_exit(void) { }
noinstr irqentry_state_t irqentry_enter(struct pt_regs *regs) { return (irqentry_state_t){ 0 }; }
noinstr void irqentry_exit(struct pt_regs *regs, irqentry_state_t state) { }
void schedule(void) { }
`,
};

/** Declarations in front of an example, on one line so that its own lines count from 2. */
export const preamble =
  'extern int ax_count, ax_v, ax_long_call; extern atomic_t ax_n; void ax_work(void); int ax_try(void); void ax_wfi(void);\n';

/** A tree with files of entry code, opened as the command line opens it. */
export function noinstrTree(files: Readonly<Record<string, string>>, config = ''): FeatureContext {
  const source = smallTree({ ...noinstrHeaders, 'arch/arm64/configs/defconfig': config, ...files });
  const workspace = new Workspace({
    files: source,
    logger: silentLogger,
    settings: { buildDirectory: null, configFile: null, kernelRoot: null },
  });
  const cancellation: Cancellation = neverCancelled;
  const tree = workspace.treeFor('/k/Makefile');
  if (tree !== null) completeIndex(workspace, tree, cancellation);
  return { workspace, state: { name: 'none', core: null, cpucaps: [] }, cancellation };
}
