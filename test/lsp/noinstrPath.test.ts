import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CodeAction } from 'vscode-languageserver-protocol';
import { projectRoot } from '../support/projectFiles.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { waitFor } from '../support/waitFor.ts';

const folder = `${projectRoot}/examples`;
const path = `${folder}/arch/arm64/kernel/noinstr-mistakes.c`;
const text = readFileSync(path, 'utf8');
/** 0-based line of the call in `mistake_late_call` that a finding stands at. */
const line = text.slice(0, text.indexOf('\tnote_exit();')).split('\n').length - 1;
const position = { line, character: 1 };

let client: ServerClient;
let uri: string;

beforeAll(async () => {
  client = await startServer({ transport: 'ipc', folder, initializationOptions: { status: true } });
  uri = client.open(path, text);
});
afterAll(async () => await client.close());

it('a finding has a code action that shows its path, before the one that allows it', async () => {
  const diagnostics = await waitFor('the finding', async () => {
    const last = client.diagnostics.findLast((one) => one.uri === uri)?.diagnostics ?? [];
    const here = last.filter(({ range }) => range.start.line === line);
    return here.length > 0 ? here : undefined;
  });
  const range = { start: position, end: position };
  const params = { textDocument: { uri }, range, context: { diagnostics } };
  const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', params);
  const [path, allow] = actions.slice(-2);
  expect(path?.command).toMatchObject({
    command: 'patchpoint.showNoinstrPath',
    arguments: [uri, position, 'noinstr.calls-instrumentable'],
  });
  expect(allow?.title).toBe('Allow noinstr.calls-instrumentable here, with a reason');
  expect(allow?.command).toMatchObject({ command: 'patchpoint.writeReason', arguments: [uri, line] });
});

it('the path has a place for each step', async () => {
  const found = await client.request('patchpoint/noinstrPath', { uri, position, rule: null });
  if (found.problem !== null) throw new Error(found.problem);
  const lines = text.split('\n');
  const shown = found.steps.map(({ text: step, level, place }) => {
    const at = place.range.start;
    return `${'  '.repeat(level)}${step} <- ${lines[at.line]?.slice(at.character, place.range.end.character)}`;
  });
  expect(shown).toEqual([
    'mistake_late_call() is entered <- mistake_late_call',
    'leave_kernel() <- leave_kernel',
    '  raw_local_irq_disable() <- raw_local_irq_disable',
    '  user_enter_irqoff() <- user_enter_irqoff',
    'note_exit() <- note_exit',
    '  count_event(): noinstr.calls-instrumentable <- count_event',
  ]);
  const nothing = await client.request('patchpoint/noinstrPath', {
    uri,
    position: { line: 0, character: 0 },
    rule: null,
  });
  expect(nothing.problem).toBe('there is no finding on noinstr code on this line');
});

it('other editors get the path and the report of a function as text', async () => {
  const run = async (command: string, ...more: unknown[]): Promise<{ title: string; text: string }> =>
    await client.connection.sendRequest('workspace/executeCommand', { command, arguments: [uri, position, ...more] });
  const way = await run('patchpoint.server.noinstrPath', 'noinstr.calls-instrumentable');
  expect(way.title).toBe('path in mistake_late_call');
  expect(way.text).toContain('user_enter_irqoff()');
  const report = await run('patchpoint.server.noinstrReport');
  expect(report.text).toContain('Entered while RCU is watching.');
});
