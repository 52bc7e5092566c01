import { expect, it } from 'vitest';
import { codeLenses, resolveLens } from '../../../server/src/features/codeLens.ts';
import { fadedRanges } from '../../../server/src/features/fadedRanges.ts';
import { hover } from '../../../server/src/features/hover.ts';
import { inlayHints } from '../../../server/src/features/inlayHints.ts';
import { patchedView } from '../../../server/src/features/patchedView.ts';
import { type ExampleC, openExampleC } from '../../support/exampleC.ts';
import { readProjectFile } from '../../support/projectFiles.ts';

const sources = ['arch/arm64/kernel/jump-label-demo.c', 'arch/arm64/kernel/calls-demo.c', 'kernel/sched/core.c'].map(
  (path) => readProjectFile(`examples/${path}`),
);

/** Everything that an editor asks of a file. Result: how many answers there were. */
function askAll({ ctx, path, text }: ExampleC): number {
  let answers = 0;
  for (const view of ['both', 'unpatched', 'patched'] as const) {
    const lenses = codeLenses(ctx, path, { functions: true, sites: true, cost: true });
    for (const { key, range } of lenses) {
      expect(range.end).toBeLessThanOrEqual(text.length);
      if (resolveLens(ctx, path, key, view) !== null) answers++;
    }
    for (const { offset, label } of inlayHints(ctx, path, { start: 0, end: text.length }, { view, expansions: true })) {
      expect(offset).toBeLessThanOrEqual(text.length);
      expect(label.length).toBeLessThan(39);
      answers++;
    }
    for (const { start, end } of fadedRanges(ctx, path, view)) expect(start).toBeLessThan(end);
  }
  for (let offset = 0; offset <= text.length; offset += 61) if (hover(ctx, path, offset) !== null) answers++;
  const view = patchedView(ctx, path, ctx.state);
  expect(view?.lines.length).toBe(text.split('\n').length);
  return answers;
}

it('whole files have answers', async () => {
  for (const source of sources) expect(askAll(await openExampleC(source))).toBeGreaterThan(10);
});

it('half-typed and damaged files throw nothing, and places stay inside of them', async () => {
  for (const [number, source] of sources.entries()) {
    for (let at = 1; at < 9; at += 2) {
      const cut = Math.floor((source.length * at) / 9) + number;
      askAll(await openExampleC(source.slice(0, cut)));
      askAll(await openExampleC(`${source.slice(0, cut)}${source.slice(cut + 37 * at)}`));
      askAll(await openExampleC(`${source.slice(0, cut)}({"'/*#if\\\n${source.slice(cut)}`));
    }
  }
});
