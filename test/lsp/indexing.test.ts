import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndexStatus } from '../../server/src/lsp/protocol.ts';
import { projectRoot } from '../support/projectFiles.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { waitFor } from '../support/waitFor.ts';

const directory = mkdtempSync(join(tmpdir(), 'patchpoint-index-'));
const folder = join(directory, 'linux');
const storage = join(directory, 'storage');
const path = `${folder}/kernel/sched/core.c`;

afterAll(() => rmSync(directory, { recursive: true }));

describe('the index of names', () => {
  let client: ServerClient;
  let uri: string;
  const text = (): string => readFileSync(path, 'utf8');
  const status = async (): Promise<IndexStatus | null> => (await client.request('patchpoint/status', { uri })).index;
  const ready = async (): Promise<IndexStatus> =>
    await waitFor('the index', async () => {
      const now = await status();
      return now?.state === 'ready' ? now : undefined;
    });
  const positionOf = (piece: string, within = piece): { line: number; character: number } => {
    const lines = text().split('\n');
    const line = lines.findIndex((one) => one.includes(piece));
    return { line, character: (lines[line] ?? '').indexOf(within) };
  };
  const open = async (): Promise<void> => {
    client = await startServer({ transport: 'ipc', folder, initializationOptions: { status: true, storage } });
    uri = client.open(path, text());
  };

  beforeAll(async () => {
    cpSync(`${projectRoot}/examples`, folder, { recursive: true });
    await open();
  });
  afterAll(async () => await client.close());

  it('is built when a file is opened', async () => {
    const { files, total, detail } = await ready();
    expect(files).toBeGreaterThan(10);
    expect(total).toBe(files);
    expect(detail).toContain('definitions');
    expect(client.refreshes).toContain('patchpoint/statusChanged');
  });

  it('answers for keys', async () => {
    const key = /DEFINE_STATIC_KEY_\w+\((\w+)\)/.exec(text())?.[1] ?? '';
    const position = positionOf(`&${key}`, key);
    const answer = await client.connection.sendRequest<{ range: { start: { line: number } } }[]>(
      'textDocument/definition',
      { textDocument: { uri }, position },
    );
    expect(answer.map(({ range }) => range.start.line)).toEqual([positionOf(`DEFINE_STATIC_KEY_`).line]);
    const uses = await client.connection.sendRequest<unknown[]>('textDocument/references', {
      textDocument: { uri },
      position,
      context: { includeDeclaration: true },
    });
    expect(uses.length).toBeGreaterThan(1);
    const symbols = await client.connection.sendRequest<{ name: string }[]>('workspace/symbol', { query: key });
    expect(symbols[0]?.name).toBe(key);
  });

  it('knows a new file after an event, and forgets one that is gone', async () => {
    const file = join(folder, 'kernel', 'fresh.c');
    const change = async (type: number): Promise<void> => {
      const event = { uri: `file://${file}`, type };
      await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [event] });
    };
    const named = async (): Promise<number> =>
      (await client.connection.sendRequest<unknown[]>('workspace/symbol', { query: 'entirely_fresh_key' })).length;
    writeFileSync(file, 'DEFINE_STATIC_KEY_FALSE(entirely_fresh_key);\n');
    await change(1);
    await waitFor('the new key', async () => ((await named()) === 1 ? true : undefined));
    rmSync(file);
    await change(3);
    await waitFor('no key', async () => ((await named()) === 0 ? true : undefined));
  });

  it('is kept for the next server, which reads only what changed', async () => {
    await waitFor('the store', () => (existsSync(storage) && readdirSync(storage).length > 0 ? true : undefined));
    await client.close();
    await open();
    expect((await ready()).detail).toMatch(/, [01] read anew/);
  });

  it('is made anew when asked for, also from a damaged store', async () => {
    await client.connection.sendRequest('workspace/executeCommand', { command: 'patchpoint.server.rebuildIndex' });
    const again = await waitFor('the index', async () => {
      const now = await status();
      return now?.state === 'ready' && !now.detail.includes('anew') ? now : undefined;
    });
    expect(again.files).toBeGreaterThan(10);
    await client.close();
    for (const name of readdirSync(storage)) writeFileSync(join(storage, name), 'nothing');
    await open();
    expect((await ready()).detail).not.toContain('anew');
  });
});
