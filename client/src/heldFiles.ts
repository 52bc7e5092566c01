import type { ServerRequests } from '../../server/src/lsp/protocol.ts';

type OpenFile = ServerRequests['patchpoint/openFile'];
type ReadRange = ServerRequests['patchpoint/readRange'];

/** The editor's file system as far as it is used here. Both reject with a message for people. */
export interface FileReader {
  readonly stat: (uri: string) => Promise<{ readonly size: number; readonly mtime: number; readonly isFile: boolean }>;
  readonly read: (uri: string) => Promise<Uint8Array>;
}

export interface HeldFiles {
  /** Size and stamp of a file; nothing is read yet. */
  readonly open: (params: OpenFile['params']) => Promise<OpenFile['result']>;
  readonly readRange: (params: ReadRange['params']) => Promise<ReadRange['result']>;
  readonly dispose: () => void;
}

/** A file that is larger is not held: the editor hands it over in one piece, which memory must have room for twice. */
const maxFileBytes = 512 * 1024 * 1024;
const maxFiles = 2;
/** One image is read within seconds; after that its bytes are only in the way. */
const defaultIdleMs = 30_000;

interface Held {
  readonly stamp: string;
  readonly blob: Promise<Blob>;
  idle: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Ranges of files for a server without a disk. VS Code reads whole files only, so a file is read once and kept as a
 * blob, which the browser may put on disk, until nobody has asked for a while.
 */
export function createHeldFiles(
  reader: FileReader,
  { maxBytes = maxFileBytes, idleMs = defaultIdleMs }: { readonly maxBytes?: number; readonly idleMs?: number } = {},
): HeldFiles {
  const held = new Map<string, Held>();
  const drop = (uri: string): void => {
    clearTimeout(held.get(uri)?.idle);
    held.delete(uri);
  };
  const open: HeldFiles['open'] = async ({ uri }) => {
    try {
      const { size, mtime, isFile } = await reader.stat(uri);
      if (!isFile) return { problem: 'no regular file' };
      if (size > maxBytes) return { problem: tooLarge(size, maxBytes) };
      return { size, stamp: `${mtime} ${size}`, problem: null };
    } catch (error) {
      return { problem: messageOf(error) };
    }
  };
  /** The blob of a file as it was when it was opened, or why there is none. */
  const blobOf = async (uri: string, stamp: string): Promise<Blob | string> => {
    let file = held.get(uri);
    if (file?.stamp !== stamp) {
      const now = await open({ uri });
      if (now.problem !== null) return now.problem;
      if (now.stamp !== stamp) return 'the file was changed while it was read';
      // Another request may have begun to read it meanwhile.
      file = held.get(uri);
    }
    if (file?.stamp !== stamp) {
      drop(uri);
      for (const [oldest] of [...held].slice(0, Math.max(0, held.size - maxFiles + 1))) drop(oldest);
      // The cast: what the editor reads is never shared memory.
      const blob = reader.read(uri).then((bytes) => new Blob([bytes as Uint8Array<ArrayBuffer>]));
      file = { stamp, blob, idle: undefined };
    }
    drop(uri);
    // The one that was used last is the last one of the map.
    held.set(uri, file);
    const mine = file;
    try {
      return await mine.blob;
    } catch (error) {
      if (held.get(uri) === mine) drop(uri);
      return messageOf(error);
    } finally {
      // From the moment the bytes are there: reading them may take longer than the time they are kept.
      clearTimeout(mine.idle);
      if (held.get(uri) === mine) mine.idle = setTimeout(() => drop(uri), idleMs);
    }
  };
  return {
    open,
    readRange: async ({ uri, stamp, offset, length }) => {
      const blob = await blobOf(uri, stamp);
      if (typeof blob === 'string') return { problem: blob };
      try {
        const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
        return { bytes, problem: null };
      } catch (error) {
        return { problem: messageOf(error) };
      }
    },
    dispose: () => {
      for (const uri of [...held.keys()]) drop(uri);
    },
  };
}

function tooLarge(size: number, maxBytes: number): string {
  const mb = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`;
  return (
    `it has ${mb(size)}, and in a browser the editor reads whole files only, of which up to ${mb(maxBytes)} are taken. ` +
    'A copy without debug information (objcopy --strip-debug) has the same patch sites'
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
