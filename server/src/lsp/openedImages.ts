import type { CancellationToken } from 'vscode-languageserver';
import { CancelledError } from '../base/cancellation.ts';
import { basename } from '../base/path.ts';
import { type NoImage, type OpenedImage, openKernelImage } from '../features/image/openedImage.ts';
import type { ByteSource } from '../image/byteSource.ts';
import type { WordDecoder } from '../isa/decode.ts';
import { FileReadError } from './clientByteSource.ts';
import { folderOf, type ServerState, settingPath, settingsOf } from './serverState.ts';
import { untilLoaded } from './untilLoaded.ts';

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
    if (!tools) return { problem: 'this client reads no ranges of files for a server without a disk' };
    const startedMs = host.nowMs();
    decoder ??= tools.loadDecoder(server().assets);
    const texts = await decoder;
    const source = await tools
      .open(file)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (typeof source === 'string') return { problem: source };
    try {
      const opened = await openKernelImage(file, stopping(source, token), texts, workspace.treeFor(near)?.cpucaps);
      if ('image' in opened) {
        const tookMs = Math.round(host.nowMs() - startedMs);
        logger.info('image opened', { file, sites: opened.entries.length, tookMs });
      }
      return opened;
    } catch (error) {
      if (error instanceof FileReadError) return { problem: error.message };
      throw error;
    } finally {
      await source.close();
    }
  };

  return {
    open: async (path, token) => {
      const near = path ?? server().folders[0] ?? '/';
      const file = await wantedFile(server(), near, chosen, token);
      if (typeof file !== 'string') return file;
      const { files, images } = server().host;
      const key = `${file} ${images?.stamp ? await images.stamp(file) : files.stamp(file)}`;
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

/**
 * The image that was chosen or that the settings name, else `vmlinux` of the build directory or of the tree. Loads
 * everything that tells which, and what the tree says of cpucaps.
 */
async function wantedFile(
  server: ServerState,
  near: string,
  chosen: string | null,
  token: CancellationToken,
): Promise<string | NoImage> {
  let file: string | null = null;
  let isThere = false;
  await untilLoaded(server, () => {
    if (token.isCancellationRequested) throw new CancelledError();
    const tree = server.workspace.treeFor(near) ?? server.workspace.treeFor(`${near}/Makefile`);
    const { imagePath } = settingsOf(server, near);
    const named = chosen ?? (imagePath === null ? null : settingPath(folderOf(server, near), imagePath));
    file = named ?? (tree && `${tree.buildDirectory?.path ?? tree.root}/vmlinux`);
    isThere = named !== null || (file !== null && server.host.files.kindOf(file) === 'file');
    return true;
  });
  if (file === null) return { problem: 'this is no arm64 kernel tree, so no image belongs to it' };
  if (isThere) return file;
  // Nobody watches for images: the next one who asks has it looked for again.
  server.host.forget([file]);
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
