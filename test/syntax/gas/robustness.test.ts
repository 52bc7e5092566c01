import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleText } from '../../support/gasText.ts';

const fixture = `
.macro alternative_if cap
.set .Lmode, 1
.pushsection .altinstructions, "a"
.word 663f - ., 661f - .
.hword \\cap
.byte 664f-663f, 662f-661f
.popsection
.subsection 1
661:
.endm
.irp r, x0, x1, "x2"
mov \\r, #'a'
.endr
.altmacro
.rept (1 << 2)
.if . - 1b > 4 && !0
add x0, x1, :lo12:sym + 4 ; .asciz "q\\"uo;te"
.endif
.endr
1: .balign 8
.org . + 4
tsk .req x28
.ltorg`;

describe('half-typed and broken text', () => {
  it('never throws on any prefix', () => {
    for (let length = 0; length <= fixture.length; length++)
      expect(() => assembleText(fixture.slice(0, length))).not.toThrow();
  });

  it('never throws when bytes are missing, doubled or swapped', () => {
    const edits = fc.array(
      fc.record({ at: fc.nat(fixture.length), kind: fc.constantFrom('cut', 'double', 'quote', 'brace') }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(edits, (list) => {
        let text = fixture;
        for (const { at, kind } of list) {
          if (kind === 'cut') text = text.slice(0, at) + text.slice(at + 3);
          else if (kind === 'double') text = text.slice(0, at) + text.slice(Math.max(0, at - 20));
          else text = `${text.slice(0, at)}${kind === 'quote' ? '"' : '('}${text.slice(at)}`;
        }
        expect(assembleText(text).statements.length).toBeLessThan(500_000);
      }),
      { numRuns: 300, seed: 42 },
    );
  });

  it('stays bounded where repetition multiplies', () => {
    const text = '.rept 100000\n.rept 100000\nnop\n.endr\n.endr';
    const result = assembleText(text);
    expect(result.statements.length).toBeLessThanOrEqual(200_000);
    expect(result.issues.some((issue) => issue.kind === 'limit')).toBe(true);
  });

  it('stays bounded where macros double at each level', () => {
    const text = '.macro twice n\n.if \\n\ntwice (\\n-1)\ntwice (\\n-1)\n.endif\nnop\n.endm\ntwice 60';
    expect(assembleText(text).issues.some((issue) => issue.kind === 'limit')).toBe(true);
  });

  it('does not run out of memory where a macro passes its argument on twice', () => {
    for (const macro of ['a\ngrow \\a\\a', 'a:vararg\ngrow \\a, \\a']) {
      const result = assembleText(`.macro grow ${macro}\n.endm\ngrow x`);
      expect(result.issues.map((issue) => issue.kind)).toEqual(['limit']);
    }
  });
});
