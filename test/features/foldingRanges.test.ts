import { expect, it } from 'vitest';
import { foldingRanges } from '../../server/src/features/foldingRanges.ts';
import { block, openFixture } from '../support/features.ts';

/** Folds, one a line: first and last line, kind, text of the first line. */
function show(fixture: string): string {
  const open = openFixture(fixture);
  const lines = open.text.split('\n');
  return block(
    foldingRanges(open.ctx, open.path).map(({ startLine, endLine, kind }) => {
      const text = lines[startLine - 1]?.trim().replace(/\s+/g, ' ');
      return `${startLine}-${endLine}${kind === null ? '' : ` ${kind}`}: ${text}`;
    }),
  );
}

it('macros, conditions by branch, loops, functions, comments, includes', () => {
  expect(
    show(`
/*
 * What this is.
 */
#include <linux/linkage.h>

#include <asm/alternative-macros.h>

// One line,
// and another one.
	.macro	step, n
	.if	\\n == 0
	nop
	.elseif	\\n == 1
	isb
	.else
	sb
	.endif
	.rept	4
	nop
	.endr
	.endm
#ifdef CONFIG_NOT_SET
	nop
#else
	isb
#endif
SYM_FUNC_START(first)
	nop		// a comment beside code
	ret		// is no fold
SYM_FUNC_END(first)
`),
  ).toMatchInlineSnapshot(`
    "1-3 comment: /*
    4-6 imports: #include <linux/linkage.h>
    8-9 comment: // One line,
    10-20: .macro step, n
    11-12: .if \\n == 0
    13-14: .elseif \\n == 1
    15-16: .else
    18-19: .rept 4
    22-23: #ifdef CONFIG_NOT_SET
    24-25: #else
    27-29: SYM_FUNC_START(first)"
  `);
});

it('both halves of an alternative, in code and in a macro that nobody uses', () => {
  expect(
    show(`
#include <asm/alternative-macros.h>
	alternative_if_not ARM64_HAS_PAN
	nop
	alternative_else
	isb
	alternative_endif
	.macro	guard, cap
	alternative_if_not \\cap
	nop
	alternative_else
	isb
	alternative_endif
	.endm
`),
  ).toMatchInlineSnapshot(`
    "2-3: alternative_if_not ARM64_HAS_PAN
    4-5: alternative_else
    7-12: .macro guard, cap
    8-9: alternative_if_not \\cap
    10-11: alternative_else"
  `);
});

it('a macro whose head depends on a condition', () => {
  expect(
    show(`
#ifdef CONFIG_NOT_SET
	.macro	swap, low, high
#else
	.macro	swap, high, low
#endif
	orr	\\low, \\low, \\high
	.endm
	.macro	next
	nop
	.endm
`),
  ).toMatchInlineSnapshot(`
    "1-2: #ifdef CONFIG_NOT_SET
    2-6: .macro swap, low, high
    3-4: #else
    4-6: .macro swap, high, low
    8-9: .macro next"
  `);
});

it('blocks that are not closed, and ends without a beginning', () => {
  expect(show('\t.endm\n#endif\n\t.macro\tstep\n\tnop\n\t.if 1\n\tnop\n')).toMatchInlineSnapshot(`"(nothing)"`);
});

it('line comments that begin on the first line', () => {
  expect(show('// One line,\n// and another one.\n\tnop\n')).toMatchInlineSnapshot(`"1-2 comment: // One line,"`);
});
