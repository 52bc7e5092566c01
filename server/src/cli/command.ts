import type { ParseArgsConfig } from 'node:util';

/** Where a command reads and writes; tests give their own. */
export interface CliIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Absolute directory that relative paths start from. */
  readonly cwd: string;
  /** Standard output wants colors. */
  readonly color: boolean;
  /** Standard error is a terminal: progress may be drawn there. */
  readonly errIsTerminal: boolean;
  readonly nowMs: () => number;
  /** Wish for a profile on standard error (`PATCHPOINT_PROFILE`). */
  readonly profile?: string | undefined;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** Exit status: done, findings, could not run. */
export type ExitStatus = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands after the command's name in its usage line. */
  readonly usage: string;
  readonly options: readonly OptionHelp[];
  readonly run: (args: CommandArguments, io: CliIo) => Promise<ExitStatus>;
}

export interface CommandArguments {
  readonly values: OptionValues;
  readonly paths: readonly string[];
}

/** One option with the line that `--help` prints for it. */
export interface OptionHelp {
  readonly name: string;
  readonly placeholder: string | null;
  readonly multiple: boolean;
  readonly help: string;
}

/** Told to the user as it stands, with exit status 2. */
export class UsageError extends Error {}

/** An option that takes a value. */
export function valueOption(name: string, placeholder: string, help: string): OptionHelp {
  return { name, placeholder, multiple: false, help };
}

export function flagOption(name: string, help: string): OptionHelp {
  return { name, placeholder: null, multiple: false, help };
}

/** Options in the form that `node:util` parseArgs takes. */
export function parseArgsOptions(options: readonly OptionHelp[]): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    options.map((option) => [
      option.name,
      { type: option.placeholder === null ? ('boolean' as const) : ('string' as const), multiple: option.multiple },
    ]),
  );
}

export function stringValue(values: OptionValues, name: string): string | null {
  const value = values[name];
  return typeof value === 'string' ? value : null;
}

/** Values of a repeatable option; `a,b` counts as two. */
export function listValue(values: OptionValues, name: string): readonly string[] {
  const value = values[name];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => (typeof item === 'string' ? item.split(',').filter((part) => part !== '') : []));
}

/** The value of an option that must be one of a few words. */
export function choiceValue<T extends string>(
  values: OptionValues,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = stringValue(values, name);
  if (value === null) return fallback;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`--${name} ${value}: expected one of ${choices.join(', ')}`);
  return found;
}
