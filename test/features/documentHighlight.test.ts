import { expect, it } from 'vitest';
import { documentHighlights } from '../../server/src/features/documentHighlight.ts';
import { openFixture } from '../support/features.ts';

/** The document with each highlighted place in brackets: `[read]`, `[=written]`. */
function show(fixture: string): string {
  const open = openFixture(fixture);
  let out = '';
  let at = 0;
  for (const { range, kind } of documentHighlights(open.ctx, open.path, open.offset)) {
    out += `${open.text.slice(at, range.start)}[${kind === 'write' ? '=' : ''}${open.text.slice(range.start, range.end)}]`;
    at = range.end;
  }
  return (out + open.text.slice(at)).replaceAll('\t', ' ');
}

it('a macro', () => {
  expect(
    show(`
	.macro	step, n
	nop
	.endm
	step	1
	st$0ep	2
`),
  ).toMatchInlineSnapshot(`
    " .macro [=step], n
     nop
     .endm
     [step] 1
     [step] 2
    "
  `);
});

it('a parameter', () => {
  expect(
    show(`
	.macro	step, n$0
	add	x\\n, x\\n, #\\n
	.endm
`),
  ).toMatchInlineSnapshot(`
    " .macro step, [=n]
     add x\\[n], x\\[n], #\\[n]
     .endm
    "
  `);
});

it('a label, a function, a constant', () => {
  expect(
    show(`
.Lagain:
	cbnz	x0, .Lag$0ain
	b	.Lagain
`),
  ).toMatchInlineSnapshot(`
    "[=.Lagain]:
     cbnz x0, [.Lagain]
     b [.Lagain]
    "
  `);
});

it('a name in the preprocessor and in code', () => {
  expect(
    show(`
#define STEP 1
#if STEP$0 > 0
	mov	x0, #STEP
#endif
`),
  ).toMatchInlineSnapshot(`
    "#define [=STEP] 1
    #if [STEP] > 0
     mov x0, #[STEP]
    #endif
    "
  `);
});

it('a label whose name a #define makes', () => {
  expect(
    show(`
#define L(name)	.L ## name
L(done):
	cbz	x0, L(do$0ne)
`),
  ).toMatchInlineSnapshot(`
    "#define L(name) .L ## name
    [=L(done)]:
     cbz x0, [L(done)]
    "
  `);
});

it('an alias of a vector, with its elements', () => {
  expect(
    show(`
acc	.req	v3
	mov	a$0cc.16b, v0.16b
	mov	acc.d[0], x1
`),
  ).toMatchInlineSnapshot(`
    "[=acc] .req v3
     mov [acc].16b, v0.16b
     mov [acc].d[0], x1
    "
  `);
});
