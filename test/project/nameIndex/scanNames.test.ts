import { describe, expect, it } from 'vitest';
import { scanText } from '../../support/nameIndex.ts';

describe('functions', () => {
  it('with storage, attributes and parameters on several lines', () => {
    expect(
      scanText(`
static int plain(int a, struct thing *b)
{
	return a;
}
static __always_inline struct thing *
inlined(void) { return (struct thing *)0; }
asmlinkage __visible void noinstr entry(struct pt_regs *regs)
{
	if (regs) { other(); }
}
__printf(1, 2) void said(const char *format, ...)
{
}
int locked(int *lock)
	__acquires(lock)
{
	return 0;
}
`),
    ).toMatchInlineSnapshot(`
      "2 static function plain
      7 static inline-function inlined
      8 function entry
      12 function said
      15 function locked"
    `);
  });

  it('prototypes and what extern declares', () => {
    expect(
      scanText(`
extern int there(int a);
void here(void) __attribute__((noreturn));
extern struct thing table[];
struct thing *made(u32 count) __malloc;
`),
    ).toMatchInlineSnapshot(`
      "2 declared function there
      3 declared function here
      4 declared variable table
      5 declared function made"
    `);
  });

  it('whose head depends on the configuration: the braces of one branch count', () => {
    expect(
      scanText(`
#ifdef CONFIG_A
int first(int a)
{
#else
int second(void)
{
#endif
	return 0;
}
int third(void) { return 0; }
`),
    ).toMatchInlineSnapshot(`
      "3 function first
      6 function second
      11 function third"
    `);
  });

  it('behind a body with too many braces for who reads both branches', () => {
    expect(
      scanText(`
int first(int a)
{
	if (a) {
#if defined(A)
		if (b) {
#endif
	}
}
int second(void)
{
}
`),
    ).toMatchInlineSnapshot(`
      "2 function first
      10 function second"
    `);
  });

  it('not those that nobody compiles', () => {
    expect(scanText('#if 0\nint dead(void) { }\n#else\nint alive(void) { }\n#endif\n')).toBe('4 function alive');
  });
});

describe('variables and types', () => {
  it('of all forms', () => {
    expect(
      scanText(`
static const struct ops my_ops = {
	.open = my_open,
	.table = { [0] = { 1 }, },
};
int a, *b = &a, c[3];
unsigned long limit __read_mostly = 3;
static u32 (*pointer)(u32 value);
struct list { int member; } head;
`),
    ).toMatchInlineSnapshot(`
      "2 static variable my_ops
      6 variable a
      6 variable b
      6 variable c
      7 variable limit
      8 static variable pointer
      9 type list
      9 variable head"
    `);
  });

  it('arrays of structures whose lines begin with a brace', () => {
    expect(
      scanText(`
static struct alg algs[] = { {
	.name = "a",
}, {
	.name = "b",
} };
int after;
`),
    ).toMatchInlineSnapshot(`
      "2 static variable algs
      7 variable after"
    `);
  });

  it('typedefs and enumerations, also those inside of a structure', () => {
    expect(
      scanText(`
typedef struct { int counter; } atomic;
typedef int (*handler)(int, void *);
typedef unsigned long size;
enum color { RED, GREEN = 2, BLUE = (1 << 3) };
struct state {
	enum { IDLE, BUSY = IDLE + 4 } now;
};
`),
    ).toMatchInlineSnapshot(`
      "2 type atomic
      3 type handler
      4 type size
      5 type color
      5 enumerator RED
      5 enumerator GREEN
      5 enumerator BLUE
      6 type state
      7 enumerator IDLE
      7 enumerator BUSY"
    `);
  });

  it('in extern "C"', () => {
    expect(scanText('#ifdef __cplusplus\nextern "C" {\n#endif\nint a;\n#ifdef __cplusplus\n}\n#endif\nint b;\n')).toBe(
      '4 variable a\n8 variable b',
    );
  });
});

describe('macros', () => {
  it('definitions, with braces that count for nothing', () => {
    expect(scanText('#define OPEN {\n#define CALL(x) \\\n\tdo { x; } while (0)\nint a;\n')).toBe(
      '1 macro OPEN\n2 macro CALL\n4 variable a',
    );
  });

  it('uses at file scope: their arguments are candidates', () => {
    expect(
      scanText(`
DEFINE_STATIC_KEY_FALSE(my_key);
static DEFINE_PER_CPU(struct thing, my_var) __aligned(8);
SYSCALL_DEFINE2(my_call, int, fd, char __user *, buf)
{
	return 0;
}
TRACE_EVENT(my_event,
	TP_PROTO(int a),
	TP_fast_assign(
		if (a) {
			__entry->a = a;
		}
	)
);
UNHANDLED(el1t, 64, sync)
UNHANDLED(el1t, 64, irq)
int after;
`),
    ).toMatchInlineSnapshot(`
      "2 made my_key by DEFINE_STATIC_KEY_FALSE argument 0
      3 made my_var by DEFINE_PER_CPU argument 1
      4 made my_call by SYSCALL_DEFINE2 argument 0
      4 made fd by SYSCALL_DEFINE2 argument 2
      4 made buf by SYSCALL_DEFINE2 argument 4
      8 made my_event by TRACE_EVENT argument 0
      16 made el1t by UNHANDLED argument 0
      16 made sync by UNHANDLED argument 2
      17 made el1t by UNHANDLED argument 0
      17 made irq by UNHANDLED argument 2
      18 variable after"
    `);
  });
});

describe('assembly', () => {
  it('labels, macros and what macros make', () => {
    const text = `
/* copy: not this */
	.macro	load, reg	// nor this: one
	ldr	\\reg, [x0]
	.endm
SYM_FUNC_START(copy)
1:	b	.Ldone
.Ldone:	ret
after:
SYM_FUNC_END(copy)
`;
    expect(scanText(text, true)).toMatchInlineSnapshot(`
      "3 asm-macro load
      6 made copy by SYM_FUNC_START argument 0
      9 asm-symbol after
      10 made copy by SYM_FUNC_END argument 0"
    `);
  });

  it('in a header', () => {
    expect(
      scanText(`
#ifdef __ASSEMBLY__
	.macro	enable, tmp
	mov	\\tmp, #1	// don't
	.endm
#else
static inline void enable(void) { }
#endif
`),
    ).toMatchInlineSnapshot(`
      "3 asm-macro enable
      7 static inline-function enable"
    `);
  });
});

describe('places', () => {
  it('are UTF-16 offsets behind any character', () => {
    expect(scanText('\ufeff/* ä – 𝄞 */ int a; // ü\nchar *s = "é";\nint b;\r\nint c;\n')).toBe(
      '1 variable a\n2 variable s\n3 variable b\n4 variable c',
    );
  });

  it('nothing is thrown or endless for any prefix of a text, or one without any of its bytes', () => {
    const text =
      '#if A\nDEFINE_X(a, "x\\"") \\\n/* c */ struct s { enum { E } e; } v = { .x = \'\\\'\' };\n.macro m\n.endm\n#else\nint f(int (*g)(void)) { return 0; }\n#endif ä##b\n';
    for (let at = 0; at <= text.length; at++) {
      scanText(text.slice(0, at));
      scanText(text.slice(0, at) + text.slice(at + 1));
      scanText(text.slice(0, at), true);
    }
    expect(scanText('')).toBe('');
  });
});
