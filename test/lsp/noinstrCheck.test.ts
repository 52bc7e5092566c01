import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noinstrHeaders, preamble } from '../support/noinstrTree.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { smallTreeFiles } from '../support/smallTree.ts';
import { waitFor } from '../support/waitFor.ts';

const folder = mkdtempSync(join(tmpdir(), 'patchpoint-noinstr-'));
const opened = 'arch/arm64/kernel/ax_open.c';
const header = 'include/linux/ax_step.h';
const files: Readonly<Record<string, string>> = {
  ...smallTreeFiles,
  ...noinstrHeaders,
  'arch/arm64/configs/defconfig': '',
  [header]: '#define AX_STEP() do { } while (0)\n',
  [opened]: `${preamble}void ax_other(void) { }\n`,
  'arch/arm64/kernel/ax_bad.c': `${preamble}void noinstr ax_bad(void)\n{\n\tax_work();\n}\n`,
  'arch/arm64/kernel/ax_good.c': `${preamble}#include <linux/ax_step.h>\nvoid noinstr ax_good(void)\n{\n\tAX_STEP();\n}\n`,
  'arch/arm64/kernel/ax_plain.c': `${preamble}void ax_plain(void)\n{\n\tax_work();\n}\n`,
};

const write = (path: string, text: string): void => {
  const at = join(folder, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
};

afterAll(() => rmSync(folder, { recursive: true }));

describe('noinstr code of files that nobody has opened', () => {
  let client: ServerClient;
  let uri: string;

  const uriOf = (path: string): string => pathToFileURL(join(folder, path)).href;
  /** What the client shows of a file: line and rule, from 1; `null` when nothing was ever said of it. */
  const shown = (path: string): string[] | null => {
    const last = client.diagnostics.findLast((one) => one.uri === uriOf(path));
    return last?.diagnostics.map((one) => `${one.range.start.line + 1} ${String(one.code)}`) ?? null;
  };
  const checkTree = async (): Promise<unknown> =>
    await client.connection.sendRequest('workspace/executeCommand', {
      command: 'patchpoint.server.checkNoinstr',
      arguments: [uri],
    });

  beforeAll(async () => {
    for (const [path, text] of Object.entries(files)) write(path, text);
    client = await startServer({ transport: 'ipc', folder, initializationOptions: { status: true } });
    uri = client.open(join(folder, opened), files[opened] ?? '');
  });
  afterAll(async () => await client.close());

  it('is checked when the command asks for it', async () => {
    expect(await checkTree()).toMatchObject({ findings: 1, complete: true });
    expect(shown('arch/arm64/kernel/ax_bad.c')).toEqual(['4 noinstr.calls-instrumentable']);
    expect(shown('arch/arm64/kernel/ax_good.c')).toBeNull();
    expect(shown('arch/arm64/kernel/ax_plain.c')).toBeNull();
  });

  it('is checked again when a header changes that it reads, saved or not', async () => {
    const bad = '#define AX_STEP() ax_work()\n';
    const headerUri = client.open(join(folder, header), files[header] ?? '');
    client.change(headerUri, bad, 2);
    await waitFor('a finding', async () => shown('arch/arm64/kernel/ax_good.c')?.length === 1 || undefined);
    expect(shown('arch/arm64/kernel/ax_good.c')).toEqual(['5 noinstr.calls-instrumentable']);
    client.change(headerUri, files[header] ?? '', 3);
    await waitFor('no finding', async () => shown('arch/arm64/kernel/ax_good.c')?.length === 0 || undefined);
  });

  it('belongs to the document while it is open, and is shown again when that is closed', async () => {
    const path = 'arch/arm64/kernel/ax_bad.c';
    const badUri = client.open(join(folder, path), (files[path] ?? '').replace('ax_work();', ''));
    await waitFor('no finding', async () => shown(path)?.length === 0 || undefined);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: badUri } });
    await waitFor('the finding', async () => shown(path)?.length === 1 || undefined);
  });
});

it('the setting has the tree checked once its names are known', async () => {
  const settings = { noinstr: { checkTree: true } };
  const client = await startServer({ transport: 'ipc', folder, settings });
  client.open(join(folder, opened), files[opened] ?? '');
  const found = await waitFor('a finding', async () =>
    client.diagnostics.find((one) => one.uri.endsWith('ax_bad.c') && one.diagnostics.length > 0),
  );
  expect(found.diagnostics).toHaveLength(1);
  await client.close();
});
