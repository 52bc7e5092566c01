import { type ConfigValues, parseDotConfig, unquoteConfigValue } from '../kernel/kconfig/dotConfig.ts';
import type { FileSource } from './fileSource.ts';

/** Where the configuration comes from; `text` is one line for people. */
export interface ConfigSource {
  readonly kind: 'dot-config' | 'file' | 'defconfig' | 'none';
  readonly path: string | null;
  readonly text: string;
}

/** The configuration of a tree. Names are written without `CONFIG_`. */
export interface KernelConfig {
  readonly source: ConfigSource;
  /** `y`, `m`, the text of a string (without quotes) or number, or `null` when it is not set. */
  value(name: string): string | null;
  /** All set values as `.config` writes them. */
  values(): ConfigValues;
  /** What had to be assumed to get the values (a toolchain, for a defconfig); empty for a `.config`. */
  readonly assumptions: readonly string[];
}

/** Evaluates a defconfig to full values; called at most once. */
export type DefconfigEvaluator = (defconfigText: string) => ConfigValues;

/**
 * The configuration of the tree at `root`: the named file, else the build directory's `.config`, else the
 * tree's arm64 defconfig through `evaluate`, run when the first value is asked for.
 */
export function openConfig(
  files: FileSource,
  root: string,
  options: {
    readonly configFile: string | undefined;
    readonly buildDirectory: string | null;
    readonly evaluate: DefconfigEvaluator;
    readonly assumptions: readonly string[];
  },
): KernelConfig {
  if (options.configFile !== undefined) {
    const text = files.readText(options.configFile);
    if (text !== undefined)
      return fixedConfig({ kind: 'file', path: options.configFile, text: options.configFile }, text);
  }
  if (options.buildDirectory !== null) {
    const path = `${options.buildDirectory}/.config`;
    const text = files.readText(path);
    if (text !== undefined) return fixedConfig({ kind: 'dot-config', path, text: path }, text);
  }
  const path = `${root}/arch/arm64/configs/defconfig`;
  const text = files.readText(path);
  if (text === undefined) {
    const source: ConfigSource = { kind: 'none', path: null, text: 'no configuration: every option counts as not set' };
    return { source, value: () => null, values: () => new Map(), assumptions: [] };
  }
  const note = options.assumptions.length === 0 ? '' : ` (${options.assumptions.join('; ')})`;
  let values: ConfigValues | undefined;
  const all = (): ConfigValues => {
    values ??= options.evaluate(text);
    return values;
  };
  return {
    source: { kind: 'defconfig', path, text: `arm64 defconfig, evaluated${note}` },
    value: (name) => textOf(all(), name),
    values: all,
    assumptions: options.assumptions,
  };
}

function fixedConfig(source: ConfigSource, text: string): KernelConfig {
  const { values } = parseDotConfig(text);
  return { source, value: (name) => textOf(values, name), values: () => values, assumptions: [] };
}

function textOf(values: ConfigValues, name: string): string | null {
  const value = values.get(name);
  return value === undefined ? null : unquoteConfigValue(value);
}
