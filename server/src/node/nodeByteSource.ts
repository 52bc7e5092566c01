import { type FileHandle, open, stat } from 'node:fs/promises';
import type { ByteSource } from '../image/byteSource.ts';

export interface OpenByteSource extends ByteSource {
  close(): Promise<void>;
}

/** A file of the disk, read by ranges. Rejects, with a message for people, when it cannot be opened or is no regular file. */
export async function openByteSource(path: string, name = path): Promise<OpenByteSource> {
  const handle = await openRegular(path).catch((error: unknown) => {
    throw new Error(`${name}: ${openProblem(error)}`, { cause: error });
  });
  const stats = await handle.stat();
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

/** Opening a pipe would wait for its writer, so that the kind comes first. */
async function openRegular(path: string): Promise<FileHandle> {
  const stats = await stat(path);
  if (stats.isDirectory()) throw new Error('is a directory; name the image in it');
  if (!stats.isFile()) throw new Error('no regular file; copy what it gives into one');
  return await open(path, 'r');
}

function openProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM')
    return 'permission denied; it must be readable for you (chmod +r, or copy it)';
  if (code === 'ELOOP') return 'a symbolic link that leads to itself';
  if (code === 'ENOTDIR') return 'no such file: a part of its path is no directory';
  return error instanceof Error ? error.message : String(error);
}
