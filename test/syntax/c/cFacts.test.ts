import { describe, expect, it } from 'vitest';
import { nErrors } from '../../../server/src/syntax/c/syntaxNode.ts';
import { cUnitOf, cUnitOfText, renderCall, renderFunction } from '../../support/cText.ts';

const functionsOf = async (text: string): Promise<string> =>
  `\n${(await cUnitOfText(text)).functions.map(renderFunction).join('\n')}\n`;

describe('functions', () => {
  it('with what their attribute macros say', async () => {
    const text = `#define noinstr __attribute__((noinline)) __attribute__((__section__(".noinstr" ".text")))
#define __always_inline inline __attribute__((__always_inline__))
#define asmlinkage
#define __releases(x)
static noinstr void enter(struct regs *regs, int)
{
}
static __always_inline unsigned long
flags_of(const char *const *name, int (*each)(int a, void *b))
{ return 0; }
asmlinkage long call_it(void) __releases(lock)
{ return 1; }
`;
    expect(await functionsOf(text)).toMatchInlineSnapshot(`
      "
      5-7 static noinline .noinstr.text void enter(struct regs * regs, int -) written noinstr
      9-10 static always unsigned long flags_of(const char *const * name, int (*)(int a, void *b) each) written __always_inline
      11-12 long call_it() written __releases
      "
    `);
  });

  it('that macros make, and the macro that makes them', async () => {
    const text = `#define HANDLER(el, name) \\
	void el##_##name(void) { panic(#name); }
#define DEFINE_CALL(name, ...) static long do_##name(__VA_ARGS__); \\
	long sys_##name(long a) { return do_##name(a); } \\
	static long do_##name(__VA_ARGS__)
HANDLER(el1, irq)
HANDLER(el1, fiq)
DEFINE_CALL(open, int fd)
{
	return fd;
}
`;
    expect(await functionsOf(text)).toMatchInlineSnapshot(`
      "
      6-6 void el1_irq() written HANDLER made by HANDLER
      7-7 void el1_fiq() written HANDLER made by HANDLER
      8-8 long sys_open(long a) written DEFINE_CALL made by DEFINE_CALL
      8-11 static long do_open(int fd) written DEFINE_CALL made by DEFINE_CALL
      "
    `);
  });

  it('of forms that are easily taken for something else', async () => {
    const text = `struct s { int (*f)(int); } table[] = { { .f = one }, };
int (*pointer)(int) = &one;
typedef int fn_t(int);
int declared(int) __attribute__((weak));
void (*returns_pointer(int n))(int) { return 0; }
static struct s *make(void) { return 0; }
enum { A, B } kind_of(int x) { return A; }
__typeof__(int) with_typeof(void) { return 0; }
__attribute__((section(".x"))) int (parens)(int a) { return a; }
int declared(int a) { return a; }
_Static_assert(sizeof(int) == 4, "int");
int last(void) { return ({ int a[] = { 1, 2 }; a[0]; }); }
`;
    const unit = await cUnitOfText(text);
    expect(`\n${unit.functions.map(renderFunction).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      5-5 void (*)() returns_pointer(int n)
      6-6 static struct s * make()
      7-7 enum kind_of(int x)
      8-8 __typeof__(int) with_typeof()
      9-9 .x int (*)() parens(int a)
      10-10 int declared(int a)
      12-12 int last()
      "
    `);
    expect(unit.functions.find(({ name }) => name === 'declared')?.attributes).toEqual([{ name: 'weak', args: [] }]);
    expect(unit.variables.map(({ name, type, initializer }) => `${type} ${name} = ${initializer}`)).toEqual([
      'struct s [] table = { { .f = one }, }',
      'int (*)() pointer = &one',
    ]);
  });

  it('follow the configuration, and what is left out is known', async () => {
    const unit = await cUnitOf({
      'kernel/demo.c': '#ifdef CONFIG_SMP\nint smp(void) { return 1; }\n#else\nint up(void) { return 0; }\n#endif\n',
    });
    expect(unit.functions.map(({ name }) => name)).toEqual(['up']);
    expect(unit.inactive.map(({ start, end }) => unit.text.slice(start, end))).toEqual([
      'int smp(void) { return 1; }\n',
    ]);
  });
});

describe('calls', () => {
  it('those hidden in macros too, each with the text it stands for', async () => {
    const unit = await cUnitOfText(`#define check(x) ({ int __r = !!(x); if (__r) warn(__FILE__, 3); __r; })
#define twice(f) (f(1) + f(2))
int demo(struct ops *ops, int a)
{
	if (check(is_bad(a)))
		return twice(one);
	ops->start(ops, a);
	(*ops->stop)(a);
	return (plain)(a);
}
`);
    const [fn] = unit.functions;
    expect(
      `\n${fn
        ?.calls()
        .map((call) => renderCall(unit, call))
        .join('\n')}\n`,
    ).toMatchInlineSnapshot(`
      "
      is_bad(a) at is_bad(a) via check
      warn("kernel/demo.c" | 3) at check(is_bad(a)) via check
      one(1) at twice(one) via twice
      one(2) at twice(one) via twice
      <ops->start>(ops | a) at ops->start(ops, a)
      <(*ops->stop)>(a) at (*ops->stop)(a)
      plain(a) at (plain)(a)
      "
    `);
    expect(fn?.calls()[0]?.node.type).toBe('call_expression');
  });

  it('GNU C parses without errors', async () => {
    const unit = await cUnitOfText(`int gnu(void *p, int n)
{
	static const void *const jump[] = { [0 ... 3] = &&out, &&again };
	register unsigned long x0 asm("x0") = n;
	__auto_type copy = *(typeof(*(int *)p) *)p;
	__label__ inner;
	const __typeof__(((struct s *)0)->member) *m = p;
	int offset = __builtin_offsetof(struct s, member.a[2]), same = __builtin_types_compatible_p(int, typeof(n));
	switch (n) {
	case 1 ... 5:
		goto *jump[n];
	default:
		break;
	}
	asm volatile goto("b %l[out]" : : "r" (x0) : "memory" : out);
	asm("x %0" : "+" "r" (n) : [in] "I" "Q" (3), "K" "r" (p));
again:
	do { (void)sizeof(struct s); } while (0);
	if (__builtin_expect(!!(({ int r = n ?: 1; r; })), 0))
		__attribute__((__fallthrough__));
	return _Generic(n, int: 1, default: (copy)) + (struct s){ .member = { 1 } }.member.a[0];
out:
	return ((union { int i; float f; }){ .i = n }).i;
}
`);
    const [fn] = unit.functions;
    expect(fn && nErrors(fn.body)).toBe(0);
  });
});

describe('asm', () => {
  it('with its operands, labels and clobbers', async () => {
    const unit = await cUnitOfText(`#define __stringify(x) #x
#define ALT(old, new, cap) "661:\\n\\t" old "\\n662:\\n" ".word " __stringify(cap) "\\n" new "\\x21"
asm(".globl top\\n");
static inline _Bool branch(int key, unsigned long *p)
{
	register long x0 asm("x0") = 1;
	asm goto(ALT("nop", "b %l[yes]", 7) : : "i"(&((char *)key)[1]) : : yes);
	asm volatile("ldr %w0, [%1]\\n" "dmb" : "=r" (*p), [out] "+Q" (p[1]) : "r" (x0), "Z" (3) : "memory", "cc");
	asm("" ::: "memory");
	return 0;
yes:
	return 1;
}
`);
    const [fn] = unit.functions;
    const shown = fn?.asms().map((one) => {
      const operands = [...one.outputs, ...one.inputs].map(
        ({ name, constraint, text }) => `${name ?? ''}"${constraint}"(${text})`,
      );
      const flags = [one.isGoto ? 'goto' : '', one.isVolatile ? 'volatile' : ''].join(' ').trim();
      return [JSON.stringify(one.template), flags, ...operands, ...one.clobbers, ...one.labels].join(' ; ');
    });
    expect(`\n${shown?.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      "661:\\n\\tnop\\n662:\\n.word 7\\nb %l[yes]!" ; goto volatile ; "i"(&((char *)key)[1]) ; yes
      "ldr %w0, [%1]\\ndmb" ; volatile ; "=r"(*p) ; out"+Q"(p[1]) ; "r"(x0) ; "Z"(3) ; memory ; cc
      "" ;  ; memory
      "
    `);
    expect(unit.asms.map(({ template }) => template)).toEqual(['.globl top\n']);
    expect(fn?.asms()[0]?.node?.type).toBe('gnu_asm_expression');
  });

  it('a macro that nobody defines stays visible in the template', async () => {
    const unit = await cUnitOfText('void f(void) { asm("a" UNKNOWN(1) "b"); }\n');
    const [one] = unit.functions[0]?.asms() ?? [];
    expect([one?.template, one?.unknownInTemplate]).toEqual(['ab', 'UNKNOWN(1)']);
  });
});

describe('a file that is being typed', () => {
  const text = `#define M(x) (x)
static int first(int a)
{
	return M(a);
}

static int second(void)
{
	return first(2);
}
`;

  it('keeps the functions around a brace that is missing', async () => {
    const unit = await cUnitOfText(text.replace('return M(a);\n}', 'if (a) {\n'));
    expect(unit.functions.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('keeps the functions around a declaration without its end', async () => {
    const unit = await cUnitOfText(text.replace('\nstatic int second', '\nint x = M(\n\nstatic int second'));
    expect(unit.functions.map(({ name }) => name)).toContain('first');
    const other = await cUnitOfText(text.replace('\nstatic int second', '\nint x = \n\nstatic int second'));
    expect(other.functions.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('any prefix and any missing character gives facts', { timeout: 60_000 }, async () => {
    const damaged = [
      ...Array.from(text, (_, at) => text.slice(0, at)),
      ...Array.from(text, (_, at) => text.slice(0, at) + text.slice(at + 1)),
    ];
    for (const one of damaged) {
      const unit = await cUnitOfText(one);
      for (const fn of unit.functions) {
        expect(fn.range.end).toBeLessThanOrEqual(one.length);
        fn.calls();
        fn.asms();
      }
    }
  });
});
