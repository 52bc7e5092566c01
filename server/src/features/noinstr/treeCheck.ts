import { isLeftOut } from '../../noinstr/built.ts';
import { driverFiles } from '../../noinstr/treeFiles.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { ensureFiles } from '../../project/nameIndex/treeIndex.ts';
import type { FeatureContext } from '../featureContext.ts';
import { concernsNoinstr } from './openNoinstr.ts';

/** Names by which a file of the index can hold noinstr code; its text decides. */
const telling: readonly string[] = [
  'noinstr',
  '__noinstr_section',
  '__cpuidle',
  'instrumentation_begin',
  'instrumentation_end',
  'user_enter_irqoff',
  'user_exit_irqoff',
  'exception_enter',
  'exception_exit',
  'ct_irq_enter',
  'ct_irq_exit',
  'ct_nmi_enter',
  'ct_nmi_exit',
  'ct_idle_enter',
  'ct_idle_exit',
  'ct_cpuidle_enter',
  'ct_cpuidle_exit',
  'guest_state_enter_irqoff',
  'guest_state_exit_irqoff',
  'ALTERNATIVE_CB',
  'alternative_cb',
  'schedule_user',
];

const foreign = /^(arch\/(?!arm64\/)|tools\/|scripts\/|samples\/|Documentation\/|usr\/)|\/nvhe\//;

/**
 * Paths of the sources of a tree that hold noinstr code of this configuration, in order: what the index of names knows
 * of, and the drivers that every check reads. Empty until the index has names.
 */
export function noinstrPaths(ctx: FeatureContext, tree: KernelTree): readonly string[] {
  const { workspace } = ctx;
  const index = ensureFiles(workspace, tree, driverFiles(tree));
  const paths = new Set(telling.flatMap((name) => index.usesOf(name)));
  // Sections are named in strings, which the index does not hold.
  for (const path of index.paths) if (path.endsWith('.S')) paths.add(path);
  return [...paths].filter((path) => isNoinstrSource(ctx, tree, path)).sort();
}

/** Whether a file is a source of this configuration that holds noinstr code. */
export function isNoinstrSource(ctx: FeatureContext, tree: KernelTree, path: string): boolean {
  if (!/\.[cS]$/.test(path) || !path.startsWith(`${tree.root}/`)) return false;
  if (foreign.test(path.slice(tree.root.length + 1)) || isLeftOut(tree, path)) return false;
  const text = ctx.workspace.textOf(path);
  if (text === undefined) return false;
  return concernsNoinstr(text) || (path.endsWith('.S') && /noinstr\.text|entry\.text|alternative_cb/.test(text));
}
