import { resolve } from 'node:path';
import { neverCancelled } from '../base/cancellation.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { joinPath, relativePath } from '../base/path.ts';
import { createTracer, noTracer, type Tracer } from '../base/tracer.ts';
import type { FeatureContext } from '../features/featureContext.ts';
import { type TreeStatus, treeStatus } from '../features/treeStatus.ts';
import { loadNodeCParser } from '../node/cParserFiles.ts';
import { createNodeFileSource } from '../node/nodeFileSource.ts';
import type { FileSource } from '../project/fileSource.ts';
import { canBeKernelRoot } from '../project/kernelTree.ts';
import { Workspace } from '../project/workspace.ts';
import { type CliIo, type OptionHelp, type OptionValues, stringValue, UsageError, valueOption } from './command.ts';
import { chooseState } from './stateOption.ts';

/** Options of every command that reads a kernel tree. */
export const treeOptions: readonly OptionHelp[] = [
  valueOption('kernel', 'DIR', 'kernel tree (default: found upwards from the first path)'),
  valueOption('build', 'DIR', 'build directory, the O= of make (default: the tree, or one that leads to it)'),
  valueOption('config', 'FILE', 'a .config alone'),
];

/** One run's view of a kernel tree. */
export interface Session {
  readonly ctx: FeatureContext;
  readonly files: FileSource;
  readonly status: TreeStatus;
  readonly tracer: Tracer;
  /** Makes C files readable (`workspace.cUnit`); to be awaited before the first of them. */
  readonly loadCParser: () => Promise<void>;
  /** Path as results print it: relative to the tree. */
  readonly display: (path: string) => string;
}

/**
 * Opens the tree that `--kernel` names or that the first existing path lies in.
 * Throws `UsageError` when there is none: without a tree there are no cpucaps and no macros.
 */
export function openSession(values: OptionValues, paths: readonly string[], io: CliIo): Session {
  const files = createNodeFileSource();
  const named = (name: string): string | null => {
    const value = stringValue(values, name);
    return value === null ? null : absolutePath(value, io);
  };
  const settings = {
    kernelRoot: named('kernel'),
    buildDirectory: named('build'),
    configFile: named('config'),
  };
  requireKind(files, settings.kernelRoot, 'directory', '--kernel');
  requireKind(files, settings.buildDirectory, 'directory', '--build');
  requireKind(files, settings.configFile, 'file', '--config');
  if (settings.kernelRoot !== null && !canBeKernelRoot(files, settings.kernelRoot)) {
    throw new UsageError(`--kernel ${settings.kernelRoot}: is no arm64 kernel tree (no arch/arm64 in it)`);
  }
  const tracer = createTracer(io.profile, { nowMs: io.nowMs, say: (tree) => io.err(`${tree}\n`) });
  const workspace = new Workspace({ files, logger: loggerTo(io), settings, tracer });
  const first = paths.map((path) => absolutePath(path, io)).find((path) => files.kindOf(path) !== undefined);
  const [missing] = paths;
  if (first === undefined && missing !== undefined) throw new UsageError(`${missing}: no such file or directory`);
  const start = first ?? settings.kernelRoot ?? absolutePath('.', io);
  const given = stringValue(values, 'state');
  const wanted = given === null ? null : { given, path: absolutePath(given, io) };
  const state = chooseState(wanted, workspace, files, start, (problem) => io.err(`patchpoint: ${problem}\n`));
  const ctx: FeatureContext = { workspace, state, cancellation: neverCancelled };
  const status = treeStatus(ctx, start);
  if (!status) {
    throw new UsageError(
      `${settings.kernelRoot ?? start}: not in an arm64 kernel tree (no arch/arm64/tools/cpucaps above it); name the tree with --kernel DIR`,
    );
  }
  return {
    ctx,
    files,
    status,
    tracer: tracer ?? noTracer,
    loadCParser: async () => workspace.setCParser(await loadNodeCParser()),
    display: (path) => relativePath(status.root, path),
  };
}

/** Absolute path with `/` for a path as the user typed it. */
export function absolutePath(path: string, io: CliIo): string {
  return resolve(io.cwd, path).replaceAll('\\', '/');
}

/** For standard error: which kernel, what decides CONFIG_*, and what is odd about them. */
export function describeTree(status: TreeStatus): string {
  const version = status.version === null ? 'kernel of unknown version' : `kernel ${status.version}`;
  const lines = [`${version}, configuration: ${status.configSource}`, ...status.problems];
  return lines.map((line) => `patchpoint: ${line}\n`).join('');
}

function requireKind(files: FileSource, path: string | null, kind: 'file' | 'directory', option: string): void {
  if (path === null) return;
  const found = files.kindOf(path);
  if (found === kind) return;
  throw new UsageError(`${option} ${path}: ${found === undefined ? 'no such file or directory' : `is not a ${kind}`}`);
}

function loggerTo(io: CliIo): Logger {
  return {
    ...silentLogger,
    error: (message) => io.err(`patchpoint: ${message}\n`),
    warn: (message) => io.err(`patchpoint: ${message}\n`),
  };
}

/** Text of a 1-based line of a file that is named as results name it. */
export function sourceLines(session: Session): (file: string, line: number) => string | undefined {
  return (file, line) => {
    const path = joinPath(session.status.root, file);
    const text = session.ctx.workspace.textOf(path);
    const index = session.ctx.workspace.lineIndexOf(path);
    if (text === undefined || index === undefined) return undefined;
    const range = index.lineRange(line, text);
    return text.slice(range.start, range.end);
  };
}
