// The noinstr rules on released kernels: handlers of unmodified entry code are silent with a distribution's
// configuration, and what leaves the noinstr text of its image is listed and judged. Figures are of the named releases.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { judgeTransfers } from '../../server/src/features/noinstr/imageVerdicts.ts';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { prepareNames } from '../../server/src/features/noinstr/openNoinstr.ts';
import { readSites } from '../../server/src/image/imageSites.ts';
import { openImage } from '../../server/src/image/kernelImage.ts';
import { openByteSource } from '../../server/src/node/nodeByteSource.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { outTransfers, protectedFunctions } from '../../server/src/noinstr/image/outTransfers.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { mustSkip } from '../support/optional.ts';
import { type KernelImage, kernelImages, noImage } from './images.ts';

const { images, missing } = kernelImages();
const skip = mustSkip('noinstr rules on released kernels', missing);

/** Functions, transfers, and those that need a patch to happen or to vanish. */
const figures: Readonly<Record<string, string>> = {
  '6.12.117+deb12-arm64': '115 functions, 170 transfers: 146 always, 23 patched, 1 unpatched',
  '6.1.0-56-arm64': '84 functions, 96 transfers: 92 always, 4 patched, 0 unpatched',
};

/** Verdicts without debug information, and what the strict policy flags. */
const verdictFigures: Readonly<Record<string, string>> = {
  '6.12.117+deb12-arm64': '119 allowed, 46 violations, 5 unverified',
  '6.1.0-56-arm64': '77 allowed, 17 violations, 2 unverified',
};
const strictFigures: Readonly<Record<string, string>> = {
  '6.12.117+deb12-arm64': '136 flagged',
  '6.1.0-56-arm64': '83 flagged',
};

function open({ source, config }: KernelImage): FeatureContext {
  const settings = { buildDirectory: null, configFile: config, kernelRoot: source };
  const workspace = new Workspace({ files: createNodeFileSource(), logger: silentLogger, settings });
  return { workspace, state: { name: 'none', core: null, cpucaps: [] }, cancellation: neverCancelled };
}

async function transfersOf({ vmlinux }: KernelImage) {
  const bytes = await openByteSource(vmlinux, vmlinux);
  try {
    const { value } = await openImage(bytes, {});
    if (value === null) throw new Error(`${vmlinux} is no image`);
    const sites = await readSites(value);
    return {
      functions: protectedFunctions(value, sites).filter(({ isAssembly }) => !isAssembly),
      transfers: outTransfers(value, sites),
    };
  } finally {
    await bytes.close();
  }
}

describe.skipIf(skip).each(images.length > 0 ? images : [noImage])('$release', (image) => {
  it('entry code: el0_* and el1_* are silent', { timeout: 300_000 }, () => {
    const ctx = open(image);
    const tree = ctx.workspace.treeFor(`${image.source}/Makefile`);
    if (tree === null) throw new Error('no tree');
    prepareNames(ctx.workspace, tree);
    const found = noinstrFindings(ctx, join(image.source, 'arch/arm64/kernel/entry-common.c'));
    expect(found.filter((one) => /\bel[01][a-z]*_/.test(one.message)).map((one) => one.message)).toEqual([]);
  });

  it('every transfer out of the noinstr text is listed', async () => {
    const { functions, transfers } = await transfersOf(image);
    const count = (state: string): number => transfers.filter((one) => one.state === state).length;
    const text = `${functions.length} functions, ${transfers.length} transfers: ${count('always')} always, ${count('patched')} patched, ${count('unpatched')} unpatched`;
    expect(text).toBe(figures[image.release] ?? text);
  });

  it('only calls through pointers are left open', { timeout: 600_000 }, async () => {
    const ctx = open(image);
    const tree = ctx.workspace.treeFor(`${image.source}/Makefile`);
    if (tree === null) throw new Error('no tree');
    const { transfers } = await transfersOf(image);
    const verdicts = judgeTransfers(ctx, tree, 'context', transfers, () => []);
    // Without lines, places of one function that differ cannot be told apart, which the note says.
    const open_ = transfers.filter((one, at) => {
      const verdict = verdicts[at];
      return verdict?.verdict === 'unverified' && verdict.note === null && one.to !== null;
    });
    expect(open_.map((one) => `${one.from} → ${one.to}`)).toEqual([]);
    const judged = (from: string, to: string): string => {
      const at = transfers.findIndex((one) => one.from === from && one.to === to);
      return `${verdicts[at]?.verdict}, ${verdicts[at]?.reason}`;
    };
    const count = (verdict: string): number => verdicts.filter((one) => one.verdict === verdict).length;
    const sums = `${count('allowed')} allowed, ${count('violation')} violations, ${count('unverified')} unverified`;
    expect(sums).toBe(verdictFigures[image.release] ?? sums);
    const strict = judgeTransfers(ctx, tree, 'strict', transfers, () => []);
    const flagged = `${strict.filter((one) => one.verdict === 'violation').length} flagged`;
    expect(flagged).toBe(strictFigures[image.release] ?? flagged);
    expect(judged('kvm_arm_vcpu_enter_exit', '__kvm_vcpu_run')).toBe('violation, rcu-off');
    expect(judged('patch_alternative', 'aarch64_get_branch_offset')).toBe('violation, contract');
    expect(judged('el0_svc', 'do_el0_svc')).toBe('allowed, context');
  });
});
