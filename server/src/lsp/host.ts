import type { Tracer } from '../base/tracer.ts';
import type { McaRunner } from '../cost/llvmMca.ts';
import type { FileSource } from '../project/fileSource.ts';
import type { IndexStore } from '../project/nameIndex/storedIndex.ts';
import type { CParser } from '../syntax/c/cParser.ts';
import type { ImageTools } from './builtImages.ts';

/** What a process or a web worker gives the server: files, URIs, time. */
export interface ServerHost {
  readonly files: FileSource;
  /** Engine path of a document, or `null` when its scheme holds no kernel source (an untitled or Git document). */
  readonly toPath: (uri: string) => string | null;
  readonly toUri: (path: string) => string;
  /** Called with the client's first workspace folders, before any document comes. */
  readonly setFolders: (uris: readonly string[]) => void;
  /** Forgets what is known of these paths on disk. */
  readonly forget: (paths: readonly string[]) => void;
  /**
   * Loads the files that analysis asked for and that were not there yet. Result: the paths that are known
   * now, empty when nothing was wanted. A host whose files are always at hand leaves it out.
   */
  readonly loadWanted?: () => Promise<readonly string[]>;
  /**
   * Runs one request after the other where files are loaded on the way: what the first one loads the others need as
   * well, and until it is there their work would be thrown away. A host whose files are always at hand leaves it out.
   */
  readonly inTurn?: (run: () => Promise<void>) => Promise<void>;
  /** Lets waiting messages in: a cancellation, the next change of the document. */
  readonly pause: () => Promise<void>;
  readonly nowMs: () => number;
  /** Writes a read-only temporary document for clients that cannot show virtual ones; `null` where there is no disk. */
  readonly writeTemporary: ((name: string, text: string) => string) | null;
  /** Runs llvm-mca when the user asks for its opinion; `null` where there are no processes. */
  readonly mca: McaRunner | null;
  /** Reads built images; absent or `null` where there is nobody who reads them. */
  readonly images?: ImageTools | null;
  /** The documentation of the rules as it was installed; `null` where it cannot be opened. */
  readonly rulesDocument: { readonly uri: string; readonly text: string } | null;
  /** Loads the parser of C. `assets`: the folder of the server's data files as the client knows it, if it does. */
  readonly loadCParser: (assets: string | null) => Promise<CParser>;
  /** Where indexes are kept from one run to the next, below a folder that the client names; `null` where there is no disk. */
  readonly indexStore: (folder: string, say: (problem: string) => void) => IndexStore | null;
  /** Says where the time goes (`PATCHPOINT_PROFILE`); `null` when nobody asked. */
  readonly tracer: Tracer | null;
  readonly version: string;
  readonly platform: string;
}
