import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';

/** Documents that the client has open, by engine path. The text itself lives in the workspace; here is its version. */
export class OpenDocuments {
  readonly #byPath = new Map<string, TextDocument>();

  open(path: string, document: TextDocument): void {
    this.#byPath.set(path, document);
  }

  /** Applies incremental changes. Result: the new document, or `undefined` when it was never opened. */
  change(path: string, changes: TextDocumentContentChangeEvent[], version: number): TextDocument | undefined {
    const document = this.#byPath.get(path);
    if (!document) return undefined;
    const updated = TextDocument.update(document, changes, version);
    this.#byPath.set(path, updated);
    return updated;
  }

  close(path: string): void {
    this.#byPath.delete(path);
  }

  version(path: string): number | null {
    return this.#byPath.get(path)?.version ?? null;
  }

  /** The URI as the client spells it: two spellings of one file would be two files to it. */
  uri(path: string): string | undefined {
    return this.#byPath.get(path)?.uri;
  }

  paths(): readonly string[] {
    return [...this.#byPath.keys()];
  }
}
