import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/projectFiles.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { waitFor } from '../support/waitFor.ts';

const folder = `${projectRoot}/examples`;
const path = `${folder}/arch/arm64/kernel/demo-alternatives.S`;
const text = readFileSync(path, 'utf8');
const lines = text.split('\n');

/** 0-based position of a piece of text in the example. */
function positionOf(piece: string): { line: number; character: number } {
  const line = lines.findIndex((candidate) => candidate.includes(piece));
  if (line < 0) throw new Error(`the example has no "${piece}"`);
  return { line, character: lines[line]!.indexOf(piece) };
}

const opener = 'alternative_if';

describe.each(['ipc', 'stdio'] as const)('the built server over %s', (transport) => {
  let client: ServerClient;
  let uri: string;

  beforeAll(async () => {
    client = await startServer({
      transport,
      folder,
      initializationOptions: { status: true },
      textDocumentContent: true,
    });
    uri = client.open(path, text);
  });
  afterAll(async () => await client.close());

  const ask = async <R>(method: string, params: Record<string, unknown> = {}): Promise<R> =>
    await client.connection.sendRequest<R>(method, { textDocument: { uri }, ...params });
  const whole = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };

  it('offers what it has', () => {
    expect(Object.keys(client.capabilities).sort()).toEqual([
      'callHierarchyProvider',
      'codeActionProvider',
      'codeLensProvider',
      'definitionProvider',
      'documentHighlightProvider',
      'documentSymbolProvider',
      'executeCommandProvider',
      'foldingRangeProvider',
      'hoverProvider',
      'inlayHintProvider',
      'referencesProvider',
      'semanticTokensProvider',
      'textDocumentSync',
      'workspace',
      'workspaceSymbolProvider',
    ]);
  });

  it('lenses come without titles and get them on resolve, with a command of the server', async () => {
    const lenses = await ask<{ command?: unknown }[]>('textDocument/codeLens');
    expect(lenses.length).toBeGreaterThan(0);
    expect(lenses.every((lens) => lens.command === undefined)).toBe(true);
    const resolved = await Promise.all(
      lenses.map(
        async (lens) =>
          await client.connection.sendRequest<{ command?: { title: string; command: string } }>(
            'codeLens/resolve',
            lens,
          ),
      ),
    );
    expect(resolved.filter((lens) => lens.command === undefined)).toEqual([]);
    expect(new Set(resolved.map((lens) => lens.command?.command.replace(/\w+$/, '')))).toEqual(
      new Set(['patchpoint.server.']),
    );
  });

  it('hints answer the asked range, and are short enough not to be cut', async () => {
    const hints = await ask<{ label: string; position: { line: number } }[]>('textDocument/inlayHint', {
      range: whole,
    });
    expect(hints.length).toBeGreaterThan(0);
    expect(hints.filter((hint) => hint.label.length >= 40)).toEqual([]);
    const first = hints[0]!.position.line;
    const range = { start: { line: first, character: 0 }, end: { line: first, character: 999 } };
    const some = await ask<typeof hints>('textDocument/inlayHint', { range });
    expect(some.every((hint) => hint.position.line === first)).toBe(true);
  });

  it('hover on an alternative is Markdown with a range', async () => {
    const hover = await ask<{ contents: { kind: string; value: string }; range: unknown } | null>(
      'textDocument/hover',
      {
        position: positionOf(opener),
      },
    );
    expect(hover?.contents.kind).toBe('markdown');
    expect(hover?.contents.value).toMatch(/unpatched/i);
    expect(hover?.range).toBeDefined();
  });

  it('goes to the definition of a macro in a header', async () => {
    const targets = await ask<{ uri: string }[]>('textDocument/definition', { position: positionOf(opener) });
    expect(targets.map((target) => target.uri.replace(/.*\//, ''))).toContain('alternative-macros.h');
  });

  it('finds references, highlights, symbols, folds and tokens', async () => {
    const position = positionOf(opener);
    const references = await ask<unknown[]>('textDocument/references', {
      position,
      context: { includeDeclaration: true },
    });
    const highlights = await ask<unknown[]>('textDocument/documentHighlight', { position });
    const symbols = await ask<{ name: string; children: unknown[] }[]>('textDocument/documentSymbol');
    const folds = await ask<unknown[]>('textDocument/foldingRange');
    const tokens = await ask<{ data: number[] }>('textDocument/semanticTokens/full');
    const found = await client.connection.sendRequest<unknown[]>('workspace/symbol', { query: 'alternative_if' });
    for (const list of [references, highlights, symbols, folds, tokens.data, found])
      expect(list.length).toBeGreaterThan(0);
    expect(tokens.data.length % 5).toBe(0);
  });

  it('the status names the tree and says what decides CONFIG_*', async () => {
    const status = await client.request('patchpoint/status', { uri });
    expect(status.root).toBe(folder);
    expect(status.configSource).toMatch(/defconfig/);
    expect(status.machineState).toBe('none');
  });

  it('switching the view refreshes lenses and hints', async () => {
    client.refreshes.length = 0;
    expect(await client.request('patchpoint/setView', { uri, view: 'next' })).toEqual({ view: 'unpatched' });
    const command = { command: 'patchpoint.server.cycleView', arguments: [uri] };
    expect(await client.connection.sendRequest('workspace/executeCommand', command)).toBe('patched');
    const faded = await client.request('patchpoint/fadedRanges', { uri });
    expect(faded?.view).toBe('patched');
    expect(faded?.ranges.length).toBeGreaterThan(0);
    expect(await client.connection.sendRequest('workspace/executeCommand', command)).toBe('both');
    await waitFor('the refresh of hints', () => client.refreshes.includes('workspace/inlayHint/refresh'));
    await waitFor('the refresh of lenses', () => client.refreshes.includes('workspace/codeLens/refresh'));
    await waitFor('the view', () => client.refreshes.includes('patchpoint/viewChanged'));
  });

  it('a command without a document is about the one that was asked about last', async () => {
    await ask('textDocument/hover', { position: positionOf(opener) });
    const run = async (): Promise<unknown> =>
      await client.connection.sendRequest('workspace/executeCommand', { command: 'patchpoint.server.cycleView' });
    expect([await run(), await run(), await run()]).toEqual(['unpatched', 'patched', 'both']);
    expect((await client.request('patchpoint/fadedRanges', { uri }))?.view).toBe('both');
  });

  it('shows the file as a machine runs it, and again when the machine changes', async () => {
    const unpatched = await client.request('patchpoint/patchedDocument', { uri, of: 'unpatched' });
    const all = await client.request('patchpoint/patchedDocument', { uri, of: { state: 'all' } });
    expect(all?.text).not.toBe(unpatched?.text);
    const chosen = await client.request('patchpoint/patchedDocument', { uri, of: 'chosen' });
    const content = async (): Promise<string> =>
      (await client.connection.sendRequest<{ text: string }>('workspace/textDocumentContent', { uri: chosen!.uri }))
        .text;
    // While no machine is chosen every cpucap counts as set: the patched view must differ from the file.
    expect(await content()).toBe(all?.text);
    client.refreshes.length = 0;
    await client.request('patchpoint/setMachineState', { name: 'cortex-a53' });
    await waitFor('the patched view to be refreshed', () => client.refreshes.includes(`content ${chosen!.uri}`));
    const a53 = await client.request('patchpoint/patchedDocument', { uri, of: { state: 'cortex-a53' } });
    expect(await content()).toBe(a53?.text);
    expect([unpatched?.text, all?.text]).not.toContain(a53?.text);
    await client.request('patchpoint/setMachineState', { name: 'none' });
  });

  it('machine states can be listed, and the list names the one in force', async () => {
    const { choices, current } = await client.request('patchpoint/machineStates', { uri });
    expect(choices.map((choice) => choice.name)).toEqual(expect.arrayContaining(['none', 'all']));
    expect(choices.length).toBeGreaterThan(3);
    expect(current).toBe('none');
  });

  it('findings carry the version of the text they were made from', async () => {
    const broken = text.replace(/^.*alternative_else_nop_endif.*$/m, '');
    client.diagnostics.length = 0;
    const change = { textDocument: { uri, version: 2 }, contentChanges: [{ text: broken }] };
    await client.connection.sendNotification('textDocument/didChange', change);
    const published = await waitFor('findings of version 2', () => client.diagnostics.find((one) => one.version === 2));
    expect(published.diagnostics.map((one) => one.source)).toContain('patchpoint');
    // An incremental change back: the server's text must be the editor's.
    const at = text.split('\n').findIndex((line) => line.includes('alternative_else_nop_endif'));
    const line = `${lines[at]}`;
    const restore = {
      textDocument: { uri, version: 3 },
      contentChanges: [{ range: { start: { line: at, character: 0 }, end: { line: at, character: 0 } }, text: line }],
    };
    await client.connection.sendNotification('textDocument/didChange', restore);
    const clean = await waitFor('findings of version 3', () => client.diagnostics.find((one) => one.version === 3));
    expect(clean.diagnostics).toEqual([]);
  });

  it('the code of a finding leads to the paragraph that explains it', async () => {
    const mistakes = `${folder}/arch/arm64/kernel/mistakes.S`;
    const mistakesUri = client.open(mistakes, readFileSync(mistakes, 'utf8'));
    const { diagnostics } = await waitFor('findings', () =>
      client.diagnostics.find((one) => one.uri === mistakesUri && one.diagnostics.length > 0),
    );
    for (const { code, codeDescription } of diagnostics) {
      const [, file, line] = /^(.*)#L(\d+)$/.exec(codeDescription?.href ?? '') ?? [];
      const document = readFileSync(new URL(file ?? ''), 'utf8').split('\n');
      expect(document[Number(line) - 1]).toBe(`## ${code}`);
    }
  });

  it('a document whose URI cannot be decoded gets nothing', async () => {
    const position = { line: 0, character: 0 };
    for (const odd of ['file:///tmp/%ff.S', 'file://host/x.S', 'untitled:x.S', '']) {
      expect(await ask('textDocument/hover', { textDocument: { uri: odd }, position })).toBeNull();
    }
  });

  it('a document outside every kernel tree gets nothing and breaks nothing', async () => {
    const other = client.open('/nowhere/arch/arm64/kernel/x.S', 'nop\n');
    expect(
      await ask('textDocument/hover', { textDocument: { uri: other }, position: { line: 0, character: 0 } }),
    ).toBeNull();
    expect((await client.request('patchpoint/status', { uri: other })).root).toBeNull();
    expect((await client.request('patchpoint/patchedDocument', { uri: other, of: 'chosen' }))?.text).toBe('nop\n');
    expect(await client.request('patchpoint/status', { uri: 'untitled:Untitled-1' })).toMatchObject({ root: null });
  });

  it('the report has versions and counts, and no source text', async () => {
    const { text: report } = await client.request('patchpoint/report', null);
    expect(report).toMatch(/\| Patchpoint \| \d+\.\d+\.\d+ \|/);
    expect(report).toMatch(/\| open documents \| \d+ \|/);
    expect(report).not.toContain(opener);
  });

  it('an unknown command is refused, and wrong arguments as well', async () => {
    const run = async (command: string, args: unknown[]): Promise<unknown> =>
      await client.connection.sendRequest('workspace/executeCommand', { command, arguments: args });
    await expect(run('patchpoint.server.nothing', [])).rejects.toThrow(/no command/);
    await expect(run('patchpoint.server.setView', [uri, 'sideways'])).rejects.toThrow(/unexpected argument/);
  });

  it('no request failed in the server', () => {
    expect(client.log.filter((message) => message.includes('failed'))).toEqual([]);
  });
});

describe('a client without virtual documents', () => {
  it('gets the patched view as a temporary file', async () => {
    const client = await startServer({ transport: 'ipc', folder });
    const uri = client.open(path, text);
    const command = { command: 'patchpoint.server.showPatched', arguments: [uri, { state: 'all' }] };
    const shown = await client.connection.sendRequest<{ text: string }>('workspace/executeCommand', command);
    expect(client.shown).toHaveLength(1);
    expect(client.shown[0]).toMatch(/^file:.*\.S$/);
    expect(readFileSync(new URL(client.shown[0]!), 'utf8')).toBe(shown.text);
    await client.close();
    expect(existsSync(new URL(client.shown[0]!))).toBe(false);
  });
});

describe('settings', () => {
  it('lenses and diagnostics can be turned off, and a wrong type keeps the default', async () => {
    const settings = { codeLens: { functions: false, sites: false }, diagnostics: { enabled: 'no' } };
    const client = await startServer({ transport: 'ipc', folder, settings });
    await waitFor('the warning', () =>
      client.log.find((line) => line.includes('patchpoint.diagnostics.enabled should be')),
    );
    const uri = client.open(path, text);
    expect(await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } })).toEqual([]);
    await client.close();
  });
});

describe('a header that is open beside a file that includes it', () => {
  const headerPath = `${folder}/arch/arm64/include/asm/assembler.h`;
  const header = readFileSync(headerPath, 'utf8');
  const macro = (cpucap: string): string =>
    `.macro from_header\nalternative_if_not ${cpucap}\n\tisb\nalternative_else_nop_endif\n.endm\n`;
  let client: ServerClient;
  beforeAll(async () => {
    client = await startServer({ transport: 'stdio', folder, textDocumentContent: true });
  });
  afterAll(async () => await client.close());

  it('an unsaved mistake in the header is reported in the file, and goes when the header is closed', async () => {
    const uri = client.open(path, '#include <asm/assembler.h>\n\tfrom_header\n');
    const headerUri = client.open(headerPath, header);
    const codes = (): readonly unknown[] | undefined =>
      client.diagnostics.findLast((one) => one.uri === uri)?.diagnostics.map((one) => one.code);
    await waitFor('the first check', () => codes() !== undefined);
    client.refreshes.length = 0;
    client.change(headerUri, header.replace('\t.macro\tsb\n', `${macro('ARM64_HAS_NOSUCH')}\t.macro\tsb\n`), 2);
    await waitFor('the finding', () => codes()?.length === 1);
    expect(codes()).toEqual(['alternative.unknown-cpucap']);
    expect(client.refreshes).toContain('workspace/inlayHint/refresh');
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: headerUri } });
    await waitFor('no finding', () => codes()?.length === 0);
  });
});

describe('two workspace folders', () => {
  it('have their own settings', async () => {
    const folders = [`${folder}/arch/arm64/kernel`, `${folder}/arch/arm64/lib`];
    const settings = (scopeUri: string | undefined): unknown =>
      scopeUri?.endsWith('/lib') === true
        ? {
            kernel: { configFile: `${folder}/arch/arm64/configs/defconfig` },
            codeLens: { sites: false, functions: false },
          }
        : {};
    const client = await startServer({ transport: 'stdio', folder: folders[0]!, moreFolders: [folders[1]!], settings });
    const files = [path, `${folder}/arch/arm64/lib/${readdirSync(folders[1]!).find((name) => name.endsWith('.S'))}`];
    const uris = files.map((file) => client.open(file, text));
    const kinds = await Promise.all(
      uris.map(async (uri) => {
        await waitFor('the check', () => client.diagnostics.some((one) => one.uri === uri));
        const lenses = await client.connection.sendRequest<unknown[]>('textDocument/codeLens', {
          textDocument: { uri },
        });
        const { configSource } = await client.request('patchpoint/status', { uri });
        return [configSource?.startsWith('arm64 defconfig'), lenses.length > 0];
      }),
    );
    expect(kinds).toEqual([
      [true, true],
      [false, false],
    ]);
    await client.close();
  });
});
