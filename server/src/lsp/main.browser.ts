import MCapstone from '@alexaltea/capstone-js';
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { makeWordDecoder } from '../isa/decode.ts';
import { loadCParser } from '../syntax/c/cParser.ts';
import { createBrowserFileSource } from './browserFileSource.ts';
import { clientFileStamp, type FileClient, openClientFile } from './clientByteSource.ts';
import type { ServerHost } from './host.ts';
import type { ServerRequests } from './protocol.ts';
import { createServer } from './server.ts';

declare const PATCHPOINT_VERSION: string;

/** Most paths in one request: each is a read of the editor's file system, often over a network. */
const maxPathsPerRequest = 200;

type ReadFiles = ServerRequests['patchpoint/readFiles'];

/** Bytes come as they are: the transport of a worker is no text. */
const fileClient: FileClient = {
  openFile: async (params) =>
    await connection.sendRequest('patchpoint/openFile' satisfies keyof ServerRequests, params),
  readRange: async (params) =>
    await connection.sendRequest('patchpoint/readRange' satisfies keyof ServerRequests, params),
};

const scope: DedicatedWorkerGlobalScope = self as unknown as DedicatedWorkerGlobalScope;
const connection = createConnection(new BrowserMessageReader(scope), new BrowserMessageWriter(scope));
createServer(connection, createBrowserHost());
connection.listen();

/** Files come from the client; paths are the paths of URIs under the first workspace folder's scheme and authority. */
function createBrowserHost(): ServerHost {
  const files = createBrowserFileSource();
  let base = 'file://';
  let turn: Promise<void> = Promise.resolve();
  const toUri = (path: string): string => base + path.split('/').map(encodeURIComponent).join('/');
  const split = (uri: string): { readonly base: string; readonly path: string } | null => {
    const [, start, path] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(\/[^?#]*)/i.exec(uri) ?? [];
    return start === undefined || path === undefined ? null : { base: start, path: decode(path) };
  };
  const load = async (paths: readonly string[]): Promise<void> => {
    const uris = paths.map(toUri);
    const params: ReadFiles['params'] = { uris };
    const answers = await connection.sendRequest<ReadFiles['result']>('patchpoint/readFiles', params);
    for (const [index, path] of paths.entries()) {
      files.put(path, answers[index] ?? { uri: uris[index] ?? '', kind: 'absent' });
    }
  };
  return {
    files,
    toPath: (uri) => {
      const parts = split(uri);
      return parts && decode(parts.base) === decode(base) ? parts.path : null;
    },
    toUri,
    setFolders: (uris) => {
      const first = uris[0] === undefined ? null : split(`${uris[0]}/`);
      if (first) base = first.base;
    },
    forget: (paths) => {
      for (const path of paths) files.forget(path);
    },
    inTurn: async (run) => {
      const mine = turn.then(run);
      // A request that fails says so itself; the next one has its turn all the same.
      turn = mine.catch(() => undefined);
      await mine;
    },
    loadWanted: async () => {
      const wanted = files.takeWanted();
      const paths = wanted.filter((path) => !files.knows(path));
      for (let at = 0; at < paths.length; at += maxPathsPerRequest)
        await load(paths.slice(at, at + maxPathsPerRequest));
      return wanted;
    },
    pause: async () => await new Promise((resume) => setTimeout(resume, 0)),
    nowMs: () => performance.now(),
    writeTemporary: null,
    mca: null,
    images: {
      open: async (path) => await openClientFile(fileClient, path, toUri(path)),
      stamp: async (path) => await clientFileStamp(fileClient, toUri(path)),
      loadDecoder: async (assets) =>
        await makeWordDecoder(MCapstone, { wasmBinary: await fetchBytes(assetUrl(assets, 'capstone.wasm')) }),
      symbolize: null,
    },
    rulesDocument: null,
    loadCParser: async (assets) => {
      const [core, grammar] = await Promise.all(
        ['web-tree-sitter.wasm', 'tree-sitter-c.wasm'].map(async (name) => await fetchBytes(assetUrl(assets, name))),
      );
      if (core === undefined || grammar === undefined) throw new Error('no files of the C parser');
      return await loadCParser({ core, grammar });
    },
    indexStore: () => null,
    tracer: null,
    version: PATCHPOINT_VERSION,
    platform: 'web worker',
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** A data file beside the worker's script, or below the folder that the client names: a wrapped script has no place. */
function assetUrl(assets: string | null, name: string): string {
  const base = assets === null ? new URL('../wasm/', scope.location.href).href : `${assets.replace(/\/$/, '')}/wasm/`;
  return new URL(name, base).href;
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
