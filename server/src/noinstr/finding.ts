import type { Context, PathState, Site } from './pathState.ts';

/** Something a rule has to say about a path, before it has a place and words for people. */
export interface PathFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'information';
  /** What stands out of place. */
  readonly site: Site;
  /** Where it is told; absent: at the outermost call in the root function. */
  readonly anchor: Site | null;
  readonly message: string;
  /** Name that is called or used, for grouping. */
  readonly subject: string;
  readonly related: readonly { readonly site: Site; readonly message: string }[];
  readonly ctx: Context;
  readonly replacement: string | null;
  /** Path that led here, for "why". */
  readonly state: PathState;
}
