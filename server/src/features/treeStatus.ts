import type { FeatureContext } from './featureContext.ts';

export interface TreeStatus {
  readonly root: string;
  readonly version: string | null;
  readonly buildDirectory: string | null;
  readonly configSource: string;
  readonly state: string;
  readonly problems: readonly string[];
}

export function treeStatus(_ctx: FeatureContext, _path: string | null): TreeStatus | null {
  return null;
}
