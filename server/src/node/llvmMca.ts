import { execFile } from 'node:child_process';
import { type McaRun, type McaRunner, mcaComplaint } from '../cost/llvmMca.ts';

export interface McaRunnerOptions {
  /** After which a run is ended. A block takes 20 ms. */
  readonly timeoutMs?: number;
}

const maxOutputBytes = 16_000_000;

/** Runs llvm-mca as a process of its own: no shell, input on standard input, ended after ten seconds. */
export function createMcaRunner({ timeoutMs = 10_000 }: McaRunnerOptions = {}): McaRunner {
  const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: maxOutputBytes, windowsHide: true } as const;
  const start = (file: string, args: readonly string[], input: string, ended: (run: McaRun) => void): void => {
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error === null) ended({ kind: 'done', output: stdout });
      else if (typeof error.code === 'number') ended({ kind: 'refused', complaint: mcaComplaint(stderr) });
      else if (error.killed) ended({ kind: 'failed', reason: `${file} did not end within ${timeoutMs / 1000} s` });
      else ended({ kind: 'failed', reason: `${file} cannot be run: ${error.message}` });
    });
    // A program that ends before it has read its input closes the pipe; its exit status tells the rest.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  };
  return {
    run: async (program, args, input) =>
      await new Promise<McaRun>((resolve) => {
        // The engine writes a path of a Windows drive as /C:/...
        const file = program.replace(/^\/(?=[A-Za-z]:\/)/, '');
        try {
          start(file, args, input, resolve);
        } catch (error) {
          // A name that is no file name at all.
          const reason = error instanceof Error ? error.message : String(error);
          resolve({ kind: 'failed', reason: `${JSON.stringify(file)} cannot be run: ${reason}` });
        }
      }),
  };
}
