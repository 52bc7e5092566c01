import type { ConfigValues } from '../kernel/kconfig/dotConfig.ts';
import { parseDotConfig } from '../kernel/kconfig/dotConfig.ts';
import { evaluateConfig } from '../kernel/kconfig/evaluate.ts';
import { parseKconfig } from '../kernel/kconfig/parser.ts';
import { gcc12 } from '../kernel/kconfig/toolchain.ts';
import type { FileSource } from './fileSource.ts';

/** Evaluated defconfigs by tree; kept by a host that opens the same trees again and again. */
export type DefconfigCache = Map<string, { readonly stamp: string; readonly values: ConfigValues }>;

/** What an evaluated defconfig takes for granted, for people. */
export const defconfigAssumption = gcc12.description;

/**
 * What `make defconfig` would give in the tree at `root` for the text of a defconfig: about half a second for a whole
 * kernel. Without Kconfig files (or when they are too tangled to evaluate) the defconfig's own lines.
 */
export function evaluateDefconfig(
  files: FileSource,
  root: string,
  input: { readonly defconfig: string; readonly kernelVersion: string; readonly cache: DefconfigCache | undefined },
): ConfigValues {
  const stamp = [
    'Kconfig',
    'arch/arm64/Kconfig',
    'arch/arm64/configs/defconfig',
    'init/Kconfig',
    'scripts/Kconfig.include',
  ]
    .map((name) => files.stamp(`${root}/${name}`) ?? 0)
    .join(' ');
  const before = input.cache?.get(root);
  if (before?.stamp === stamp) return before.values;
  const values = evaluate(files, root, input);
  input.cache?.set(root, { stamp, values });
  return values;
}

function evaluate(
  files: FileSource,
  root: string,
  input: { readonly defconfig: string; readonly kernelVersion: string },
): ConfigValues {
  try {
    const tree = parseKconfig({
      readText: (path) => files.readText(path.startsWith('/') ? path : `${root}/${path}`),
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
