import { coreRecords } from '../../server/src/kernel/coreRecords.ts';
import type { KernelTree } from '../../server/src/project/kernelTree.ts';

/** Text of `server/data/kernel/coreCpucaps.json`: what the tree's rules give each core. */
export function coreCpucapsRecord(tree: KernelTree): string {
  const cores = [...coreRecords]
    .sort((a, b) => (a.core < b.core ? -1 : 1))
    .map((core) => {
      const { present, depends, unknown } = tree.deriveCpucaps(core);
      const record = { cpucaps: present.map((cap) => cap.name), depends, unknown };
      return `    ${JSON.stringify(core.core)}: ${JSON.stringify(record)}`;
    });
  const header = {
    generator: 'UPDATE_CORE_CPUCAPS=1 npx vitest run --project oracle test/oracle/kernelContext',
    schemaVersion: 1,
    sources: [
      {
        id: 'derived',
        title:
          'Rules of Linux 6.12 (cpufeature.c, cpu_errata.c, proton-pack.c), arm64 defconfig, on the registers of cores.json',
      },
    ],
    title: 'Cpucaps of cores, for trees without capability tables of their own',
    units: 'cpucap names without ARM64_',
  };
  const rest = JSON.stringify(header, null, 2).slice(2);
  return `{\n  "cores": {\n${cores.join(',\n')}\n  },\n${rest}\n`;
}
