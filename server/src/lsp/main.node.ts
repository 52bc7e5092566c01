import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { createTracer } from '../base/tracer.ts';
import { loadNodeDecoder } from '../node/capstoneFiles.ts';
import { loadNodeCParser } from '../node/cParserFiles.ts';
import { createMcaRunner } from '../node/llvmMca.ts';
import { openByteSource } from '../node/nodeByteSource.ts';
import { createNodeFileSource } from '../node/nodeFileSource.ts';
import { createNodeIndexStore } from '../node/nodeIndexStore.ts';
import { symbolize } from '../node/symbolizer.ts';
import type { ServerHost } from './host.ts';
import { createServer } from './server.ts';

declare const PATCHPOINT_VERSION: string;

/** How long what is known of a file on disk holds in a host whose client does not watch files. */
const keepMs = 2000;

/** Starts the server on standard input and output; the process ends with the client. */
export async function serveStdio(): Promise<0 | 1> {
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  createServer(connection, createNodeHost());
  connection.listen();
  return await new Promise(() => undefined);
}

function createNodeHost(): ServerHost {
  // Reading a translation unit leaves much behind; V8 would let it pile up to several times what is in use.
  setFlagsFromString('--heap-growing-percent=60');
  const files = createNodeFileSource({ keepMs });
  let temporary: string | null = null;
  return {
    files,
    toPath: (uri) => {
      if (!uri.startsWith('file:')) return null;
      try {
        const path = fileURLToPath(uri).replaceAll('\\', '/');
        return path.startsWith('/') ? path : `/${path}`;
      } catch (error) {
        // A URI with a host, an escaped slash or a broken escape names no file here.
        if (error instanceof TypeError || error instanceof URIError) return null;
        throw error;
      }
    },
    toUri: (path) => pathToFileURL(/^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path).href,
    setFolders: () => undefined,
    forget: (paths) => {
      for (const path of paths) files.forget(path);
    },
    pause: async () => await new Promise((resume) => setImmediate(resume)),
    nowMs: () => performance.now(),
    writeTemporary: (name, text) => {
      temporary ??= temporaryFolder();
      const file = join(temporary, name);
      writeFileSync(file, text);
      return pathToFileURL(file).href;
    },
    mca: createMcaRunner(),
    images: { open: openByteSource, loadDecoder: loadNodeDecoder, symbolize },
    rulesDocument: rulesDocument(),
    loadCParser: loadNodeCParser,
    indexStore: createNodeIndexStore,
    // Standard output may be the protocol's; editors show what comes on the other one in their log.
    tracer: createTracer(process.env.PATCHPOINT_PROFILE, {
      nowMs: () => performance.now(),
      say: (tree) => void process.stderr.write(`${tree}\n`),
    }),
    version: PATCHPOINT_VERSION,
    platform: `${process.platform} ${process.arch}, Node ${process.version}`,
  };
}

/** `docs/rules.md` lies two folders above the bundle, in a checkout and in the package. */
function rulesDocument(): ServerHost['rulesDocument'] {
  const path = join(__dirname, '..', '..', 'docs', 'rules.md');
  if (!existsSync(path)) return null;
  return { uri: pathToFileURL(path).href, text: readFileSync(path, 'utf8') };
}

/** A folder for this process, which takes it along when it ends. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'patchpoint-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The process that an editor forks: the transport is in its arguments (`--node-ipc`, `--stdio`, `--socket=`). */
if (process.argv.some((argument) => /^--(node-ipc|socket=|pipe=)/.test(argument))) {
  const connection = createConnection(ProposedFeatures.all);
  createServer(connection, createNodeHost());
  connection.listen();
} else if (require.main === module && process.argv.includes('--stdio')) {
  void serveStdio();
}
