import type { WorkDoneProgressServerReporter } from 'vscode-languageserver';
import { basename } from '../base/path.ts';
import { type BuiltImage, releaseProblem } from '../features/builtImage.ts';
import type { ByteSource } from '../image/byteSource.ts';
import { cpucapNames } from '../image/cpucapNames.ts';
import { createImageLinesBuilder } from '../image/imageLines.ts';
import { readSites } from '../image/imageSites.ts';
import { createInsnTexts } from '../image/insnTexts.ts';
import { openImage } from '../image/kernelImage.ts';
import { frameAttacher, type SymbolizerResult } from '../image/siteLines.ts';
import { type ImageSiteRecord, imageSiteRecords } from '../image/siteRecords.ts';
import type { WordDecoder } from '../isa/decode.ts';
import type { ServerHost } from './host.ts';
import { changed } from './refresh.ts';
import { folderOf, type ServerState, settingPath, settingsOf } from './serverState.ts';

/** What a host gives for built images: their bytes, a decoder, and the user's symbolizer as a process. */
export interface ImageTools {
  readonly open: (path: string) => Promise<ByteSource & { readonly close: () => Promise<void> }>;
  /** What changes when the file changes, `null` when it cannot be opened; absent: what the file source says. */
  readonly stamp?: (path: string) => Promise<string | null>;
  /** `assets`: the folder of the server's data files as the client knows it, if it does. */
  readonly loadDecoder: (assets: string | null) => Promise<WordDecoder>;
  /** `null` where there are no processes: then lines of source have no words of the image. */
  readonly symbolize:
    | ((program: string, image: string, addresses: readonly string[]) => Promise<SymbolizerResult>)
    | null;
}

/** Built images by tree: opened beside the requests, when a file of the tree is asked about and a symbolizer is set. */
export interface BuiltImages {
  /** The image of a file's tree, if it is there; never waits. */
  readonly loaded: (path: string | null) => BuiltImage | null;
  /** Has the image of a file's tree opened, unless it is, or cannot be. */
  readonly want: (path: string) => void;
  readonly dispose: () => void;
}

interface Load {
  /** Image, when it was written, symbolizer: another one is another load. */
  readonly key: string;
  isCancelled: boolean;
  image: BuiltImage | null;
}

const sliceMs = 8;

export function createBuiltImages(server: () => ServerState): BuiltImages {
  const loads = new Map<string, Load>();
  const rootOf = (path: string): string | null => server().workspace.treeFor(path)?.root ?? null;
  return {
    loaded: (path) => {
      const root = path === null ? null : rootOf(path);
      return root === null ? null : (loads.get(root)?.image ?? null);
    },
    want: (path) => {
      const root = rootOf(path);
      const wanted = root === null ? null : wantedImage(server(), path);
      if (root === null) return;
      const before = loads.get(root);
      if (before?.key === wanted?.key) return;
      if (before !== undefined) before.isCancelled = true;
      loads.delete(root);
      if (wanted === null) return;
      const load: Load = { key: wanted.key, isCancelled: false, image: null };
      loads.set(root, load);
      openLines(server(), wanted, load)
        .then((image) => {
          if (load.isCancelled || image === null) return;
          load.image = image;
          changed(server(), { what: 'analysis' });
        })
        .catch((error: unknown) => server().logger.warn('built image not read', { error: String(error) }));
    },
    dispose: () => {
      for (const load of loads.values()) load.isCancelled = true;
    },
  };
}

/** A symbolizer that is set and cannot be started, as a problem for people. */
export function unusedSymbolizer(server: ServerState, near: string | null): readonly string[] {
  if (settingsOf(server, near).symbolizerPath === null || server.host.images?.symbolize) return [];
  const why = 'there are no processes in a browser, so hovers and lenses have no words of the built image';
  return [`a symbolizer cannot be started here: ${why} (patchpoint.image.symbolizerPath)`];
}

interface Wanted {
  readonly key: string;
  readonly path: string;
  readonly writtenMs: number | null;
  readonly program: string;
  readonly tools: ImageTools;
  readonly symbolize: NonNullable<ImageTools['symbolize']>;
  /** A file of the tree. */
  readonly near: string;
}

/** The image that the settings name, else `vmlinux` of the build directory or tree. Without a symbolizer it has no lines. */
function wantedImage(server: ServerState, near: string): Wanted | null {
  const { imagePath, symbolizerPath } = settingsOf(server, near);
  const tools = server.host.images;
  const tree = server.workspace.treeFor(near);
  if (symbolizerPath === null || !tools?.symbolize || !tree) return null;
  const folder = folderOf(server, near);
  const path =
    imagePath === null ? `${tree.buildDirectory?.path ?? tree.root}/vmlinux` : settingPath(folder, imagePath);
  if (server.host.files.kindOf(path) !== 'file') return null;
  const writtenMs = server.host.files.stamp(path) ?? null;
  const program = /[\\/]/.test(symbolizerPath) ? settingPath(folder, symbolizerPath) : symbolizerPath;
  return { key: `${path} ${writtenMs} ${program}`, path, writtenMs, program, tools, symbolize: tools.symbolize, near };
}

async function openLines(server: ServerState, wanted: Wanted, load: Load): Promise<BuiltImage | null> {
  const { path, program, tools, symbolize, near, writtenMs } = wanted;
  const { host, logger } = server;
  const startedMs = host.nowMs();
  const progress = await beginProgress(server, `Reading ${basename(path)}`);
  const stopped = (): boolean => load.isCancelled || progress?.token.isCancellationRequested === true;
  try {
    const source = await tools.open(path);
    const { value: image, issues } = await openImage(source, { pause: host.pause }).finally(() => void source.close());
    for (const { message } of issues.slice(0, 5)) logger.warn(message);
    if (image === null || stopped()) return null;
    const sites = await readSites(image, host.pause);
    const names = cpucapNames(image, sites, server.workspace.treeFor(near)?.cpucaps);
    const version = server.workspace.treeFor(near)?.version.text ?? '';
    const [conflict] = names.conflicts;
    const problem = releaseProblem(image.facts.release, version) ?? (conflict === undefined ? null : `${conflict}.`);
    // Once for each image that is opened; after that hovers and lenses say it.
    if (problem !== null) server.connection.window.showWarningMessage(`${path} is not of this source: ${problem}`);
    const decoder = await tools.loadDecoder(server.assets);
    const records: ImageSiteRecord[] = [];
    try {
      const all = imageSiteRecords(
        { image, sites, names, texts: createInsnTexts(image, decoder) },
        new Set(['alternative', 'callback-alternative', 'jump', 'runtime-constant']),
      );
      await inSlices(host, all, (record) => {
        if (record.part === 'image') records.push(record);
        return !stopped();
      });
    } finally {
      decoder.close();
    }
    if (stopped()) return null;
    progress?.report(50, 'asking the symbolizer for lines');
    const addresses = [...new Set(records.flatMap(({ address }) => (address === null ? [] : [address])))];
    const answer = await symbolize(program, path, addresses);
    if (answer.kind === 'failed') {
      logger.warn('no lines of the built image', { reason: answer.reason });
      return null;
    }
    if (stopped()) return null;
    const attach = frameAttacher(answer.frames);
    const builder = createImageLinesBuilder();
    await inSlices(host, records, (record) => builder.add(attach(record)));
    const lines = builder.done();
    const tookMs = Math.round(host.nowMs() - startedMs);
    logger.info('built image read', { path, sites: lines.sites, tookMs });
    const changedMs = (file: string): number | null => host.files.stamp(file) ?? null;
    return { name: basename(path), release: image.facts.release, lines, writtenMs, changedMs };
  } finally {
    progress?.done();
  }
}

/** Does the work of a list, letting messages in every 8 ms; ends early when `step` gives false. */
async function inSlices<T>(host: ServerHost, items: Iterable<T>, step: (item: T) => unknown): Promise<void> {
  let sliceStart = host.nowMs();
  for (const item of items) {
    if (step(item) === false) return;
    if (host.nowMs() - sliceStart < sliceMs) continue;
    await host.pause();
    sliceStart = host.nowMs();
  }
}

async function beginProgress(server: ServerState, title: string): Promise<WorkDoneProgressServerReporter | null> {
  if (!server.client.progress) return null;
  const reporter = await server.connection.window.createWorkDoneProgress();
  reporter.begin(title, 0, undefined, true);
  return reporter;
}
