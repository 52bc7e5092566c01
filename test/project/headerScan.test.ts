import { expect, it } from 'vitest';
import { scanHeader } from '../../server/src/project/headerScan.ts';

it('functions with and without a body, and what macros are given', () => {
  const { bodies, prototypes, pasted } = scanHeader(`
#define ignored(x) { x }
extern void declared(int x,
		     int y);
static inline int one_line(void) { return 1; }
static __always_inline struct foo *
two_lines(struct foo *p)
{
	return inner(p);
}
MAKE_FUNCTION(made, int)
static inline bool stub(void) __attribute_const__;
`);
  expect(bodies).toEqual(['one_line', 'two_lines']);
  expect(prototypes).toEqual(['declared', 'stub']);
  expect(pasted).toContain('made');
});

it('broken text neither throws nor hangs', () => {
  const text = 'static inline int f(int (*g)(int), int x) { return g(x); }\nA(B(C(\n';
  for (let length = 0; length <= text.length; length++) scanHeader(text.slice(length));
  scanHeader(`${'('.repeat(20_000)}`);
  scanHeader('f('.repeat(5000));
});
