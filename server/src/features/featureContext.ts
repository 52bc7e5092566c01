import type { Cancellation } from '../base/cancellation.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { Workspace } from '../project/workspace.ts';

/** What every feature is given: the files, the machine state that the user chose, and whether the answer is still wanted. */
export interface FeatureContext {
  readonly workspace: Workspace;
  readonly state: MachineState;
  readonly cancellation: Cancellation;
}

/** Which stream a file's lenses and hints speak of. */
export type SiteView = 'unpatched' | 'patched' | 'both';
