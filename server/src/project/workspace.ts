import type { Logger } from '../base/logger.ts';
import { LineIndex } from '../base/text.ts';
import type { FileSource } from './fileSource.ts';

export interface WorkspaceSettings {
  readonly buildDirectory: string | null;
  readonly configFile: string | null;
  readonly kernelRoot: string | null;
}

export interface WorkspaceOptions {
  readonly files: FileSource;
  readonly logger: Logger;
  readonly settings: WorkspaceSettings;
}

/** A kernel tree that documents belong to. */
export interface KernelTree {
  readonly root: string;
}

/** Documents that the editor holds, over the files on disk. */
export class Workspace {
  readonly #files: FileSource;
  readonly #open = new Map<string, string>();

  constructor(options: WorkspaceOptions) {
    this.#files = options.files;
  }

  openDocument(path: string, text: string, _version: number): void {
    this.#open.set(path, text);
  }

  changeDocument(path: string, text: string, _version: number): void {
    this.#open.set(path, text);
  }

  closeDocument(path: string): void {
    this.#open.delete(path);
  }

  invalidate(_paths: readonly string[]): void {
    // stub
  }

  updateSettings(_settings: WorkspaceSettings): void {
    // stub
  }

  textOf(path: string): string | undefined {
    return this.#open.get(path) ?? this.#files.readText(path);
  }

  lineIndexOf(path: string): LineIndex | undefined {
    const text = this.textOf(path);
    return text === undefined ? undefined : new LineIndex(text);
  }

  treeFor(_path: string): KernelTree | null {
    return null;
  }
}
