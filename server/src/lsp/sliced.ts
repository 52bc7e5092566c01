import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { CancelledError } from '../base/cancellation.ts';
import type { Steps } from '../base/steps.ts';
import type { FeatureContext } from '../features/featureContext.ts';
import type { Answer } from './requestWrapper.ts';
import { featureContext, type ServerState } from './serverState.ts';

/** Longest piece of work before messages are let in; a step may take longer. */
const sliceMs = 8;
/** How often work in the background looks whether that for a shown document is done. */
const waitMs = 20;
/** Turns of the event loop for which requests that are under way go first. */
const maxTurns = 200;
/** Rounds of loading files after which a host that cannot read synchronously gives up. */
const maxLoadRounds = 60;

/** Long work beside the requests, which are answered between its steps. */
export interface Sliced {
  /** A request is under way and goes first; what is returned is called when it is answered. */
  readonly requested: () => () => void;
  /**
   * Runs work to its end. `shown`: for a document that is open, one after the other; `background`: while none of those
   * runs. Result: an error when the document has changed or the work is no longer wanted, `empty` when it failed.
   */
  readonly run: <R>(
    work: {
      readonly method: string;
      readonly path: string;
      readonly token: CancellationToken;
      readonly when: 'shown' | 'background';
    },
    empty: R,
    start: (ctx: FeatureContext) => Steps<R>,
  ) => Answer<R>;
}

/** Opens the one queue of long work that a server has. Never throws; what fails is logged and answered by `empty`. */
export function createSliced(server: () => ServerState): Sliced {
  let nShown = 0;
  let nRequests = 0;
  let shown: Promise<unknown> = Promise.resolve();

  const run: Sliced['run'] = async ({ method, path, token, when }, empty, start) => {
    const { host, logger, documents, workspace } = server();
    const startedMs = host.nowMs();
    const version = documents.version(path);
    let workMs = 0;
    let longestMs = 0;
    const log = (outcome: string): void => {
      const [ms, working, longest] = [host.nowMs() - startedMs, workMs, longestMs].map(
        (one) => Math.round(one * 10) / 10,
      );
      logger.debug(`${method} ${outcome}`, { path, version, ms, working, longest });
    };
    type Result = typeof empty;
    /** One round: from the beginning to the end, with the files that are at hand. */
    const round = async (): Promise<Result> => {
      const steps = start(featureContext(server(), path, token));
      try {
        for (;;) {
          await host.pause();
          for (let left = maxTurns; nRequests > 0 && left > 0; left--) await host.pause();
          while (when === 'background' && nShown > 0) await new Promise((resume) => setTimeout(resume, waitMs));
          if (token.isCancellationRequested || documents.version(path) !== version) throw new CancelledError();
          const beganMs = host.nowMs();
          let step = steps.next();
          while (step.done !== true && host.nowMs() - beganMs < sliceMs) step = steps.next();
          const ms = host.nowMs() - beganMs;
          workMs += ms;
          longestMs = Math.max(longestMs, ms);
          if (step.done === true) return step.value;
        }
      } finally {
        steps.return(empty);
      }
    };
    try {
      for (let left = maxLoadRounds; ; left--) {
        const { changes } = workspace;
        const result = await round();
        if (host.loadWanted === undefined || left === 0) {
          log('done');
          return result;
        }
        // What was read may lack files that are loaded now, by this work or by a request.
        await loadWanted(server());
        if (workspace.changes !== changes) continue;
        log('done');
        return result;
      }
    } catch (error) {
      if (error instanceof CancelledError) {
        const isStale = documents.version(path) !== version;
        log(isStale ? 'dropped, the document has changed' : 'cancelled');
        const code = isStale ? LSPErrorCodes.ContentModified : LSPErrorCodes.RequestCancelled;
        return new ResponseError(code, isStale ? 'the document has changed' : 'cancelled');
      }
      const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
      logger.error(`${method} failed`, { path, error: told });
      return empty;
    }
  };

  return {
    requested: () => {
      nRequests++;
      return () => void nRequests--;
    },
    run: async (work, empty, start) => {
      if (work.when === 'background') return await run(work, empty, start);
      nShown++;
      const result = shown.then(async () => await run(work, empty, start));
      shown = result.finally(() => nShown--);
      return await result;
    },
  };
}

async function loadWanted(server: ServerState): Promise<void> {
  const { host, workspace } = server;
  const load = async (): Promise<void> => {
    const loaded = (await host.loadWanted?.()) ?? [];
    if (loaded.length > 0) workspace.invalidate(loaded);
  };
  await (host.inTurn?.(load) ?? load());
}
