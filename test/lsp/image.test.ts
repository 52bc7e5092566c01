import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/projectFiles.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { smallKernel } from '../support/smallImages.ts';

const folder = mkdtempSync(join(tmpdir(), 'pp-image-'));
const vmlinux = join(folder, 'vmlinux');
const broken = join(folder, 'broken');

describe('a built image from the built server', () => {
  let client: ServerClient;
  const uri = null;

  beforeAll(async () => {
    writeFileSync(vmlinux, smallKernel());
    writeFileSync(broken, smallKernel().slice(0, 100));
    client = await startServer({ transport: 'ipc', folder: `${projectRoot}/examples` });
  });
  afterAll(async () => {
    await client.close();
    rmSync(folder, { recursive: true });
  });
  const choose = async (file: string | null): Promise<unknown> =>
    await client.request('patchpoint/setImage', { file: file === null ? null : pathToFileURL(file).href });

  it('says what to do where there is none', async () => {
    const { problem } = await client.request('patchpoint/imageGroups', { uri, by: 'key', filter: '' });
    expect(problem).toMatch(/there is no .*vmlinux: choose an image/);
  });

  it('has its sites in groups, once one is chosen', async () => {
    expect(await choose(vmlinux)).toEqual({ current: vmlinux });
    const answer = await client.request('patchpoint/imageGroups', { uri, by: 'key', filter: '' });
    expect(answer).toMatchObject({
      image: { path: vmlinux, release: '6.12.0-demo', nSites: 4 },
      groups: [{ name: 'key_off' }, { name: 'key_on' }],
      problem: null,
    });
    const page = { uri, by: 'function', group: 'demo', filter: '', from: 0, limit: 2 } as const;
    expect(await client.request('patchpoint/imageSites', page)).toMatchObject({
      total: 4,
      sites: [{ function: 'demo', offset: 8, text: 'mrs x0, tpidr_el1' }, { kind: 'callback-alternative' }],
    });
  });

  it('shows a function in both states', async () => {
    const ask = async (of: 'unpatched' | 'chosen', name = 'demo'): Promise<string> => {
      const answer = await client.request('patchpoint/disassembly', { uri, function: name, of });
      return answer.problem ?? answer.text;
    };
    expect(await ask('unpatched')).toContain('mrs\tx0, tpidr_el1');
    expect(await ask('chosen')).toContain('mrs\tx0, tpidr_el2');
    expect(await ask('chosen', 'absent')).toContain('has no function absent');
  });

  it('has a report', async () => {
    const answer = await client.request('patchpoint/imageReport', { uri });
    expect(answer.problem ?? answer.html).toContain('Patch sites of vmlinux');
  });

  it('a broken file is a sentence, and the next one is read', async () => {
    await choose(broken);
    const { problem } = await client.request('patchpoint/imageGroups', { uri, by: 'key', filter: '' });
    expect(problem).toContain('broken');
    await choose(vmlinux);
    expect((await client.request('patchpoint/imageGroups', { uri, by: 'key', filter: '' })).problem).toBeNull();
    await choose(null);
  });

  it('a function that the index does not know has no source', async () => {
    expect(await client.request('patchpoint/imagePlace', { uri, function: 'absent' })).toBeNull();
  });
});
