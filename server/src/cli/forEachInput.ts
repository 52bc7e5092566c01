import type { CliIo } from './command.ts';
import { type Inputs, unreadableReason } from './inputs.ts';
import { createProgressBar } from './progressBar.ts';
import type { Session } from './session.ts';

/**
 * Runs `work` on every input that can be read, with progress. An input that cannot be read, or on which
 * `work` fails, is named on standard error and the rest goes on. Result: whether every input was processed.
 */
export async function forEachInput(
  inputs: Inputs,
  session: Session,
  io: CliIo,
  work: (path: string) => void,
): Promise<boolean> {
  for (const problem of inputs.problems) io.err(`patchpoint: ${problem}\n`);
  let complete = inputs.problems.length === 0;
  const bar = createProgressBar(inputs.files.length, io);
  for (const [index, path] of inputs.files.entries()) {
    bar.step(index, session.display(path));
    const reason = unreadableReason(path, session.files) ?? attempt(() => work(path));
    if (reason !== null) {
      bar.finish();
      io.err(`patchpoint: ${session.display(path)}: ${reason}\n`);
      complete = false;
    }
    // Lets the terminal and pipes take what was written.
    if (index % 16 === 15) await new Promise((resume) => setImmediate(resume));
  }
  bar.finish();
  return complete;
}

function attempt(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return `internal error: ${error instanceof Error ? error.stack : String(error)}`;
  }
}
