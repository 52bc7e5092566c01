import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from '../image/byteSource.ts';

export interface OpenByteSource extends ByteSource {
  close(): Promise<void>;
}

/** A file of the disk, read by ranges. Rejects when it cannot be opened or is no regular file. */
export async function openByteSource(path: string, name = path): Promise<OpenByteSource> {
  const handle = await open(path, 'r');
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw new Error(`${name}: no regular file`);
  }
  return {
    name,
    sizeBytes: stats.size,
    read: async (offset, length) => await readRange(handle, offset, length, stats.size),
    close: async () => await handle.close(),
  };
}

async function readRange(handle: FileHandle, offset: number, length: number, size: number): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(length, size - offset));
  const bytes = new Uint8Array(wanted);
  let done = 0;
  while (done < wanted) {
    const { bytesRead } = await handle.read(bytes, done, wanted - done, offset + done);
    // The file became shorter while it was read.
    if (bytesRead === 0) return bytes.slice(0, done);
    done += bytesRead;
  }
  return bytes;
}
