import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

const path = '/k/arch/arm64/kernel/ax_carried.c';

/** A text whose lines end in `// rule` where that rule is expected, and nowhere else anything. */
function check(text: string): void {
  const found = noinstrFindings(noinstrTree({ [path]: preamble + text }), path, 'context');
  expect(found.map((one) => `${one.line - 1} ${one.rule.replace('noinstr.', '')}`).sort()).toEqual(
    plantedRules(text).sort(),
  );
}

const beginIf = `static __always_inline bool ax_begin_if(int on)
{
	if (on > 2) {
		instrumentation_begin();
		return true;
	}
	return false;
}
`;

describe('what a helper decides holds behind it', () => {
  it('a helper that says whether it opened a region', () => {
    check(`${beginIf}void noinstr ax_f(int n)
{
	bool on = ax_begin_if(n);

	ax_count = n;
	if (on) {
		ax_work();
		instrumentation_end();
	}
}
void noinstr ax_g(int n)
{
	if (!ax_begin_if(n))
		return;
	ax_work();
	instrumentation_end();
}
void noinstr ax_h(int n)
{
	if (ax_begin_if(n)) {
		ax_work();
		return; // region-left-open
	}
}
`);
  });

  it('flags that are bits of a word, and counters', () => {
    check(`#define AX_OPEN (1 << 1)
static __always_inline int ax_bits(int n)
{
	int flags = 0;

	if (n > 2) {
		instrumentation_begin();
		flags |= AX_OPEN;
	}
	if (n & 4)
		flags |= 1;
	return flags;
}
void noinstr ax_f(int n)
{
	int flags = ax_bits(n);

	if (flags & AX_OPEN) {
		ax_work();
		instrumentation_end();
	}
}
void noinstr ax_g(int n)
{
	unsigned int flags = 0, depth = 0;

	if (n > 2) {
		instrumentation_begin();
		flags |= AX_OPEN;
		flags &= ~1;
		depth++;
	}
	if (depth)
		ax_work();
	if (flags & AX_OPEN)
		instrumentation_end();
}
void noinstr ax_h(int n)
{
	int flags = 0;

	if (n > 2) {
		instrumentation_begin(); // region-left-open
		flags |= 1;
	}
	flags &= ~AX_OPEN;
	if (flags & AX_OPEN)
		instrumentation_end();
}
`);
  });

  it('helpers that open and close a region under a condition of their caller', () => {
    check(`static __always_inline void ax_open(bool c) { if (c) instrumentation_begin(); }
static __always_inline void ax_shut(bool c) { if (c) instrumentation_end(); }
void noinstr ax_f(bool c)
{
	ax_open(c);
	if (c)
		ax_work();
	ax_shut(c);
}
void noinstr ax_g(bool c, bool d)
{
	ax_open(c); // region-path-mismatch
	ax_shut(d);
}
`);
  });

  it('a helper that gives back what it told lockdep', () => {
    check(
      `static __always_inline bool ax_prepare(struct pt_regs *regs)
{
	bool on = ax_quiet(regs);

	if (on) {
		trace_hardirqs_on_prepare();
		lockdep_hardirqs_on_prepare();
	}
	return on;
}
void noinstr ax_f(struct pt_regs *regs)
{
	bool on = ax_prepare(regs);

	ct_irq_exit();
	if (on)
		lockdep_hardirqs_on(CALLER_ADDR0);
}
`.replace('ax_quiet(regs)', 'regs != 0'),
    );
  });

  it('a state in a struct that is given back, passed by value and by address', () => {
    check(`struct ax_state { bool told; };
static __always_inline struct ax_state ax_in(int n)
{
	struct ax_state s;

	s.told = false;
	if (n) {
		s.told = true;
		instrumentation_begin();
	}
	return s;
}
static __always_inline void ax_out(struct ax_state *s)
{
	if (s->told)
		instrumentation_end();
}
void noinstr ax_f(int n)
{
	struct ax_state s = ax_in(n);

	if (s.told)
		ax_work();
	ax_out(&s);
}
void noinstr ax_g(int n)
{
	struct ax_state s = ax_in(n); // region-left-open

	if (s.told)
		ax_work();
}
`);
  });

  it('a helper that says whether it entered the context', () => {
    check(`static __always_inline bool ax_try_enter(int user)
{
	if (!user)
		return false;
	user_exit_irqoff();
	return true;
}
void noinstr ax_f(int user)
{
	bool entered = ax_try_enter(user);

	if (entered) {
		ax_work();
		if (ax_try())
			return; // context-unbalanced
		user_enter_irqoff();
	}
}
`);
  });
});

it('a loop left by continue with its region open is one finding', () => {
  check(`void noinstr ax_f(int n)
{
	do {
		instrumentation_begin();
		ax_work();
		if (n & 1)
			continue; // region-path-mismatch
		instrumentation_end();
	} while (--n);
}
`);
});

it('a mask whose interrupt bit is cleared lets interrupts in, whatever else it holds', () => {
  check(`void noinstr ax_f(void)
{
	local_daif_restore(ax_count & ~0x80ul); // irqs-unmasked-early
	user_exit_irqoff();
}
void noinstr ax_g(void)
{
	unsigned long flags = ax_count & ~0x80ul;

	local_daif_restore(flags); // irqs-unmasked-early
	user_exit_irqoff();
}
void noinstr ax_h(void)
{
	asm volatile("msr daif, %0" : : "r" (ax_count & ~0x40ul));
	user_exit_irqoff();
}
`);
});

it('a region that needs none, between markers by other names; none where a marker has lost its other one', () => {
  check(`#define ax_open() instrumentation_begin()
#define ax_shut() instrumentation_end()
void noinstr ax_f(void)
{
	ax_open(); // region-unneeded
	WRITE_ONCE(ax_count, 1);
	ax_shut();
}
void noinstr ax_g(void)
{
	ax_open();
	ax_work();
	ax_shut();
}
void noinstr ax_h(int n)
{
	if (n)
		ax_open();
	WRITE_ONCE(ax_count, 1);
	ax_shut(); // region-underflow
}
`);
});

it('a value that a choice gives is known on each of its ways', () => {
  check(`int noinstr ax_f(void)
{
	int open = ax_quiet() ? ({ instrumentation_begin(); 1; }) : 0;

	if (open)
		ax_work();
	if (open)
		instrumentation_end();
	return open;
}
int noinstr ax_g(void)
{
	int open = ax_quiet() ? ({ instrumentation_begin(); 1; }) : 0;

	if (open) {
		ax_work();
		return 1; // region-left-open
	}
	return 0;
}
`);
});

it('a break in a macro is no way out of a region', () => {
  check(`#define ax_write(v) do { switch (sizeof(ax_count)) { case 8: ax_count = (v); break; default: ax_count = 0; } } while (0)
int noinstr ax_f(void)
{
	instrumentation_begin();
	if (ax_try()) {
		ax_write(2);
		return 1; // region-left-open
	}
	instrumentation_end();
	return 0;
}
`);
});

it('a guest that is run in turns', () => {
  check(`bool context_tracking_guest_enter(void);
void context_tracking_guest_exit(void);
static __always_inline void ax_out(void) { if (!context_tracking_guest_enter()) ax_count = 1; }
int noinstr ax_f(int n)
{
	do {
		ax_out();
		ax_count = n;
		context_tracking_guest_exit();
		if (ax_quiet())
			break;
	} while (--n);
	return n;
}
`);
});

it('flags that an initializer sets, and flags behind a pointer', () => {
  check(`struct ax_state { bool told, open; };
static __always_inline void ax_done(bool *on)
{
	if (*on)
		instrumentation_end();
	*on = false;
}
void noinstr ax_f(int n)
{
	struct ax_state s = { .told = true, .open = false };

	if (n) {
		s.open = true;
		instrumentation_begin();
	}
	if (s.open) {
		ax_work();
		instrumentation_end();
	}
}
void noinstr ax_g(int n)
{
	bool on = n > 2;

	if (on) {
		instrumentation_begin();
		ax_work();
	}
	ax_done(&on);
}
`);
});
