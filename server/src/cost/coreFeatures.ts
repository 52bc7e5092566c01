import type { MachineFeatures } from './model.ts';

/**
 * Architecture features that decide whether a hint is a NOP, as a core of this model has them when nobody names a
 * machine. `FEAT_CLRBHB` is no core's default: it came with later revisions and firmware.
 * Sources: Arm DDI 0487 (FEAT_RAS is part of Armv8.2, FEAT_PAuth of Armv8.3); the cores' Technical Reference Manuals.
 * ASSUMPTION: apple-m1 has FEAT_RAS; the wider interval is the safe side.
 */
const featuresByModel: Readonly<Record<string, readonly string[]>> = {
  a64fx: ['RAS'],
  ampere1: ['BTI', 'PAuth', 'RAS'],
  ampere1b: ['BTI', 'PAuth', 'RAS'],
  'apple-m1': ['BTI', 'PAuth', 'RAS'],
  'cortex-a510': ['BTI', 'PAuth', 'RAS'],
  'cortex-a53': [],
  'cortex-a55': ['RAS'],
  'cortex-a57': [],
  'neoverse-n1': ['RAS'],
  'neoverse-n2': ['BTI', 'PAuth', 'RAS'],
  'neoverse-v1': ['PAuth', 'RAS'],
  'neoverse-v2': ['BTI', 'PAuth', 'RAS'],
  thunderx2t99: [],
  tsv110: ['RAS'],
};

/** Names that `MachineFeatures` may hold. */
export const knownFeatures: readonly string[] = ['BTI', 'CLRBHB', 'PAuth', 'RAS'];

/** Features of a model's core; every known one for a model that is not listed. */
export function defaultFeatures(model: string): MachineFeatures {
  return new Set(featuresByModel[model] ?? knownFeatures);
}
