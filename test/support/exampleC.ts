import { resolve } from 'node:path';
import { neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import type { MachineState } from '../../server/src/kernel/machineStates.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { testCParser } from './cParser.ts';

/** A C file of ours in the bundled example tree. */
export interface ExampleC {
  readonly ctx: FeatureContext;
  readonly workspace: Workspace;
  readonly path: string;
  /** The whole text, with the includes in front. */
  readonly text: string;
  /** Offset of `$0` in it; 0 without one. */
  readonly offset: number;
  /** Lines in front of the text that was given. */
  readonly firstLine: number;
}

const files = createNodeFileSource();
const includes = [
  '#include <linux/jump_label.h>',
  '#include <linux/init.h>',
  '#include <asm/cpufeature.h>',
  '#include <asm/lse.h>',
];

/** Opens text as `arch/arm64/kernel/example.c` of the example tree, for a machine that this is said of. */
export async function openExampleC(text: string, machine: Partial<MachineState> | null = null): Promise<ExampleC> {
  const path = resolve(import.meta.dirname, '../../examples/arch/arm64/kernel/example.c');
  const given = `${includes.join('\n')}\n${text.replace(/^\n/, '')}`;
  const plain = given.replace('$0', '');
  const settings = { buildDirectory: null, configFile: null, kernelRoot: null };
  const workspace = new Workspace({ files, logger: silentLogger, settings, cParser: await testCParser() });
  workspace.openDocument(path, plain, 1);
  const none: MachineState = { name: 'none', core: null, cpucaps: [] };
  const state = machine === null ? none : { ...none, name: 'board', ...machine };
  return {
    ctx: { workspace, state, cancellation: neverCancelled },
    workspace,
    path,
    text: plain,
    offset: Math.max(0, given.indexOf('$0')),
    firstLine: includes.length,
  };
}
