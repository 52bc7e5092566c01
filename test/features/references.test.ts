import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../server/src/base/cancellation.ts';
import { references } from '../../server/src/features/references.ts';
import { block, openFixture, showPlace } from '../support/features.ts';

/** Places that name what stands at `$0`. */
function show(fixture: string, includeDeclaration = true): string {
  const open = openFixture(fixture);
  const targets = references(open.ctx, open.path, open.offset, { includeDeclaration });
  return block(targets.map(({ path, range }) => showPlace(open, path, range)));
}

const twoFiles = `
#include <asm/step.h>
	ste$0p
	STEP
	step_over
//- /arch/arm64/include/asm/step.h
#ifdef __ASSEMBLY__
	.macro	step
	nop
	.endm
#endif
#define TWICE	step ; step
//- /arch/arm64/lib/other.S
	step
`;

describe('across files', () => {
  it('a macro: its definition, invocations in any letter case, bodies of #defines', () => {
    expect(show(twoFiles)).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:2:2 «step»  step
      /arch/arm64/kernel/demo.S:3:2 «STEP»  STEP
      /arch/arm64/include/asm/step.h:2:9 «step»  .macro step
      /arch/arm64/include/asm/step.h:6:15 «step»  #define TWICE step ; step
      /arch/arm64/include/asm/step.h:6:22 «step»  #define TWICE step ; step
      /arch/arm64/lib/other.S:1:2 «step»  step"
    `);
  });

  it('without the declaration', () => {
    expect(show(twoFiles, false)).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:2:2 «step»  step
      /arch/arm64/kernel/demo.S:3:2 «STEP»  STEP
      /arch/arm64/include/asm/step.h:6:15 «step»  #define TWICE step ; step
      /arch/arm64/include/asm/step.h:6:22 «step»  #define TWICE step ; step
      /arch/arm64/lib/other.S:1:2 «step»  step"
    `);
  });

  it('a function: calls, its end, its declaration in C', () => {
    expect(
      show(`
#include <linux/linkage.h>
SYM_FUNC_START(copy$0)
	ret
SYM_FUNC_END(copy)
//- /arch/arm64/lib/user.S
	bl	copy
//- /arch/arm64/include/asm/copy.h
#ifndef __ASSEMBLY__
void copy(void);
#endif
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:2:16 «copy»  SYM_FUNC_START(copy)
      /arch/arm64/kernel/demo.S:4:14 «copy»  SYM_FUNC_END(copy)
      /arch/arm64/include/asm/copy.h:2:6 «copy»  void copy(void);
      /arch/arm64/lib/user.S:1:5 «copy»  bl copy"
    `);
  });

  it('a function that only this file sees stays in it', () => {
    expect(
      show(`
#include <linux/linkage.h>
SYM_FUNC_START_LOCAL(loop)
	ret
SYM_FUNC_END(loop)
	bl	loop$0
//- /arch/arm64/lib/user.S
loop:	b	loop
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:2:22 «loop»  SYM_FUNC_START_LOCAL(loop)
      /arch/arm64/kernel/demo.S:4:14 «loop»  SYM_FUNC_END(loop)
      /arch/arm64/kernel/demo.S:5:5 «loop»  bl loop"
    `);
  });

  it('a cpucap: uses in assembly and C, the list, the table', () => {
    expect(
      show(`
	alternative_if ARM64_HAS_PAN$0
//- /arch/arm64/include/asm/uaccess.h
static inline bool pan(void) { return cpus_have_cap(ARM64_HAS_PAN); }
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:1:17 «ARM64_HAS_PAN»  alternative_if ARM64_HAS_PAN
      /arch/arm64/include/asm/uaccess.h:1:53 «ARM64_HAS_PAN»  static inline bool pan(void) { return cpus_have_cap(ARM64_HAS_PAN); }
      /arch/arm64/tools/cpucaps:4:1 «HAS_PAN»  HAS_PAN
      /arch/arm64/kernel/cpufeature.c:4:23 «HAS_PAN»  .capability = ARM64_HAS_PAN,"
    `);
  });

  it('a #define: also in headers outside of arch/arm64 that the file includes', () => {
    expect(
      show(`
#include <linux/sizes.h>
	mov	x0, #SZ_ON$0E
//- /include/linux/sizes.h
#define SZ_ONE	1
#define SZ_TWO	(SZ_ONE + SZ_ONE)
//- /include/linux/never.h
#define SZ_THREE	(SZ_ONE + 2)
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:2:11 «SZ_ONE»  mov x0, #SZ_ONE
      /include/linux/sizes.h:1:9 «SZ_ONE»  #define SZ_ONE 1
      /include/linux/sizes.h:2:17 «SZ_ONE»  #define SZ_TWO (SZ_ONE + SZ_ONE)
      /include/linux/sizes.h:2:26 «SZ_ONE»  #define SZ_TWO (SZ_ONE + SZ_ONE)"
    `);
  });

  it('an open document counts as it is, not as it was saved', () => {
    const open = openFixture(twoFiles);
    const show = (): readonly string[] =>
      references(open.ctx, open.path, open.offset, { includeDeclaration: false }).map(({ path }) => path);
    expect(show().filter((path) => path.endsWith('other.S'))).toHaveLength(1);
    open.workspace.openDocument('/k/arch/arm64/lib/other.S', '\tstep\n\tstep\n', 1);
    expect(show().filter((path) => path.endsWith('other.S'))).toHaveLength(2);
    open.workspace.closeDocument('/k/arch/arm64/lib/other.S');
    expect(show().filter((path) => path.endsWith('other.S'))).toHaveLength(1);
  });
});

describe('in one file', () => {
  it('an argument, in the body of its macro only', () => {
    expect(
      show(`
	.macro	one, reg
	mov	\\r$0eg, \\reg
	.endm
	.macro	two, reg
	mov	\\reg, xzr
	.endm
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:1:14 «reg»  .macro one, reg
      /arch/arm64/kernel/demo.S:2:7 «reg»  mov \\reg, \\reg
      /arch/arm64/kernel/demo.S:2:13 «reg»  mov \\reg, \\reg"
    `);
  });

  it('a numeric label: what means this one, not its namesakes', () => {
    expect(
      show(`
1:	b	1b
	b	1$0f
1:	b	1b
	b	1f
1:	nop
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:2:4 «1f»  b 1f
      /arch/arm64/kernel/demo.S:3:1 «1»  1: b 1b
      /arch/arm64/kernel/demo.S:3:6 «1b»  1: b 1b"
    `);
  });

  it('a label with the number of the expansion, in its macro', () => {
    expect(
      show(`
	.macro	one
	b	.Lout_$0\\@
.Lout_\\@:
	.endm
	.macro	two
	b	.Lout_\\@
.Lout_\\@:
	.endm
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:2:4 «.Lout_\\@»  b .Lout_\\@
      /arch/arm64/kernel/demo.S:3:1 «.Lout_\\@»  .Lout_\\@:"
    `);
  });

  it('an alias, with where it ends', () => {
    expect(
      show(`
tsk	.req	x28
	ldr	x0, [tsk$0]
	.unreq	tsk
`),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/kernel/demo.S:1:1 «tsk»  tsk .req x28
      /arch/arm64/kernel/demo.S:2:11 «tsk»  ldr x0, [tsk]
      /arch/arm64/kernel/demo.S:3:9 «tsk»  .unreq tsk"
    `);
  });

  it('a register has none', () => {
    expect(show('\tmov\tx$01, x1\n')).toMatchInlineSnapshot(`"(nothing)"`);
  });
});

it('stops when the answer is no longer wanted', () => {
  const cancellation = { isCancellationRequested: true };
  const open = openFixture(twoFiles, cancellation);
  expect(() => references(open.ctx, open.path, open.offset, { includeDeclaration: true })).toThrow(CancelledError);
});
