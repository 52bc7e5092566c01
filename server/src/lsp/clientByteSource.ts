import type { ByteSource } from '../image/byteSource.ts';
import type { ServerRequests } from './protocol.ts';

type OpenFile = ServerRequests['patchpoint/openFile'];
type ReadRange = ServerRequests['patchpoint/readRange'];

/** A client that reads files for a server without a disk. */
export interface FileClient {
  readonly openFile: (params: OpenFile['params']) => Promise<OpenFile['result']>;
  readonly readRange: (params: ReadRange['params']) => Promise<ReadRange['result']>;
}

/** A file could not be read; the message is for people. */
export class FileReadError extends Error {
  override readonly name = 'FileReadError';
}

/** Most bytes of one message: each exists twice while it is handed over. */
const maxMessageBytes = 16 * 1024 * 1024;

/** Changes when a file changes; `null` when it cannot be opened. */
export async function clientFileStamp(client: FileClient, uri: string): Promise<string | null> {
  const opened = await client.openFile({ uri });
  return opened.problem === null ? opened.stamp : null;
}

/**
 * A file of the client's file system, read by ranges; a range beyond its end is cut. Rejects with `FileReadError` when
 * the client cannot open it, and so do its reads when the file is not any more what it was.
 */
export async function openClientFile(
  client: FileClient,
  name: string,
  uri: string,
): Promise<ByteSource & { readonly close: () => Promise<void> }> {
  const opened = await client.openFile({ uri });
  if (opened.problem !== null) throw new FileReadError(`${name}: ${opened.problem}`);
  const { size, stamp } = opened;
  const readPiece = async (offset: number, length: number): Promise<Uint8Array> => {
    const answer = await client.readRange({ uri, stamp, offset, length });
    if (answer.problem !== null) throw new FileReadError(`${name}: ${answer.problem}`);
    return answer.bytes;
  };
  return {
    name,
    sizeBytes: size,
    read: async (offset, length) => {
      const end = Math.min(size, offset + length);
      if (end <= offset) return new Uint8Array(0);
      if (end - offset <= maxMessageBytes) return await readPiece(offset, end - offset);
      const bytes = new Uint8Array(end - offset);
      let at = offset;
      while (at < end) {
        const piece = await readPiece(at, Math.min(maxMessageBytes, end - at));
        if (piece.length === 0) break;
        bytes.set(piece, at - offset);
        at += piece.length;
      }
      return at === end ? bytes : bytes.slice(0, at - offset);
    },
    // The client lets it go by itself.
    close: async () => undefined,
  };
}
