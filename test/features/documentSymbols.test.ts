import { describe, expect, it } from 'vitest';
import { documentSymbols, type SymbolNode } from '../../server/src/features/documentSymbols.ts';
import { block, openFixture } from '../support/features.ts';

/** The tree of symbols, one a line: kind, name, detail, first and last line. */
function show(fixture: string): string {
  const open = openFixture(fixture);
  const lines = open.workspace.lineIndexOf(open.path);
  const out: string[] = [];
  const add = (node: SymbolNode, indent: string): void => {
    const first = lines?.lineAt(node.range.start);
    const last = lines?.lineAt(node.range.end);
    out.push(`${indent}${node.kind} ${node.name}${node.detail === '' ? '' : ` (${node.detail})`} ${first}-${last}`);
    for (const child of node.children) add(child, `${indent}  `);
  };
  for (const node of documentSymbols(open.ctx, open.path)) add(node, '');
  return block(out);
}

describe('functions', () => {
  it('from the macro that starts them to the one that ends them, with what is inside', () => {
    expect(
      show(`
#include <linux/linkage.h>
#include <asm/alternative-macros.h>
count	.req	x2
	.set	step, 8
SYM_FUNC_START(clear)
1:	nop
.Lagain:
	alternative_if_not ARM64_HAS_PAN
	nop
	alternative_else
	isb
	alternative_endif
SYM_INNER_LABEL(clear_tail, SYM_L_GLOBAL)
	b	1b
SYM_FUNC_END(clear)
SYM_FUNC_ALIAS(wipe, clear)
SYM_FUNC_START(table)
	.word	1
SYM_DATA_END(table)
`),
    ).toMatchInlineSnapshot(`
      "alias count (x2) 3-3
      constant step (8) 4-4
      function clear (SYM_FUNC_START) 5-15
        label .Lagain 7-7
        site ARM64_HAS_PAN (alternative_if_not) 8-12
        label clear_tail (SYM_INNER_LABEL) 13-13
      function wipe (SYM_FUNC_ALIAS) 16-16
      constant table (SYM_FUNC_START) 17-19"
    `);
  });

  it('macros of the file itself count, whatever their names are', () => {
    expect(
      show(`
#define BEGIN(what)	.globl what; what:
	.macro	finish, what
	.size	\\what, . - \\what
	.endm
BEGIN(first)
	ret
	finish	first
`),
    ).toMatchInlineSnapshot(`
      "macro BEGIN ((what)) 1-1
      macro finish (what) 2-4
      function first (BEGIN) 5-7"
    `);
  });

  it('names that a macro puts together stand at its invocation', () => {
    expect(
      show(`
	.macro	handler, level, kind
el\\level\\()_\\kind:
	ret
	.endm
	handler	0, irq
	handler	1, irq
`),
    ).toMatchInlineSnapshot(`
      "macro handler (level, kind) 1-4
        label el\\level\\()_\\kind 2-2
      function el0_irq (handler) 5-5
      function el1_irq (handler) 6-6"
    `);
  });

  it('one that is not ended yet goes on to the next one', () => {
    expect(
      show(`
#include <linux/linkage.h>
SYM_FUNC_START(first)
	ret

SYM_FUNC_START(second)
	ret
SYM_FUNC_END(second)
`),
    ).toMatchInlineSnapshot(`
      "function first (SYM_FUNC_START) 2-3
      function second (SYM_FUNC_START) 5-7"
    `);
  });

  it('what conditions remove is there all the same', () => {
    expect(
      show(`
#include <linux/linkage.h>
#ifdef CONFIG_NOT_SET
SYM_FUNC_START(first)
	ret
SYM_FUNC_END(first)
#endif
`),
    ).toMatchInlineSnapshot(`"function first (SYM_FUNC_START) 3-5"`);
  });
});

describe('macros', () => {
  it('with their alternatives, arguments left as names', () => {
    expect(
      show(`
#include <asm/alternative-macros.h>
	.macro	guard, cap, reg
	alternative_if_not \\cap
	mov	\\reg, xzr
	alternative_else
	isb
	alternative_endif
.Lout_\\@:
	.endm
#define STEP	8
#define NEXT(reg)	add reg, reg, #STEP
`),
    ).toMatchInlineSnapshot(`
      "macro guard (cap, reg) 2-9
        site \\cap (alternative_if_not) 3-7
        label .Lout_\\@ 8-8
      constant STEP (8) 10-10
      macro NEXT ((reg)) 11-11"
    `);
  });

  it('of a header only what is assembly', () => {
    expect(
      show(`
//- /arch/arm64/include/asm/demo.h
#define ONE 1
#ifdef __ASSEMBLY__
	.macro	step
	nop
	.endm
#else
static inline void step(void) { }
#endif
`),
    ).toMatchInlineSnapshot(`"macro step 3-5"`);
  });

  it('one that is still open', () => {
    expect(show('\t.macro\tstep, n\n\tnop\n')).toMatchInlineSnapshot(`"macro step (n) 1-1"`);
  });
});
