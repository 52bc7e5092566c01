import { describe, expect, it } from 'vitest';
import { definition } from '../../server/src/features/definition.ts';
import { block, openFixture, showPlace } from '../support/features.ts';

/** Places that the word at `$0` leads to. */
function show(fixture: string): string {
  const open = openFixture(fixture);
  const targets = definition(open.ctx, open.path, open.offset);
  return block(targets.map(({ path, range }) => showPlace(open, path, range)));
}

describe('macros', () => {
  it('an invocation leads to its .macro', () => {
    expect(
      show(`
	.macro	zero, reg
	mov	\\reg, xzr
	.endm
	ze$0ro	x0
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:9 «zero»  .macro zero, reg"`);
  });

  it('letter case does not matter, as for the assembler', () => {
    expect(
      show(`
	.macro	Zero
	.endm
	zERO$0
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:9 «Zero»  .macro Zero"`);
  });

  it('of two definitions the one that the configuration has', () => {
    expect(
      show(`
#ifdef CONFIG_NOT_SET
	.macro	zero, reg
	.endm
#else
	.macro	zero, reg
	mov	\\reg, xzr
	.endm
#endif
	zero$0	x0
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:5:9 «zero»  .macro zero, reg"`);
  });

  it('of a macro that is purged and defined again the one in force', () => {
    expect(
      show(`
	.macro	step
	nop
	.endm
	.purgem	step
	.macro	step
	isb
	.endm
	st$0ep
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:5:9 «step»  .macro step"`);
  });

  it('an invocation in the body of a macro', () => {
    expect(
      show(`
	.macro	inner
	.endm
	.macro	outer
	inner$0
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:9 «inner»  .macro inner"`);
  });

  it('a macro of a header', () => {
    expect(
      show(`
#include <asm/alternative-macros.h>
	alternative_if_not$0 ARM64_HAS_PAN
	nop
	alternative_else
	isb
	alternative_endif
`),
    ).toMatchInlineSnapshot(
      `"/arch/arm64/include/asm/alternative-macros.h:11:9 «alternative_if_not»  .macro alternative_if_not cap"`,
    );
  });

  it('a macro that only another file of the tree has', () => {
    expect(
      show(`
	far_away$0	x0
//- /arch/arm64/include/asm/far.h
	.macro	far_away, reg
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/include/asm/far.h:1:9 «far_away»  .macro far_away, reg"`);
  });

  it('a name given to .purgem', () => {
    expect(
      show(`
	.macro	step
	.endm
	.purgem	step$0
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:9 «step»  .macro step"`);
  });

  it('a macro whose name is passed to another one', () => {
    expect(
      show(`
	.macro	one
	nop
	.endm
	.macro	call, what
	\\what
	.endm
	call	on$0e
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:9 «one»  .macro one"`);
  });
});

describe('parameters', () => {
  it('an argument leads to the parameter', () => {
    expect(
      show(`
	.macro	add3, dst:req, src = x1, rest:vararg
	add	\\dst, \\sr$0c, #3
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:24 «src»  .macro add3, dst:req, src = x1, rest:vararg"`);
  });

  it('an argument that is part of a name', () => {
    expect(
      show(`
	.macro	handler, level, kind
	b	el\\level\\()_\\ki$0nd\\()_handler
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:25 «kind»  .macro handler, level, kind"`);
  });

  it('an argument in a string', () => {
    expect(
      show(`
	.macro	clean, addr
	alternative_insn "dc cvau, \\ad$0dr", nop, ARM64_HAS_PAN
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:16 «addr»  .macro clean, addr"`);
  });

  it('the counter of .irp', () => {
    expect(
      show(`
	.irp	n, 0, 1, 2
	mov	x\\n$0, xzr
	.endr
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:7 «n»  .irp n, 0, 1, 2"`);
  });

  it('a name that the outer macro has too means the outer one, as the assembler puts it in first', () => {
    expect(
      show(`
	.macro	outer, n
	.irp	n, 0, 1
	mov	x\\n$0, xzr
	.endr
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:16 «n»  .macro outer, n"`);
  });

  it('an argument that is given by its name', () => {
    expect(
      show(`
	.macro	load, dst, from = x1
	ldr	\\dst, [\\from]
	.endm
	load	x0, fro$0m=x2
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:20 «from»  .macro load, dst, from = x1"`);
  });

  it('a parameter of a #define', () => {
    expect(
      show(`
#define BIT_OF(nr, base)	((1 << nr$0) + base)
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:16 «nr»  #define BIT_OF(nr, base) ((1 << nr) + base)"`);
  });
});

describe('labels', () => {
  it('1b is the last one before', () => {
    expect(
      show(`
1:	nop
1:	nop
	b	1b$0
1:	nop
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:2:1 «1»  1: nop"`);
  });

  it('1f is the next one', () => {
    expect(
      show(`
1:	nop
	b	1$0f
	nop
1:	nop
1:	nop
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:4:1 «1»  1: nop"`);
  });

  it('a label that a macro in between defines is nearer', () => {
    expect(
      show(`
	.macro	wait
1:	wfe
	.endm
1:	nop
	wait
	b	1b$0
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:2:1 «1»  1: wfe"`);
  });

  it('in the body of a macro that nobody uses', () => {
    expect(
      show(`
1:	nop
	.macro	wait
1:	wfe
	b	1b$0
	.endm
1:	nop
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:3:1 «1»  1: wfe"`);
  });

  it('a label with the number of the expansion', () => {
    expect(
      show(`
	.macro	skip
.Lskip_\\@:
	.endm
	.macro	other
	b	.Lskip_$0\\@
.Lskip_\\@:
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:6:1 «.Lskip_\\@»  .Lskip_\\@:"`);
  });

  it('a label in a quoted instruction', () => {
    expect(
      show(`
	.macro	skip
	alternative_insn "b	.Lsk$0ip_\\@", nop, ARM64_HAS_PAN
.Lskip_\\@:
	.endm
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:3:1 «.Lskip_\\@»  .Lskip_\\@:"`);
  });

  it('a label that is an argument of an invocation', () => {
    expect(
      show(`
	.macro	try, insn, target
	\\insn
	cbz	x0, \\target
	.endm
	.macro	copy
	try	nop, 9998$0f
	.endm
9998:	nop
	copy
	nop
9998:	nop
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:11:1 «9998»  9998: nop"`);
  });

  it('a label whose name a #define makes', () => {
    expect(
      show(`
#define L(name)	.L ## name
L(done):
	cbz	x0, L(do$0ne)
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:2:1 «L(done)»  L(done):"`);
  });

  it('a name that a macro puts together', () => {
    expect(
      show(`
	.macro	handler, level, kind
el\\level\\()_\\kind:
	ret
	.endm
	handler	1, irq
	b	el1_irq$0
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:5:2 «handler»  handler 1, irq"`);
  });
});

describe('functions', () => {
  it('a function of this file', () => {
    expect(
      show(`
#include <linux/linkage.h>
SYM_FUNC_START(first)
	ret
SYM_FUNC_END(first)
SYM_FUNC_START(second)
	bl	fir$0st
	ret
SYM_FUNC_END(second)
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:2:16 «first»  SYM_FUNC_START(first)"`);
  });

  it('a function of another file', () => {
    expect(
      show(`
	bl	dis$0tant
//- /arch/arm64/lib/distant.S
#include <linux/linkage.h>
SYM_FUNC_START(distant)
	ret
SYM_FUNC_END(distant)
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/lib/distant.S:2:16 «distant»  SYM_FUNC_START(distant)"`);
  });

  it('a second name of a function', () => {
    expect(
      show(`
#include <linux/linkage.h>
SYM_FUNC_START(__copy)
	ret
SYM_FUNC_END(__copy)
SYM_FUNC_ALIAS(copy, __copy)
	bl	co$0py
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:5:16 «copy»  SYM_FUNC_ALIAS(copy, __copy)"`);
  });

  it('a function in a branch that is not compiled', () => {
    expect(
      show(`
#include <linux/linkage.h>
#ifdef CONFIG_NOT_SET
SYM_FUNC_START(first)
	ret
SYM_FUNC_END(first)
	bl	fir$0st
#endif
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:3:16 «first»  SYM_FUNC_START(first)"`);
  });

  it('a function that is only written in C leads nowhere', () => {
    expect(show('\tbl\tdo_in_c$0\n')).toMatchInlineSnapshot(`"(nothing)"`);
  });

  it('a declaration in the C side of a header leads to the function', () => {
    expect(
      show(`
//- /arch/arm64/include/asm/distant.h
#ifndef __ASSEMBLY__
extern void dist$0ant(void);
#endif
//- /arch/arm64/lib/distant.S
#include <linux/linkage.h>
SYM_FUNC_START(distant)
	ret
SYM_FUNC_END(distant)
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/lib/distant.S:2:16 «distant»  SYM_FUNC_START(distant)"`);
  });
});

describe('aliases and constants', () => {
  it('an alias of a register leads to its .req', () => {
    expect(
      show(`
tsk	.req	x28
	ldr	x0, [ts$0k]
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:1 «tsk»  tsk .req x28"`);
  });

  it('an alias of a vector, with its elements', () => {
    expect(
      show(`
acc	.req	v3
	mov	a$0cc.16b, v0.16b
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:1 «acc»  acc .req v3"`);
  });

  it('of two the one before', () => {
    expect(
      show(`
tmp	.req	x1
	mov	tmp$0, xzr
	.unreq	tmp
tmp	.req	x2
	mov	tmp, xzr
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:1 «tmp»  tmp .req x1"`);
  });

  it('a constant leads to its .set', () => {
    expect(
      show(`
	.set	frame_size, 64
	sub	sp, sp, #frame_si$0ze
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:7 «frame_size»  .set frame_size, 64"`);
  });

  it('a register leads nowhere', () => {
    expect(show('\tmov\tx$01, x2\n')).toMatchInlineSnapshot(`"(nothing)"`);
  });

  it('an instruction leads nowhere', () => {
    expect(show('\tmo$0v\tx1, x2\n')).toMatchInlineSnapshot(`"(nothing)"`);
  });
});

describe('preprocessor', () => {
  it('a constant of a header', () => {
    expect(
      show(`
#include <asm/sizes.h>
	mov	x0, #FRAME_SI$0ZE
//- /arch/arm64/include/asm/sizes.h
#define FRAME_SIZE	64
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/include/asm/sizes.h:1:9 «FRAME_SIZE»  #define FRAME_SIZE 64"`);
  });

  it('of two definitions the one in force at the place', () => {
    expect(
      show(`
#define STEP 1
	mov	x0, #STEP
#undef STEP
#define STEP 2
	mov	x0, #ST$0EP
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:4:9 «STEP»  #define STEP 2"`);
  });

  it('a function-like macro', () => {
    expect(
      show(`
#include <linux/linkage.h>
SYM_FUNC_$0START(first)
SYM_FUNC_END(first)
`),
    ).toMatchInlineSnapshot(
      `"/include/linux/linkage.h:5:9 «SYM_FUNC_START»  #define SYM_FUNC_START(name) SYM_START(name, SYM_L_GLOBAL)"`,
    );
  });

  it('a macro in the body of a #define', () => {
    expect(
      show(`
#define ONE	1
#define TWO	(ON$0E + 1)
`),
    ).toMatchInlineSnapshot(`"/arch/arm64/kernel/demo.S:1:9 «ONE»  #define ONE 1"`);
  });

  it('an #include leads to the file', () => {
    expect(show('#include <linux/link$0age.h>\n')).toMatchInlineSnapshot(
      `"/include/linux/linkage.h:1:1 «»  #ifdef __ASSEMBLY__"`,
    );
  });

  it('an #include in a branch that is not compiled', () => {
    expect(show('#ifdef CONFIG_NOT_SET\n#include <linux/link$0age.h>\n#endif\n')).toMatchInlineSnapshot(
      `"/include/linux/linkage.h:1:1 «»  #ifdef __ASSEMBLY__"`,
    );
  });
});

describe('cpucaps', () => {
  it('a cpucap leads to its line in the list and to its entry in the tables', () => {
    expect(
      show(`
#include <asm/alternative-macros.h>
	alternative_if_not ARM64_HAS_P$0AN
	nop
	alternative_else
	isb
	alternative_endif
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/tools/cpucaps:4:1 «HAS_PAN»  HAS_PAN
      /arch/arm64/kernel/cpufeature.c:4:23 «HAS_PAN»  .capability = ARM64_HAS_PAN,"
    `);
  });

  it('a cpucap without an entry', () => {
    expect(show('\talternative_if ARM64_WORKAROUND_$07\n')).toMatchInlineSnapshot(
      `"/arch/arm64/tools/cpucaps:6:1 «WORKAROUND_7»  WORKAROUND_7"`,
    );
  });
});
