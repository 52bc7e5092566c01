import type { CancellationToken } from 'vscode-languageserver';
import { CancelledError } from '../base/cancellation.ts';
import { basename } from '../base/path.ts';
import { type NoImage, type OpenedImage, openKernelImage } from '../features/image/openedImage.ts';
import type { ByteSource } from '../image/byteSource.ts';
import type { WordDecoder } from '../isa/decode.ts';
import { folderOf, type ServerState, settingPath, settingsOf } from './serverState.ts';

/** An image that nobody asks about for so long is given back. */
const idleMs = 10 * 60_000;

/** The image whose sites are listed and disassembled: read when somebody asks, one at a time. */
export interface OpenedImages {
  /** The image of a file's tree (of the first tree for `null`), or why there is none. Rejects with `CancelledError`. */
  readonly open: (path: string | null, token: CancellationToken) => Promise<OpenedImage | NoImage>;
  /** Looks at this file instead of the settings' one, until another is chosen; `null`: at the settings' one. */
  readonly choose: (file: string | null) => void;
  readonly dispose: () => void;
}

interface Held {
  readonly key: string;
  readonly image: Promise<OpenedImage | NoImage>;
}

export function createOpenedImages(server: () => ServerState): OpenedImages {
  let held: Held | null = null;
  let chosen: string | null = null;
  let decoder: Promise<WordDecoder> | null = null;
  let idle: ReturnType<typeof setTimeout> | undefined;
  const drop = (): void => {
    clearTimeout(idle);
    held = null;
    decoder?.then((one) => one.close()).catch(() => undefined);
    decoder = null;
  };

  const read = async (file: string, near: string, token: CancellationToken): Promise<OpenedImage | NoImage> => {
    const { host, workspace, logger } = server();
    const tools = host.images;
    if (!tools) {
      const why = `a vmlinux has hundreds of megabytes, and a browser's editor reads whole files only`;
      return {
        problem: `${file} is too large to be read in a browser: ${why}. Use VS Code on the desktop, or patchpoint image.`,
      };
    }
    const startedMs = host.nowMs();
    decoder ??= tools.loadDecoder();
    const texts = await decoder;
    const source = await tools.open(file).catch((error: unknown) => String(error));
    if (typeof source === 'string') return { problem: source };
    try {
      const opened = await openKernelImage(file, stopping(source, token), texts, workspace.treeFor(near)?.cpucaps);
      if ('image' in opened) {
        const tookMs = Math.round(host.nowMs() - startedMs);
        logger.info('image opened', { file, sites: opened.entries.length, tookMs });
      }
      return opened;
    } finally {
      await source.close();
    }
  };

  return {
    open: async (path, token) => {
      const near = path ?? server().folders[0] ?? '/';
      const file = chosen ?? imageFile(server(), near);
      if (typeof file !== 'string') return file;
      const key = `${file} ${server().host.files.stamp(file)}`;
      if (held?.key !== key) {
        drop();
        held = {
          key,
          image: withProgress(server(), `Reading ${basename(file)}`, token, (stop) => read(file, near, stop)),
        };
      }
      clearTimeout(idle);
      idle = setTimeout(drop, idleMs);
      const mine = held;
      try {
        const opened = await mine.image;
        // What could not be read may be there the next time.
        if ('problem' in opened && held === mine) drop();
        return opened;
      } catch (error) {
        if (held === mine) drop();
        throw error;
      }
    },
    choose: (file) => {
      chosen = file;
      drop();
    },
    dispose: drop,
  };
}

/** The image that the settings name, else `vmlinux` of the build directory or of the tree. */
function imageFile(server: ServerState, near: string): string | NoImage {
  const { imagePath } = settingsOf(server, near);
  if (imagePath !== null) return settingPath(folderOf(server, near), imagePath);
  const tree = server.workspace.treeFor(near) ?? server.workspace.treeFor(`${near}/Makefile`);
  if (tree === null) return { problem: 'this is no arm64 kernel tree, so no image belongs to it' };
  const file = `${tree.buildDirectory?.path ?? tree.root}/vmlinux`;
  if (server.host.files.kindOf(file) === 'file') return file;
  return { problem: `there is no ${file}: choose an image, or a build directory that has one` };
}

/** A source that ends the reading once it is no longer wanted. */
function stopping(source: ByteSource, token: CancellationToken): ByteSource {
  return {
    name: source.name,
    sizeBytes: source.sizeBytes,
    read: async (offset, length) => {
      if (token.isCancellationRequested) throw new CancelledError();
      return await source.read(offset, length);
    },
  };
}

async function withProgress<T>(
  server: ServerState,
  title: string,
  token: CancellationToken,
  work: (stop: CancellationToken) => Promise<T>,
): Promise<T> {
  if (!server.client.progress) return await work(token);
  const reporter = await server.connection.window.createWorkDoneProgress();
  reporter.begin(title, undefined, undefined, true);
  try {
    return await work(reporter.token);
  } finally {
    reporter.done();
  }
}
