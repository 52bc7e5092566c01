/** The first bytes of a gzip stream (RFC 1952, 2.3). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** A kernel with every option stays below; a file that unpacks to more is not believed. */
const maxUnpackedBytes = 1 << 30;

/** The unpacked bytes, or what is wrong. What follows the end of the stream is left alone. Never throws. */
export async function unpackGzip(packed: Uint8Array): Promise<Uint8Array | { readonly problem: string }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const bytes = new Uint8Array(packed);
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        controller.enqueue(bytes);
        controller.close();
      },
    }).pipeThrough(new DecompressionStream('gzip'));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
      if (length > maxUnpackedBytes) {
        await reader.cancel();
        return { problem: 'unpacks to more than 1 GB, which is not believed' };
      }
    }
  } catch (error) {
    // The stream tells damage, and bytes after its end, by an error; what came before is good in the second case.
    if (length === 0 || !isTrailingJunk(error)) {
      return { problem: `damaged gzip data (${error instanceof Error ? error.message : String(error)})` };
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function isTrailingJunk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return 'code' in error ? error.code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END' : /trailing|junk/i.test(error.message);
}
