import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CostText } from '../../server/src/lsp/protocol.ts';
import { projectRoot } from '../support/projectFiles.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { waitFor } from '../support/waitFor.ts';

const folder = `${projectRoot}/examples`;
const path = `${folder}/arch/arm64/kernel/demo-alternatives.S`;
const text = readFileSync(path, 'utf8');
const lines = text.split('\n');

function lineOf(piece: string): number {
  const line = lines.findIndex((candidate) => candidate.includes(piece));
  if (line < 0) throw new Error(`the example has no "${piece}"`);
  return line;
}

/** On the alternative with LSE atomics, in the middle of real code. */
const position = { line: lineOf('ARM64_HAS_LSE_ATOMICS'), character: 4 };
/** On a comment. */
const nowhere = { line: 1, character: 2 };

async function hoverText(client: ServerClient, uri: string): Promise<string> {
  const params = { textDocument: { uri }, position };
  const hover = await client.connection.sendRequest<{ contents: { value: string } } | null>(
    'textDocument/hover',
    params,
  );
  return hover?.contents.value ?? '';
}

async function run<T>(client: ServerClient, command: string, ...args: unknown[]): Promise<T> {
  return await client.connection.sendRequest<T>('workspace/executeCommand', { command, arguments: args });
}

describe('costs from the built server', () => {
  let client: ServerClient;
  let uri: string;

  beforeAll(async () => {
    client = await startServer({ transport: 'ipc', folder, initializationOptions: { status: true } });
    uri = client.open(path, text);
  });
  afterAll(async () => await client.close());

  it('the hover of an alternative has a line of costs, which says that it is a model', async () => {
    expect(await hoverText(client, uri)).toMatch(/Neoverse N1 model.*unpatched.*patched/);
  });

  it('cores are listed with stand-ins and warnings, and the one in force', async () => {
    const { choices, current, from, auto } = await client.request('patchpoint/cores', { uri });
    expect([current, from, auto]).toEqual(['neoverse-n1', 'default', 'neoverse-n1']);
    expect(choices.filter((choice) => choice.current).map((choice) => choice.name)).toEqual(['neoverse-n1']);
    expect(choices.find((choice) => choice.name === 'cortex-a76')).toMatchObject({ modelledAs: 'Neoverse N1' });
    expect(choices.find((choice) => choice.name === 'apple-m1')?.warning).toMatch(/M1/);
  });

  it('the core follows the machine state until one is chosen', async () => {
    await client.request('patchpoint/setMachineState', { name: 'cortex-a55' });
    expect(await client.request('patchpoint/cores', { uri })).toMatchObject({
      current: 'cortex-a55',
      from: 'machine state',
    });
    expect(await hoverText(client, uri)).toContain('Cortex-A55 model');
    client.refreshes.length = 0;
    expect(await client.request('patchpoint/setCore', { name: 'cortex-a76' })).toEqual({ current: 'cortex-a76' });
    await waitFor('lenses to be refreshed', () => client.refreshes.includes('workspace/codeLens/refresh'));
    await waitFor('the status', () => client.refreshes.includes('patchpoint/statusChanged'));
    expect(await hoverText(client, uri)).toContain('Cortex-A76, modelled as Neoverse N1');
    const { core } = await client.request('patchpoint/status', { uri });
    expect(core).toMatchObject({ name: 'cortex-a76', modelledAs: 'Neoverse N1' });
    await client.request('patchpoint/setMachineState', { name: 'none' });
    expect(await client.request('patchpoint/setCore', { name: null })).toEqual({ current: 'neoverse-n1' });
  });

  it('a core that nobody knows is said in the status, and the hover goes without', async () => {
    await client.request('patchpoint/setCore', { name: 'pentium' });
    const { core, problems } = await client.request('patchpoint/status', { uri });
    expect(core).toBeNull();
    expect(problems.join('\n')).toContain('no core is named pentium');
    expect(await hoverText(client, uri)).not.toContain('model');
    await client.request('patchpoint/setCore', { name: null });
  });

  it('a site has a table, and a comment has none', async () => {
    const cost = await client.request('patchpoint/siteCost', { uri, position });
    expect(cost?.text).toMatch(/Neoverse N1 model\s+insns\s+bytes/);
    expect(cost?.markdown).toContain('| unpatched |');
    expect(await client.request('patchpoint/siteCost', { uri, position: nowhere })).toBeNull();
  });

  it('a selection has a table', async () => {
    const start = { line: lineOf('SYM_FUNC_START(demo_longer)'), character: 0 };
    const end = { line: lineOf('SYM_FUNC_END(demo_longer)'), character: 0 };
    const cost = await client.request('patchpoint/rangeCost', { uri, range: { start, end } });
    expect(cost?.title).toMatch(/^lines \d+ to \d+$/);
    expect(cost?.text).toContain('as linked');
    const empty = { start: nowhere, end: nowhere };
    expect(await client.request('patchpoint/rangeCost', { uri, range: empty })).toBeNull();
  });

  it('a timeline has a picture, the same as text, and the line of each instruction', async () => {
    const timeline = await client.request('patchpoint/timeline', { uri, position, stream: 'unpatched' });
    const rows = timeline?.svg.match(/<g class="row/g)?.length;
    expect(timeline?.svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(timeline?.sources).toHaveLength(rows ?? 0);
    expect(timeline?.text).toContain('ldxr');
    const ldxr =
      timeline?.text
        .split('\n')
        .slice(4)
        .findIndex((line) => line.includes('ldxr')) ?? -1;
    expect(timeline?.sources[ldxr]).toEqual({ uri, line: lineOf('ldxr\tw2') });
    const patched = await client.request('patchpoint/timeline', { uri, position, stream: 'patched' });
    const stadd =
      patched?.text
        .split('\n')
        .slice(4)
        .findIndex((line) => line.includes('stadd')) ?? -1;
    expect(patched?.sources[stadd]).toEqual({ uri, line: lineOf('stadd') });
  });

  it('cores are compared, every one that has a model', async () => {
    const comparison = await client.request('patchpoint/compareCores', { uri, position });
    expect(comparison?.title).toContain('on 14 cores');
    for (const core of ['Cortex-A53 ', 'Neoverse V2 ', 'Apple M1* ']) expect(comparison?.text).toContain(core);
    expect(await client.request('patchpoint/compareCores', { uri, position: nowhere })).toBeNull();
  });

  it('the comparison can be cancelled', async () => {
    const { CancellationTokenSource } = await import('vscode-languageserver-protocol');
    const source = new CancellationTokenSource();
    const asked = client.connection.sendRequest('patchpoint/compareCores', { uri, position }, source.token);
    source.cancel();
    await expect(asked).rejects.toThrow(/cancel/i);
  });

  it('the commands for other editors answer the same', async () => {
    const cost = await client.request('patchpoint/siteCost', { uri, position });
    expect(await run(client, 'patchpoint.server.siteCost', uri, position)).toEqual(cost);
    expect((await run<CostText>(client, 'patchpoint.server.timeline', uri, position)).title).toContain('patched');
    expect(await run(client, 'patchpoint.server.setCore', 'cortex-a55')).toBe('cortex-a55');
    expect(await run(client, 'patchpoint.server.listCores')).toMatchObject({ current: 'cortex-a55', from: 'chosen' });
    expect(await run(client, 'patchpoint.server.setCore', null)).toBe('neoverse-n1');
    await expect(run(client, 'patchpoint.server.rangeCost', uri, position)).rejects.toThrow(/unexpected argument/);
  });

  it('llvm-mca is not asked while no setting names it', async () => {
    const answer = await client.request('patchpoint/askMca', { uri, position });
    expect(answer).toEqual({ problem: expect.stringContaining('patchpoint.cost.llvmMcaPath') });
  });

  it('no request failed in the server', () => {
    expect(client.log.filter((message) => message.includes('failed'))).toEqual([]);
  });
});

describe('a client that draws nothing itself', () => {
  it('gets tables as temporary files', async () => {
    const client = await startServer({ transport: 'stdio', folder });
    const uri = client.open(path, text);
    const cost = await run<CostText>(client, 'patchpoint.server.siteCost', uri, position);
    expect(client.shown).toHaveLength(1);
    expect(readFileSync(new URL(client.shown[0]!), 'utf8')).toBe(cost.text);
    await client.close();
    expect(existsSync(new URL(client.shown[0]!))).toBe(false);
  });
});

describe('settings of costs', () => {
  const withSettings = async (settings: unknown): Promise<{ client: ServerClient; uri: string }> => {
    const client = await startServer({ transport: 'ipc', folder, settings });
    return { client, uri: client.open(path, text) };
  };

  it('the hover can have the table, or nothing', async () => {
    const table = await withSettings({ cost: { hover: 'table', core: 'neoverse-v2' } });
    await waitFor('the table', async () =>
      /\| Neoverse V2 model \| insns/.test(await hoverText(table.client, table.uri)),
    );
    await table.client.close();
    const off = await withSettings({ cost: { hover: 'off' } });
    await waitFor('the settings', async () => !/model/.test(await hoverText(off.client, off.uri)));
    await off.client.close();
  });

  it('functions have lenses of costs when asked for, which run a command of the server', async () => {
    const { client, uri } = await withSettings({ codeLens: { cost: true, functions: false, sites: false } });
    const lenses = await waitFor('the lenses', async () => {
      const found = await client.connection.sendRequest<object[]>('textDocument/codeLens', { textDocument: { uri } });
      return found.length > 0 && found.length < 20 ? found : undefined;
    });
    const resolved = await Promise.all(
      lenses.map(
        async (lens) =>
          await client.connection.sendRequest<{ command?: { title: string; command: string; arguments: unknown[] } }>(
            'codeLens/resolve',
            lens,
          ),
      ),
    );
    expect(
      resolved.map((lens) => lens.command?.title ?? '').filter((title) => !/Neoverse N1 model/.test(title)),
    ).toEqual([]);
    const { command = '', arguments: args = [] } = resolved[0]?.command ?? {};
    expect((await run<CostText>(client, command, ...args)).text).toContain('Neoverse N1 model');
    await client.close();
  });
});

describe('llvm-mca', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'pp-mca-'));
  });
  afterAll(() => rmSync(home, { recursive: true }));

  /** A program that notes each start and answers as llvm-mca does. */
  const fakeMca = (name: string, script: string): { program: string; started: () => readonly string[] } => {
    const program = join(home, name);
    const log = `${program}.log`;
    const note = `require('fs').appendFileSync(${JSON.stringify(log)}, process.argv.slice(2).join(' ') + '\\n');`;
    writeFileSync(program, `#!${process.execPath}\n${note}\n${script}\n`);
    chmodSync(program, 0o755);
    return { program, started: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) };
  };
  const working = `
const args = process.argv.slice(2);
if (args.includes('--version')) return void console.log('LLVM (http://llvm.org/):\\n  LLVM version 19.1.7');
const input = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
if (input.some((line) => /stadd/.test(line))) {
  console.error('error: found an unsupported instruction\\nnote: instruction: \\tstadd\\tw1, [x0]');
  process.exit(1);
}
const SummaryView = { TotalCycles: 42, TotaluOps: 7, BlockRThroughput: 2.5 };
console.log(JSON.stringify({ CodeRegions: [{ Instructions: input, SummaryView }] }));`;

  const asked = async (
    llvmMcaPath: string,
    work: (client: ServerClient, uri: string) => Promise<void>,
  ): Promise<void> => {
    const client = await startServer({ transport: 'ipc', folder, settings: { cost: { llvmMcaPath } } });
    const uri = client.open(path, text);
    await waitFor('the settings', async () => {
      const { text: report } = await client.request('patchpoint/report', null);
      return report.includes('llvmMcaPath');
    });
    await work(client, uri);
    await client.close();
  };

  it('is started by its own command alone', async () => {
    const { program, started } = fakeMca('quiet', working);
    await asked(program, async (client, uri) => {
      await hoverText(client, uri);
      await client.request('patchpoint/siteCost', { uri, position });
      await client.request('patchpoint/timeline', { uri, position, stream: 'patched' });
      await client.request('patchpoint/compareCores', { uri, position });
      await client.request('patchpoint/status', { uri });
      expect(started()).toEqual([]);
    });
    expect(started()).toEqual([]);
  });

  it('is shown beside the model, also what it refuses', async () => {
    const { program, started } = fakeMca('working', working);
    await asked(program, async (client, uri) => {
      const answer = await client.request('patchpoint/askMca', { uri, position });
      const shown = answer !== null && 'text' in answer ? answer.text : JSON.stringify(answer);
      expect(shown).toMatch(/llvm-mca 19\.1\.7\s+our llvm mode\s+difference\s+our kernel mode/);
      expect(shown).toMatch(/unpatched: one pass\s+42\s/);
      expect(shown).toMatch(/patched: one pass\s+refused\s+refused/);
      // A long note goes on in the next line.
      expect(shown.replace(/\s+/g, ' ')).toContain(
        'llvm-mca refuses it: found an unsupported instruction: stadd w1, [x0]',
      );
      expect(shown).toContain('nothing here was measured');
    });
    expect(started()[0]).toBe('--version');
    expect(started()[1]).toBe('-mtriple=aarch64 -mattr=+all -mcpu=neoverse-n1 -iterations=1 -json -');
  });

  it('that is something else, or is not there, is told', async () => {
    const { program } = fakeMca('other', "console.log('hello')");
    await asked(program, async (client, uri) => {
      const answer = await client.request('patchpoint/askMca', { uri, position });
      expect(answer).toEqual({ problem: expect.stringContaining('is not llvm-mca') });
    });
    await asked(join(home, 'absent'), async (client, uri) => {
      const answer = await client.request('patchpoint/askMca', { uri, position });
      expect(answer).toEqual({ problem: expect.stringContaining('cannot be run') });
    });
  });
});
