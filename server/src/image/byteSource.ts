/** Bytes of a file that are read where they are needed: a file of 400 MB is never held as a whole. */
export interface ByteSource {
  /** What messages call the file. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * `length` bytes from `offset`, fewer at the end of the file. The result is the caller's own to change. Rejects only
   * when the medium fails.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes that are in memory already, such as the vDSO inside a kernel. */
export function memoryByteSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
}

/** What is used of a browser's `Blob` or `File`. */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A file that a browser offers. */
export function blobByteSource(name: string, blob: BlobLike): ByteSource {
  return {
    name,
    sizeBytes: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}
