import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { openKernelTree } from '../../server/src/project/kernelTree.ts';

const ROOT = fileURLToPath(new URL('../../examples', import.meta.url));
const COMPILER = 'aarch64-linux-gnu-gcc';
const hasCompiler = spawnSync(COMPILER, ['--version']).status === 0;
if (!hasCompiler) console.warn(`skipped: ${COMPILER} is not installed; the example tree is not assembled`);

function listFiles(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort();
}

/** Each configuration of the example tree; the first one is its defconfig. */
const configurations: readonly { readonly name: string; readonly options: string }[] = [
  { name: 'defconfig', options: '' },
  {
    name: 'other half of the options',
    options: ['ARM64_SW_TTBR0_PAN', 'ARM64_PSEUDO_NMI', 'PID_IN_CONTEXTIDR', 'ARM64_BTI_KERNEL', 'CPU_BIG_ENDIAN']
      .map((name) => `#define CONFIG_${name} 1\n`)
      .join(''),
  },
];

describe.skipIf(!hasCompiler)('example tree', () => {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-examples-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  // Not /dev/null: a compiler that fails removes its output.
  const object = join(directory, 'out.o');
  for (const { name, options } of configurations) {
    describe(name, () => {
      const generated = join(directory, name.replaceAll(' ', '-'));
      const flags = ['-nostdinc', '-D__KERNEL__', '-include', `${ROOT}/include/linux/kconfig.h`].concat(
        [`${ROOT}/arch/arm64/include`, `${ROOT}/include`, generated].flatMap((path) => ['-I', path]),
      );

      beforeAll(() => {
        const tree = openKernelTree(createNodeFileSource(), ROOT, { logger: silentLogger });
        const put = (path: string, prefix: string, extra: string): void => {
          const text = tree.virtualFile(`${ROOT}/.patchpoint-generated/${prefix}${path}`);
          if (text === undefined) throw new Error(`${path} is not generated`);
          mkdirSync(dirname(join(generated, path)), { recursive: true });
          writeFileSync(join(generated, path), text + extra);
        };
        put('generated/autoconf.h', 'include/', options);
        put('asm/cpucap-defs.h', 'arch/arm64/include/generated/', '');
        put('asm/sysreg-defs.h', 'arch/arm64/include/generated/', '');
      });

      for (const file of listFiles(ROOT, '.S').filter((path) => !path.endsWith('mistakes.S'))) {
        it(`${file} assembles`, () => {
          const words = ['-D__ASSEMBLY__', '-c', '-x', 'assembler-with-cpp', join(ROOT, file), '-o', object];
          const run = spawnSync(COMPILER, [...flags, ...words], { encoding: 'utf8' });
          expect(run.stderr).toBe('');
          expect(run.status).toBe(0);
        });
      }

      for (const file of listFiles(ROOT, '.c')) {
        it(`${file} compiles`, () => {
          const words = [
            '-std=gnu11',
            '-Wall',
            '-Wno-unused-function',
            '-O2',
            '-ffreestanding',
            '-fno-PIE',
            '-mgeneral-regs-only',
            '-c',
          ];
          execFileSync(COMPILER, [...flags, ...words, join(ROOT, file), '-o', object]);
        });
      }
    });
  }
});
