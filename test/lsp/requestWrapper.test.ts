import { describe, expect, it } from 'vitest';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver-protocol';
import { CancelledError } from '../../server/src/base/cancellation.ts';
import { runRequest } from '../../server/src/lsp/requestWrapper.ts';
import { fakeServer } from '../support/fakeServer.ts';

const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
const path = '/tree/x.S';
const request = { method: 'test', path, token };

describe('the request wrapper', () => {
  it('gives the result and logs the time', async () => {
    const { server, log } = fakeServer();
    expect(await runRequest(server, request, 0, () => 7)).toBe(7);
    expect(log).toEqual([expect.stringMatching(/^debug test done .*"ms":/)]);
  });

  it('answers a failing request with the empty result, and logs the error', async () => {
    const { server, log } = fakeServer();
    const work = (): never => {
      throw new Error('boom');
    };
    expect(await runRequest(server, request, 'empty', work)).toBe('empty');
    expect(log[0]).toMatch(/^error test failed .*boom/);
  });

  it('does not start what was cancelled while it waited', async () => {
    const { server } = fakeServer();
    let ran = false;
    const cancelled = { ...token, isCancellationRequested: true };
    const result = await runRequest(server, { ...request, token: cancelled }, 0, () => {
      ran = true;
      return 1;
    });
    expect(ran).toBe(false);
    expect((result as ResponseError).code).toBe(LSPErrorCodes.RequestCancelled);
  });

  it('answers work that saw its cancellation as cancelled', async () => {
    const { server } = fakeServer();
    const result = await runRequest(server, request, 0, () => {
      throw new CancelledError();
    });
    expect(result).toBeInstanceOf(ResponseError);
  });

  it('drops a result for an older version of the document', async () => {
    const { server, documents } = fakeServer({ pause: async () => void documents.change(path, [{ text: 'b' }], 2) });
    documents.put(path, 'a', 1);
    const result = await runRequest(server, request, 0, () => 7);
    expect((result as ResponseError).code).toBe(LSPErrorCodes.ContentModified);
  });

  it('lets a request that loads files finish before the next one works', async () => {
    const loads = [['/tree/a.h'], []];
    let turn: Promise<void> = Promise.resolve();
    const { server } = fakeServer({
      loadWanted: async () => {
        await new Promise((resume) => setTimeout(resume, 5));
        return loads.shift() ?? [];
      },
      inTurn: async (run) => {
        turn = turn.then(run);
        await turn;
      },
    });
    const order: string[] = [];
    await Promise.all(['first', 'second'].map((name) => runRequest(server, request, 0, () => order.push(name))));
    expect(order).toEqual(['first', 'first', 'second']);
  });

  it('runs again until no file is wanted any more', async () => {
    const loads = [['/tree/a.h'], ['/tree/b.h'], []];
    const { server, invalidated } = fakeServer({ loadWanted: async () => loads.shift() ?? [] });
    let runs = 0;
    expect(await runRequest(server, request, 0, () => ++runs)).toBe(3);
    expect(invalidated).toEqual(['/tree/a.h', '/tree/b.h']);
  });
});
