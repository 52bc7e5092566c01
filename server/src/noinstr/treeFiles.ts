import type { KernelTree } from '../project/kernelTree.ts';

/** Folders of drivers with noinstr functions: clocks, idle states, firmware calls. */
const driverFolders: readonly string[] = [
  'drivers/acpi',
  'drivers/acpi/arm64',
  'drivers/clocksource',
  'drivers/cpuidle',
  'drivers/cpuidle/governors',
  'drivers/firmware',
  'drivers/firmware/psci',
  'drivers/firmware/smccc',
  'drivers/irqchip',
  'drivers/perf',
  'drivers/soc/qcom',
];

/** C files of drivers whose functions these rules ask about, beside those that every index holds. */
export function driverFiles(tree: KernelTree): string[] {
  return driverFolders.flatMap((folder) =>
    tree.files
      .list(`${tree.root}/${folder}`)
      .filter(({ name, kind }) => kind === 'file' && name.endsWith('.c'))
      .map(({ name }) => `${tree.root}/${folder}/${name}`),
  );
}
