import { type PreemptionModel, preemptionModels } from '../../kernel/c/preemptDynamic.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { ModelKeys } from './siteOutcome.ts';

export interface PreemptionTable {
  readonly models: readonly PreemptionModel[];
  /** Function that switches the keys. */
  readonly switcher: { readonly functionName: string; readonly path: string; readonly line: number } | null;
  /** Why there are none, `null` when there are some. */
  readonly reason: string | null;
}

const known = new WeakMap<KernelTree, { readonly text: string | undefined; readonly table: PreemptionTable }>();

/**
 * The tree's own table of preemption models. Reading it takes as long as the scheduler's main file, so a server does it
 * beside the requests and asks `knownPreemption` in them. Throws only `CancelledError`.
 */
export function readPreemption(ctx: FeatureContext, tree: KernelTree): PreemptionTable {
  const path = schedulerOf(tree);
  const text = ctx.workspace.textOf(path);
  const before = known.get(tree);
  if (before !== undefined && before.text === text) return before.table;
  const table = makeTable(ctx, tree, path);
  if (ctx.workspace.cParser !== null) known.set(tree, { text, table });
  return table;
}

/** The table as it was read last; `null` when it was not read yet. */
export function knownPreemption(tree: KernelTree): PreemptionTable | null {
  return known.get(tree)?.table ?? null;
}

/** Keys that the preemption model of a machine state sets; empty where it names none. */
export function preemptionKeys(
  ctx: FeatureContext,
  tree: KernelTree | null,
  model: string | null | undefined,
): ModelKeys {
  if (tree === null || model === null || model === undefined) return new Map();
  const table = ctx.cFiles === undefined ? readPreemption(ctx, tree) : knownPreemption(tree);
  return table?.models.find((one) => one.name === model)?.keys ?? new Map();
}

/** The models as a list to choose from, each with the keys that it turns on. */
export function modelChoices({ models, reason }: PreemptionTable): {
  readonly choices: readonly { readonly name: string; readonly description: string }[];
  readonly note: string | null;
} {
  const choices = models.map(({ name, keys }) => {
    const on = [...keys].filter(([, value]) => value).map(([key]) => key.replace(/^sk_dynamic_/, ''));
    return { name, description: on.length === 0 ? 'every key off' : `on: ${on.join(', ')}` };
  });
  return { choices, note: reason };
}

/** What the models do with a key; `null` for keys that no model sets. */
export function keyByModel(
  ctx: FeatureContext,
  tree: KernelTree | null,
  key: string,
): {
  readonly values: readonly { readonly model: string; readonly on: boolean }[];
  readonly switcher: PreemptionTable['switcher'];
} | null {
  if (tree === null) return null;
  const table = ctx.cFiles === undefined ? readPreemption(ctx, tree) : knownPreemption(tree);
  const values = (table?.models ?? []).flatMap(({ name, keys }) => {
    const on = keys.get(key);
    return on === undefined ? [] : [{ model: name, on }];
  });
  return table === null || values.length === 0 ? null : { values, switcher: table.switcher };
}

function makeTable(ctx: FeatureContext, tree: KernelTree, path: string): PreemptionTable {
  const { config } = tree;
  if (config.value('PREEMPT_DYNAMIC') === null) {
    const reason = '`CONFIG_PREEMPT_DYNAMIC` is not set in this configuration: the model is fixed when it is built';
    return { models: [], switcher: null, reason };
  }
  const unit = ctx.workspace.cUnit(path, ctx.cancellation);
  if (unit === null) return { models: [], switcher: null, reason: `${path} cannot be read` };
  const { models, functionName } = preemptionModels(
    unit.functions.map(({ name, bodyRange }) => ({
      name,
      text: unit.expanded.text.slice(bodyRange.start, bodyRange.end),
    })),
  );
  const reason = models.length === 0 ? `${path} switches no static keys by preemption model` : null;
  const holder = unit.functions.find(({ name }) => name === functionName);
  const switcher = holder === undefined ? null : { functionName: holder.name, path, line: holder.line };
  return { models, switcher, reason };
}

function schedulerOf(tree: KernelTree): string {
  return `${tree.root}/kernel/sched/core.c`;
}
