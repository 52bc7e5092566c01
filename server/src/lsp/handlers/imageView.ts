import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { CancelledError } from '../../base/cancellation.ts';
import { relativePath } from '../../base/path.ts';
import { disassembly, entryNote } from '../../features/image/disassembly.ts';
import type { ImageEntry, OpenedImage } from '../../features/image/openedImage.ts';
import { type FileOf, siteGroups, sitesOfGroup } from '../../features/image/siteGroups.ts';
import { patchedState } from '../../features/siteStates.ts';
import { economics } from '../../image/economics.ts';
import { imageSummary } from '../../image/imageSummary.ts';
import { imageReport } from '../../image/reportHtml.ts';
import { nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { ClientRequests, ImageSite } from '../protocol.ts';
import { runRequest } from '../requestWrapper.ts';
import { type ServerState, uriOf } from '../serverState.ts';
import { onClientRequest } from './request.ts';

/** What the requests about images answer; all of them have `problem`. */
type ImageRequest =
  | 'patchpoint/imageGroups'
  | 'patchpoint/imageSites'
  | 'patchpoint/disassembly'
  | 'patchpoint/imageReport';

export function registerImageView(server: ServerState): void {
  onImage(server, 'patchpoint/imageGroups', ({ by, filter }, { opened, path }) => {
    const groups = siteGroups(opened, by, filter, fileOf(server, path));
    const { release } = opened.image.facts;
    return { image: { path: opened.path, release, nSites: opened.entries.length }, groups, problem: null };
  });
  onImage(server, 'patchpoint/imageSites', ({ by, group, filter, from, limit }, { opened, path }) => {
    const page = sitesOfGroup(opened, by, group, { filter, fileOf: fileOf(server, path), from, limit });
    return { sites: page.sites.map((entry) => describe(opened, entry)), total: page.total, problem: null };
  });
  onImage(server, 'patchpoint/disassembly', ({ function: name, of }, { opened, path, ctx }) => {
    const tree = path === null ? null : ctx.workspace.treeFor(path);
    const state = of === 'unpatched' ? null : patchedState(tree, ctx.state);
    const found = disassembly(opened, name, state);
    return found === null ? { problem: `${opened.path} has no function ${name}` } : { ...found, problem: null };
  });
  onImage(server, 'patchpoint/imageReport', (_params, { opened }) => {
    const { image, sites, names } = opened;
    const figures = { summary: imageSummary(image, sites, names), economics: economics(image, sites, names) };
    return { html: imageReport(image, sites, figures), problem: null };
  });
  onClientRequest(server, 'patchpoint/setImage', ({ file }) => {
    const path = file === null ? null : server.host.toPath(file);
    server.openedImages.choose(path);
    return { current: path };
  });
  onClientRequest(server, 'patchpoint/imagePlace', async ({ uri, function: name }, token) => {
    const method = 'patchpoint/imagePlace';
    const path = pathOf(server, uri);
    return await runRequest<ClientRequests[typeof method]['result']>(server, { method, path, token }, null, (ctx) => {
      const tree = path === null ? null : ctx.workspace.treeFor(path);
      if (tree === null) return null;
      const found = definitionOf(server, tree.root, path, name);
      return found === null ? null : { uri: uriOf(server, found.path), line: found.line - 1 };
    });
  });
}

interface Asked {
  readonly opened: OpenedImage;
  /** A path of the tree that was asked about. */
  readonly path: string | null;
  readonly ctx: Parameters<Parameters<typeof runRequest>[3]>[0];
}

/** A request that needs the image: without one its answer is the reason. */
function onImage<K extends ImageRequest>(
  server: ServerState,
  method: K,
  work: (params: ClientRequests[K]['params'], asked: Asked) => ClientRequests[K]['result'],
): void {
  onClientRequest(server, method, async (params, token: CancellationToken) => {
    const path = pathOf(server, params.uri);
    const empty = { problem: 'the image could not be read; the log has more' } as ClientRequests[K]['result'];
    try {
      const opened = await server.openedImages.open(path, token);
      if ('problem' in opened) return { problem: opened.problem } as ClientRequests[K]['result'];
      return await runRequest(server, { method, path, token }, empty, (ctx) => work(params, { opened, path, ctx }));
    } catch (error) {
      if (error instanceof CancelledError) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      server.logger.error(`${method} failed`, { error: String(error) });
      return empty;
    }
  });
}

function pathOf(server: ServerState, uri: string | null): string | null {
  if (uri !== null) return server.host.toPath(uri);
  const folder = server.folders[0];
  return folder === undefined ? null : `${folder}/Makefile`;
}

function describe(opened: OpenedImage, entry: ImageEntry): ImageSite {
  const { image, texts } = opened;
  const word = image.word(entry.address);
  return {
    function: entry.functionName,
    offset: entry.offsetBytes,
    address: `0x${entry.address.toString(16)}`,
    kind: entry.kind,
    trigger: entryNote(entry),
    text: word === null ? '' : texts.text(word, entry.address).replace(/ <.*>$/, ''),
  };
}

/** Files of functions by the index of names; a name that several files define belongs to none of them. */
function fileOf(server: ServerState, path: string | null): FileOf {
  const tree = path === null ? null : server.workspace.treeFor(path);
  const known = new Map<string, string | null>();
  if (tree === null) return () => null;
  return (name) => {
    let file = known.get(name);
    if (file === undefined) {
      const found = definitionOf(server, tree.root, path, name);
      file = found === null ? null : relativePath(tree.root, found.path);
      known.set(name, file);
    }
    return file;
  };
}

/** The one place that defines a function of an image; what a compiler made of it has a suffix. */
function definitionOf(
  server: ServerState,
  root: string,
  path: string | null,
  functionName: string,
): { readonly path: string; readonly line: number } | null {
  const tree = path === null ? null : server.workspace.treeFor(path);
  if (tree === null) return null;
  const name = functionName.replace(/\.(?:constprop|isra|part|cold|llvm)\b.*$/, '').replace(/^__kvm_nvhe_/, '');
  const isOurs = (file: string): boolean => !/^arch\/(?!arm64\/)|^tools\//.test(relativePath(root, file));
  const found = nameIndexOf(server.workspace, tree)
    .definitionsOf(name)
    .filter(({ isDeclaration, kind, path: file }) => !isDeclaration && kind !== 'macro' && isOurs(file));
  const [only] = found;
  return only !== undefined && new Set(found.map((one) => one.path)).size === 1 ? only : null;
}
