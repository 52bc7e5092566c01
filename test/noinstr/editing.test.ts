import { expect, it } from 'vitest';
import { checkSource, noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_edit.c';
const header = '/k/arch/arm64/kernel/ax_edit.h';
const late = '/k/arch/arm64/kernel/ax_late.h';

const base: Readonly<Record<string, string>> = {
  [header]: `#ifndef AX_EDIT_H
#define AX_EDIT_H
#ifdef AX_TWICE
#define AX_DO() do { ax_work(); ax_work(); } while (0)
#else
#define AX_DO() ax_work()
#endif
static __always_inline void ax_step(int ax_t) { AX_DO(); (void)(ax_t) - 1; }
static __always_inline void ax_region(void) { instrumentation_begin(); ax_work(); instrumentation_end(); }
static inline int ax_plain(void) { return ax_count; }
#endif
`,
  [late]: `static void noinstr ax_from_late(void)
{
	AX_DO();
}
`,
  [path]: `${preamble}#include "ax_edit.h"
typedef int ax_word;
static void noinstr ax_first(struct pt_regs *regs)
{
	ax_step(1);
	user_exit_irqoff();
	ax_step(2);
	user_enter_irqoff();
}
#include "ax_late.h"
static __always_inline void ax_helper(void)
{
	ax_region();
	ax_work();
}
void noinstr ax_second(struct pt_regs *regs)
{
	ax_first(regs);
	ax_helper();
	if (ax_plain())
		ax_from_late();
}
`,
};

const edits: readonly (readonly [file: string, what: string, becomes: string])[] = [
  [path, '\tax_step(1);\n', '\tax_step(1);\n\tax_work();\n'],
  [path, '#include "ax_edit.h"\n', '#define AX_TWICE\n#include "ax_edit.h"\n'],
  [path, '#include "ax_edit.h"\n', ''],
  [path, 'typedef int ax_word;\n', 'typedef int ax_t;\n'],
  [path, 'typedef int ax_word;\n', 'static inline int noinstr ax_plain(void);\n'],
  [path, 'typedef int ax_word;\n', '\n\n/* a comment\n */\n#if 0\n'],
  [path, 'typedef int ax_word;\n', 'static __always_inline void ax_region(void) { ax_work(); }\n'],
  [path, '#include "ax_late.h"\n', ''],
  [path, '#include "ax_late.h"\n', '#undef AX_DO\n#define AX_DO() do { } while (0)\n#include "ax_late.h"\n'],
  [path, 'user_exit_irqoff();', 'user_exit_irqoff('],
  [path, '}\n#include', '#include'],
  [header, 'instrumentation_begin(); ', ''],
  [header, 'static inline int ax_plain', 'static __always_inline int ax_plain'],
  [header, 'return ax_count;', 'ax_work(); return ax_count; } int ax_more(void) {'],
  [header, '#ifndef AX_EDIT_H', '#if 1'],
  [late, 'noinstr ', ''],
  [late, 'AX_DO();', 'AX_DO(); ax_step(3'],
];

const told = (found: readonly unknown[]): string => found.map((one) => JSON.stringify(one)).join('\n');

it('a file that is edited has the findings that a fresh reading of it has', () => {
  const ctx = noinstrTree(base);
  for (const [file, text] of Object.entries(base)) ctx.workspace.openDocument(file, text, 1);
  const first = told(noinstrFindings(ctx, path));
  expect(first.split('\n').length).toBeGreaterThan(3);
  let version = 1;
  for (const [file, what, becomes] of edits) {
    const before = base[file] ?? '';
    expect(before).toContain(what);
    const text = before.replace(what, becomes);
    ctx.workspace.changeDocument(file, text, ++version);
    const edited = told(noinstrFindings(ctx, path));
    expect(edited, `${what} → ${becomes}`).toBe(told(noinstrFindings(noinstrTree({ ...base, [file]: text }), path)));
    expect(told(checkSource(ctx, path, 'context', false).findings), 'nothing kept').toBe(edited);
    ctx.workspace.changeDocument(file, before, ++version);
    expect(told(noinstrFindings(ctx, path)), `back from ${becomes}`).toBe(first);
  }
});

it('one character more or less anywhere', () => {
  const ctx = noinstrTree(base);
  const text = base[path] ?? '';
  ctx.workspace.openDocument(path, text, 1);
  for (let at = preamble.length; at < text.length; at += 11) {
    for (const edited of [text.slice(0, at) + text.slice(at + 1), `${text.slice(0, at)}{${text.slice(at)}`]) {
      ctx.workspace.changeDocument(path, edited, at);
      const fresh = noinstrFindings(noinstrTree({ ...base, [path]: edited }), path);
      expect(told(noinstrFindings(ctx, path)), edited.slice(at - 20, at + 20)).toBe(told(fresh));
    }
  }
});

it('what a helper of a header asks about its argument follows an edit of the function that it calls', () => {
  const inner = (
    closes: string,
  ): string => `static __always_inline void ax_inner(bool c) { if (${closes}) instrumentation_end(); }
void noinstr ax_both(bool c)
{
	if (c)
		instrumentation_begin();
	ax_outer(c);
}
`;
  const files = (closes: string): Readonly<Record<string, string>> => ({
    [header]: `static __always_inline void ax_inner(bool c);
static __always_inline void ax_outer(bool c) { ax_inner(c); }
`,
    // First in the file: what it declares is kept.
    [path]: `#include "ax_edit.h"\n${preamble}${inner(closes)}`,
  });
  const ctx = noinstrTree(files('ax_count'));
  const seen = ['ax_count', 'c', 'ax_count', 'c'].map((closes, at) => {
    const text = files(closes)[path] ?? '';
    if (at === 0) ctx.workspace.openDocument(path, text, 1);
    else ctx.workspace.changeDocument(path, text, at + 1);
    const fresh = told(noinstrFindings(noinstrTree(files(closes)), path));
    expect(told(noinstrFindings(ctx, path)), `${at}: ${closes}`).toBe(fresh);
    return fresh;
  });
  expect(seen[0]).not.toBe(seen[1]);
});
