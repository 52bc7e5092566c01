import { resolve } from 'node:path';
import { neverCancelled } from '../../server/src/base/cancellation.ts';
import { silentLogger } from '../../server/src/base/logger.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { Workspace } from '../../server/src/project/workspace.ts';

/** A file of ours in the bundled example tree, which has every alternative macro of a kernel. */
export interface ExampleFile {
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
const includes = ['#include <linux/linkage.h>', '#include <asm/assembler.h>', '#include <asm/asm-extable.h>'];

/** Opens text as `arch/arm64/kernel/example.S` of the example tree, for a machine with the given cpucaps. */
export function openExample(text: string, cpucaps: readonly string[] | null = null): ExampleFile {
  const path = resolve(import.meta.dirname, '../../examples/arch/arm64/kernel/example.S');
  const given = `${includes.join('\n')}\n${text.replace(/^\n/, '')}`;
  const offset = Math.max(0, given.indexOf('$0'));
  const plain = given.replace('$0', '');
  const settings = { buildDirectory: null, configFile: null, kernelRoot: null };
  const workspace = new Workspace({ files, logger: silentLogger, settings });
  workspace.openDocument(path, plain, 1);
  const state = { name: cpucaps === null ? 'none' : 'board', core: null, cpucaps: cpucaps ?? [] };
  return {
    ctx: { workspace, state, cancellation: neverCancelled },
    workspace,
    path,
    text: plain,
    offset,
    firstLine: includes.length,
  };
}

/** Lines of the text that was given, without the includes. */
export function ownLines(file: ExampleFile, text = file.text): string[] {
  return text.split('\n').slice(file.firstLine);
}
