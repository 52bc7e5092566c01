import type { CostDataSource } from './coreData.ts';

/** What a dynamic import of a JSON file gives. */
interface JsonModule {
  readonly default: unknown;
}

/** One lazy import per file: a bundler keeps each as a function that runs at first use. */
const files: Readonly<Record<string, () => Promise<JsonModule>>> = {
  forms: () => import('../../data/cost/forms.json'),
  fusion: () => import('../../data/cost/fusion.json'),
  kernelRows: () => import('../../data/cost/kernelRows.json'),
  a64fx: () => import('../../data/cost/a64fx.json'),
  ampere1: () => import('../../data/cost/ampere1.json'),
  ampere1b: () => import('../../data/cost/ampere1b.json'),
  'apple-m1': () => import('../../data/cost/apple-m1.json'),
  'cortex-a510': () => import('../../data/cost/cortex-a510.json'),
  'cortex-a53': () => import('../../data/cost/cortex-a53.json'),
  'cortex-a55': () => import('../../data/cost/cortex-a55.json'),
  'cortex-a57': () => import('../../data/cost/cortex-a57.json'),
  'neoverse-n1': () => import('../../data/cost/neoverse-n1.json'),
  'neoverse-n2': () => import('../../data/cost/neoverse-n2.json'),
  'neoverse-v1': () => import('../../data/cost/neoverse-v1.json'),
  'neoverse-v2': () => import('../../data/cost/neoverse-v2.json'),
  thunderx2t99: () => import('../../data/cost/thunderx2t99.json'),
  tsv110: () => import('../../data/cost/tsv110.json'),
};

/**
 * The data files that are part of the bundle; works in Node and in a browser worker. Rejects for a name that is no file
 * of ours.
 */
export const bundledCostData: CostDataSource = async (name) => {
  const load = Object.hasOwn(files, name) ? files[name] : undefined;
  if (load === undefined) throw new Error(`no cost data is named ${name}`);
  return (await load()).default;
};
