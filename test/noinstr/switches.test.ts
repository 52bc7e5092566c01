import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';
import { ownPrimitives, plantedRegions, plantedSwitches } from './plantedSwitches.ts';

const path = '/k/arch/arm64/kernel/ax_planted.c';

/** Checks the marked lines of a text that stands behind another one. */
function check(before: string, text: string): void {
  const start = before.split('\n').length - 1;
  const found = noinstrFindings(noinstrTree({ [path]: before + text }), path).map(
    (one) => `${one.line - start} ${one.rule.replace('noinstr.', '')}`,
  );
  expect(found.sort()).toEqual(plantedRules(text).sort());
}

describe('primitives of a tree of its own', () => {
  it.each(Object.entries(plantedSwitches))('%s', (_, text) => check(preamble + ownPrimitives, text));
});

describe('regions', () => {
  it.each(Object.entries(plantedRegions))('%s', (_, text) => check(preamble, text));
});
