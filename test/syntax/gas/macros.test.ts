import { describe, expect, it } from 'vitest';
import { flatText } from '../../support/gasText.ts';

function expands(title: string, source: string, expected: string): void {
  it(title, () => {
    expect(flatText(source)).toBe(expected);
  });
}

describe('macros', () => {
  expands(
    'defaults, keywords and quotes',
    `
.macro two a, b=none, c=none
.print "\\a|\\b|\\c"
.endm
two (1 + 2) x
two [x0, #8]
two "a b" last
two b=1 + 2
two a=x c="y z"`,
    [
      '  .print "(1+2)x|none|none"',
      '  .print "[x0|#8]|none"',
      '  .print "a b|last|none"',
      '  .print "|1+2|none"',
      '  .print "x|none|y z"',
    ].join('\n'),
  );

  expands(
    'a blank splits arguments only between symbols',
    `
.macro both a, b
.print "\\a|\\b"
.endm
both x y
both x0 -1
both .inst(0x1|(1 << 3)) next`,
    ['  .print "x|y"', '  .print "x0-1|"', '  .print ".inst(0x1|(1<<3))next|"'].join('\n'),
  );

  expands(
    'required and superfluous arguments',
    `
.macro need a:req
nop
.endm
need
need 1, 2`,
    [
      "! macro: missing value for required parameter `a' of macro `need' (line 5)",
      "! macro: too many positional arguments for macro `need' (line 6)",
    ].join('\n'),
  );

  expands(
    'vararg takes the rest as it is',
    `
.macro all first, rest:vararg
\\rest
.endm
all x, add x0, x1, #4`,
    '  add x0,x1,#4',
  );

  expands(
    'glue, and the number of the invocation',
    `
.macro label name
.L\\name\\()_\\@: b .L\\name\\()_\\@
.endm
label a
label b`,
    '.La_0:\n  b .La_0\n.Lb_1:\n  b .Lb_1',
  );

  expands(
    'an inner macro sees the number of the outer one in its arguments',
    `
.macro inner insn
\\insn
nop // \\@
.endm
.macro outer
inner "b .Lskip_\\@"
.Lskip_\\@:
.endm
outer
outer`,
    '  b .Lskip_0\n  nop\n.Lskip_0:\n  b .Lskip_2\n  nop\n.Lskip_2:',
  );

  expands(
    'an ampersand before a parameter is swallowed, as the assembler does',
    `
.macro masked mask
.word 7&mask, 7&other
.endm
masked 3`,
    '  .word 73,7&other',
  );

  expands(
    'names of macros do not care about case',
    `
.macro Mixed
nop
.endm
MIXED
mixed`,
    '  nop\n  nop',
  );

  expands(
    'a macro defines a macro',
    `
.macro make name, insn
.macro \\name
\\insn
.endm
.endm
make doit, "isb sy"
doit`,
    '  isb sy',
  );

  expands(
    'recursion with an end',
    `
.macro count from, to
.if \\from<=\\to
.word \\from
count (\\from+1), \\to
.endif
.endm
count 1, 3`,
    '  .word 1\n  .word (1+1)\n  .word ((1+1)+1)',
  );

  it('recursion without an end stops at a limit and says so', () => {
    const text = flatText('.macro loop\nnop\nloop\n.endm\nloop');
    expect(text).toContain("! limit: `loop' is expanded more than 100 levels deep");
    expect(text.split('\n').length).toBeLessThan(110);
  });

  expands(
    '.exitm leaves the macro, not its caller',
    `
.macro early x
.if \\x
.exitm
.endif
nop
.endm
early 1
early 0
isb`,
    '  nop\n  isb',
  );

  expands(
    '.purgem forgets',
    `
.macro gone
nop
.endm
.purgem gone
gone`,
    '  gone',
  );

  expands(
    '.rept, .irp and .irpc',
    `
.rept 2
nop
.endr
.irp r, x0, x1
mov \\r, xzr
.endr
.irpc n, 12
.byte \\n
.endr`,
    '  nop\n  nop\n  mov x0,xzr\n  mov x1,xzr\n  .byte 1\n  .byte 2',
  );

  expands(
    '.altmacro evaluates and replaces bare names',
    `
.macro for__ from, to
.if \\from==\\to
.word from
.else
for__ \\from, %((\\from)+((\\to)-(\\from))/2)
for__ %((\\from)+((\\to)-(\\from))/2+1), \\to
.endif
.endm
.altmacro
for__ 0, 3
.noaltmacro`,
    '  .word 0\n  .word 1\n  .word 2\n  .word 3',
  );

  expands(
    'a macro without an end is said and does not swallow silently',
    '.macro open\nnop',
    "! macro: macro `open' has no .endm (line 1)",
  );
});

describe('conditionals', () => {
  expands(
    'the .if family',
    `
.set v, 2
.if v==2
nop
.elseif v==3
isb
.else
wfe
.endif
.ifc a b, a b
.word 1
.endif
.ifnb x
.word 2
.endif
.ifdef v
.word 3
.endif
.ifndef w
.word 4
.endif
.ifeqs "a","b"
.word 5
.else
.word 6
.endif`,
    '.set v,2\n  nop\n  .word 1\n  .word 2\n  .word 3\n  .word 4\n  .word 6',
  );

  expands(
    'nothing is looked at in a branch that is not taken',
    `
.if 0
.if undefined_symbol
.endif
undefined_macro "unbalanced
.else
nop
.endif`,
    '  nop',
  );

  expands(
    'what is left open or closed twice',
    '.endif\n.if 1\nnop',
    '  nop\n! conditional: .endif without a matching .if (line 1)\n! conditional: this conditional has no .endif (line 2)',
  );
});

describe('sections and places', () => {
  expands(
    'differences of labels decide conditionals and counts',
    `
661:
nop
nop
662:
.subsection 1
663:
.rept (662b-661b)/4
isb
.endr
664:
.org . - (664b-663b) + (662b-661b)
.previous`,
    '661:\n  nop\n  nop\n662:\n  .subsection 1\n663:\n  isb\n  isb\n664:\n  .org .-(664b-663b)+(662b-661b)\n  .previous',
  );

  expands(
    'a location counter that would go back is an issue',
    'nop\nnop\n.org 4',
    '  nop\n  nop\n  .org 4\n! directive: attempt to move .org backwards (line 3)',
  );

  expands(
    'a pop without a push is an issue',
    '.popsection',
    '  .popsection\n! section: .popsection without a .pushsection before it (line 1)',
  );

  expands(
    '.req names are aliases',
    'tsk .req x28\nmov x0, tsk\n.unreq tsk',
    '  tsk .req x28\n  mov x0,tsk\n  .unreq tsk',
  );
});
