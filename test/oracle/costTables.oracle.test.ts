import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import MCapstone from '@alexaltea/capstone-js';
import { describe, expect, test } from 'vitest';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { isKnownForm, TableCache } from '../../server/src/cost/records.ts';
import { makeWordDecoder } from '../../server/src/isa/decode.ts';
import { mustSkip } from '../support/optional.ts';
import { projectRoot } from '../support/projectFiles.ts';
import { kernelBuilds, kernelObjects, noBuild } from './kernelBuilds.ts';

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const tables = await new TableCache(bundledCostData).core('cortex-a57');

describe('generator', () => {
  const missing = has('llvm-config-19', '--version') && existsSync('/usr/include/llvm-19/llvm/MCA/InstrBuilder.h');
  const skip = mustSkip(
    'cost tables against LLVM',
    missing ? null : 'no llvm-19-dev (apt-get install llvm-19-dev g++)',
  );

  test.skipIf(skip)('the tables are what it makes today, and no form has two records', () => {
    const script = join(projectRoot, 'server/data/cost/generate/generate.mjs');
    const run = spawnSync(process.execPath, [script, '--check', '--variants'], { encoding: 'utf8', cwd: projectRoot });
    expect(run.stderr).not.toContain('would change');
    expect(run.status, run.stderr).toBe(0);
  });
});

/** Lines of a disassembly without addresses; data is left out. */
function instructions(listing: string): readonly string[] {
  return listing
    .split('\n')
    .flatMap((line) => /^\s*[0-9a-f]+:\s+(.*)$/.exec(line)?.[1] ?? [])
    .filter((text) => !/^(\.|udf|<unknown>|[0-9a-f]{2} )/.test(text));
}

function unknownTexts(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text) => !isKnownForm(tables, text)))];
}

describe('kernel objects', () => {
  const { builds, missing } = kernelBuilds();
  const tools = ['aarch64-linux-gnu-objdump', 'aarch64-linux-gnu-objcopy', 'llvm-objdump-19'];
  const lacking = tools.find((tool) => !has(tool, '--version'));
  const skip = mustSkip('forms of kernel objects', missing ?? (lacking === undefined ? null : `no ${lacking}`));

  test.skipIf(skip).each(builds.length > 0 ? builds : [noBuild])(
    'every instruction of $name has a form, as GNU, LLVM and Capstone spell it',
    async (build) => {
      const decoder = await makeWordDecoder(MCapstone);
      const unknown = new Set<string>();
      let nInsns = 0;
      for (const { object: name } of kernelObjects(build)) {
        const object = join(build.directory, name);
        const gnu = spawnSync('aarch64-linux-gnu-objdump', ['-d', '--no-show-raw-insn', object], { encoding: 'utf8' });
        if (gnu.status !== 0) continue;
        const llvm = spawnSync('llvm-objdump-19', ['-d', '--no-show-raw-insn', '--mattr=+all', object], {
          encoding: 'utf8',
        });
        const texts = [...instructions(gnu.stdout), ...instructions(llvm.stdout ?? ''), ...decodedText(object)];
        nInsns += texts.length;
        for (const text of unknownTexts(texts)) unknown.add(text);
      }
      expect(nInsns).toBeGreaterThan(1000);
      expect([...unknown]).toEqual([]);

      function decodedText(object: string): readonly string[] {
        const raw = spawnSync('aarch64-linux-gnu-objcopy', [
          '-O',
          'binary',
          '--only-section=.text',
          object,
          '/dev/stdout',
        ]);
        const bytes = raw.stdout;
        const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
        return decoder.decode(words, 0n).filter((text): text is string => text !== null && !text.startsWith('udf'));
      }
    },
  );
});
