import { describe, expect, it } from 'vitest';
import { readMakefile } from '../../server/src/project/kernelMakefile.ts';

function value(text: string, name = 'X', config: Readonly<Record<string, string>> = {}): string {
  return readMakefile({ text, preset: { srctree: '/k' }, config: (option) => config[option] ?? null }).value(name);
}

describe('variables', () => {
  it.each([
    ['X := a\nX += b', 'a b'],
    ['A = $(B)\nB = c\nX := $(A)', 'c'],
    ['X ?= a\nX ?= b', 'a'],
    ['X = a # note\n', 'a'],
    ['X = a \\\n\tb \\\n    c', 'a b c'],
    ['export X := a', 'a'],
    ['X = $(X)', ''],
    ['obj-$(CONFIG_A) += a.o\nobj-$(CONFIG_B) += b.o\nX = $(obj-y)|$(obj-m)|$(obj-)', 'a.o||b.o'],
  ])('%j', (text, expected) => {
    expect(value(text, 'X', { A: 'y' })).toBe(expected);
  });
});

describe('functions', () => {
  it.each([
    ['$(addprefix p/, a b)', 'p/a p/b'],
    ['$(patsubst %.o,%.pi.o,a.o b.c)', 'a.pi.o b.c'],
    ['$(A:.o=.c)', 'x.c y.c'],
    ['$(filter-out b%, a b1 c)', 'a c'],
    ['$(subst x,,axb)', 'ab'],
    ['$(if $(A),yes,no) $(or ,z) $(and a,)', 'yes z'],
    ['$(foreach n,1 2,v$(n))', 'v1 v2'],
    ['$(call cc-option,-ffoo,-fbar)', '-ffoo'],
    ['$(call f,1)', '<1>'],
    ['$(shell rm -rf /)', ''],
    ['$(notdir a/b.c) $(dir a/b.c) $(basename a/b.c)', 'b.c a/ a/b'],
  ])('%s', (text, expected) => {
    expect(value(`A = x.o y.o\nf = <$(1)>\nX = ${text}`)).toBe(expected);
  });
});

describe('conditionals', () => {
  it.each([
    ['ifeq ($(CONFIG_A),y)\nX = 1\nelse\nX = 2\nendif', '1'],
    ['ifeq ($(CONFIG_B),y)\nX = 1\nelse ifdef CONFIG_A\nX = 2\nelse\nX = 3\nendif', '2'],
    ['ifneq "$(CONFIG_A)" "y"\nX = 1\nendif\nifndef CONFIG_B\nX += 2\nendif', '2'],
    ['ifdef NO\nifdef CONFIG_A\nX = 1\nelse\nX = 2\nendif\nendif', ''],
    ['a: b\n\tX = 1\n\nX = 2', '2'],
    ['define F\nX = 1\nendef\n', ''],
  ])('%j', (text, expected) => {
    expect(value(text, 'X', { A: 'y' })).toBe(expected);
  });
});

describe('broken and hostile input', () => {
  it('never throws on any prefix', () => {
    const text = 'ifeq ($(A,y)\nX := $(if $(call f,$(X)),$(Y),\nendif\nendif\nelse\ninclude $(X)\n';
    for (let end = 0; end <= text.length; end++) expect(() => value(text.slice(0, end))).not.toThrow();
  });

  it('self-doubling definitions end', () => {
    const doubling = Array.from({ length: 40 }, (_, n) => `A${n + 1} = $(A${n})$(A${n})`).join('\n');
    expect(() => value(`A0 = x\n${doubling}\nX = $(A40)`)).not.toThrow();
  });

  it('a makefile that includes itself ends', () => {
    const text = 'include me\nX = a';
    const variables = readMakefile({ text, preset: {}, config: () => null, include: () => text });
    expect(variables.value('X')).toBe('a');
  });
});
