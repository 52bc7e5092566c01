/** A machine whose patched kernel is shown: the cpucaps it has, as in a state file of the command line. */
export interface MachineState {
  readonly name: string;
  readonly core: string | null;
  readonly cpucaps: readonly string[];
}
