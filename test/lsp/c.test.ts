import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/projectFiles.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { waitFor } from '../support/waitFor.ts';

const folder = `${projectRoot}/examples`;
const path = `${folder}/kernel/sched/core.c`;
const text = readFileSync(path, 'utf8');
const test = 'static_branch_unlikely(&sk_dynamic_cond_resched)';

function positionIn(source: string, piece: string): { line: number; character: number } {
  const before = source.slice(0, source.indexOf(piece)).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

describe('C files from the built server', () => {
  let client: ServerClient;
  let uri: string;
  let version = 1;

  beforeAll(async () => {
    client = await startServer({ transport: 'ipc', folder, initializationOptions: { status: true } });
    uri = client.open(path, text);
  });
  afterAll(async () => await client.close());

  const ask = async <R>(method: string, params: Record<string, unknown> = {}): Promise<R> =>
    await client.connection.sendRequest<R>(method, { textDocument: { uri }, ...params });
  const hover = async (source: string): Promise<string> => {
    const found = await ask<{ contents: { value: string } } | null>('textDocument/hover', {
      position: positionIn(source, test),
    });
    return found?.contents.value ?? '';
  };

  it('the first lenses wait for the analysis', async () => {
    const lenses = await ask<{ data: { key: string } }[]>('textDocument/codeLens');
    const titles = await Promise.all(
      lenses.map(async (lens) => {
        const { command } = await client.connection.sendRequest<{ command?: { title: string; command: string } }>(
          'codeLens/resolve',
          lens,
        );
        return `${command?.title} (${command?.command})`;
      }),
    );
    expect(titles).toContain('1 jump (patchpoint.server.showPatched)');
    expect(titles).toContain('sk_dynamic_cond_resched: nop ⇄ b (patchpoint.server.cycleView)');
    expect(titles.some((title) => /^1 site.*\(patchpoint\.peekReferences\)$/.test(title))).toBe(true);
  });

  it('a hover has both states, with links, and each preemption model once the scheduler was read', async () => {
    expect(await hover(text)).toContain('**static_branch_unlikely** · static key `sk_dynamic_cond_resched`');
    expect(await hover(text)).toMatch(/\]\(file:\/\/.*jump_label\.h#L\d+\)/);
    const { choices } = await client.request('patchpoint/preemptionModels', { uri });
    expect(choices.map(({ name }) => name)).toEqual(['none', 'voluntary', 'full']);
    expect(await hover(text)).toContain('`preempt=` **none** `b` · **voluntary** `b` · **full** `nop`');
  });

  it('the preemption model is part of the machine that is shown', async () => {
    expect(await client.request('patchpoint/setPreemption', { name: 'none' })).toEqual({ current: 'none' });
    expect((await client.request('patchpoint/status', { uri })).preemption).toBe('none');
    expect(await hover(text)).toContain('**true** · now (preempt=none) | `b`');
    const patched = await client.request('patchpoint/patchedDocument', { uri, of: 'chosen' });
    expect(patched?.text).toContain('// sk_dynamic_cond_resched (on): b');
    expect(await client.request('patchpoint/setPreemption', { name: null })).toEqual({ current: null });
  });

  it('a key is switched by hand, and back', async () => {
    const run = async (command: string, ...args: unknown[]): Promise<unknown> =>
      await client.connection.sendRequest('workspace/executeCommand', { command, arguments: args });
    const position = positionIn(text, test);
    const key = 'sk_dynamic_cond_resched';
    expect(await run('patchpoint.server.switchKey', uri, position)).toEqual({ key, value: true });
    expect(await hover(text)).toContain('**true** · now (keys switched) | `b`');
    expect((await client.request('patchpoint/status', { uri })).keys).toEqual([{ key, value: true }]);
    expect(await run('patchpoint.server.switchKey', uri, position)).toEqual({ key, value: false });
    expect(await run('patchpoint.server.switchKey', uri, { line: 0, character: 0 })).toBeNull();
    expect(await run('patchpoint.server.resetKeys')).toBeNull();
    expect((await client.request('patchpoint/status', { uri })).keys).toEqual([]);
  });

  it('blocks that do not run are faded, and lines that are not compiled are told', async () => {
    await client.request('patchpoint/setView', { uri, view: 'unpatched' });
    const faded = await client.request('patchpoint/fadedRanges', { uri });
    const lines = text.split('\n');
    const shown = (ranges: readonly { start: { line: number } }[]): string[] =>
      ranges.map(({ start }) => lines[start.line]?.trim() ?? '');
    expect(shown(faded?.ranges ?? [])).toContain('return;');
    expect(shown(faded?.inactive ?? [])).toEqual(['']);
    await client.request('patchpoint/setView', { uri, view: 'both' });
  });

  it('while a line is typed in, what is known moves along, and the analysis follows', async () => {
    const typed = `/* new */\n${text}`;
    client.change(uri, typed, ++version);
    expect(await hover(typed)).toContain('in line: [line 35]');
    const without = typed.replace(`!${test}`, '0');
    client.change(uri, without, ++version);
    const jumps = async (): Promise<number> => {
      const hints = await ask<unknown[]>('textDocument/inlayHint', {
        range: { start: { line: 0, character: 0 }, end: { line: 200, character: 0 } },
      });
      return hints.length;
    };
    await waitFor('the hints of the new text', async () => (await jumps()) === 2);
    client.change(uri, text, ++version);
    await waitFor('the hints of the old text', async () => (await jumps()) === 3);
  });

  it('a mistake in inline assembly is a problem as soon as it is typed', async () => {
    const mistake = 'static void typed(void) { asm(ALTERNATIVE("nop", "isb\\n\\tisb", ARM64_HAS_ECV)); }\n';
    const problems = (): unknown[] | undefined => {
      const last = client.diagnostics.findLast((one) => one.uri === uri && one.version === version)?.diagnostics;
      return last?.map(({ code, range }) => [code, range.start.line]);
    };
    client.change(uri, `#include <asm/alternative.h>\n${text}${mistake}`, ++version);
    const found = await waitFor('the problem', async () => problems());
    expect(found).toEqual([['alternative.length-mismatch', text.split('\n').length]]);
    client.change(uri, text, ++version);
    expect(await waitFor('its end', async () => problems())).toEqual([]);
  });

  it('a C file outside every kernel tree has nothing', async () => {
    const other = client.open('/tmp/patchpoint-outside.c', 'int main(void) { return 0; }\n');
    const params = { textDocument: { uri: other } };
    expect(await client.connection.sendRequest('textDocument/codeLens', params)).toEqual([]);
  });
});
