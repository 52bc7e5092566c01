import { expect, it } from 'vitest';
import { fuzzyScore } from '../../server/src/features/navigation/fuzzyMatch.ts';
import { workspaceSymbols } from '../../server/src/features/workspaceSymbols.ts';
import { block, openFixture, showPlace } from '../support/features.ts';

const fixture = `
#include <linux/linkage.h>
	.macro	clear_page_loop, reg
	.endm
SYM_FUNC_START(clear_page)
	ret
SYM_FUNC_END(clear_page)
//- /arch/arm64/lib/copy.S
#include <linux/linkage.h>
SYM_FUNC_START(copy_page)
	ret
SYM_FUNC_END(copy_page)
SYM_FUNC_ALIAS(copy_template, copy_page)
local_label:
`;

function show(query: string): string {
  const open = openFixture(fixture);
  const found = workspaceSymbols(open.ctx, query);
  return block(
    found.map(
      ({ kind, name, detail, path, selectionRange }) =>
        `${kind} ${name} (${detail})  ${showPlace(open, path, selectionRange)}`,
    ),
  );
}

it('functions of all files, best match first', () => {
  expect(show('page')).toMatchInlineSnapshot(`
    "function copy_page (arch/arm64/lib/copy.S)  /arch/arm64/lib/copy.S:2:16 «copy_page»  SYM_FUNC_START(copy_page)
    function clear_page (arch/arm64/kernel/demo.S)  /arch/arm64/kernel/demo.S:4:16 «clear_page»  SYM_FUNC_START(clear_page)
    macro clear_page_loop (arch/arm64/kernel/demo.S)  /arch/arm64/kernel/demo.S:2:9 «clear_page_loop»  .macro clear_page_loop, reg"
  `);
});

it('letters in order are enough', () => {
  expect(show('cpl')).toMatchInlineSnapshot(`
    "macro clear_page_loop (arch/arm64/kernel/demo.S)  /arch/arm64/kernel/demo.S:2:9 «clear_page_loop»  .macro clear_page_loop, reg
    function copy_template (arch/arm64/lib/copy.S)  /arch/arm64/lib/copy.S:5:16 «copy_template»  SYM_FUNC_ALIAS(copy_template, copy_page)"
  `);
});

it('cpucaps lead to the list', () => {
  expect(show('haspan')).toMatchInlineSnapshot(
    `"constant ARM64_HAS_PAN (cpucap)  /arch/arm64/tools/cpucaps:4:1 «HAS_PAN»  HAS_PAN"`,
  );
});

it('nothing fits', () => {
  expect(show('xyzzy')).toMatchInlineSnapshot(`"(nothing)"`);
});

it('at most 500', () => {
  const open = openFixture(Array.from({ length: 700 }, (_, at) => `\t.macro m${at}\n\t.endm\n`).join(''));
  expect(workspaceSymbols(open.ctx, '')).toHaveLength(500);
});

it('whole names before beginnings, beginnings before parts, parts before scattered letters', () => {
  const names = ['copy_page', 'my_copy', 'copy', 'recopy', 'c_o_p_y', 'cop'];
  const scored = names.map((name) => ({ name, score: fuzzyScore('copy', name) }));
  const fitting = scored.filter(({ score }) => score !== null);
  fitting.sort((left, right) => (right.score ?? 0) - (left.score ?? 0));
  expect(fitting.map(({ name }) => name)).toEqual(['copy', 'copy_page', 'my_copy', 'recopy', 'c_o_p_y']);
});
