import { readFile } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** Serves a folder, read-only, on a free port of 127.0.0.1. */
export async function serveFolder(root: string): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(root, normalize(decodeURIComponent(pathname)));
    readFile(file, (error, data) => {
      const type = types[extname(file)] ?? 'application/octet-stream';
      response.writeHead(error ? 404 : 200, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(error ? '' : data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close: () => server.close() };
}
