import { type CancellationToken, type Diagnostic, ResponseError } from 'vscode-languageserver';
import type { Finding } from '../features/diagnostics.ts';
import { checkingSource } from '../features/noinstr/noinstrFindings.ts';
import { isNoinstrSource, noinstrPaths } from '../features/noinstr/treeCheck.ts';
import { forEachYielding } from './progress.ts';
import { fileLookup, runRequest } from './requestWrapper.ts';
import { isDisabledRule, ruleLink, ruleLinks } from './ruleLinks.ts';
import { type ServerState, settingsOf, uriOf } from './serverState.ts';
import { toDiagnostic } from './toProto.ts';

/** Quiet time after a change before the sources that depend on it are checked again. */
const settleMs = 2500;
const indexPollMs = 200;

/** What a check of a tree came to. `complete` is false when somebody ended it. */
export interface NoinstrSummary {
  readonly files: number;
  readonly findings: number;
  readonly complete: boolean;
}

/** Findings in noinstr code of files that nobody has opened, and of those whose headers change. */
export interface NoinstrCheck {
  /** Checks all noinstr code of the tree of a file, with progress. `null`: the file lies in no tree. */
  readonly checkTree: (path: string | null, token?: CancellationToken) => Promise<NoinstrSummary | null>;
  /** Files or documents changed: the sources that were read from them are checked again. */
  readonly changed: (paths: readonly string[]) => void;
  /** A document was closed: what is known of its file is shown again. */
  readonly closed: (path: string) => void;
  /** The index is there, or settings changed. */
  readonly refresh: () => void;
  readonly dispose: () => void;
}

interface Checked {
  readonly root: string;
  readonly findings: readonly Finding[];
  readonly files: readonly string[];
}

/** Opens the check of noinstr code of a server's trees. Nothing is checked before it is asked for. */
export function createNoinstrCheck(server: () => ServerState): NoinstrCheck {
  const checked = new Map<string, Checked>();
  const shown = new Set<string>();
  /** Trees that were checked as a whole, with the settings it was done with. */
  const trees = new Map<string, string>();
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let links: ReadonlyMap<string, string> | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let run = { isCancellationRequested: false };

  const settingsKey = (root: string): string => {
    const { noinstrPolicy, diagnosticsEnabled, disabledRules, buildDirectory, configFile } = settingsOf(server(), root);
    return JSON.stringify([noinstrPolicy, diagnosticsEnabled, disabledRules, buildDirectory, configFile]);
  };

  /** Shows everything that is known of a file that is not open: the publisher of documents speaks of those. */
  const show = (path: string): void => {
    if (server().documents.version(path) !== null) return;
    links ??= ruleLinks(server().host.rulesDocument);
    const seen = new Set<string>();
    const diagnostics: Diagnostic[] = [];
    for (const { findings } of checked.values()) {
      for (const finding of findings) {
        const { rule, message, range } = finding;
        const key = `${rule}\0${range.start}\0${message}`;
        if (finding.path !== path || seen.has(key) || isDisabledRule(settingsOf(server(), path).disabledRules, rule))
          continue;
        seen.add(key);
        const link = ruleLink(server().host.rulesDocument, links, rule);
        const diagnostic = toDiagnostic(finding, fileLookup(server()), link);
        if (diagnostic !== undefined) diagnostics.push(diagnostic);
      }
    }
    if (diagnostics.length === 0 && !shown.has(path)) return;
    if (diagnostics.length === 0) shown.delete(path);
    else shown.add(path);
    void server().connection.sendDiagnostics({ uri: uriOf(server(), path), diagnostics });
  };

  const take = (path: string, result: Checked | null): void => {
    const touched = new Set((checked.get(path)?.findings ?? []).map((one) => one.path));
    if (result === null) checked.delete(path);
    else {
      checked.set(path, result);
      for (const { path: file } of result.findings) touched.add(file);
    }
    for (const file of touched) show(file);
  };

  const checkOne = async (path: string, token: CancellationToken): Promise<void> => {
    const { noinstrPolicy: policy, diagnosticsEnabled } = settingsOf(server(), path);
    const work = { method: 'noinstr-check', path, token, when: 'background' } as const;
    const result = await server().sliced.run<Checked | null>(work, null, function* (ctx) {
      const tree = ctx.workspace.treeFor(path);
      if (tree === null || policy === 'off' || !diagnosticsEnabled || !isNoinstrSource(ctx, tree, path)) return null;
      const { findings, files } = yield* checkingSource(ctx, path, policy, false);
      return { root: tree.root, findings, files };
    });
    // Cancelled or changed meanwhile: what was known stays, and the change asks again.
    if (!(result instanceof ResponseError)) take(path, result);
  };

  const checkAll = async (paths: readonly string[], outer?: CancellationToken): Promise<boolean> => {
    const mine = { isCancellationRequested: false };
    run = mine;
    const token: CancellationToken = {
      get isCancellationRequested() {
        return mine.isCancellationRequested || outer?.isCancellationRequested === true;
      },
      onCancellationRequested: () => ({ dispose: () => undefined }),
    };
    const left = new Set(paths);
    const work = { title: 'Patchpoint: checking noinstr code', items: paths, token, cancellable: true };
    const complete = await forEachYielding(server(), work, async (path) => {
      await checkOne(path, token);
      if (!token.isCancellationRequested) left.delete(path);
    });
    // A newer change has broken it off: the rest comes with what that change asks for.
    if (mine.isCancellationRequested) for (const path of left) waiting.add(path);
    return complete;
  };

  const inTurn = async <R>(work: () => Promise<R>): Promise<R> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return await result;
  };

  const pathsOf = async (root: string, token: CancellationToken | undefined): Promise<readonly string[]> => {
    const at = `${root}/Makefile`;
    const cancellation = token ?? never;
    server().index.want(`${root}/kernel/sched/core.c`);
    for (;;) {
      const state = server().index.statusOf(at)?.state;
      if ((state !== 'waiting' && state !== 'building') || cancellation.isCancellationRequested) break;
      await new Promise((resume) => setTimeout(resume, indexPollMs));
    }
    const request = { method: 'noinstr-files', path: at, token: cancellation };
    const found = await runRequest<readonly string[]>(server(), request, [], (ctx) => {
      const tree = ctx.workspace.treeFor(at);
      return tree === null ? [] : noinstrPaths(ctx, tree);
    });
    return found instanceof ResponseError ? [] : found;
  };

  const checkRoot = async (root: string, token?: CancellationToken): Promise<NoinstrSummary> => {
    trees.set(root, settingsKey(root));
    const paths = await pathsOf(root, token);
    for (const [path, { root: of }] of [...checked]) if (of === root && !paths.includes(path)) take(path, null);
    const complete = await checkAll(paths, token);
    const places = new Set<string>();
    let files = 0;
    for (const [path, one] of checked) {
      if (one.root !== root || !paths.includes(path)) continue;
      files++;
      for (const { path: file, range, rule } of one.findings) places.add(`${file}\0${range.start}\0${rule}`);
    }
    return { files, findings: places.size, complete };
  };

  const fail = (error: unknown): void =>
    server().logger.error('the check of noinstr code failed', { error: String(error) });

  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      inTurn(async () => {
        const paths = [...waiting];
        waiting.clear();
        await checkAll(paths);
      }).catch(fail);
    }, settleMs);
  };

  return {
    checkTree: async (path, token) => {
      const near = path ?? server().folders[0] ?? null;
      const tree =
        near === null ? null : (server().workspace.treeFor(near) ?? server().workspace.treeFor(`${near}/Makefile`));
      return tree === null ? null : await inTurn(async () => await checkRoot(tree.root, token));
    },
    changed: (paths) => {
      if (checked.size === 0 && trees.size === 0) return;
      const touched = new Set(paths);
      const before = waiting.size;
      // The publisher of documents follows those that are open.
      const isOpen = (path: string): boolean => server().documents.version(path) !== null;
      for (const [path, { files }] of checked) {
        if (!isOpen(path) && files.some((file) => touched.has(file))) waiting.add(path);
      }
      for (const path of paths) {
        if (/\.[cS]$/.test(path) && isInChecked(trees, path) && !isOpen(path)) waiting.add(path);
      }
      if (waiting.size === before) return;
      run.isCancellationRequested = true;
      later();
    },
    closed: (path) => {
      if (checked.has(path)) {
        waiting.add(path);
        later();
      }
      show(path);
    },
    refresh: () => {
      for (const tree of server().workspace.trees) {
        const { root } = tree;
        const isWanted =
          settingsOf(server(), root).noinstrCheckTree && server().index.statusOf(`${root}/Makefile`)?.state === 'ready';
        const before = trees.get(root);
        if (before === undefined ? !isWanted : before === settingsKey(root)) continue;
        inTurn(async () => await checkRoot(root)).catch(fail);
      }
    },
    dispose: () => {
      clearTimeout(timer);
      run.isCancellationRequested = true;
    },
  };
}

const never: CancellationToken = {
  isCancellationRequested: false,
  onCancellationRequested: () => ({ dispose: () => undefined }),
};

function isInChecked(trees: ReadonlyMap<string, string>, path: string): boolean {
  return [...trees.keys()].some((root) => path.startsWith(`${root}/`));
}
