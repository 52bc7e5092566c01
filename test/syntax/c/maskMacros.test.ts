import { describe, expect, it } from 'vitest';
import { editsBetween, RawTree, readOutline } from '../../../server/src/syntax/c/cOutline.ts';
import { maskMacros } from '../../../server/src/syntax/c/maskMacros.ts';
import { nErrors } from '../../../server/src/syntax/c/syntaxNode.ts';
import { testCParser } from '../../support/cParser.ts';

const text = `#include <linux/demo.h>
#define LONG(x) \\
	((x) + 1)
MODULE_LICENSE("GPL");
static DEFINE_LOCK(demo_lock);
static __read_mostly unsigned int limit __aligned(8) = LONG(3);
DEFINE_PER_CPU(struct demo *, demos) = { 0 };
DECLARE_TRACE_HOOK(demo,
	TP_PROTO(int a))

struct demo {
	struct list_head list ____cacheline_aligned;
	DECLARE_BITMAP(bits, 64);
	void __user *where;
	int (*op)(struct demo __user *d, int);
	unsigned int a : BITS(3), b : 1;
} __packed;

asmlinkage void noinstr handler(struct pt_regs *regs, char __user *buf) __releases(lock)
{
	int x __maybe_unused, nr;
	struct demo *d = container_of(regs, struct demo, list), *e;

	for_each_demo(d, e) {
		if (d->op)
			continue;
	}
	list_for_each_demo(d)
		put_user(x, (int __user *)buf);
	asm volatile(ALTERNATIVE("nop", "yield", CAP) : "=r" (x) : : "memory");
	switch (nr) {
	case A ... B:
		goto *table[nr];
	}
	return;
}
EXPORT_SYMBOL(handler);

SYSCALL_DEFINE2(demo, int, fd, const struct demo __user *, d)
{
	return __demo(fd, (__force u32)d, offsetof(struct demo, list.next));
}

#ifdef CONFIG_A
static int __init __printf(1, 2) setup(const char *fmt, ...) {
#else
static int __init setup(long b) {
#endif
	return 0;
}
early_initcall(setup)
`;

describe('text as it is written', () => {
  it('parses without errors once macros are masked, and keeps its length', async () => {
    const parser = await testCParser();
    const masked = maskMacros(text);
    expect(masked.text).toHaveLength(text.length);
    expect(masked.text.split('\n')).toHaveLength(text.split('\n').length);
    expect(nErrors(parser.parse(masked.text).nodes())).toBe(0);
    expect(nErrors(parser.parse(text).nodes())).toBeGreaterThan(5);
  });

  it('what was masked is known', () => {
    const shown = maskMacros(text).macros.map(({ name, args, makes }) => {
      return `${name}${args === null ? '' : `(${args.join(' | ')})`}${makes === null ? '' : ` makes ${makes}`}`;
    });
    expect(
      shown.filter((one) => /^(noinstr|asmlinkage|__releases|SYSCALL|DEFINE|__init|MODULE|early|__user)/.test(one)),
    ).toEqual([
      'MODULE_LICENSE("GPL") makes variable',
      'DEFINE_LOCK(demo_lock) makes variable',
      'DEFINE_PER_CPU(struct demo * | demos) makes variable',
      '__user',
      '__user',
      '__user',
      '__releases(lock)',
      'asmlinkage',
      'noinstr',
      '__user',
      'SYSCALL_DEFINE2(demo | int | fd | const struct demo __user * | d) makes function',
      '__init',
      'early_initcall(setup) makes statement',
    ]);
  });

  it('has an outline', () => {
    const lines = text.split('\n');
    const shown = readOutline(text).definitions.map(({ kind, name, range }) => {
      const last = text.slice(0, range.end).split('\n').length;
      return `${kind} ${name} to ${last}: ${lines[last - 1]?.trim().slice(0, 20)}`;
    });
    expect(`\n${shown.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      made-variable MODULE_LICENSE to 4: MODULE_LICENSE("GPL"
      made-variable DEFINE_LOCK to 5: static DEFINE_LOCK(d
      variable limit to 6: static __read_mostly
      made-variable DEFINE_PER_CPU to 7: DEFINE_PER_CPU(struc
      made DECLARE_TRACE_HOOK to 9: TP_PROTO(int a))
      struct demo to 17: } __packed;
      function handler to 36: }
      made-variable EXPORT_SYMBOL to 37: EXPORT_SYMBOL(handle
      made-function SYSCALL_DEFINE2 to 42: }
      function setup to 50: }
      made early_initcall to 51: early_initcall(setup
      "
    `);
  });

  it('is parsed again after an edit as if for the first time', async () => {
    const parser = await testCParser();
    const raw = new RawTree(parser);
    raw.update(text);
    for (let at = 7; at < text.length; at += 61) {
      const edited = `${text.slice(0, at)}(x;${text.slice(at + 3)}`;
      const { tree, masked } = raw.update(edited);
      const fresh = parser.parse(masked.text);
      expect(JSON.stringify(shape(tree.nodes()))).toBe(JSON.stringify(shape(fresh.nodes())));
      fresh.delete();
    }
    raw.close();
  });

  it('any damaged version is masked, without a change of length', () => {
    for (let at = 0; at < text.length; at++) {
      for (const damaged of [
        text.slice(0, at),
        text.slice(at),
        text.slice(0, at) + text.slice(at + 1),
        `${text.slice(0, at)}{${text.slice(at)}`,
      ]) {
        expect(maskMacros(damaged).text.length).toBe(damaged.length);
      }
    }
  });

  it('the edit between two texts is the smallest range', () => {
    expect(editsBetween('abc', 'abc')).toEqual([]);
    expect(editsBetween('aaa', 'aa')).toEqual([{ start: 2, oldEnd: 3, newEnd: 2 }]);
    const long = 'x'.repeat(5000);
    expect(editsBetween(`${long}a${long}`, `${long}bc${long}`)).toEqual([{ start: 5000, oldEnd: 5001, newEnd: 5002 }]);
  });
});

function shape(node: {
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly children: readonly unknown[];
}): unknown {
  return [node.type, node.startIndex, node.endIndex, node.children.map((child) => shape(child as typeof node))];
}
