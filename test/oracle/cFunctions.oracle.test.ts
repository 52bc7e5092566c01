// Functions of C files against the debug information of a distribution's kernel: every function that its records of
// patch sites name is found, and the lines of its sites lie in it. Only the source and the configuration are needed.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { testCParser } from '../support/cParser.ts';
import { mustSkip } from '../support/optional.ts';
import { kernelImages, noImage } from './images.ts';

const { images, missing } = kernelImages();
const folders = /^(arch|block|crypto|init|io_uring|ipc|kernel|lib|mm|security|virt)\//;

it.skipIf(mustSkip('functions of C files', missing)).for(images.length > 0 ? images : [noImage])(
  'every function with patch sites in $release is found, and so are its lines',
  { timeout: 900_000 },
  async ({ release, source, config }) => {
    const workspace = new Workspace({
      files: createNodeFileSource(),
      logger: silentLogger,
      settings: { kernelRoot: source, buildDirectory: null, configFile: config },
      cParser: await testCParser(),
    });
    const record = readFileSync(new URL(`records/places-${release}.txt`, import.meta.url), 'utf8');
    let file = '';
    let count = 0;
    const wrong: string[] = [];
    for (const line of record.split('\n')) {
      const [, number, name] = /^ {2}(\d+) (\S+) /.exec(line) ?? [];
      if (number === undefined || name === undefined) {
        file = line;
        continue;
      }
      if (!folders.test(file) || !file.endsWith('.c') || /^(__kvm_nvhe_|__pi_)/.test(name)) continue;
      count++;
      const at = Number(number);
      const functions = workspace.cUnit(`${source}/${file}`)?.functions ?? [];
      if (functions.some((fn) => fn.name === name && fn.line - 3 <= at && at <= fn.endLine)) continue;
      wrong.push(`${file}:${number} ${name}`);
    }
    expect(count).toBeGreaterThan(300);
    // Functions that headers define for a file by its macros (trace points) are not functions of its text.
    expect(wrong).toEqual([]);
  },
);
