import type { MachineState } from '../kernel/machineStates.ts';
import type { FeatureContext } from './featureContext.ts';

export interface PatchedView {
  readonly title: string;
  readonly text: string;
}

export function patchedView(_ctx: FeatureContext, _path: string, _of: MachineState | 'unpatched'): PatchedView | null {
  return null;
}
