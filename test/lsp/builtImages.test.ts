import { describe, expect, it } from 'vitest';
import { memoryByteSource } from '../../server/src/image/byteSource.ts';
import type { ImageTools } from '../../server/src/lsp/builtImages.ts';
import { parseSettings } from '../../server/src/lsp/settings.ts';
import { fakeServer } from '../support/fakeServer.ts';
import { smallFrames } from '../support/smallImageLines.ts';
import { smallKernel } from '../support/smallImages.ts';
import { smallTree } from '../support/smallTree.ts';
import { waitFor } from '../support/waitFor.ts';

const file = '/k/arch/arm64/kernel/demo.c';

function server(tools: Partial<ImageTools> = {}, symbolizer = 'addr2line', more: Record<string, string> = {}) {
  const asked: string[] = [];
  const images: ImageTools = {
    open: async (path) => {
      asked.push(`open ${path}`);
      return { ...memoryByteSource(path, smallKernel()), close: async () => undefined };
    },
    loadDecoder: async () => ({ decode: () => [null], close: () => undefined }),
    symbolize: async (program, _image, addresses) => {
      asked.push(`${program} for ${addresses.length} addresses`);
      return { kind: 'done', frames: smallFrames };
    },
    ...tools,
  };
  const fake = fakeServer({
    images,
    files: smallTree({ vmlinux: '', 'arch/arm64/kernel/demo.c': 'int a;\n', ...more }),
  });
  fake.server.settings = parseSettings({ image: { symbolizerPath: symbolizer } });
  return { ...fake, asked };
}

describe('a built image', () => {
  it('is opened once, beside the requests, when a file of the tree is asked about', async () => {
    const { server: state, asked } = server();
    expect(state.images.loaded(file)).toBeNull();
    state.images.want(file);
    state.images.want(file);
    expect(state.images.loaded(file)).toBeNull();
    await waitFor('the image', () => state.images.loaded(file) !== null);
    expect(asked).toEqual(['open /k/vmlinux', 'addr2line for 4 addresses']);
    expect(state.images.loaded(file)?.lines.at('arch/arm64/kernel/demo.c', 12)).toHaveLength(1);
  });

  it('of another release is told to the user once', async () => {
    const told: string[] = [];
    const { server: state } = server({}, 'addr2line', { Makefile: 'VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 1\n' });
    const window = { showWarningMessage: (text: string) => void told.push(text) };
    const connection = { window, languages: {} } as unknown as typeof state.connection;
    Object.assign(state, { connection });
    state.images.want(file);
    await waitFor('the image', () => state.images.loaded(file) !== null);
    state.images.want(file);
    expect(told).toEqual([
      '/k/vmlinux is not of this source: The image is of 6.12.0-demo, the tree of 5.4.1: lines may not belong together.',
    ]);
  });

  it('is not read without a symbolizer', async () => {
    const { server: state, asked } = server({}, '');
    state.images.want(file);
    await Promise.resolve();
    expect(asked).toEqual([]);
  });

  it('that cannot be read is told once in the log', async () => {
    const { server: state, log } = server({
      symbolize: async () => ({ kind: 'failed', reason: 'addr2line: no such program' }),
    });
    state.images.want(file);
    await waitFor('the log', () => log.length > 0);
    state.images.want(file);
    expect(log).toEqual(['warn no lines of the built image {"reason":"addr2line: no such program"}']);
    expect(state.images.loaded(file)).toBeNull();
  });
});
