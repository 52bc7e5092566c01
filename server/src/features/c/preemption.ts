import type { KernelTree } from '../../project/kernelTree.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { ModelKeys } from './siteOutcome.ts';

/** What a preemption model does with the static keys of `PREEMPT_DYNAMIC`. */
export interface PreemptionModel {
  readonly name: string;
  readonly keys: ModelKeys;
}

export interface PreemptionTable {
  readonly models: readonly PreemptionModel[];
  /** Why there are none, `null` when there are some. */
  readonly reason: string | null;
}

/** The tree's own table of preemption models (kernel/sched/core.c: __sched_dynamic_update, v6.1 to v6.12). */
export function preemptionTable(_ctx: FeatureContext, _tree: KernelTree | null): PreemptionTable {
  return { models: [], reason: 'the models of this tree are not read yet' };
}

/** Keys that the preemption model of a machine state sets; empty where it names none. */
export function preemptionKeys(
  ctx: FeatureContext,
  tree: KernelTree | null,
  model: string | null | undefined,
): ModelKeys {
  if (model === null || model === undefined) return new Map();
  return preemptionTable(ctx, tree).models.find((one) => one.name === model)?.keys ?? new Map();
}
