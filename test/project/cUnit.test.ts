import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { CProgram, type DefinitionIndex, type ResolvedFunction } from '../../server/src/project/cProgram.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { testCParser } from '../support/cParser.ts';
import { cUnitOf, cWorkspace, renderCall } from '../support/cText.ts';
import { smallTree } from '../support/smallTree.ts';

const names = (unit: { readonly functions: readonly { readonly name: string }[] } | null): string =>
  unit?.functions.map(({ name }) => name).join(' ') ?? 'none';

describe('a C file as a unit', () => {
  const tree = {
    'kernel/demo.c':
      '#include <linux/tool.h>\n#include "local.h"\nDEFINE_TOOL(demo)\nint main_one(void) { return tool(1); }\n',
    'kernel/local.h':
      '#ifndef TOOL\n#error "include linux/tool.h first"\n#endif\nstatic inline int local(void) { return TOOL; }\n',
    'kernel/part.c': 'static int part(void) { return FROM_WHOLE; }\n',
    'kernel/whole.c': '#define FROM_WHOLE 7\n#include "part.c"\nint whole(void) { return part(); }\n',
    'kernel/Makefile': 'obj-y += demo.o whole.o\nobj-m += tool-mod.o\ntool-mod-y := mod.o\n',
    'kernel/mod.c':
      '#ifdef MODULE\nconst char *name = KBUILD_MODNAME_STR;\nint in_module(void) { return 0; }\n#else\nint built_in(void) { return 0; }\n#endif\n',
    'include/linux/tool.h':
      '#ifndef TOOL_H\n#define TOOL_H\n#define TOOL 3\n#define DEFINE_TOOL(n) int n##_tool(void) { return tool(TOOL); }\nstatic inline int tool(int x) { return x; }\n#endif\n',
    'include/linux/inner.h':
      '#ifndef INSIDE_OUTER\n#error "include outer.h"\n#endif\nint inner(void) { return INSIDE_OUTER; }\n',
    'include/linux/outer.h': '#define INSIDE_OUTER 5\n#include <linux/inner.h>\n',
    'include/asm-generic/thing.h':
      '#ifndef arch_thing\nint generic_thing(void) { return 0; }\n#endif\nint both_thing(void) { return 0; }\n',
    'arch/arm64/include/asm/thing.h': '#define arch_thing arch_thing\n#include <asm-generic/thing.h>\n',
    'include/linux/compiler_types.h': '#ifndef TYPES_H\n#define TYPES_H\nint of_types(void) { return 0; }\n#endif\n',
  };

  it('holds its own functions and none of its headers', async () => {
    const unit = await cUnitOf(tree, 'kernel/demo.c');
    expect(names(unit)).toBe('demo_tool main_one');
    expect(unit.files).toContain('/k/include/linux/tool.h');
    expect(unit.includes.map(({ spec, resolved }) => `${spec} ${resolved}`)).toEqual([
      '<linux/tool.h> /k/include/linux/tool.h',
      '"local.h" /k/kernel/local.h',
    ]);
    const [made, written] = unit.functions;
    expect(made?.calls().map((call) => renderCall(unit, call))).toEqual([
      'tool(3) at DEFINE_TOOL(demo) via DEFINE_TOOL',
    ]);
    expect(written?.calls().map((call) => renderCall(unit, call))).toEqual(['tool(1) at tool(1)']);
    expect(unit.macroUses.map(({ macro, expansion }) => `${macro.name}: ${expansion}`)).toEqual([
      'DEFINE_TOOL: int demo_tool(void) { return tool(3); }',
    ]);
  });

  it('that another file includes is read as part of that', async () => {
    const unit = await cUnitOf(tree, 'kernel/part.c');
    expect([names(unit), unit.within]).toEqual(['part', '/k/kernel/whole.c']);
    expect(unit.expanded.text).toContain('return 7;');
    expect(names(await cUnitOf(tree, 'kernel/whole.c'))).toBe('whole');
  });

  it('headers are units too, also those that cannot stand alone', async () => {
    const workspace = await cWorkspace(tree);
    const read = (path: string): string => {
      const unit = workspace.cUnit(`/k/${path}`);
      return `${names(unit)} within ${unit?.within} issues ${unit?.issues.length}`;
    };
    expect(read('include/linux/tool.h')).toBe('tool within /k/include/linux/tool.h issues 0');
    expect(read('kernel/local.h')).toBe('local within /k/kernel/demo.c issues 0');
    expect(read('include/linux/inner.h')).toBe('inner within /k/include/linux/outer.h issues 0');
    expect(read('include/asm-generic/thing.h')).toBe('both_thing within /k/arch/arm64/include/asm/thing.h issues 0');
    expect(read('include/linux/compiler_types.h')).toBe('of_types within /k/include/linux/compiler_types.h issues 0');
  });

  it('of a module knows that it is one', async () => {
    expect(names(await cUnitOf(tree, 'kernel/mod.c'))).toBe('in_module');
  });

  it('follows edits of itself and of its headers, and nothing else makes it anew', async () => {
    const workspace = await cWorkspace(tree);
    const path = '/k/kernel/demo.c';
    const first = workspace.cUnit(path);
    expect(workspace.cUnit(path)).toBe(first);
    workspace.openDocument('/k/kernel/other.c', 'int x;\n', 1);
    expect(workspace.cUnit(path)).toBe(first);
    workspace.openDocument(
      '/k/include/linux/tool.h',
      '#define DEFINE_TOOL(n) int n##_changed(void) { return 0; }\n',
      1,
    );
    expect(names(workspace.cUnit(path))).toBe('demo_changed main_one');
    expect(workspace.dependentsOf('/k/include/linux/tool.h')).toEqual([]);
    workspace.openDocument(path, 'int only(void) { return 0; }\n', 1);
    expect(names(workspace.cUnit(path))).toBe('only');
  });

  it('is not there before the parser is', async () => {
    const workspace = new Workspace({
      files: smallTree(tree),
      logger: silentLogger,
      settings: { kernelRoot: null, buildDirectory: null, configFile: null },
    });
    expect(workspace.cUnit('/k/kernel/demo.c')).toBeNull();
    workspace.setCParser(await testCParser());
    expect(names(workspace.cUnit('/k/kernel/demo.c'))).toBe('demo_tool main_one');
  });
});

describe('where a called name leads', () => {
  const tree = {
    'kernel/a.c':
      '#include <linux/h.h>\nstatic int twice(int x) { return x; }\nint caller(void) { return twice(1) + inline_one() + made_one() + exported() + weak_one() + assembled() + double_defined() + nothing(); }\n',
    'kernel/b.c':
      'int exported(void) { return 1; }\nstatic int twice(int x) { return 2; }\nint weak_one(void) { return 1; }\nint double_defined(void) { return 1; }\n',
    'kernel/c.c':
      'int __attribute__((weak)) weak_one(void) { return 0; }\nint double_defined(void) { return 1; }\nstatic int exported(void) { return 3; }\n',
    'kernel/Makefile': 'obj-y += a.o b.o c.o\n',
    'include/linux/h.h':
      '#define MAKE(n) static inline int n##_one(void) { return 0; }\nstatic inline int inline_one(void) { return 1; }\nMAKE(made)\nint exported(void);\n',
  };
  const place = (path: string, more: Partial<ReturnType<DefinitionIndex['definitionsOf']>[number]> = {}) => ({
    path: `/k/${path}`,
    kind: 'function',
    line: 1,
    isDeclaration: false,
    isStatic: false,
    ...more,
  });
  const index: DefinitionIndex = {
    state: 'ready',
    version: 1,
    definitionsOf: (name) =>
      ({
        inline_one: [place('include/linux/h.h')],
        made_one: [place('include/linux/h.h')],
        exported: [
          place('include/linux/h.h', { isDeclaration: true }),
          place('kernel/b.c'),
          place('kernel/c.c', { isStatic: true }),
        ],
        weak_one: [place('kernel/c.c'), place('kernel/b.c')],
        assembled: [place('arch/arm64/lib/x.S', { kind: 'asm-symbol', line: 4 })],
        double_defined: [place('kernel/b.c'), place('kernel/c.c')],
      })[name] ?? [],
  };
  const render = (found: ResolvedFunction): string => {
    if (found.kind === 'function') return `${found.unit.path}:${found.fn.line}`;
    return found.kind === 'assembly' ? `${found.path}:${found.line}` : found.reason;
  };
  const called = ['twice', 'inline_one', 'made_one', 'exported', 'weak_one', 'assembled', 'double_defined', 'nothing'];

  it('the unit itself, its headers, what other files export; what cannot be known says why', async () => {
    const workspace = await cWorkspace(tree);
    const unit = workspace.cUnit('/k/kernel/a.c');
    if (unit === null) throw new Error('no unit');
    const program = new CProgram(workspace, () => index);
    const shown = (): string[] => called.map((name) => `${name}: ${render(program.resolveFunction(unit, name))}`);
    expect(`\n${shown().join('\n')}\n`).toMatchInlineSnapshot(`
      "
      twice: /k/kernel/a.c:2
      inline_one: /k/include/linux/h.h:2
      made_one: /k/include/linux/h.h:3
      exported: /k/kernel/b.c:1
      weak_one: /k/kernel/b.c:3
      assembled: /k/arch/arm64/lib/x.S:4
      double_defined: double_defined is defined in /k/kernel/b.c, /k/kernel/c.c
      nothing: no definition of nothing in this configuration
      "
    `);
    expect(shown()).toEqual(shown());
  });

  it('without an index the headers are looked through', async () => {
    const workspace = await cWorkspace(tree);
    const unit = workspace.cUnit('/k/kernel/a.c');
    if (unit === null) throw new Error('no unit');
    const program = new CProgram(workspace);
    const shown = ['inline_one', 'made_one', 'exported'].map((name) => render(program.resolveFunction(unit, name)));
    expect(shown).toEqual([
      '/k/include/linux/h.h:2',
      'made_one is in none of the headers, and there is no index of other files',
      'exported is in none of the headers, and there is no index of other files',
    ]);
  });
});
