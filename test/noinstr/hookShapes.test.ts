import { expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

const path = '/k/arch/arm64/kernel/ax_hooks.c';
const functions = `static u64 ax_slow(void) { return 1; }
static u64 notrace ax_half(void) { return 2; }
static noinstr u64 ax_fast(void) { return 3; }
static noinstr u64 ax_fast2(void) { return 4; }
static __always_inline u64 ax_inl(void) { return 5; }
struct ax_ops { u64 (*read)(void); void (*kick)(int n); };
static void ax_slow_kick(int n) { }
static noinstr void ax_fast_kick(int n) { }
`;
const nLines = functions.split('\n').length - 1;

/** What may be behind a call through a pointer. A line that ends in `// rule` has that finding, every other line none. */
const shapes: Readonly<Record<string, string>> = {
  'a pointer with a typedef as result, by initializer': `
static u64 (*ax_r)(void) = ax_slow; // hook-target-instrumentable
u64 noinstr ax_get(void)
{
	return ax_r(); // indirect-call
}
`,
  'a pointer that is read and written by READ_ONCE and WRITE_ONCE': `
static u64 (*ax_r)(void);
void ax_set(void) { WRITE_ONCE(ax_r, ax_inl); } // inline-address-taken
u64 noinstr ax_get(void)
{
	u64 (*fn)(void) = READ_ONCE(ax_r);
	return fn ? fn() : 0; // indirect-call
}
`,
  'a static pointer that only noinstr functions are put into': `
static u64 (*ax_r)(void) = ax_fast;
void __init ax_set(int n) { if (n) ax_r = ax_fast2; }
u64 noinstr ax_get(void)
{
	return ax_r() + (*ax_r)();
}
`,
  'a constant table of noinstr functions, and one that is not': `
static u64 (*const ax_good[])(void) = { ax_fast, ax_fast2 };
static u64 (*const ax_bad[])(void) = { [0] = ax_fast, [1] = ax_half }; // hook-target-instrumentable
u64 noinstr ax_get(int i)
{
	return ax_good[i]() +
		ax_bad[i & 1](); // indirect-call
}
`,
  'a constant object through a macro and through a local pointer': `
#define AX_OP(o, op, ...) ((o)->op(__VA_ARGS__))
static const struct ax_ops ax_good = { .read = ax_fast, .kick = ax_fast_kick };
static const struct ax_ops ax_other = { .read = ax_slow, .kick = ax_slow_kick };
u64 noinstr ax_get(int i)
{
	const struct ax_ops *ops = &ax_good;
	ops->kick(i);
	AX_OP(&ax_good, kick, i);
	return AX_OP(&ax_good, read) + ax_good.read();
}
u64 ax_plain(void) { return ax_other.read(); }
`,
  'a member of an object, by position and by assignment': `
static struct ax_ops ax_o = { ax_slow }; // hook-target-instrumentable
void ax_set(void) { ax_o.kick = ax_slow_kick; } // hook-target-instrumentable
u64 noinstr ax_get(int i)
{
	ax_o.kick(i); // indirect-call
	return ax_o.read(); // indirect-call
}
`,
  'a local pointer that is assigned on both sides': `
u64 noinstr ax_get(int i)
{
	u64 (*good)(void) = i ? ax_fast : ax_fast2;
	u64 (*bad)(void);
	if (i)
		bad = ax_fast;
	else
		bad = ax_slow;
	return good() +
		bad(); // indirect-call
}
`,
  'a parameter of an inline helper that a member is handed to': `
static struct ax_ops ax_o = { .read = ax_half }; // hook-target-instrumentable
static __always_inline u64 ax_with(u64 (*fn)(void)) { return fn() + 1; }
u64 noinstr ax_get(void)
{
	u64 v = ax_with(ax_fast);
	v += ax_with(&ax_fast2);
	return v + ax_with(ax_o.read); // indirect-call
}
`,
  'a value that a static setter is called with': `
static struct ax_ops ax_o;
static void ax_put(u64 (*fn)(void)) { ax_o.read = fn; }
void ax_init(int n) { ax_put(n ? ax_fast : ax_slow); } // hook-target-instrumentable
u64 noinstr ax_get(void)
{
	return ax_o.read(); // indirect-call
}
`,
  'a write whose macro names its arguments in another order': `
#define rcu_assign_pointer(p, v) do { u64 _v = (u64)(v); if (_v) WRITE_ONCE((p), (typeof(p))_v); } while (0)
static u64 (*ax_r)(void);
void ax_set(void) { rcu_assign_pointer(ax_r, ax_slow); } // hook-target-instrumentable
u64 noinstr ax_get(void)
{
	return ax_r(); // indirect-call
}
`,
  'a call of what a reading macro gives': `
typedef u64 (*ax_fn)(void);
static ax_fn ax_r = ax_inl; // inline-address-taken
u64 noinstr ax_get(void)
{
	return __this_cpu_read(ax_r)(); // indirect-call
}
`,
  'a pointer that is used in a region only': `
static u64 (*ax_r)(void) = ax_slow;
u64 noinstr ax_get(void)
{
	u64 v;
	instrumentation_begin();
	v = ax_r();
	instrumentation_end();
	return v;
}
`,
};

it.each(Object.entries(shapes))('%s', (_, text) => {
  const found = noinstrFindings(noinstrTree({ [path]: functions.trimEnd() + text }), path).map(
    (one) => `${one.line - nLines + 1} ${one.rule.replace('noinstr.', '')}`,
  );
  expect(found.sort()).toEqual(plantedRules(text).sort());
});
