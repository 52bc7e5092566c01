import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { neverCancelled } from '../../../server/src/base/cancellation.ts';
import { silentLogger } from '../../../server/src/base/logger.ts';
import type { FeatureContext } from '../../../server/src/features/featureContext.ts';
import { noinstrFindings } from '../../../server/src/features/noinstr/noinstrFindings.ts';
import { prepareNames } from '../../../server/src/features/noinstr/openNoinstr.ts';
import { createNodeFileSource } from '../../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../../server/src/project/workspace.ts';
import { projectRoot } from '../../support/projectFiles.ts';

const folder = `${projectRoot}/examples/arch/arm64/kernel`;

function open(): FeatureContext {
  const workspace = new Workspace({
    files: createNodeFileSource(),
    logger: silentLogger,
    settings: { buildDirectory: null, configFile: null, kernelRoot: null },
  });
  const tree = workspace.treeFor(`${folder}/entry-common.c`);
  if (tree !== null) prepareNames(workspace, tree);
  return { workspace, state: { name: 'none', core: null, cpucaps: [] }, cancellation: neverCancelled };
}

describe('the example tree', () => {
  const ctx = open();

  it('has entry code without findings', () => {
    expect(noinstrFindings(ctx, `${folder}/entry-common.c`)).toEqual([]);
    expect(noinstrFindings(ctx, `${folder}/entry.S`)).toEqual([]);
  });

  it('has the mistakes that its comments name, and no others', () => {
    const path = `${folder}/noinstr-mistakes.c`;
    const announced: string[] = [];
    let rule = '';
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      rule = /^\/\* (noinstr\.[\w-]+):/.exec(line)?.[1] ?? rule;
      const name = /\b(mistake_\w+)\(/.exec(line)?.[1];
      if (name !== undefined && /^\w/.test(line)) announced.push(`${name}: ${rule}`);
    }
    const text = readFileSync(path, 'utf8');
    const found = noinstrFindings(ctx, path).map((one) => {
      const before = text.slice(0, one.range.end + 40);
      const name = [...before.matchAll(/^\w.*\b(mistake_\w+)\(/gm)].at(-1)?.[1];
      return `${name}: ${one.rule}`;
    });
    expect(found).toEqual(announced);
  });
});
