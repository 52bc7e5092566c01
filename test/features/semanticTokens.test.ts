import { describe, expect, it } from 'vitest';
import { semanticTokens, tokenModifiers, tokenTypes } from '../../server/src/features/semanticTokens.ts';
import { openFixture } from '../support/features.ts';

/** The document (or the range between two `$0`) with `‹type.modifier›` behind each token. */
function show(fixture: string): string {
  const open = openFixture(fixture);
  const range = open.endOffset > open.offset ? { start: open.offset, end: open.endOffset } : null;
  let out = '';
  let at = 0;
  for (const token of semanticTokens(open.ctx, open.path, range)) {
    const end = token.start + token.length;
    const modifiers = tokenModifiers.filter((_, bit) => (token.modifiers & (1 << bit)) !== 0);
    out += `${open.text.slice(at, end)}‹${[tokenTypes[token.type], ...modifiers].join('.')}›`;
    at = end;
  }
  return (out + open.text.slice(at)).replaceAll('\t', ' ').trim();
}

describe('what the grammar cannot know', () => {
  it('invocations among instructions, parameters, labels', () => {
    expect(
      show(`
	.macro	step, n, reg = x0
	add	\\reg, \\reg, #\\n
.Lout_\\@:
	cbz	\\reg, .Lout_\\@
	.endm
	step	4
	add	x0, x0, #4
	unknown_macro	4
`),
    ).toMatchInlineSnapshot(`
      ".macro step‹macro.definition›, n‹parameter.declaration›, reg‹parameter.declaration› = x0
       add \\reg‹parameter›, \\reg‹parameter›, #\\n‹parameter›
      .Lout_\\@‹label.definition›:
       cbz \\reg‹parameter›, .Lout_\\@‹label›
       .endm
       step‹macro› 4
       add x0, x0, #4
       unknown_macro 4"
    `);
  });

  it('aliases of registers, constants, system registers', () => {
    expect(
      show(`
tsk	.req	x28
	.set	size, 16
	mrs	x0, sctlr_el1
	ldr	x0, [tsk, #size]
`),
    ).toMatchInlineSnapshot(`
      "tsk‹variable.definition› .req x28
       .set size‹variable.definition.readonly›, 16
       mrs x0, sctlr_el1‹property›
       ldr x0, [tsk‹variable›, #size‹variable.readonly›]"
    `);
  });

  it('names of the preprocessor', () => {
    expect(
      show(`
#define STEP	8
#define NEXT(reg)	add reg, reg, #STEP
	mov	x0, #STEP
	NEXT(x0)
`),
    ).toMatchInlineSnapshot(`
      "#define STEP 8
      #define NEXT(reg) add reg, reg, #STEP‹macro.readonly›
       mov x0, #STEP‹macro.readonly›
       NEXT‹macro›(x0)"
    `);
  });

  it('cpucaps that the tree has, and one that it does not have', () => {
    expect(
      show(`
#include <asm/alternative-macros.h>
	alternative_if_not ARM64_HAS_PAN
	alternative_if_not ARM64_HAS_PANN
`),
    ).toMatchInlineSnapshot(`
      "#include <asm/alternative-macros.h>
       alternative_if_not‹macro› ARM64_HAS_PAN‹enumMember›
       alternative_if_not‹macro› ARM64_HAS_PANN‹enumMember.unknown›"
    `);
  });

  it('functions: where they begin and end, where they are called', () => {
    expect(
      show(`
#include <linux/linkage.h>
SYM_FUNC_START(first)
	bl	first
	bl	in_c
	b	.Lhere
.Lhere:
SYM_FUNC_END(first)
`),
    ).toMatchInlineSnapshot(`
      "#include <linux/linkage.h>
      SYM_FUNC_START‹macro›(first‹function.definition›)
       bl first‹function›
       bl in_c‹function›
       b .Lhere‹label›
      .Lhere‹label.definition›:
      SYM_FUNC_END‹macro›(first‹function›)"
    `);
  });

  it('lines that conditions removed, one token each', () => {
    expect(
      show(`
#ifdef CONFIG_NOT_SET
	/* Not
	   here. */
	step	4

	nop
#else
	nop
#endif
`),
    ).toMatchInlineSnapshot(`
      "#ifdef CONFIG_NOT_SET
       /* Not‹comment.inactive›
          here. */‹comment.inactive›
       step 4‹comment.inactive›

       nop‹comment.inactive›
      #else
       nop
      #endif"
    `);
  });
});

it('a range', () => {
  expect(
    show(`
	.macro	step
	.endm
	step
$0	step
$0	step
`),
  ).toMatchInlineSnapshot(`
    ".macro step
     .endm
     step
     step‹macro›
     step"
  `);
});
