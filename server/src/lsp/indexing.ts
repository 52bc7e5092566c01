import type { WorkDoneProgressServerReporter } from 'vscode-languageserver';
import { dirname } from '../base/path.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import {
  defaultScope,
  type IndexBuild,
  type IndexScope,
  isInScope,
  updateFile,
} from '../project/nameIndex/indexBuild.ts';
import { decodeIndex, encodeIndex, type IndexStore } from '../project/nameIndex/storedIndex.ts';
import { buildOf, foldersOf, nameIndexOf, resetIndex } from '../project/nameIndex/treeIndex.ts';
import { changed } from './refresh.ts';
import { type ServerState, settingsOf } from './serverState.ts';

/** How long a piece of the work may keep messages waiting. */
const sliceMs = 8;
/** Requests of an editor that has just started come first. */
const startAfterMs = 1000;
const progressAfterMs = 500;
/** More changed files than this are a checkout: the whole tree is looked through. */
const maxSingleChanges = 400;

/** `off`: by the setting. `stopped`: the user has ended the work; what is known so far is used. */
export type IndexingState = 'off' | 'waiting' | 'building' | 'ready' | 'stopped';

export interface IndexingStatus {
  readonly state: IndexingState;
  readonly files: number;
  /** Files that are known so far; the same as `files` once it is ready. */
  readonly total: number;
  /** For a report: how long it took, and what it holds. */
  readonly detail: string;
}

/** The index of names of each tree: built beside the requests, kept current, kept for the next time. */
export interface Indexing {
  /** Has the index of the tree of a file built, and the file's folder looked at. */
  readonly want: (path: string) => void;
  readonly filesChanged: (paths: readonly string[]) => void;
  /** Begins anew, without what was kept. */
  readonly rebuild: () => void;
  /** Settings or folders changed. */
  readonly refresh: () => void;
  readonly statusOf: (path: string | null) => IndexingStatus | null;
  readonly dispose: () => void;
}

interface TreeWork {
  readonly root: string;
  state: IndexingState;
  done: number;
  total: number;
  detail: string;
  /** Files to look at one by one, once the tree is done. */
  readonly paths: Set<string>;
  readonly folders: Set<string>;
  scope: IndexScope | null;
  run: { isCancelled: boolean } | null;
  /** What was kept is not to be used. */
  isFresh: boolean;
}

export function createIndexing(server: () => ServerState): Indexing {
  const works = new Map<string, TreeWork>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDisposed = false;
  let queue: Promise<void> = Promise.resolve();

  const workFor = (path: string | null): TreeWork | null => {
    const tree = path === null ? undefined : server().workspace.treeFor(path);
    return tree ? (works.get(tree.root) ?? null) : null;
  };
  const scopeOf = (root: string): IndexScope | null => {
    const { indexEnabled, indexFolders } = settingsOf(server(), root);
    if (!indexEnabled) return null;
    // Where each file is a request over a network, only the folder that matters most, unless others were asked for.
    const isDefault = indexFolders.join() === defaultScope.folders.join();
    const folders = server().host.loadWanted !== undefined && isDefault ? ['arch/arm64'] : indexFolders;
    return { folders, exclude: defaultScope.exclude };
  };

  /** Gives way to messages when the slice is used up. Result: whether to go on. */
  const pacer = (run: { isCancelled: boolean }): (() => Promise<boolean>) => {
    let from = server().host.nowMs();
    return async () => {
      if (server().host.nowMs() - from > sliceMs) {
        await server().host.pause();
        from = server().host.nowMs();
      }
      return !run.isCancelled && !isDisposed;
    };
  };

  const start = (work: TreeWork): void => {
    if (work.run !== null) work.run.isCancelled = true;
    const run = { isCancelled: false };
    work.run = run;
    queue = queue.then(async () => {
      if (run.isCancelled || isDisposed) return;
      try {
        await buildTree(server(), work, run, pacer(run));
      } catch (error) {
        work.state = 'stopped';
        work.detail = `failed: ${String(error)}`;
        server().logger.error('the index could not be built', { root: work.root, error: String(error) });
      }
      if (work.run === run) work.run = null;
      if (work.paths.size > 0 || work.folders.size > 0) later(work);
    });
  };

  /** Looks at single files after the work that is under way. */
  const later = (work: TreeWork): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      queue = queue.then(async () => {
        try {
          await updateSingle(server(), work, pacer({ isCancelled: false }));
        } catch (error) {
          server().logger.error('the index could not be brought up to date', { error: String(error) });
        }
      });
    }, 50);
  };

  const begin = (root: string): void => {
    const scope = scopeOf(root);
    const state = scope === null ? 'off' : 'waiting';
    const work: TreeWork = works.get(root) ?? {
      root,
      state,
      done: 0,
      total: 0,
      detail: '',
      paths: new Set(),
      folders: new Set(),
      scope,
      run: null,
      isFresh: false,
    };
    works.set(root, work);
    const isSame = JSON.stringify(work.scope) === JSON.stringify(scope) && work.state === state;
    work.scope = scope;
    work.state = state;
    if (scope === null) {
      if (work.run !== null) work.run.isCancelled = true;
      return;
    }
    if (!isSame || work.run === null) setTimeout(() => start(work), startAfterMs);
  };

  return {
    want: (path) => {
      if (!/\.[chS]$/.test(path)) return;
      const tree = server().workspace.treeFor(path);
      if (tree === null) return;
      if (!works.has(tree.root)) begin(tree.root);
      const work = works.get(tree.root);
      if (work?.scope == null || isInScope(tree.root, work.scope, path)) return;
      work.folders.add(dirname(path));
      if (work.state === 'ready') later(work);
    },
    filesChanged: (paths) => {
      for (const work of works.values()) {
        if (work.scope === null || work.state === 'waiting') continue;
        const own = paths.filter((path) => path.startsWith(`${work.root}/`));
        // A folder that came or went has no events for what is in it.
        const isFolder = own.some(
          (path) => !/\.\w+$/.test(path) && !/\/(?:Makefile|Kconfig|cpucaps|sysreg)$/.test(path),
        );
        if (isFolder || own.length > maxSingleChanges) start(work);
        else {
          for (const path of own) work.paths.add(path);
          if (work.run === null && work.paths.size > 0) later(work);
        }
      }
    },
    rebuild: () => {
      for (const work of works.values()) {
        const tree = server().workspace.treeFor(`${work.root}/Makefile`);
        if (tree !== null) resetIndex(server().workspace, tree, null);
        work.state = 'waiting';
        work.isFresh = true;
        start(work);
      }
    },
    refresh: () => {
      for (const { root, scope } of [...works.values()]) {
        if (JSON.stringify(scopeOf(root)) !== JSON.stringify(scope)) begin(root);
      }
    },
    statusOf: (path) => {
      const work = workFor(path);
      if (work === null) return null;
      return { state: work.state, files: work.done, total: work.total, detail: work.detail };
    },
    dispose: () => {
      isDisposed = true;
      clearTimeout(timer);
    },
  };
}

/** Brings the index of one tree up to date: what was kept, then what differs from it on disk. */
async function buildTree(
  server: ServerState,
  work: TreeWork,
  run: { isCancelled: boolean },
  mayGoOn: () => Promise<boolean>,
): Promise<void> {
  const { host, workspace } = server;
  const tree = workspace.treeFor(`${work.root}/Makefile`);
  if (tree === null || work.scope === null) return;
  const startedMs = host.nowMs();
  work.state = 'building';
  changed(server, { what: 'indexing' });
  const store =
    server.storage === null ? null : host.indexStore(server.storage, (problem) => server.logger.warn(problem));
  const index = nameIndexOf(workspace, tree);
  const isRestored = index.state === 'empty' && !work.isFresh && (await restore(server, tree, store));
  const build = buildOf(workspace, tree, work.scope);
  const progress = showProgress(server, work, startedMs);
  const isDone = await drive(server, build, mayGoOn, async () => {
    const { done, total } = build.progress;
    work.done = done;
    work.total = total;
    if (await progress.report(done, total)) run.isCancelled = true;
  });
  progress.end();
  if (!isDone) {
    work.state = 'stopped';
    server.logger.info('the index was stopped', { root: work.root, files: build.progress.done });
    changed(server, { what: 'indexing' });
    return;
  }
  build.finish();
  const ms = Math.round(host.nowMs() - startedMs);
  work.state = 'ready';
  work.isFresh = false;
  const { files, sourceBytes, names, definitions, bytes } = index.figures;
  work.done = work.total = files;
  const { read } = build.progress;
  const from = isRestored ? `, ${read} read anew` : '';
  work.detail = `${files} files${from}, ${(sourceBytes / 1e6).toFixed(1)} MB of source, ${names} names, ${definitions} definitions, ${(bytes / 1e6).toFixed(0)} MB, ${ms} ms`;
  server.logger.info(`index: ${work.detail}`, { root: work.root });
  changed(server, { what: 'index' });
  for (const maker of index.makers()) {
    index.prepareMaker(maker);
    if (!(await mayGoOn())) return;
  }
  if (store !== null && read > 0) {
    await host.pause();
    await store.write(work.root, encodeIndex(work.root, index.stored()));
  }
}

async function restore(server: ServerState, tree: KernelTree, store: IndexStore | null): Promise<boolean> {
  const bytes = await store?.read(tree.root);
  const stored = bytes ? decodeIndex(tree.root, bytes) : null;
  if (stored === null) return false;
  await server.host.pause();
  resetIndex(server.workspace, tree, stored);
  return true;
}

/** Runs a build to its end in slices. Hosts that load files on request are given what they asked for. */
async function drive(
  server: ServerState,
  build: IndexBuild,
  mayGoOn: () => Promise<boolean>,
  report: () => Promise<void>,
): Promise<boolean> {
  const { loadWanted } = server.host;
  if (loadWanted === undefined) {
    while (build.step()) {
      if (!(await mayGoOn())) return false;
      await report();
    }
    return true;
  }
  for (let isMore = true; isMore; ) {
    // A turn of its own: what a request asks for must not be mixed up with this.
    const round = async (): Promise<void> => {
      isMore = false;
      while (!build.isStarved && build.step()) isMore = true;
      const loaded = await loadWanted();
      if (build.retry() || loaded.length > 0) isMore = true;
    };
    await (server.host.inTurn?.(round) ?? round());
    if (!(await mayGoOn())) return false;
    await report();
  }
  return true;
}

async function updateSingle(server: ServerState, work: TreeWork, mayGoOn: () => Promise<boolean>): Promise<void> {
  const { workspace } = server;
  const tree = workspace.treeFor(`${work.root}/Makefile`);
  if (tree === null || work.scope === null) return;
  const index = nameIndexOf(workspace, tree);
  const known = new Set(foldersOf(index));
  const paths = new Set<string>();
  for (const path of work.paths) {
    if (isInScope(work.root, work.scope, path) || known.has(dirname(path))) paths.add(path);
  }
  for (const folder of work.folders) {
    for (const { name, kind } of tree.files.list(folder)) {
      if (kind === 'file' && /\.[chS]$/.test(name)) paths.add(`${folder}/${name}`);
    }
  }
  work.paths.clear();
  work.folders.clear();
  const open = new Set(workspace.openPaths);
  for (const path of paths) {
    if (!open.has(path)) updateFile(index, tree.files, path);
    if (!(await mayGoOn())) return;
  }
}

interface ShownProgress {
  /** Result: whether the user wants the work to end. */
  readonly report: (done: number, total: number) => Promise<boolean>;
  readonly end: () => void;
}

/** A progress with a button that ends the work, once that takes long enough to be noticed. */
function showProgress(server: ServerState, work: TreeWork, startedMs: number): ShownProgress {
  let reporter: WorkDoneProgressServerReporter | null = null;
  let shown = -1;
  return {
    report: async (done, total) => {
      if (!server.client.progress || server.host.nowMs() - startedMs < progressAfterMs) return false;
      if (reporter === null) {
        reporter = await server.connection.window.createWorkDoneProgress();
        reporter.begin('Patchpoint: index of names', 0, work.root, true);
      }
      // Folders are still found while files are read, so the first shares are guesses.
      const percent = Math.floor((done / Math.max(1, total)) * 100);
      if (percent !== shown) reporter.report(percent, `${done} of ${total} files`);
      shown = percent;
      return reporter.token.isCancellationRequested;
    },
    end: () => reporter?.done(),
  };
}
