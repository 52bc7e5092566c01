import { expect, it } from 'vitest';
import { coreChoice, coreChoices } from '../../server/src/cost/cores.ts';

it('names what stands in for a core without a model', () => {
  const lines = coreChoices
    .filter((choice) => choice.modelledAs !== null)
    .map((choice) => `${choice.title}, modelled as ${choice.modelledAs}${choice.warning === null ? '' : ' (warning)'}`);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "Apple M1, modelled as Cyclone (Apple A7) (warning)
    Cortex-A34, modelled as Cortex-A53
    Cortex-A35, modelled as Cortex-A53
    Cortex-A65, modelled as Cortex-A53 (warning)
    Cortex-A65AE, modelled as Cortex-A53 (warning)
    Neoverse E1, modelled as Cortex-A53 (warning)
    Cortex-R82, modelled as Cortex-A55
    Cortex-A520, modelled as Cortex-A510
    Cortex-A72, modelled as Cortex-A57
    Cortex-A73, modelled as Cortex-A57 (warning)
    Cortex-A75, modelled as Cortex-A57 (warning)
    Cortex-A76, modelled as Neoverse N1
    Cortex-A77, modelled as Neoverse N1
    Cortex-A78, modelled as Neoverse N2
    Cortex-A78C, modelled as Neoverse N2
    Cortex-A710, modelled as Neoverse N2
    Cortex-A715, modelled as Neoverse N2
    Cortex-A720, modelled as Neoverse N2
    Cortex-A725, modelled as Neoverse N2
    Cortex-X1, modelled as Neoverse V1
    Cortex-X1C, modelled as Neoverse V1
    Cortex-X2, modelled as Neoverse V2
    Cortex-X3, modelled as Neoverse V2
    Cortex-X4, modelled as Neoverse V2
    Cortex-X925, modelled as Neoverse V2
    Neoverse 512-TVB, modelled as Neoverse V1
    Neoverse N3, modelled as Neoverse N2
    Neoverse V3, modelled as Neoverse V2
    Ampere-1A, modelled as Ampere-1"
  `);
});

it('knows cores by other names, in any case', () => {
  expect(coreChoice('Graviton3')?.name).toBe('neoverse-v1');
  expect(coreChoice('cortex-a76ae')?.modelledAs).toBe('Neoverse N1');
  expect(coreChoice('i486')).toBeNull();
  expect(coreChoice('__proto__')).toBeNull();
});
