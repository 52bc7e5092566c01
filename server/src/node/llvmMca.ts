import { execFile } from 'node:child_process';
import { type McaRun, type McaRunner, mcaComplaint } from '../cost/llvmMca.ts';

/** Generous: a block takes 20 ms. */
const timeoutMs = 10_000;
const maxOutputBytes = 16_000_000;

/** Runs llvm-mca as a process of its own: no shell, input on standard input, ended after ten seconds. */
export function createMcaRunner(): McaRunner {
  return {
    run: async (program, args, input) =>
      await new Promise<McaRun>((resolve) => {
        const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, windowsHide: true, shell: false };
        // The engine writes a path of a Windows drive as /C:/...
        const file = program.replace(/^\/(?=[A-Za-z]:\/)/, '');
        const child = execFile(file, [...args], options, (error, stdout, stderr) => {
          if (error === null) resolve({ kind: 'done', output: stdout });
          else if (typeof error.code === 'number') resolve({ kind: 'refused', complaint: mcaComplaint(stderr) });
          else if (error.killed) resolve({ kind: 'failed', reason: `${program} did not end within 10 s` });
          else resolve({ kind: 'failed', reason: `${program} cannot be run: ${error.message}` });
        });
        // A program that ends before it has read its input closes the pipe; its exit status tells the rest.
        child.stdin?.on('error', () => undefined);
        child.stdin?.end(input);
      }),
  };
}
