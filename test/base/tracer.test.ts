import { describe, expect, it } from 'vitest';
import { createTracer } from '../../server/src/base/tracer.ts';

/** What is said of two requests, each step of which takes a millisecond. */
function profile(wish: string | undefined): string[] {
  let now = 0;
  const said: string[] = [];
  const tracer = createTracer(wish, { nowMs: () => now++, say: (tree) => void said.push(tree) });
  tracer?.span('hover', () => {
    tracer.span('assemble', () => tracer.span('inner', () => undefined));
    tracer.span('assemble', () => undefined);
  });
  tracer?.span('lens', () => undefined);
  return said;
}

describe('a profile', () => {
  it('is a tree for each piece of work, equal pieces counted', () => {
    expect(profile('*')).toEqual([
      '     7.0 ms  hover\n       4.0 ms  assemble (2 times)\n         1.0 ms  inner',
      '     1.0 ms  lens',
    ]);
  });

  it('leaves out what is faster, and names that do not fit', () => {
    expect(profile('*>5')).toHaveLength(1);
    expect(profile('l*s')).toEqual(['     1.0 ms  lens']);
    expect(profile('.*')).toEqual([]);
  });

  it('is not made without a wish', () => {
    expect(createTracer(undefined, { nowMs: () => 0, say: () => undefined })).toBeNull();
    expect(createTracer('  ', { nowMs: () => 0, say: () => undefined })).toBeNull();
  });

  it('closes a piece of work that throws', () => {
    const said: string[] = [];
    const tracer = createTracer('*', { nowMs: () => 0, say: (tree) => void said.push(tree) });
    expect(() =>
      tracer?.span('broken', () => {
        throw new Error('x');
      }),
    ).toThrow('x');
    tracer?.span('next', () => undefined);
    expect(said).toHaveLength(2);
  });
});
