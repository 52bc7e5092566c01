import type { Cancellation } from '../base/cancellation.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { Workspace } from '../project/workspace.ts';
import type { BuiltImage } from './builtImage.ts';
import type { CFileSource } from './c/cFile.ts';
import type { CostContext } from './cost/costContext.ts';

/** What every feature is given: the files, the machine state that the user chose, and whether the answer is still wanted. */
export interface FeatureContext {
  readonly workspace: Workspace;
  readonly state: MachineState;
  /** Nobody else answers for C: definitions, references and symbols of all its names are wanted. */
  readonly allOfC?: boolean;
  readonly cancellation: Cancellation;
  /** The chosen core with its tables; absent or `null` while they are not loaded, or when costs are switched off. */
  readonly cost?: CostContext | null;
  /** How much of a cost a hover shows. Default: `line`. */
  readonly costInHover?: CostInHover;
  /** The built image whose words are shown beside the source; absent or `null` while none is open. */
  readonly image?: BuiltImage | null;
  /** C files as they were analyzed last; absent: a file is analyzed when it is asked about. */
  readonly cFiles?: CFileSource;
  /** What a text of Markdown can link to; `null` for a place that the editor cannot open. Absent: texts have no links. */
  readonly link?: (path: string, line: number) => string | null;
}

/** How much of a cost a hover shows. */
export type CostInHover = 'line' | 'table' | 'off';

/** Which stream a file's lenses and hints speak of. */
export type SiteView = 'unpatched' | 'patched' | 'both';
