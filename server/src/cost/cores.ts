/** A core that the user can choose, and the model that is used for it. */
export interface CoreChoice {
  /** Lower case, as `-mcpu` spells it. */
  readonly name: string;
  readonly title: string;
  /** Core whose tables are used: the name of a data file. */
  readonly model: string;
  /** Title of the core that stands in, `null` for a model of its own. */
  readonly modelledAs: string | null;
  /** Why the figures may be far off, or null. */
  readonly warning: string | null;
  /** What this model does not cover, beside what no model covers (`commonLimits`). */
  readonly limits: readonly string[];
  /** Where the tables come from, and why a stand-in was chosen. */
  readonly source: string;
  /** `FEAT_` names, without the prefix, that decide whether a hint is a NOP, as the core has them. */
  readonly features: readonly string[];
  /** Other names for it. */
  readonly aliases: readonly string[];
}

/** Limits of every model here. Source: docs/simulator.md. */
export const commonLimits: readonly string[] = [
  'No front end in LLVM’s tables: the cost of fetching and of taken branches is a bound.',
  'Memory is an L1 hit; no TLB, store buffer, prefetch, second thread or frequency.',
  'Branches are predicted.',
  'Contention, far atomics, barriers with work outstanding and TLB maintenance are not modelled.',
];

interface Model {
  readonly name: string;
  readonly title: string;
  readonly llvmModel: string;
  readonly features: string;
  readonly warning?: string;
  readonly limits?: readonly string[];
  readonly aliases?: string;
  readonly modelledAs?: string;
}

/** Every unit single-purpose, as in Arm's guides: real schedulers differ. */
const guideLimit = 'Units are single-purpose, as in the vendor’s guide; real schedulers differ.';
const atomicsLimit = 'LLVM has no LSE atomics for it: those are rows of our own.';

/** The shipped models. Source: llvm/lib/Target/AArch64/AArch64Processors.td, LLVM 19.1.7; features: the cores' manuals. */
const models: readonly Model[] = [
  { name: 'cortex-a53', title: 'Cortex-A53', llvmModel: 'CortexA53Model', features: '', limits: [atomicsLimit] },
  { name: 'cortex-a55', title: 'Cortex-A55', llvmModel: 'CortexA55Model', features: 'RAS', limits: [atomicsLimit] },
  {
    name: 'cortex-a510',
    title: 'Cortex-A510',
    llvmModel: 'CortexA510Model',
    features: 'PAuth BTI RAS',
    limits: [atomicsLimit],
  },
  {
    name: 'cortex-a57',
    title: 'Cortex-A57',
    llvmModel: 'CortexA57Model',
    features: '',
    limits: [guideLimit, atomicsLimit],
  },
  {
    name: 'neoverse-n1',
    title: 'Neoverse N1',
    llvmModel: 'NeoverseN1Model',
    features: 'RAS',
    limits: [guideLimit, atomicsLimit],
    aliases: 'graviton2 altra',
  },
  {
    name: 'neoverse-n2',
    title: 'Neoverse N2',
    llvmModel: 'NeoverseN2Model',
    features: 'PAuth BTI RAS',
    limits: [guideLimit, atomicsLimit],
    aliases: 'cobalt-100',
  },
  {
    name: 'neoverse-v1',
    title: 'Neoverse V1',
    llvmModel: 'NeoverseV1Model',
    features: 'PAuth RAS',
    limits: [guideLimit, atomicsLimit],
    aliases: 'graviton3',
  },
  {
    name: 'neoverse-v2',
    title: 'Neoverse V2',
    llvmModel: 'NeoverseV2Model',
    features: 'PAuth BTI RAS',
    limits: [guideLimit, atomicsLimit],
    aliases: 'graviton4 grace',
  },
  { name: 'ampere1', title: 'Ampere-1', llvmModel: 'Ampere1Model', features: 'PAuth BTI RAS', limits: [atomicsLimit] },
  {
    name: 'ampere1b',
    title: 'Ampere-1B',
    llvmModel: 'Ampere1BModel',
    features: 'PAuth BTI RAS',
    limits: [atomicsLimit],
  },
  { name: 'a64fx', title: 'Fujitsu A64FX', llvmModel: 'A64FXModel', features: 'RAS' },
  { name: 'thunderx2t99', title: 'ThunderX2', llvmModel: 'ThunderX2T99Model', features: '', aliases: 'thunderx2' },
  {
    name: 'tsv110',
    title: 'TaiShan v110',
    llvmModel: 'TSV110Model',
    features: 'RAS',
    limits: [atomicsLimit],
    aliases: 'kunpeng-920 kunpeng920',
  },
  {
    name: 'apple-m1',
    title: 'Apple M1',
    llvmModel: 'CycloneModel',
    features: 'PAuth RAS',
    modelledAs: 'Cyclone (Apple A7)',
    warning: 'LLVM’s Cyclone model of 2013, not an M1: far from any M-series core.',
    limits: [atomicsLimit, 'Rows of our own for system instructions are measured on an M1, the tables are not.'],
  },
];

interface StandIn {
  readonly name: string;
  readonly title: string;
  readonly model: string;
  readonly reason: string;
  readonly warning?: string;
  /** Given where it differs from the stand-in's. */
  readonly features?: string;
  readonly aliases?: string;
}

const llvmGives = 'LLVM 19 itself uses this model';
const outOfOrder = 'This core runs out of order, the model in order: the figures are wrong for it.';
const noStandIn = 'There is no good stand-in for this core.';
const afterLlvm19 = 'LLVM chose this model after release 19';
const cortexA78 = 'LLVM chose this model in July 2026, "approximations only" (llvm/llvm-project #211209)';

const standIns: readonly StandIn[] = [
  { name: 'cortex-a34', title: 'Cortex-A34', model: 'cortex-a53', reason: llvmGives },
  { name: 'cortex-a35', title: 'Cortex-A35', model: 'cortex-a53', reason: llvmGives },
  { name: 'cortex-a65', title: 'Cortex-A65', model: 'cortex-a53', reason: llvmGives, warning: outOfOrder },
  { name: 'cortex-a65ae', title: 'Cortex-A65AE', model: 'cortex-a53', reason: llvmGives, warning: outOfOrder },
  { name: 'neoverse-e1', title: 'Neoverse E1', model: 'cortex-a53', reason: llvmGives, warning: outOfOrder },
  { name: 'cortex-r82', title: 'Cortex-R82', model: 'cortex-a55', reason: llvmGives, features: 'PAuth RAS' },
  { name: 'cortex-a520', title: 'Cortex-A520', model: 'cortex-a510', reason: llvmGives },
  { name: 'cortex-a72', title: 'Cortex-A72', model: 'cortex-a57', reason: `${llvmGives}; usable for this core` },
  { name: 'cortex-a73', title: 'Cortex-A73', model: 'cortex-a57', reason: llvmGives, warning: noStandIn },
  {
    name: 'cortex-a75',
    title: 'Cortex-A75',
    model: 'cortex-a57',
    reason: llvmGives,
    warning: noStandIn,
    features: 'RAS',
  },
  { name: 'cortex-a76', title: 'Cortex-A76', model: 'neoverse-n1', reason: cortexA78, aliases: 'cortex-a76ae' },
  { name: 'cortex-a77', title: 'Cortex-A77', model: 'neoverse-n1', reason: cortexA78 },
  {
    name: 'cortex-a78',
    title: 'Cortex-A78',
    model: 'neoverse-n2',
    reason: cortexA78,
    features: 'RAS',
    aliases: 'cortex-a78ae',
  },
  { name: 'cortex-a78c', title: 'Cortex-A78C', model: 'neoverse-n2', reason: cortexA78, features: 'PAuth RAS' },
  { name: 'cortex-a710', title: 'Cortex-A710', model: 'neoverse-n2', reason: llvmGives },
  { name: 'cortex-a715', title: 'Cortex-A715', model: 'neoverse-n2', reason: llvmGives },
  { name: 'cortex-a720', title: 'Cortex-A720', model: 'neoverse-n2', reason: llvmGives, aliases: 'cortex-a720ae' },
  { name: 'cortex-a725', title: 'Cortex-A725', model: 'neoverse-n2', reason: llvmGives },
  {
    name: 'cortex-x1',
    title: 'Cortex-X1',
    model: 'neoverse-v1',
    reason: `${afterLlvm19} (#118826)`,
    features: 'RAS',
  },
  {
    name: 'cortex-x1c',
    title: 'Cortex-X1C',
    model: 'neoverse-v1',
    reason: `${afterLlvm19} (#118826)`,
  },
  { name: 'cortex-x2', title: 'Cortex-X2', model: 'neoverse-v2', reason: `${afterLlvm19} (#118826)` },
  { name: 'cortex-x3', title: 'Cortex-X3', model: 'neoverse-v2', reason: `${afterLlvm19} (#118826)` },
  { name: 'cortex-x4', title: 'Cortex-X4', model: 'neoverse-v2', reason: `${afterLlvm19} (#118826)` },
  { name: 'cortex-x925', title: 'Cortex-X925', model: 'neoverse-v2', reason: llvmGives },
  { name: 'neoverse-512tvb', title: 'Neoverse 512-TVB', model: 'neoverse-v1', reason: llvmGives },
  {
    name: 'neoverse-n3',
    title: 'Neoverse N3',
    model: 'neoverse-n2',
    reason: `${llvmGives}; a later LLVM has one for this core (#106371)`,
  },
  {
    name: 'neoverse-v3',
    title: 'Neoverse V3',
    model: 'neoverse-v2',
    reason: `${llvmGives}; a later LLVM has one for this core (#163932)`,
    aliases: 'neoverse-v3ae',
  },
  { name: 'ampere1a', title: 'Ampere-1A', model: 'ampere1', reason: llvmGives },
];

const llvmSource = 'LLVM 19.1.7, Apache-2.0 WITH LLVM-exception';

/** Every core on offer: those with a model first. */
export const coreChoices: readonly CoreChoice[] = [...models.map(ownModel), ...standIns.flatMap(standIn)];

const byName: ReadonlyMap<string, CoreChoice> = new Map(
  coreChoices.flatMap((choice) => [choice.name, ...choice.aliases].map((name): [string, CoreChoice] => [name, choice])),
);

/** The core of that name or alias, whatever its case, or null. */
export function coreChoice(name: string): CoreChoice | null {
  return byName.get(name.toLowerCase()) ?? null;
}

/** Names of the cores that have tables of their own: `--core all`. */
export const modelNames: readonly string[] = models.map(({ name }) => name);

function ownModel(model: Model): CoreChoice {
  const { name, title, llvmModel, features, warning, limits, aliases, modelledAs } = model;
  return {
    name,
    title,
    model: name,
    modelledAs: modelledAs ?? null,
    warning: warning ?? null,
    limits: limits ?? [],
    source: `${llvmSource}: ${llvmModel}`,
    features: words(features),
    aliases: words(aliases ?? ''),
  };
}

function standIn({ name, title, model, reason, warning, features, aliases }: StandIn): readonly CoreChoice[] {
  const own = models.find((one) => one.name === model);
  if (own === undefined) return [];
  return [
    {
      ...ownModel(own),
      name,
      title,
      modelledAs: own.title,
      warning: warning ?? null,
      source: `${llvmSource}: ${own.llvmModel}. ${reason}`,
      features: words(features ?? own.features),
      aliases: words(aliases ?? ''),
    },
  ];
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}
