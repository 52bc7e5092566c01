import type { FileSource } from '../project/fileSource.ts';
import { type CliIo, UsageError } from './command.ts';
import { absolutePath, type Session } from './session.ts';

export interface InputOptions {
  /** Which files of a folder count; a file that is named itself always does. */
  readonly matches: (name: string) => boolean;
  /** What such files hold, for a folder without any. Default: assembly. */
  readonly what?: string;
}

export interface Inputs {
  readonly files: readonly string[];
  /** Those of them that were named themselves; a folder's files are taken as far as they fit. */
  readonly named: ReadonlySet<string>;
  /** Inputs that cannot be read, each as `path: reason`. */
  readonly problems: readonly string[];
}

/** Depth at which a folder walk gives up: a loop of symbolic links ends here. */
const maxDepth = 32;

/** Throws `UsageError` when a command that needs paths got none. */
export function requirePaths(paths: readonly string[]): void {
  if (paths.length === 0) throw new UsageError('no path given; see --help');
}

/**
 * Files behind the paths of a command line: files as named, folders walked in name order, each file once. Of a whole
 * tree only `arch/arm64` is walked: what else is assembly there belongs to other architectures or to user space.
 */
export function collectInputs(
  paths: readonly string[],
  { files, status }: Session,
  io: CliIo,
  options: InputOptions,
): Inputs {
  const whole = new Set([status.root, `${status.root}/arch`]);
  const found = new Set<string>();
  const named = new Set<string>();
  const problems: string[] = [];
  let matching = 0;
  const walk = (directory: string, depth: number): void => {
    for (const entry of files.list(directory)) {
      const path = `${directory === '/' ? '' : directory}/${entry.name}`;
      if (entry.kind === 'file' && options.matches(entry.name)) {
        matching++;
        found.add(path);
      } else if (entry.kind === 'directory' && depth < maxDepth && !skippedFolders.has(entry.name)) {
        // A link to a folder is not followed: the build directory's `source` would bring the whole tree in again.
        if (files.linkTarget(path) === undefined) walk(path, depth + 1);
      }
    }
  };
  for (const given of paths) {
    const path = absolutePath(given, io);
    const kind = files.kindOf(path);
    if (kind === undefined) problems.push(`${given}: no such file or directory`);
    else if (kind === 'directory') {
      const before = matching;
      walk(whole.has(path) ? `${status.root}/arch/arm64` : path, 0);
      if (matching === before) problems.push(`${given}: no ${options.what ?? 'assembly'} files in this folder`);
    } else {
      named.add(path);
      found.add(path);
    }
  }
  return { files: [...found], named, problems };
}

/** Files that can hold assembly, by name. Most headers are C and turn out to hold none. */
export function mayHoldAssembly(name: string): boolean {
  return name.endsWith('.S') || name.endsWith('.h');
}

/** Files that can hold assembly or C. */
export function mayHoldCode(name: string): boolean {
  return name.endsWith('.c') || mayHoldAssembly(name);
}

const skippedFolders: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** Why a file cannot be taken as source text, or `null` when it can. */
export function unreadableReason(path: string, files: FileSource): string | null {
  const text = files.readText(path);
  if (text === undefined) return 'cannot be read';
  if (text.includes('\0')) return 'not a text file';
  return null;
}
