import type { CliIo, ExitStatus } from '../../server/src/cli/command.ts';
import { runCli } from '../../server/src/cli/main.ts';
import { projectRoot } from './projectFiles.ts';

export interface CliResult {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, from the root of the repository, without a terminal. */
export async function patchpoint(args: readonly string[], io: Partial<CliIo> = {}): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCli(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    cwd: projectRoot,
    color: false,
    errIsTerminal: false,
    nowMs: () => 0,
    ...io,
  });
  return { status, out: out.join(''), err: err.join('') };
}
