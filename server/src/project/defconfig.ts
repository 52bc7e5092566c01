import type { ConfigValues } from '../kernel/kconfig/dotConfig.ts';
import { parseDotConfig } from '../kernel/kconfig/dotConfig.ts';
import { evaluateConfig } from '../kernel/kconfig/evaluate.ts';
import { parseKconfig } from '../kernel/kconfig/parser.ts';
import { gcc12 } from '../kernel/kconfig/toolchain.ts';
import type { FileSource } from './fileSource.ts';

/** A defconfig with all that follows from it. */
export interface EvaluatedDefconfig {
  readonly values: ConfigValues;
  /** Every file that was looked for on the way, found or not. */
  readonly files: readonly string[];
}

/** Evaluated defconfigs by tree; kept by a host that opens the same trees again and again. */
export type DefconfigCache = Map<string, { readonly stamp: string; readonly evaluated: EvaluatedDefconfig }>;

/** What an evaluated defconfig takes for granted, for people. */
export const defconfigAssumption = gcc12.description;

/**
 * What `make defconfig` would give in the tree at `root` for the text of a defconfig: about half a second for a whole
 * kernel. Without Kconfig files (or when they are too tangled to evaluate) the defconfig's own lines. An answer of the
 * cache holds as long as the defconfig and every file looked for are the same.
 */
export function evaluateDefconfig(
  files: FileSource,
  root: string,
  input: { readonly defconfig: string; readonly kernelVersion: string; readonly cache: DefconfigCache | undefined },
): EvaluatedDefconfig {
  const stampOf = (paths: readonly string[]): string =>
    [input.kernelVersion, input.defconfig, ...paths.map((path) => files.stamp(path) ?? '-')].join(' ');
  const before = input.cache?.get(root);
  if (before !== undefined && before.stamp === stampOf(before.evaluated.files)) return before.evaluated;
  const read = new Set<string>();
  const readText = (path: string): string | undefined => {
    const absolute = path.startsWith('/') ? path : `${root}/${path}`;
    read.add(absolute);
    return files.readText(absolute);
  };
  const values = evaluate(readText, root, input);
  const evaluated = { values, files: [...read] };
  input.cache?.set(root, { stamp: stampOf(evaluated.files), evaluated });
  return evaluated;
}

function evaluate(
  readText: (path: string) => string | undefined,
  root: string,
  input: { readonly defconfig: string; readonly kernelVersion: string },
): ConfigValues {
  try {
    const tree = parseKconfig({
      readText,
      toolchain: gcc12,
      environment: { KERNELVERSION: input.kernelVersion, srctree: root },
    });
    const isKnown = [...tree.symbols.values()].some((symbol) => symbol.isDefined);
    if (isKnown) return evaluateConfig(tree, input.defconfig);
  } catch (error) {
    // Only a stack overflow can come from the evaluation: dependencies nested without end.
    if (!(error instanceof RangeError)) throw error;
  }
  return parseDotConfig(input.defconfig).values;
}
