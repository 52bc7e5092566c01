import { describe, expect, it } from 'vitest';
import { createHeldFiles } from '../../client/src/heldFiles.ts';
import { clientFileStamp, openClientFile } from '../../server/src/lsp/clientByteSource.ts';
import { loadNodeDecoder } from '../../server/src/node/capstoneFiles.ts';
import { fakeServer } from '../support/fakeServer.ts';
import { smallKernel } from '../support/smallImages.ts';
import { smallTree } from '../support/smallTree.ts';
import { waitFor } from '../support/waitFor.ts';

const uri = 'memfs:/k/vmlinux';

/** An editor's file system with some files, the requests that read them by ranges, and what they cost. */
function files(contents: Record<string, Uint8Array>, options: Parameters<typeof createHeldFiles>[1] = {}) {
  const reads: string[] = [];
  let mtime = 1;
  const bytesOf = (at: string): Uint8Array => {
    const bytes = contents[at];
    if (bytes === undefined) throw new Error('no such file');
    return bytes;
  };
  const held = createHeldFiles(
    {
      stat: async (at) => ({ size: bytesOf(at).length, mtime, isFile: true }),
      read: async (at) => {
        reads.push(at);
        return bytesOf(at);
      },
    },
    options,
  );
  const client = { openFile: held.open, readRange: held.readRange };
  return { client, reads, held, touch: () => void mtime++ };
}

const numbers = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, at) => at % 251);

describe('a file that the client reads', () => {
  it('is read whole once, when its first bytes are wanted, and gives ranges', async () => {
    const { client, reads, held } = files({ [uri]: numbers(1000) });
    const source = await openClientFile(client, '/k/vmlinux', uri);
    expect([source.name, source.sizeBytes, reads]).toEqual(['/k/vmlinux', 1000, []]);
    expect([...(await source.read(10, 3))]).toEqual([10, 11, 12]);
    expect([...(await source.read(998, 10))]).toEqual([998 % 251, 999 % 251]);
    expect(await source.read(1000, 4)).toHaveLength(0);
    expect(await source.read(5000, 4)).toHaveLength(0);
    expect(reads).toEqual([uri]);
    held.dispose();
  });

  it('gives bytes that are the own ones of whoever asks', async () => {
    const { client, held } = files({ [uri]: numbers(8) });
    const source = await openClientFile(client, 'f', uri);
    (await source.read(0, 8)).fill(9);
    expect([...(await source.read(0, 3))]).toEqual([0, 1, 2]);
    held.dispose();
  });

  it('comes in messages of bounded size', async () => {
    const size = 20 * 1024 * 1024;
    const { client, held } = files({ [uri]: numbers(size) });
    const lengths: number[] = [];
    const counting: typeof client = {
      ...client,
      readRange: async (params) => {
        lengths.push(params.length);
        return await client.readRange(params);
      },
    };
    const bytes = await (await openClientFile(counting, 'f', uri)).read(1, size);
    expect(bytes).toHaveLength(size - 1);
    expect(bytes.at(-1)).toBe((size - 1) % 251);
    expect(lengths).toEqual([16 * 1024 * 1024, 4 * 1024 * 1024 - 1]);
    held.dispose();
  });

  it('is let go when nobody asks any more, and read again for the next one', async () => {
    const { client, reads, held } = files({ [uri]: numbers(8) }, { idleMs: 0 });
    const source = await openClientFile(client, 'f', uri);
    await source.read(0, 1);
    await waitFor('the bytes to be let go', async () => {
      await source.read(0, 1);
      return reads.length > 1;
    });
    held.dispose();
  });

  it('is held beside one other', async () => {
    const { client, reads, held } = files({ a: numbers(1), b: numbers(2), c: numbers(3) });
    const read = async (at: string): Promise<unknown> => await (await openClientFile(client, at, at)).read(0, 9);
    for (const at of ['a', 'b', 'a', 'c', 'a', 'b']) await read(at);
    expect(reads.join('')).toBe('abcb');
    held.dispose();
  });

  it('that two want at once is read once', async () => {
    const { client, reads, held } = files({ [uri]: numbers(8) });
    const source = await openClientFile(client, 'f', uri);
    await Promise.all([source.read(0, 1), source.read(1, 1), source.read(2, 1)]);
    expect(reads).toEqual([uri]);
    held.dispose();
  });

  it('has a reason when it is absent, too large, or another one by now', async () => {
    const { client, held, touch } = files({ [uri]: numbers(3 * 1024 * 1024) }, { maxBytes: 2 * 1024 * 1024 });
    await expect(openClientFile(client, '/k/x', 'memfs:/k/x')).rejects.toThrow('/k/x: no such file');
    await expect(openClientFile(client, '/k/vmlinux', uri)).rejects.toThrow(
      '/k/vmlinux: it has 3 MB, and in a browser the editor reads whole files only, of which up to 2 MB are taken. ' +
        'A copy without debug information (objcopy --strip-debug) has the same patch sites',
    );
    expect(await clientFileStamp(client, uri)).toBeNull();
    held.dispose();

    const changing = files({ [uri]: numbers(8) });
    const source = await openClientFile(changing.client, 'f', uri);
    changing.touch();
    await expect(source.read(0, 1)).rejects.toThrow('f: the file was changed while it was read');
    touch();
  });
});

describe('an image that the client reads', () => {
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };

  it('is opened like one of a disk, kept, and read again when it was built again', async () => {
    const { client, reads, held, touch } = files({ 'file:///k/vmlinux': smallKernel() });
    const { server } = fakeServer({
      files: smallTree({ vmlinux: '' }),
      images: {
        open: async (path) => await openClientFile(client, path, `file://${path}`),
        stamp: async (path) => await clientFileStamp(client, `file://${path}`),
        loadDecoder: loadNodeDecoder,
        symbolize: null,
      },
    });
    const open = async () => await server.openedImages.open('/k/Makefile', token);
    const first = await open();
    expect('problem' in first ? first.problem : first.entries.length).toBe(4);
    expect(await open()).toBe(first);
    expect(reads).toHaveLength(1);
    touch();
    expect(await open()).not.toBe(first);
    expect(reads).toHaveLength(2);
    // Without processes nobody asks for lines.
    server.images.want('/k/Makefile');
    expect(server.images.loaded('/k/Makefile')).toBeNull();
    server.openedImages.dispose();
    held.dispose();
  });
});
