import type { CancellationToken, WorkDoneProgressServerReporter } from 'vscode-languageserver';
import type { ServerState } from './serverState.ts';

const appearsAfterMs = 500;
const yieldsAfterMs = 8;

/**
 * Runs `step` on every item, letting messages in every 8 ms, and shows progress once it takes half a second.
 * Stops early when the token is cancelled or `wanted` says so. Result: whether all items were done.
 */
export async function forEachYielding<T>(
  server: ServerState,
  work: {
    readonly title: string;
    readonly items: readonly T[];
    readonly token?: CancellationToken;
    /** The progress has a button that stops the work. */
    readonly cancellable?: boolean;
  },
  step: (item: T) => void | Promise<void>,
): Promise<boolean> {
  const { host } = server;
  const startedMs = host.nowMs();
  let sliceMs = startedMs;
  let reporter: WorkDoneProgressServerReporter | null = null;
  try {
    for (const [index, item] of work.items.entries()) {
      if (work.token?.isCancellationRequested === true || reporter?.token.isCancellationRequested === true)
        return false;
      await step(item);
      const now = host.nowMs();
      if (reporter === null && server.client.progress && now - startedMs > appearsAfterMs) {
        reporter = await server.connection.window.createWorkDoneProgress();
        reporter.begin(work.title, 0, undefined, work.cancellable === true);
      }
      reporter?.report(Math.round(((index + 1) / work.items.length) * 100));
      if (now - sliceMs > yieldsAfterMs) {
        await host.pause();
        sliceMs = host.nowMs();
      }
    }
    return true;
  } finally {
    reporter?.done();
  }
}
