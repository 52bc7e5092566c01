import { expect, it } from 'vitest';
import { definition } from '../../server/src/features/definition.ts';
import { documentHighlights } from '../../server/src/features/documentHighlight.ts';
import { documentSymbols, type SymbolNode } from '../../server/src/features/documentSymbols.ts';
import { foldingRanges } from '../../server/src/features/foldingRanges.ts';
import { references } from '../../server/src/features/references.ts';
import { semanticTokens } from '../../server/src/features/semanticTokens.ts';
import { workspaceSymbols } from '../../server/src/features/workspaceSymbols.ts';
import { type OpenFixture, openFixture } from '../support/features.ts';

const fixture = `
/* A file with one of each kind. */
#include <linux/linkage.h>
#include <asm/alternative-macros.h>
// comment
#define STEP	8
#define NEXT(reg, by...)	add reg, reg, #STEP; \\
	1: b 1b
#if defined(CONFIG_ONE) && STEP > 4
tsk	.req	x28
#elif STEP == 8
	.macro	step, n:req, reg = x0, rest:vararg
#else
	.macro	step, n
#endif
	.irp	i, 0, 1, "a, b"
	mov	x\\i, \\n
	.endr
	.if	\\n == 0
	b	el\\n\\()_\\@
	.elseif	'a' == 97
el\\n\\()_\\@:
	.endif
	alternative_if_not ARM64_HAS_PAN
	step	"nop // \\n", [x1, #4]
	alternative_else
	.ifc \\reg, "x0" ; nop ; .endif
	alternative_endif
	.endm
	.set	size, 4 * (STEP + 1)
count = 3
SYM_FUNC_START(first)
661:	ldr	x0, [tsk, #:lo12:first]
	step	1, x2, "x3, x4"
	NEXT(x5)
	cbz	x0, 661b
	bl	second ; b 1f
1:	.purgem	step
	.unreq	tsk
	.rept	2
	.quad	first - . , size
	.endr
	.type	first, %function
SYM_FUNC_END(first)
SYM_FUNC_ALIAS(second, first)
	.pushsection ".text.x", "ax", %progbits
	.ascii "\\"quoted\\" \\\\", "not closed
	.popsection
`.slice(1);

/** Numbers in [0, 1) that are the same in each run. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

function checkSymbols(nodes: readonly SymbolNode[], outer: { readonly start: number; readonly end: number }): void {
  for (const { name, range, selectionRange, children } of nodes) {
    expect(name).not.toBe('');
    expect(range.start).toBeGreaterThanOrEqual(outer.start);
    expect(range.end).toBeLessThanOrEqual(outer.end);
    expect(selectionRange.start).toBeGreaterThanOrEqual(range.start);
    expect(selectionRange.end).toBeLessThanOrEqual(range.end);
    checkSymbols(children, range);
  }
}

/** Asks every feature about a text, and looks at what the editor relies on. */
function checkText({ ctx, workspace, path }: OpenFixture, text: string, random: () => number): void {
  workspace.changeDocument(path, text, 1);
  let last = 0;
  for (const { start, length } of semanticTokens(ctx, path, null)) {
    expect(start).toBeGreaterThanOrEqual(last);
    expect(length).toBeGreaterThan(0);
    last = start + length;
    expect(text.slice(start, last)).not.toContain('\n');
  }
  expect(last).toBeLessThanOrEqual(text.length);
  checkSymbols(documentSymbols(ctx, path), { start: 0, end: text.length });
  const lineCount = text.split('\n').length;
  for (const { startLine, endLine } of foldingRanges(ctx, path)) {
    expect(startLine).toBeGreaterThan(0);
    expect(endLine).toBeGreaterThan(startLine);
    expect(endLine).toBeLessThanOrEqual(lineCount);
  }
  for (let at = 0; at < 4; at++) {
    const offset = Math.floor(random() * (text.length + 1));
    for (const target of definition(ctx, path, offset)) {
      const end = workspace.textOf(target.path)?.length ?? -1;
      expect(target.range.end).toBeLessThanOrEqual(end);
    }
    references(ctx, path, offset, { includeDeclaration: true });
    for (const { range } of documentHighlights(ctx, path, offset)) expect(range.end).toBeLessThanOrEqual(text.length);
  }
  workspaceSymbols(ctx, text.slice(0, 3));
}

it('any beginning of a file', () => {
  const open = openFixture(fixture);
  const random = sequence(1);
  for (let length = 0; length <= fixture.length; length += 19) checkText(open, fixture.slice(0, length), random);
});

it('any piece cut out of a file', () => {
  const open = openFixture(fixture);
  const random = sequence(2);
  for (let round = 0; round < 60; round++) {
    const start = Math.floor(random() * fixture.length);
    const length = 1 + Math.floor(random() * 30);
    checkText(open, fixture.slice(0, start) + fixture.slice(start + length), random);
  }
});

it('any character put into a file', () => {
  const open = openFixture(fixture);
  const random = sequence(3);
  const characters = [
    '\\',
    '"',
    "'",
    '#',
    '/*',
    '*/',
    '\n',
    ';',
    ':',
    '(',
    ')',
    '=',
    '\r',
    '\u{1f600}',
    '.',
    '\\\n',
    '\0',
  ];
  for (let round = 0; round < 60; round++) {
    const start = Math.floor(random() * fixture.length);
    const added = characters[Math.floor(random() * characters.length)] ?? '';
    checkText(open, fixture.slice(0, start) + added + fixture.slice(start), random);
  }
});

it('a header in any state', () => {
  const open = openFixture(
    `//- /arch/arm64/include/asm/demo.h\n#ifdef __ASSEMBLY__\n${fixture}#else\nint f(void);\n#endif\n`,
  );
  const random = sequence(4);
  for (let length = 0; length <= open.text.length; length += 61) checkText(open, open.text.slice(0, length), random);
});
