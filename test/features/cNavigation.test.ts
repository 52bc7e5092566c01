import { describe, expect, it } from 'vitest';
import { neverCancelled } from '../../server/src/base/cancellation.ts';
import {
  type CallItem,
  incomingCalls,
  outgoingCalls,
  prepareCallHierarchy,
} from '../../server/src/features/callHierarchy.ts';
import { definition } from '../../server/src/features/definition.ts';
import { references } from '../../server/src/features/references.ts';
import { completeIndex } from '../../server/src/project/nameIndex/treeIndex.ts';
import { block, type OpenFixture, openFixture, showPlace } from '../support/features.ts';

function indexed(fixture: string): OpenFixture {
  const open = openFixture(fixture);
  completeIndex(open.workspace, open.workspace.treeFor(open.path)!, neverCancelled);
  return open;
}

function definitions(fixture: string): string {
  const open = indexed(fixture);
  return block(definition(open.ctx, open.path, open.offset).map(({ path, range }) => showPlace(open, path, range)));
}

function uses(fixture: string, includeDeclaration = true): string {
  const open = indexed(fixture);
  const targets = references(open.ctx, open.path, open.offset, { includeDeclaration });
  return block(targets.map(({ path, range }) => showPlace(open, path, range)));
}

const headers = `
//- /include/linux/jump_label.h
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name = STATIC_KEY_FALSE_INIT
#define DECLARE_STATIC_KEY_FALSE(name) extern struct static_key_false name
//- /include/linux/static_call.h
#define __PASTE(a, b) a##b
#define STATIC_CALL_KEY(name) __PASTE(__SCK__, name)
#define DEFINE_STATIC_CALL(name, _func) struct static_call_key STATIC_CALL_KEY(name) = { .func = _func }
#define static_call(name) (STATIC_CALL_KEY(name).func)
//- /include/linux/linkage.h
#define SYM_FUNC_START(name) .globl name ; name:
#define SYM_FUNC_END(name) .size name, .-name
//- /kernel/key.c
DEFINE_STATIC_KEY_FALSE(demo_key);
DEFINE_STATIC_CALL(demo_call, demo_slow);
static int plain(void) { return 0; }
void demo_switch(void)
{
	static_branch_enable(&demo_key); /* demo_key */
	static_call_update(demo_call, plain);
}
//- /arch/arm64/lib/copy.S
#include <linux/linkage.h>
SYM_FUNC_START(copy_it)
	ret
SYM_FUNC_END(copy_it)
`;

describe('definition in C', () => {
  it('a key, from where it is asked about', () => {
    expect(
      definitions(`//- /kernel/use.c\nint f(void) { if (static_branch_unlikely(&demo_k$0ey)) return 1; }\n${headers}`),
    ).toBe('/kernel/key.c:1:25 «demo_key»  DEFINE_STATIC_KEY_FALSE(demo_key);');
  });

  it('a static call, whose name is no name of C', () => {
    expect(definitions(`//- /kernel/use.c\nint f(void) { return static_call(demo_c$0all)(); }\n${headers}`)).toBe(
      '/kernel/key.c:2:20 «demo_call»  DEFINE_STATIC_CALL(demo_call, demo_slow);',
    );
  });

  it('a function in assembly', () => {
    expect(definitions(`//- /kernel/use.c\nint f(void) { return copy$0_it(); }\n${headers}`)).toBe(
      '/arch/arm64/lib/copy.S:2:16 «copy_it»  SYM_FUNC_START(copy_it)',
    );
  });

  it('not what a language server of C answers', () => {
    expect(definitions(`//- /kernel/use.c\nint g(void);\nint f(void) { return g$0(); }\n${headers}`)).toBe('(nothing)');
  });

  it('not in comments', () => {
    expect(definitions(`//- /kernel/use.c\n/* demo_k$0ey */\nint f(void) { return demo_key; }\n${headers}`)).toBe(
      '(nothing)',
    );
  });
});

describe('references in C', () => {
  it('a key: who asks, who switches, in all files', () => {
    expect(
      uses(`//- /kernel/use.c\nint f(void) { if (static_branch_unlikely(&demo_key)) return 1; }\n//- /kernel/a.c
DECLARE_STATIC_KEY_FALSE(demo_$0key);\n${headers}`),
    ).toMatchInlineSnapshot(`
      "/kernel/key.c:1:25 «demo_key»  DEFINE_STATIC_KEY_FALSE(demo_key);
      /kernel/a.c:1:26 «demo_key»  DECLARE_STATIC_KEY_FALSE(demo_key);
      /kernel/key.c:6:24 «demo_key»  static_branch_enable(&demo_key); /* demo_key */
      /kernel/use.c:1:43 «demo_key»  int f(void) { if (static_branch_unlikely(&demo_key)) return 1; }"
    `);
  });

  it('a function of assembly is called from C', () => {
    expect(
      uses(
        `//- /arch/arm64/lib/copy.S\n#include <linux/linkage.h>\nSYM_FUNC_START(copy$0_it)\n\tret\nSYM_FUNC_END(copy_it)\n//- /kernel/use.c\nint f(void) { return copy_it(); } // copy_it\n${headers.replace(/\/\/- \/arch[\s\S]*$/, '')}`,
      ),
    ).toMatchInlineSnapshot(`
      "/arch/arm64/lib/copy.S:2:16 «copy_it»  SYM_FUNC_START(copy_it)
      /arch/arm64/lib/copy.S:4:14 «copy_it»  SYM_FUNC_END(copy_it)
      /kernel/use.c:1:22 «copy_it»  int f(void) { return copy_it(); } // copy_it"
    `);
  });

  it('a cpucap: the list, the code of both languages', () => {
    expect(
      uses(`//- /kernel/use.c\nint f(void) { return cpus_have_cap(ARM64_HAS_$0PAN); }\n//- /kernel/more.c
int g(void) { return cpus_have_cap(ARM64_HAS_PAN); }
${headers}`),
    ).toMatchInlineSnapshot(`
      "/kernel/use.c:1:36 «ARM64_HAS_PAN»  int f(void) { return cpus_have_cap(ARM64_HAS_PAN); }
      /arch/arm64/kernel/cpufeature.c:4:17 «ARM64_HAS_PAN»  .capability = ARM64_HAS_PAN,
      /kernel/more.c:1:36 «ARM64_HAS_PAN»  int g(void) { return cpus_have_cap(ARM64_HAS_PAN); }
      /arch/arm64/tools/cpucaps:4:1 «HAS_PAN»  HAS_PAN"
    `);
  });

  it('nothing for a plain name', () => {
    expect(uses(`//- /kernel/use.c\nint f(int arg) { return ar$0g; }\n${headers}`)).toBe('(nothing)');
  });
});

describe('call hierarchy', () => {
  const callers = `
//- /kernel/a.c
static inline int helper(int a)
{
	return deep(a);
}
int top(void)
{
	if (helper(1))
		return hel$0per(2); /* helper(3) */
	return CALL(4) + copy_it();
}
//- /kernel/b.c
#define CALL(x) helper(x)
int deep(int a)
{
	return a;
}
SYSCALL_DEFINE1(my_call, int, fd)
{
	return deep(fd);
}
${headers}`;
  const show = (open: OpenFixture, calls: ReturnType<typeof incomingCalls>, of: (item: CallItem) => string): string =>
    block(
      calls.map(
        ({ item, ranges }) =>
          `${item.name} (${item.detail}) ${ranges.map((range) => showPlace(open, of(item), range).split(' ')[0]).join(' ')}`,
      ),
    );

  it('prepares the definition', () => {
    const open = indexed(callers);
    expect(
      prepareCallHierarchy(open.ctx, open.path, open.offset).map(({ name, detail }) => `${name} ${detail}`),
    ).toEqual(['helper kernel/a.c']);
  });

  it('incoming: functions and macros whose text calls it', () => {
    const open = indexed(callers);
    const [item] = prepareCallHierarchy(open.ctx, open.path, open.offset);
    expect(show(open, incomingCalls(open.ctx, item!), ({ path }) => path)).toMatchInlineSnapshot(`
      "top (kernel/a.c) /kernel/a.c:7:6 /kernel/a.c:8:10
      CALL (kernel/b.c) /kernel/b.c:1:17"
    `);
  });

  it('branches of assembly, both ways', () => {
    const open = indexed(`
//- /arch/arm64/kernel/call.S
#include <linux/linkage.h>
SYM_FUNC_START(from_asm)
	bl	to_$0c
	b.eq	copy_it	// bl nothing
	ret
SYM_FUNC_END(from_asm)
SYM_FUNC_START(other)
	b	to_c
SYM_FUNC_END(other)
//- /kernel/c.c
int to_c(void)
{
	return from_asm();
}
${headers}`);
    const [toC] = prepareCallHierarchy(open.ctx, open.path, open.offset);
    expect(show(open, incomingCalls(open.ctx, toC!), ({ path }) => path)).toMatchInlineSnapshot(`
      "from_asm (SYM_FUNC_START in arch/arm64/kernel/call.S) /arch/arm64/kernel/call.S:3:5
      other (SYM_FUNC_START in arch/arm64/kernel/call.S) /arch/arm64/kernel/call.S:8:4"
    `);
    const [fromAsm] = prepareCallHierarchy(open.ctx, open.path, open.text.indexOf('from_asm'));
    expect(show(open, outgoingCalls(open.ctx, fromAsm!), () => open.path)).toMatchInlineSnapshot(`
      "to_c (kernel/c.c) /arch/arm64/kernel/call.S:3:5
      copy_it (SYM_FUNC_START in arch/arm64/lib/copy.S) /arch/arm64/kernel/call.S:4:7"
    `);
    expect(show(open, incomingCalls(open.ctx, fromAsm!), ({ path }) => path)).toMatchInlineSnapshot(
      `"to_c (kernel/c.c) /kernel/c.c:3:9"`,
    );
  });

  it('incoming: functions that a macro begins', () => {
    const open = indexed(callers);
    const [item] = prepareCallHierarchy(open.ctx, open.path, open.text.indexOf('deep('));
    expect(show(open, incomingCalls(open.ctx, item!), ({ path }) => path)).toMatchInlineSnapshot(`
      "helper (kernel/a.c) /kernel/a.c:3:9
      my_call (SYSCALL_DEFINE1 in kernel/b.c) /kernel/b.c:8:9"
    `);
  });

  it('outgoing: what the text of a function calls', () => {
    const open = indexed(callers);
    const [top] = prepareCallHierarchy(open.ctx, '/k/kernel/a.c', open.text.indexOf('top'));
    expect(
      top === undefined ? 'none' : show(open, outgoingCalls(open.ctx, top), () => open.path),
    ).toMatchInlineSnapshot(`
      "helper (kernel/a.c) /kernel/a.c:7:6 /kernel/a.c:8:10
      CALL (kernel/b.c) /kernel/a.c:9:9
      copy_it (SYM_FUNC_START in arch/arm64/lib/copy.S) /kernel/a.c:9:19"
    `);
  });
});
