import type { FeatureContext } from './featureContext.ts';

/** What Patchpoint takes for granted about a file, for a status item or a report. */
export interface TreeStatus {
  readonly root: string;
  readonly version: string | null;
  readonly buildDirectory: string | null;
  readonly configSource: string;
  /** Title of the chosen machine state. */
  readonly state: string;
  /** What is missing or odd, one sentence each. */
  readonly problems: readonly string[];
}

/** Status of the tree that holds `path`, else of the first tree that is open; `null` when there is none. */
export function treeStatus(ctx: FeatureContext, path: string | null): TreeStatus | null {
  const tree = (path === null ? null : ctx.workspace.treeFor(path)) ?? ctx.workspace.trees[0] ?? null;
  if (tree === null) return null;
  return {
    root: tree.root,
    version: tree.version.text === '' ? null : tree.version.text,
    buildDirectory: tree.buildDirectory?.path ?? null,
    configSource: tree.config.source.text,
    state: ctx.state.title ?? ctx.state.name,
    problems: tree.issues.filter((issue) => issue.severity !== 'note').map((issue) => issue.message),
  };
}
