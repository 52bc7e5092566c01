import type { CliIo } from './command.ts';
import { type Inputs, unreadableReason } from './inputs.ts';
import { createProgressBar } from './progressBar.ts';
import type { Session } from './session.ts';

export interface Processed {
  /** No input was unreadable or failed, and there was something to work on. */
  readonly complete: boolean;
  /** How many files `work` was run on. */
  readonly nFiles: number;
}

/**
 * Runs `work` on every input that holds assembly, with progress. An input that cannot be read, or on which
 * `work` fails, is named on standard error and the rest goes on. A named file without assembly is told and left out,
 * unless `accepts` takes it for another reason.
 */
export async function forEachInput(
  inputs: Inputs,
  session: Session,
  io: CliIo,
  work: (path: string) => void,
  accepts: (path: string) => boolean = () => false,
): Promise<Processed> {
  for (const problem of inputs.problems) io.err(`patchpoint: ${problem}\n`);
  let complete = inputs.problems.length === 0;
  let nFiles = 0;
  const bar = createProgressBar(inputs.files.length, io);
  for (const [index, path] of inputs.files.entries()) {
    bar.step(index, session.display(path));
    const name = session.display(path);
    const problem = session.tracer.span(name, () => problemWith(path, session, work, accepts));
    if (problem !== noAssembly) nFiles++;
    if (problem !== null && (problem !== noAssembly || inputs.named.has(path))) {
      bar.finish();
      io.err(`patchpoint: ${name}: ${problem}\n`);
    }
    if (problem !== null && problem !== noAssembly) complete = false;
    // Lets the terminal and pipes take what was written.
    if (index % 16 === 15) await new Promise((resume) => setImmediate(resume));
  }
  bar.finish();
  if (nFiles === 0 && complete) io.err('patchpoint: nothing to work on\n');
  return { complete: complete && nFiles > 0, nFiles };
}

/** Why a readable file was left out. */
export const noAssembly =
  'holds no arm64 assembly (.S files below other architectures, linker scripts and C are not read)';

/** Why an input was not worked on to its end; `null` when it was. */
function problemWith(
  path: string,
  session: Session,
  work: (path: string) => void,
  accepts: (path: string) => boolean,
): string | null {
  const reason = unreadableReason(path, session.files);
  if (reason !== null) return reason;
  try {
    if (!accepts(path) && session.ctx.workspace.assembly(path) === null) return noAssembly;
    work(path);
    return null;
  } catch (error) {
    return `internal error: ${error instanceof Error ? error.stack : String(error)}`;
  }
}
