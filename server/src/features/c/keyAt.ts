import type { FeatureContext } from '../featureContext.ts';
import { openCFile } from './openCFile.ts';
import { sitesAt } from './siteAt.ts';
import { keyValue } from './siteOutcome.ts';
import { stateQuestion } from './stateQuestion.ts';

/** A static key with its value in the chosen machine state; `null` where that is not known. */
export interface KeyNow {
  readonly key: string;
  readonly value: boolean | null;
}

/** The static key whose test or definition is at an offset of a C file; `null` where there is none. */
export function keyAt(ctx: FeatureContext, path: string, offset: number): KeyNow | null {
  const file = openCFile(ctx, path);
  if (file === null) return null;
  const question = stateQuestion(ctx, file);
  const jump = sitesAt(file, offset)?.find((site) => site.jump?.key != null)?.jump ?? null;
  if (jump?.key != null) return { key: jump.key, value: keyValue(jump.key, question) ?? jump.initial };
  const defined = file.keys.find(
    ({ kind, nameRange, count }) =>
      kind === 'static-key' && count === null && nameRange.start <= offset && offset <= nameRange.end,
  );
  return defined === undefined
    ? null
    : { key: defined.name, value: keyValue(defined.name, question) ?? defined.initial };
}
