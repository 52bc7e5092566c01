import { describe, expect, it } from 'vitest';
import { languageOf, type SourceLanguage } from '../../server/src/project/outlineModel.ts';
import { scanOutline } from '../../server/src/project/outlineScan.ts';

/** Each token's role and text, lines of the source in lines of the result. Numbers and directives are left out. */
function show(text: string, language: SourceLanguage = 'assembly'): string {
  const source = text.replace(/^\n/, '');
  const { tokens } = scanOutline(source, language);
  const lines: string[][] = source.split('\n').map(() => []);
  for (const { role, start, end } of tokens) {
    if (role === 'number' || role === 'directive' || role === 'cpp-directive') continue;
    const line = source.slice(0, start).split('\n').length - 1;
    lines[line]?.push(`${role} ${source.slice(start, end).replaceAll('\n', '⏎')}`);
  }
  return lines
    .map((line) => line.join(', '))
    .filter((line) => line !== '')
    .join('\n');
}

describe('statements', () => {
  it('labels, operations, operands', () => {
    expect(
      show(`
start:	1: mov x0, #SIZE ; b.ne 1b
	ldr	x1, [x2, #:lo12:table]
	b	.Lskip_\\@
name = 4
alias	.req	x3
`),
    ).toMatchInlineSnapshot(`
      "label start, numeric-label 1, operation mov, operand x0, operand SIZE, operation b.ne, numeric-reference 1b
      operation ldr, operand x1, operand x2, modifier lo12, operand table
      operation b, operand .Lskip_\\@
      constant name
      alias alias, operand x3"
    `);
  });

  it('strings are text for a macro and data for a directive', () => {
    expect(
      show(`
	alternative_insn "b target", nop
	.ascii "b target"
`),
    ).toMatchInlineSnapshot(`
      "operation alternative_insn, operand b, operand target, operand nop
      string "b target""
    `);
  });

  it('words with arguments in them are one word', () => {
    expect(show('\tb\tel\\el\\()_\\kind\\()_handler\n')).toMatchInlineSnapshot(
      `"operation b, operand el\\el\\()_\\kind\\()_handler"`,
    );
  });

  it('comments of all kinds, joined lines', () => {
    expect(
      show(`
# a comment, as no directive begins like this
	mov	x0, /* in between */ x1	// to the end
	/* over
	   lines */ nop
	add	x0, \\
		x1, x2
`),
    ).toMatchInlineSnapshot(`
      "comment # a comment, as no directive begins like this
      operation mov, operand x0, comment /* in between */, operand x1, comment // to the end
      comment /* over⏎	   lines */
      operation nop
      operation add, operand x0
      operand x1, operand x2"
    `);
  });

  it('what belongs to a directive is no symbol', () => {
    expect(
      show(`
	.section .text.x, "ax", %progbits
	.type	name, @function
	.arch_extension lse
`),
    ).toMatchInlineSnapshot(`
      "modifier .text.x, string "ax", modifier progbits
      operand name, modifier function
      modifier lse"
    `);
  });
});

describe('macros', () => {
  it('parameters in all forms', () => {
    expect(show('\t.macro	one, a:req, b = (1 + 2), c="x, y", d:vararg\n\t.endm\n')).toMatchInlineSnapshot(
      `"macro-name one, parameter a, modifier req, parameter b, parameter c, string "x, y", parameter d, modifier vararg"`,
    );
    expect(show('\t.macro	one a b=4\n\t.endm\n')).toMatchInlineSnapshot(`"macro-name one, parameter a, parameter b"`);
  });

  it('blocks close what they opened', () => {
    const text = '\t.macro a\n\t.if 1\n\t.rept 2\n\t.endr\n\t.else\n\t.endif\n\t.endm\n\t.macro b\n';
    const { blocks } = scanOutline(text, 'assembly');
    expect(blocks.map(({ kind, close, dividers }) => [kind, close !== null, dividers.length])).toEqual([
      ['macro', true, 0],
      ['if', true, 1],
      ['rept', true, 0],
      ['macro', false, 0],
    ]);
  });
});

describe('preprocessor', () => {
  it('names, parameters, bodies, conditions', () => {
    expect(
      show(`
#include <asm/demo.h>
#define ONE	1
#define LOAD(reg, from)	ldr reg, [from]; \\
	nop
#if defined(CONFIG_X) && ONE > 0
#undef ONE
#endif
`),
    ).toMatchInlineSnapshot(`
      "include <asm/demo.h>
      cpp-name ONE
      cpp-name LOAD, cpp-parameter reg, cpp-parameter from, body-operation ldr, cpp-parameter-use reg, cpp-parameter-use from
      body-operation nop
      cpp-word defined, cpp-word CONFIG_X, cpp-word ONE
      cpp-word ONE"
    `);
  });
});

describe('headers', () => {
  it('are C but for what is for the assembler', () => {
    expect(
      show(
        `
#ifdef __ASSEMBLY__
	step	x0
#else
int step(int x0);
#endif
	.macro	one
	nop
	.endm
int two;
`,
        'header',
      ),
    ).toMatchInlineSnapshot(`
      "cpp-word __ASSEMBLY__
      operation step, operand x0
      c-word int, c-word step, c-word int, c-word x0
      macro-name one
      operation nop
      c-word int, c-word two"
    `);
  });

  it('are assembly as a whole when they say so', () => {
    expect(show('#ifndef __ASSEMBLY__\n#error "no"\n#endif\n\tstep x0\n', 'header')).toMatchInlineSnapshot(`
      "cpp-word __ASSEMBLY__
      operation step, operand x0"
    `);
  });

  it('the language follows from the name', () => {
    expect(['a/entry.S', 'a/vmlinux.lds.S', 'a/demo.h', 'a/demo.c'].map(languageOf)).toEqual([
      'assembly',
      'c',
      'header',
      'c',
    ]);
  });
});
