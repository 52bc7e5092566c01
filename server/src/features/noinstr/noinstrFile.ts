import { LineIndex, type TextRange } from '../../base/text.ts';
import type { Context } from '../../noinstr/pathState.ts';
import type { Workspace } from '../../project/workspace.ts';
import { editBetween, movedRange } from '../c/cFile.ts';

/** Where instrumentation stands at a place: what the paths to it have in common. */
export type Standing = 'OUT' | 'IN' | 'region' | '?';

/** A noinstr function of a file. Offsets are UTF-16 offsets into the file's text. */
export interface NoinstrFunction {
  readonly name: string;
  readonly nameRange: TextRange;
  /** From its name to its closing brace. */
  readonly range: TextRange;
  readonly entry: Context;
  readonly nCallees: number;
  readonly nFindings: number;
  /** Callees of which nothing is claimed, with the reason. */
  readonly unverified: readonly { readonly name: string; readonly reason: string; readonly line: number | null }[];
}

/** What is to be said of a name in noinstr code. */
export interface NoinstrName {
  readonly range: TextRange;
  readonly markdown: string;
}

/** The first place on a line at which another standing holds than on the line before. */
export interface StandingChange {
  readonly range: TextRange;
  readonly standing: Standing;
}

/** What is shown of the noinstr code in one text of a file: plain data that outlives the analysis it was made from. */
export interface NoinstrFile {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly functions: readonly NoinstrFunction[];
  /** Calls and uses of macros in noinstr functions and in what is inlined into them. */
  readonly names: readonly NoinstrName[];
  readonly changes: readonly StandingChange[];
}

const maxFiles = 48;
const shown = new WeakMap<Workspace, Map<string, NoinstrFile>>();

/** Keeps what is shown of a file until it is checked again. */
export function keepNoinstrFile(workspace: Workspace, file: NoinstrFile): void {
  const files = shown.get(workspace) ?? new Map<string, NoinstrFile>();
  shown.set(workspace, files);
  files.delete(file.path);
  files.set(file.path, file);
  const oldest = files.keys().next();
  if (files.size > maxFiles && oldest.done !== true) files.delete(oldest.value);
}

/** Forgets what was shown of a file: it holds no such code any more. */
export function dropNoinstrFile(workspace: Workspace, path: string): void {
  shown.get(workspace)?.delete(path);
}

/**
 * What the last check of a file has found out, with places moved along to the text that the file has now; what an edit
 * touches is left out. `null` for a file that was not checked. Never starts an analysis.
 */
export function noinstrFile(workspace: Workspace, path: string): NoinstrFile | null {
  const files = shown.get(workspace);
  const file = files?.get(path);
  const text = workspace.textOf(path);
  if (files === undefined || file === undefined || text === undefined) return null;
  if (file.text === text) return file;
  const moved = movedTo(file, text);
  files.set(path, moved);
  return moved;
}

function movedTo(file: NoinstrFile, text: string): NoinstrFile {
  const edit = editBetween(file.text, text);
  const lines = new LineIndex(text);
  const functions = file.functions.flatMap((one) => {
    const range = movedRange(one.range, edit, true);
    const nameRange = movedRange(one.nameRange, edit, false);
    return range === null || nameRange === null ? [] : [{ ...one, range, nameRange }];
  });
  const moved = <T extends { readonly range: TextRange }>(one: T): T[] => {
    const range = movedRange(one.range, edit, false);
    return range === null ? [] : [{ ...one, range }];
  };
  return { ...file, text, lines, functions, names: file.names.flatMap(moved), changes: file.changes.flatMap(moved) };
}
