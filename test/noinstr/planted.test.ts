import { expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';
import { plantedAgain, plantedShapes } from './plantedShapes.ts';

const path = '/k/arch/arm64/kernel/ax_planted.c';
const more = 'static __always_inline void ax_wfi_of(int v) { ax_wfi(); (void)v; }';

it.each([...Object.entries(plantedShapes), ...Object.entries(plantedAgain)])('%s', (_, text) => {
  const whole = `${preamble.trimEnd()} ${more}\n${text}`;
  const found = noinstrFindings(noinstrTree({ [path]: whole }), path).map(
    (one) => `${one.line - 1} ${one.rule.replace('noinstr.', '')}`,
  );
  expect(found.sort()).toEqual(plantedRules(text).sort());
});
