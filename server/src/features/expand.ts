import type { MachineState } from '../kernel/machineStates.ts';
import type { FeatureContext } from './featureContext.ts';

export interface ExpandOptions {
  readonly format: 'gas' | 'json' | 'text';
  readonly level: number | null;
  readonly state: MachineState | null;
}

export interface Expanded {
  readonly text: string;
  readonly issues: readonly string[];
}

export function expandFile(_ctx: FeatureContext, _path: string, _options: ExpandOptions): Expanded {
  return { text: '', issues: [] };
}

export function expansionTrace(_ctx: FeatureContext, _path: string, _offset: number): string | null {
  return null;
}
