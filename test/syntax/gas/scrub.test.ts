import { describe, expect, it } from 'vitest';
import { scrubLine } from '../../../server/src/syntax/gas/scrub.ts';

// Each right side is what GNU as 2.40 (aarch64-linux-gnu) hands to its macro layer for the left side, seen by
// printing a :vararg argument from a macro.
const cases: readonly [string, string][] = [
  ['show a + b , c ( d ) [ x0 , #8 ]', 'show a+b,c(d)[x0,#8]'],
  ['show foo (1 + 2)   x', 'show foo(1+2)x'],
  ['show x0 #1 - y', 'show x0#1-y'],
  ['show x0 -1', 'show x0-1'],
  ["show 'a' , 'b", 'show 97,98'],
  ['show a : b', 'show a:b'],
  ['foo : two lab', 'foo:two lab'],
  ['\tmov\tx0,   x1 // comment', 'mov x0,x1'],
  ['add x0, x1, :lo12:sym + 8', 'add x0,x1,:lo12:sym+8'],
  ['.asciz "a  b // c"', '.asciz "a  b // c"'],
  ['mov x0, \\reg', 'mov x0,\\reg'],
  ['lab \\reg \\other', 'lab \\reg \\other'],
  ['nop /* one */ /* two */', 'nop'],
  ['a /* x */ b', 'a b'],
];

describe('white space as GNU as leaves it', () => {
  it.each(cases)('%s', (input, output) => {
    expect(scrubLine(input)).toEqual([output]);
  });

  it('cuts statements at semicolons, not inside strings', () => {
    expect(scrubLine('1: nop; .asciz "a;b" ; ; isb')).toEqual(['1:nop', '.asciz "a;b"', 'isb']);
  });

  it('takes a leading # for a comment, also after a semicolon', () => {
    expect(scrubLine('# anything here')).toEqual([]);
    expect(scrubLine('nop; # rest')).toEqual(['nop']);
  });

  it('keeps a string that is not closed to the end of the line', () => {
    expect(scrubLine('.ascii "abc')).toEqual(['.ascii "abc']);
  });
});
