// Our llvm mode beside llvm-mca 19, on both streams of every alternative of the example tree's file of all spellings.
// llvm-mca-19 -mtriple=aarch64 -mattr=+all -mcpu=CORE -iterations=1|100 -json
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { TableCache } from '../../server/src/cost/records.ts';
import { openCost } from '../../server/src/features/cost/costContext.ts';
import { askMca, opinionOnPlaced, opinionText } from '../../server/src/features/cost/secondOpinion.ts';
import { placedSite } from '../../server/src/features/cost/siteCost.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { noCpucaps } from '../../server/src/features/stateChoices.ts';
import { writtenSites } from '../../server/src/features/writtenBlocks.ts';
import { createMcaRunner } from '../../server/src/node/llvmMca.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { mustSkip } from '../support/optional.ts';
import { projectRoot } from '../support/projectFiles.ts';

const program = 'llvm-mca-19';
const isThere = spawnSync(program, ['--version']).status === 0;
const skip = mustSkip('the second opinion', isThere ? null : `no ${program}; apt-get install llvm-19`);
const path = `${projectRoot}/examples/arch/arm64/kernel/demo-alternatives.S`;

describe.skipIf(skip)('llvm-mca beside the model', () => {
  it.each(['neoverse-n1', 'cortex-a55'])('agrees on %s where it knows the instructions', async (core) => {
    const settings = { buildDirectory: null, configFile: null, kernelRoot: null };
    const workspace = new Workspace({ files: createNodeFileSource(), logger: silentLogger, settings });
    const cost = await openCost(new TableCache(bundledCostData), core);
    const ctx: FeatureContext = { workspace, state: noCpucaps, cancellation: neverCancelled, cost };
    const analysis = workspace.assembly(path, neverCancelled);
    if (analysis === null) throw new Error('the example cannot be read');
    const different: string[] = [];
    let asked = 0;
    for (const block of writtenSites(analysis).blocks) {
      const question = opinionOnPlaced(ctx, analysis, placedSite(analysis, block));
      if (question === null) continue;
      const answer = await askMca(question, { runner: createMcaRunner(), program }, neverCancelled);
      if ('problem' in answer) throw new Error(answer.problem);
      for (const [index, { texts, llvm }] of question.streams.entries()) {
        const opinion = answer.streams[index];
        asked++;
        if (opinion?.kind !== 'figures') {
          if (llvm.refused.length === 0) different.push(`${texts.join('; ')}: refused by llvm-mca alone`);
          continue;
        }
        const { once, many } = opinion;
        const theirs = [once.instructions, once.totalCycles, many.totalCycles, once.totalUops];
        const ours = [texts.length, llvm.cyclesOnce?.lo, llvm.cycles100?.lo, llvm.uops];
        if (String(theirs) !== String(ours)) different.push(`${texts.join('; ')}: ${theirs} there, ${ours} here`);
      }
      expect(opinionText(question, answer).text).toContain('nothing here was measured');
    }
    expect(different).toEqual([]);
    expect(asked).toBeGreaterThan(10);
  });
});
