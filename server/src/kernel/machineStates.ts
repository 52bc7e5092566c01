import type { CoreRecord } from './coreRecords.ts';
import { bareCpucapName, type CpucapTable, findCpucap, renamedCpucaps, suggestCpucaps } from './cpucaps.ts';
import type { DerivedCpucap, DerivedCpucaps } from './deriveCpucaps.ts';

/**
 * A machine whose patched kernel is shown: the cpucaps it has, and (for later use) its keys and choices. The same
 * as a state file of the command line. Optional members: absent means that nothing is said about it.
 */
export interface MachineState {
  readonly name: string;
  /** One line for a list. */
  readonly title?: string;
  readonly core: string | null;
  /** Cpucaps that are present; every other one counts as absent. */
  readonly cpucaps: readonly string[];
  /** Those settled by the boot CPU; absent: follows from the scopes. */
  readonly bootCpucaps?: readonly string[];
  /** Static keys: on, off, or an enable count. */
  readonly keys?: Readonly<Record<string, boolean | number>>;
  readonly keysPreInit?: Readonly<Record<string, boolean | number>>;
  readonly preempt?: 'none' | 'voluntary' | 'full' | 'lazy' | null;
  readonly ftrace?: 'off' | 'nops' | { readonly traced: readonly string[] };
  readonly runtime?: Readonly<Record<string, string>>;
  /** Cpucaps that depend on firmware, command line or how the kernel is entered; not in `cpucaps`. */
  readonly depends?: readonly DerivedCpucap[];
  /** Cpucaps of which nobody knows whether the machine has them; not in `cpucaps`. */
  readonly unknown?: readonly DerivedCpucap[];
}

/** Something in a state file that a person should know; 1-based line. */
export interface StateProblem {
  readonly severity: 'error' | 'note';
  readonly message: string;
  readonly line: number;
}

export interface ParsedState {
  /** `null` when there is an error. */
  readonly state: MachineState | null;
  /** The file says which cpucaps there are; else they follow from its core. */
  readonly namesCpucaps: boolean;
  readonly problems: readonly StateProblem[];
}

/** Reads a state file (JSON). Never throws. */
export function parseStateFile(text: string, file: string): ParsedState {
  const problems: StateProblem[] = [];
  const failed = (): ParsedState => ({ state: null, namesCpucaps: false, problems });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = lineOfJsonError(text, message);
    const problem = `${file}:${line}: not valid JSON (${message}). A state file is one object such as { "name": "my board", "cpucaps": ["HAS_PAN"] }.`;
    problems.push({ severity: 'error', message: problem, line });
    return failed();
  }
  const lineOf = (key: string): number => lineOfKey(text, key);
  const fail = (key: string, wanted: string): void => {
    const line = lineOf(key);
    problems.push({ severity: 'error', message: `${file}:${line}: "${key}" must be ${wanted}.`, line });
  };
  if (!isRecord(value)) {
    const message = `${file}:1: a state file is one JSON object with at least "name".`;
    problems.push({ severity: 'error', message, line: 1 });
    return failed();
  }
  for (const key of Object.keys(value)) {
    if (knownMembers.has(key)) continue;
    const line = lineOf(key);
    problems.push({
      severity: 'note',
      message: `${file}:${line}: "${key}" is not a member of a state file; it is ignored.`,
      line,
    });
  }
  // A member that is null says nothing, like one that is absent.
  const given = Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
  const { name, title, core, cpucaps, bootCpucaps, keys, keysPreInit, preempt, ftrace } = given;
  const runtime = runtimeTexts(given.runtime);
  if (typeof name !== 'string' || name.trim() === '') fail('name', 'a text: what the state is called in lists');
  if (title !== undefined && typeof title !== 'string') fail('title', 'a text');
  if (core !== undefined && typeof core !== 'string') fail('core', 'the name of a core, or null');
  if (cpucaps !== undefined && !isNames(cpucaps)) fail('cpucaps', 'a list of cpucap names, with or without ARM64_');
  if (bootCpucaps !== undefined && !isNames(bootCpucaps))
    fail('bootCpucaps', 'a list of cpucap names, with or without ARM64_');
  if (keys !== undefined && !isKeys(keys))
    fail('keys', 'an object of static keys, each true, false or an enable count');
  if (keysPreInit !== undefined && !isKeys(keysPreInit)) {
    fail('keysPreInit', 'an object of static keys, each true, false or an enable count');
  }
  if (preempt !== undefined && !isPreemptionModel(preempt)) {
    fail('preempt', '"none", "voluntary", "full", "lazy" or null');
  }
  if (ftrace !== undefined && !isFtrace(ftrace)) fail('ftrace', '"off", "nops" or { "traced": [symbols] }');
  if (runtime !== undefined && !isRuntime(runtime))
    fail('runtime', 'an object of kernel variables, each a text such as "0x1f"; as a number only up to 2^53');
  if (problems.some((problem) => problem.severity === 'error')) return failed();

  const state: MachineState = {
    name: String(name),
    core: typeof core === 'string' ? core : null,
    // What the boot CPU settled is there as well.
    cpucaps: [...new Set([...namesOf(cpucaps), ...namesOf(bootCpucaps)].map(bareCpucapName))],
    ...(typeof title === 'string' ? { title } : {}),
    ...(isNames(bootCpucaps) ? { bootCpucaps: bootCpucaps.map(bareCpucapName) } : {}),
    ...(isKeys(keys) ? { keys } : {}),
    ...(isKeys(keysPreInit) ? { keysPreInit } : {}),
    ...(isPreemptionModel(preempt) ? { preempt } : value.preempt === null ? { preempt: null } : {}),
    ...(isFtrace(ftrace) ? { ftrace } : {}),
    ...(isRuntime(runtime) ? { runtime } : {}),
  };
  return { state, namesCpucaps: cpucaps !== undefined || bootCpucaps !== undefined, problems };
}

const knownMembers: ReadonlySet<string> = new Set(
  'name title core cpucaps bootCpucaps keys keysPreInit preempt ftrace runtime $schema comment'.split(' '),
);

/** A state in the words of one tree: renamed cpucaps under the tree's names, unknown ones dropped with a note. */
export function stateForTree(
  state: MachineState,
  table: CpucapTable,
): { readonly state: MachineState; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const translate = (names: readonly string[]): string[] => [
    ...new Set(names.flatMap((name) => nameInTree(name, table, notes) ?? [])),
  ];
  return {
    state: {
      ...state,
      cpucaps: translate(state.cpucaps),
      ...(state.bootCpucaps ? { bootCpucaps: translate(state.bootCpucaps) } : {}),
    },
    notes,
  };
}

function nameInTree(name: string, table: CpucapTable, notes: string[]): string | null {
  const found = findCpucap(table, name);
  if (found) return found.name;
  const bare = bareCpucapName(name);
  for (const { from, to, inverted } of renamedCpucaps) {
    const other = from === bare ? to : to === bare ? from : null;
    if (other === null || !table.byName.has(other)) continue;
    // The tree's cpucap says the opposite: having the old one is lacking the new one.
    if (inverted) return null;
    notes.push(`cpucap ${bare} is called ${other} in this tree.`);
    return other;
  }
  const suggestions = suggestCpucaps(table, bare).map((suggestion) => suggestion.name);
  const hint = suggestions.length === 0 ? '' : ` Did you mean ${suggestions.join(' or ')}?`;
  notes.push(`cpucap ${bare} does not exist in this tree; it is left out.${hint}`);
  return null;
}

/** What the built-in states are made from. */
export interface BuiltinSources {
  readonly cpucaps: CpucapTable;
  readonly cores: readonly CoreRecord[];
  /** Cpucaps of a core by the tree's own rules; `null` in a tree without capability tables. */
  readonly derive: ((core: CoreRecord) => DerivedCpucaps) | null;
  /** Cpucaps of cores by the rules of 6.12, for trees without tables. */
  readonly recorded: Readonly<Record<string, Pick<MachineState, 'cpucaps' | 'depends' | 'unknown'>>>;
}

/** `none`, `all`, and the cores, in the order that a list shows. */
export function builtinStates(sources: BuiltinSources): readonly MachineState[] {
  const { cpucaps, cores, derive, recorded } = sources;
  const all = cpucaps.caps.map((cap) => cap.name);
  const states: MachineState[] = [
    { name: 'none', title: 'nothing patched: the kernel as it was linked', core: null, cpucaps: [] },
    { name: 'all', title: 'every alternative patched (no machine has all cpucaps)', core: null, cpucaps: all },
  ];
  for (const core of cores) {
    if (derive) {
      const { present, depends, unknown } = derive(core);
      const title = stateTitle(core, depends.length, unknown.length);
      states.push({
        name: core.core,
        title,
        core: core.core,
        cpucaps: present.map((cap) => cap.name),
        depends,
        unknown,
      });
      continue;
    }
    const known = recorded[core.core];
    if (!known) continue;
    const inTree = (name: string): boolean => nameInTree(name, cpucaps, []) !== null;
    states.push({
      name: core.core,
      title: `${core.title}, cpucaps as Linux 6.12 derives them`,
      core: core.core,
      cpucaps: stateForTree({ name: core.core, core: core.core, cpucaps: known.cpucaps }, cpucaps).state.cpucaps,
      depends: (known.depends ?? []).filter((cap) => inTree(cap.name)),
      unknown: (known.unknown ?? []).filter((cap) => inTree(cap.name)),
    });
  }
  return states;
}

function stateTitle(core: CoreRecord, nDepends: number, nUnknown: number): string {
  const parts = [core.title];
  if (nDepends > 0) parts.push(`${nDepends} depend${nDepends === 1 ? 's' : ''} on firmware or the command line`);
  if (nUnknown > 0) parts.push(`${nUnknown} not known`);
  return parts.join(', ');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function namesOf(value: unknown): readonly string[] {
  return isNames(value) ? value : [];
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isKeys(value: unknown): value is Readonly<Record<string, boolean | number>> {
  return isRecord(value) && Object.values(value).every((each) => typeof each === 'boolean' || Number.isInteger(each));
}

/** Whether a value names a model of `preempt=` (kernel/sched/core.c: sched_dynamic_mode, v6.1 to v6.13). */
export function isPreemptionModel(value: unknown): value is 'none' | 'voluntary' | 'full' | 'lazy' {
  return value === 'none' || value === 'voluntary' || value === 'full' || value === 'lazy';
}

function isFtrace(value: unknown): value is 'off' | 'nops' | { readonly traced: readonly string[] } {
  return value === 'off' || value === 'nops' || (isRecord(value) && isNames(value.traced));
}

function isRuntime(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((each) => typeof each === 'string');
}

/** Variables with numbers as texts: one that JSON has rounded stays a number, which is an error. */
function runtimeTexts(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const texts = Object.entries(value).map(([name, each]) => [name, Number.isSafeInteger(each) ? String(each) : each]);
  return Object.fromEntries(texts);
}

function lineOfKey(text: string, key: string): number {
  const at = text.search(new RegExp(`"${key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"[ \t\r\n]*:`));
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}

/** Engines give the place of a syntax error as `position N` or `line N column M`, or not at all. */
function lineOfJsonError(text: string, message: string): number {
  const line = /line (\d+) column/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? text.split('\n').length : text.slice(0, Number(position)).split('\n').length;
}
