// Files of released kernels while they are typed in: what is kept of the last reading changes nothing. One workspace is
// edited, another one reads the same texts anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { checkSource } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { prepareNames } from '../../server/src/features/noinstr/openNoinstr.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { mustSkip } from '../support/optional.ts';
import { randomFrom, renderAll } from '../syntax/cpp/cppCases.ts';
import { type KernelImage, kernelImages, noImage } from './images.ts';

const { images, missing } = kernelImages();
const skip = mustSkip('edits of noinstr code in released kernels', missing);
const nEdits = 4;

function open({ source, config }: KernelImage): FeatureContext {
  const settings = { buildDirectory: null, configFile: config, kernelRoot: source };
  const workspace = new Workspace({ files: createNodeFileSource(), logger: silentLogger, settings });
  const ctx = { workspace, state: { name: 'none', core: null, cpucaps: [] }, cancellation: neverCancelled };
  const tree = workspace.treeFor(`${source}/Makefile`);
  if (tree !== null) prepareNames(workspace, tree);
  return ctx;
}

/** A line goes, comes twice, changes places with the next, or gets an include, a macro, a character more. */
function edit(text: string, random: (bound: number) => number): string {
  const lines = text.split('\n');
  const at = random(lines.length - 1);
  const [line = '', next = ''] = lines.slice(at, at + 2);
  const ways = [
    [],
    [line, line],
    [next, line],
    [line, '#include <linux/cpu.h>'],
    [line, '#define current x'],
    [`${line};`],
  ];
  const way = ways[random(ways.length)] ?? [];
  lines.splice(at, way[0] === next && way[1] === line ? 2 : 1, ...way);
  return lines.join('\n');
}

const told = (found: readonly unknown[]): string => found.map((one) => JSON.stringify(one)).join('\n');

describe.skipIf(skip).each(images.length > 0 ? images : [noImage])('$release', (image) => {
  it('findings after an edit are those of a fresh reading', { timeout: 600_000 }, () => {
    const [edited, fresh] = [open(image), open(image)];
    let version = 1;
    for (const file of ['arch/arm64/kernel/entry-common.c', 'kernel/sched/idle.c']) {
      const path = join(image.source, file);
      let text = readFileSync(path, 'utf8');
      const random = randomFrom(file.length);
      for (let left = nEdits; left > 0; left--) {
        for (const { workspace } of [edited, fresh]) workspace.changeDocument(path, text, version);
        version++;
        const found = checkSource(edited, path, 'context', true).findings;
        expect(told(found), `${file}, ${left}`).toBe(told(checkSource(fresh, path, 'context', false).findings));
        text = edit(text, random);
      }
      const [kept, plain] = [
        edited.workspace.translationUnit(path, null, 'again'),
        fresh.workspace.translationUnit(path, null, 'plain'),
      ];
      if (kept === null || plain === null) throw new Error(`${file} cannot be read`);
      expect(renderAll(kept.cpp) === renderAll(plain.cpp), `${file}: tokens and macros`).toBe(true);
    }
  });
});
