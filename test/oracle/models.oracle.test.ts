// The model of context tracking along the entry and idle code of released kernels: whatever such a function does keeps
// every invariant, but where the kernel itself does not (docs/upstream-findings.md has both).
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { contextPaths, contextStart } from '../../server/src/features/noinstr/contextPaths.ts';
import { openNoinstr, prepareNames } from '../../server/src/features/noinstr/openNoinstr.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { mustSkip } from '../support/optional.ts';
import { kernelImages, noImage } from './images.ts';

const { images, missing } = kernelImages();
const skip = mustSkip('the model of context tracking on released kernels', missing);

const files = ['arch/arm64/kernel/entry-common.c', 'kernel/sched/idle.c', 'arch/arm64/kvm/arm.c'];

/** SError tells lockdep before its state is saved; the guest is entered through a function that can be traced. */
const known = ['el1h_64_error_handler V2', 'kvm_arm_vcpu_enter_exit V1'];

describe.skipIf(skip)('context tracking', () => {
  it.each(images.length > 0 ? images : [noImage])(
    'keeps its invariants in $release',
    ({ source, config }) => {
      const settings = { buildDirectory: null, configFile: config, kernelRoot: source };
      const workspace = new Workspace({ files: createNodeFileSource(), logger: silentLogger, settings });
      const tree = workspace.treeFor(`${source}/Makefile`);
      if (tree === null) throw new Error(`${source} is no tree`);
      prepareNames(workspace, tree);
      const broken = new Set<string>();
      let nFunctions = 0;
      for (const file of files) {
        const open = openNoinstr(workspace, `${source}/${file}`, 'context');
        for (const report of open?.analysis.functions ?? []) {
          nFunctions++;
          if (open === null) continue;
          for (const path of contextPaths(open, report, contextStart(report, null, 'active').state)) {
            for (const { ticks } of path) {
              for (const [id, kept] of Object.entries(ticks)) if (kept === false) broken.add(`${report.fn.name} ${id}`);
            }
          }
        }
      }
      expect(nFunctions).toBeGreaterThan(40);
      expect([...broken].sort()).toEqual(known);
    },
    120_000,
  );
});
