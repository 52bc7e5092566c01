import type { Workspace } from '../../project/workspace.ts';
import type { CFile, CFileSource } from './cFile.ts';
import { movedTo } from './cFile.ts';

/** Files without a document are few: those of patched views and of references. */
const maxFiles = 48;

/**
 * The last analysis of each C file that is open. Invariant: what `get` gives has the text that the workspace has now,
 * made from it or moved along.
 */
export class CFileStore implements CFileSource {
  readonly #workspace: Workspace;
  readonly #files = new Map<string, CFile>();
  readonly #moved = new WeakMap<CFile, CFile>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  get(path: string): CFile | null {
    const file = this.#files.get(path);
    const text = this.#workspace.textOf(path);
    if (file === undefined || text === undefined) return null;
    if (file.text === text) return file;
    const known = this.#moved.get(file);
    if (known?.text === text) return known;
    const moved = movedTo(file, text);
    this.#moved.set(file, moved);
    return moved;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  put(file: CFile): void {
    this.#files.delete(file.path);
    this.#files.set(file.path, file);
    const oldest = this.#files.keys().next();
    if (this.#files.size > maxFiles && oldest.done !== true) this.#files.delete(oldest.value);
  }

  drop(path: string): void {
    this.#files.delete(path);
  }
}

/** Whether two analyses of a file show the same: the editor need not ask again. */
export function showsTheSame(left: CFile, right: CFile): boolean {
  return (
    left.sites.length === right.sites.length &&
    left.keys.length === right.keys.length &&
    JSON.stringify(left.inactive) === JSON.stringify(right.inactive) &&
    left.sites.every((site, index) => digest(site) === digest(right.sites[index])) &&
    left.keys.every((key, index) => JSON.stringify(key) === JSON.stringify(right.keys[index])) &&
    left.functions.length === right.functions.length
  );
}

function digest(site: CFile['sites'][number] | undefined): string {
  if (site === undefined) return '';
  const { range, kind, construct, count, jump, alternative, staticCall, removed } = site;
  const trigger = jump?.key ?? alternative?.cpucap.text ?? staticCall?.call;
  const streams = [...(alternative?.original ?? []), ...(alternative?.replacement ?? [])].map((insn) => insn.text);
  const arms = [jump?.inLine, jump?.outOfLine, jump?.initial, jump?.branch];
  return JSON.stringify([range, kind, construct, count, trigger, removed, streams, arms]);
}
