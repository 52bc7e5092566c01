import { expect, it } from 'vitest';
import { CancelledError } from '../../../server/src/base/cancellation.ts';
import type { CFile } from '../../../server/src/features/c/cFile.ts';
import { analyzeCFile } from '../../../server/src/features/c/openCFile.ts';
import { openExampleC } from '../../support/exampleC.ts';

const text = `
int demo(atomic_t *v, int x)
{
	if (system_supports_sve())
		x++;
	if (system_uses_irq_prio_masking())
		x--;
	atomic_add(1, v);
	return cpus_have_final_cap(ARM64_HAS_CACHE_DIC) ? x : 0;
}
`;

const shown = (file: CFile | null): unknown =>
  file?.sites.map(({ line, construct, count, removed, alternative }) => [
    line,
    construct,
    count,
    removed,
    alternative?.cpucap.text,
  ]);

/** Analyzes with a token that is over at its n-th question, again and again until it comes through. */
async function inPieces(questions: number): Promise<CFile | null> {
  const { ctx, path } = await openExampleC(text);
  for (let attempt = 0; attempt < 2000; attempt++) {
    let left = questions;
    const cancellation = {
      get isCancellationRequested() {
        return left-- <= 0;
      },
    };
    ctx.workspace.cUnit(path);
    try {
      return analyzeCFile({ ...ctx, cancellation }, path);
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
    }
  }
  throw new Error('no end of it');
}

it('an analysis that is broken off and begun again finds the same', async () => {
  const whole = await openExampleC(text);
  const expected = shown(analyzeCFile(whole.ctx, whole.path));
  expect(expected).toHaveLength(5);
  for (const questions of [3, 4, 7]) expect(shown(await inPieces(questions))).toEqual(expected);
});
