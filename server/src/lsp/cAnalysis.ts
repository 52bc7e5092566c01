import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { CFile } from '../features/c/cFile.ts';
import { CFileStore, showsTheSame } from '../features/c/cFileStore.ts';
import { warmUpOffsets } from '../features/c/cWarmUp.ts';
import { analyzeCFile, isCPath, isKernelC } from '../features/c/openCFile.ts';
import { knownPreemption, readPreemption } from '../features/c/preemption.ts';
import type { FeatureContext } from '../features/featureContext.ts';
import { hover } from '../features/hover.ts';
import type { Workspace } from '../project/workspace.ts';
import { changed } from './refresh.ts';
import { type Answer, runRequest } from './requestWrapper.ts';
import { type ServerState, stateOf } from './serverState.ts';

/** Quiet time after a keystroke before a file is analyzed again; until then its knowledge moves along. */
const settleMs = 350;
/** Longest piece of work without looking at what else is asked, where the work can be broken off. */
const sliceMs = 25;
/** Pause between files, in which requests are answered. */
const pauseMs = 20;

/** Analysis of C files beside the requests, which answer from what is known. */
export interface CAnalysis {
  readonly files: CFileStore;
  /** The settings are known: an analysis before would be of another configuration. */
  readonly begin: () => void;
  /** Has a file analyzed: at once when it was just opened, after a pause while it is typed in. */
  readonly schedule: (path: string, when: 'now' | 'soon') => void;
  readonly scheduleAll: () => void;
  /** Resolves once something is known of a file, or nothing will be. Never rejects. */
  readonly ready: (path: string | null) => Promise<void>;
  /** Reads what the preemption model in force does with static keys, in every tree that is open. Never rejects. */
  readonly readPreemption: () => Promise<void>;
  /** Loads the parser of C. Result: whether there is one. Never rejects. */
  readonly loadParser: () => Promise<boolean>;
  readonly forget: (path: string) => void;
  readonly dispose: () => void;
}

const never = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };

interface Run {
  readonly token: { isCancellationRequested: boolean; onCancellationRequested: () => { dispose: () => void } };
  readonly done: Promise<void>;
}

/** One analysis at a time; a newer wish for the same file ends the older one. */
export function createCAnalysis(workspace: Workspace, server: () => ServerState): CAnalysis {
  const files = new CFileStore(workspace);
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const runs = new Map<string, Run>();
  /** Files of which nothing can be known: outside every tree, or of another architecture. */
  const known = new Set<string>();
  let parser: Promise<boolean> | null = null;
  let begin: () => void = () => undefined;
  let queue = new Promise<void>((resolve) => {
    begin = resolve;
  });

  const loadParser = async (): Promise<boolean> => {
    const { host, logger } = server();
    if (workspace.cParser !== null) return true;
    parser ??= host.loadCParser(server().assets).then(
      (loaded) => {
        workspace.setCParser(loaded);
        return true;
      },
      (error: unknown) => {
        logger.error('the parser of C cannot be loaded, so nothing is said of C files', { error: String(error) });
        return false;
      },
    );
    return await parser;
  };

  /**
   * Runs work that goes on where it was broken off, in slices between which requests are answered. Result: an error
   * when the file has changed or the work is no longer wanted.
   */
  const inSlices = async <R>(
    method: string,
    path: string,
    token: Run['token'],
    work: (ctx: FeatureContext) => R | null,
  ): Promise<R | null | ResponseError<void>> => {
    const { host } = server();
    for (;;) {
      let endMs = Number.POSITIVE_INFINITY;
      const slice = {
        get isCancellationRequested() {
          return token.isCancellationRequested || host.nowMs() > endMs;
        },
        onCancellationRequested: token.onCancellationRequested,
      };
      const version = server().documents.version(path);
      const result = await runRequest<R | null>(server(), { method, path, token: slice }, null, (ctx) => {
        endMs = host.nowMs() + sliceMs;
        return work(ctx);
      });
      const isBroken = result instanceof ResponseError && result.code === LSPErrorCodes.RequestCancelled;
      if (!isBroken || token.isCancellationRequested) return result;
      if (server().documents.version(path) !== version) return result;
    }
  };

  const analyze = async (path: string, token: Run['token']): Promise<void> => {
    if (token.isCancellationRequested || !(await loadParser())) return;
    const before = files.get(path);
    await readModels(false);
    await inSlices('c-unit', path, token, (ctx) => {
      if (isKernelC(ctx, path)) ctx.workspace.cUnit(path, ctx.cancellation);
      return null;
    });
    if (token.isCancellationRequested) return;
    const file = await inSlices('c-sites', path, token, (ctx) => analyzeCFile(ctx, path));
    if (file instanceof ResponseError) return;
    known.add(path);
    if (file === null) files.drop(path);
    else files.put(file);
    // Hovers of its keys name the models; nobody waits for it.
    if (file !== null) prepare(file, before === null ? warmUpOffsets(file) : []).catch(logFailure(path));
    if (before !== null && file !== null && !showsTheSame(before, file)) changed(server(), { what: 'analysis' });
  };

  const readModels = async (always: boolean): Promise<void> => {
    if (!(await loadParser())) return;
    for (const tree of workspace.trees) {
      const { preempt } = stateOf(server(), tree.root);
      if (knownPreemption(tree) !== null || (!always && (preempt ?? null) === null)) continue;
      const request = { method: 'preemption', path: tree.root, token: never };
      await runRequest(server(), request, null, (ctx) => readPreemption(ctx, tree));
    }
  };

  const prepare = async ({ path }: CFile, offsets: readonly number[]): Promise<void> => {
    await readModels(true);
    for (const offset of offsets) {
      const version = server().documents.version(path);
      await runRequest(server(), { method: 'c-warm-up', path, token: never }, null, (ctx) => hover(ctx, path, offset));
      if (version === null || server().documents.version(path) !== version) return;
    }
  };

  const logFailure =
    (path: string) =>
    (error: unknown): void =>
      server().logger.error('analysis of a C file failed', { path, error: String(error) });

  const start = (path: string): Run => {
    const old = runs.get(path);
    if (old !== undefined) old.token.isCancellationRequested = true;
    const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
    const work = async (): Promise<void> => {
      await analyze(path, token).catch(logFailure(path));
      if (runs.get(path) === run) runs.delete(path);
      await new Promise((resume) => setTimeout(resume, pauseMs));
    };
    queue = queue.then(work);
    const run: Run = { token, done: queue };
    runs.set(path, run);
    return run;
  };

  const stop = (path: string): void => {
    clearTimeout(timers.get(path));
    timers.delete(path);
  };
  const schedule = (path: string, when: 'now' | 'soon'): void => {
    if (!isCPath(path)) return;
    stop(path);
    if (when === 'now') start(path);
    else
      timers.set(
        path,
        setTimeout(() => {
          timers.delete(path);
          start(path);
        }, settleMs),
      );
  };
  return {
    files,
    begin,
    loadParser,
    readPreemption: async () => await readModels(true),
    schedule,
    scheduleAll: () => {
      known.clear();
      for (const path of server().documents.paths()) schedule(path, 'soon');
    },
    ready: async (path) => {
      if (path === null || !isCPath(path)) return;
      // An analysis can be replaced by a newer one before it has a result.
      while (!files.has(path) && !known.has(path)) {
        const run = runs.get(path) ?? start(path);
        await run.done;
        if (!(await loadParser()) || (runs.get(path) === undefined && !timers.has(path))) return;
      }
    },
    forget: (path) => {
      stop(path);
      const run = runs.get(path);
      if (run !== undefined) run.token.isCancellationRequested = true;
      files.drop(path);
      known.delete(path);
    },
    dispose: () => {
      for (const path of [...timers.keys()]) stop(path);
    },
  };
}

/** A handler that waits for the first analysis of a C file; later ones it answers from what is known. */
export function withC<P extends { readonly textDocument: { readonly uri: string } }, R>(
  server: ServerState,
  handler: (params: P, token: CancellationToken) => Answer<R>,
): (params: P, token: CancellationToken) => Answer<R> {
  return async (params, token) => {
    await server.c.ready(server.host.toPath(params.textDocument.uri));
    return await handler(params, token);
  };
}
