import { describe, expect, it } from 'vitest';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver-protocol';
import { CancelledError } from '../../server/src/base/cancellation.ts';
import type { Steps } from '../../server/src/base/steps.ts';
import { fakeServer } from '../support/fakeServer.ts';

const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
const path = '/tree/x.c';
const shown = { method: 'test', path, token, when: 'shown' } as const;
const background = { ...shown, when: 'background' } as const;

/** A server of which every look at the clock takes 5 ms, so that a slice has two steps. */
function slowServer(host: Parameters<typeof fakeServer>[0] = {}): ReturnType<typeof fakeServer> {
  let nowMs = 0;
  return fakeServer({
    nowMs: () => {
      nowMs += 5;
      return nowMs;
    },
    pause: async () => await new Promise((resume) => setImmediate(resume)),
    ...host,
  });
}

function* counting(nSteps: number, each: (step: number) => void, result = 'done'): Steps<string> {
  for (let step = 1; step <= nSteps; step++) {
    each(step);
    yield;
  }
  return result;
}

describe('work in slices', () => {
  it('lets others in between', async () => {
    const { server } = slowServer();
    const events: string[] = [];
    const work = server.sliced.run(shown, '', () => counting(6, (step) => events.push(`${step}`)));
    let isDone = false;
    const other = (): void => {
      events.push('other');
      if (!isDone) setImmediate(other);
    };
    setImmediate(other);
    expect(await work).toBe('done');
    isDone = true;
    const between = events.slice(events.indexOf('1'), events.lastIndexOf('6')).filter((one) => one === 'other');
    expect(between.length).toBeGreaterThan(1);
  });

  it('waits while a request is under way', async () => {
    const { server } = slowServer();
    const events: string[] = [];
    const work = server.sliced.run(shown, '', () => counting(6, (step) => events.push(`${step}`)));
    const answered = server.sliced.requested();
    for (let turn = 0; turn < 20; turn++) await server.host.pause();
    expect(events).toEqual([]);
    answered();
    expect(await work).toBe('done');
  });

  it('does that for documents in front of that in the background', async () => {
    const { server } = slowServer();
    const events: string[] = [];
    const note = (name: string) => (step: number) => void events.push(`${name}${step}`);
    const back = server.sliced.run(background, '', () => counting(8, note('b')));
    const first = server.sliced.run(shown, '', () => counting(4, note('x')));
    const second = server.sliced.run(shown, '', () => counting(4, note('y')));
    await Promise.all([back, first, second]);
    const order = events.filter((one) => !one.startsWith('b'));
    expect(order).toEqual(['x1', 'x2', 'x3', 'x4', 'y1', 'y2', 'y3', 'y4']);
    expect(events.slice(-4)).toEqual(['b5', 'b6', 'b7', 'b8']);
  });

  it('is dropped when the document changes, or nobody wants it any more', async () => {
    const { server, documents } = slowServer();
    documents.put(path, 'a', 1);
    let ended = 0;
    const work = function* (each: (step: number) => void): Steps<string> {
      try {
        return yield* counting(100, each);
      } finally {
        ended++;
      }
    };
    const stale = await server.sliced.run(shown, '', () =>
      work((step) => {
        if (step === 3) documents.put(path, 'b', 2);
      }),
    );
    expect((stale as ResponseError).code).toBe(LSPErrorCodes.ContentModified);
    const own = { ...token };
    const cancelled = await server.sliced.run({ ...background, token: own }, '', () =>
      work((step) => {
        if (step === 3) own.isCancellationRequested = true;
      }),
    );
    expect((cancelled as ResponseError).code).toBe(LSPErrorCodes.RequestCancelled);
    expect(ended).toBe(2);
  });

  it('gives the empty result when it fails, and goes on with the next', async () => {
    const { server, log } = slowServer();
    const failing = server.sliced.run(shown, 'empty', () =>
      counting(3, () => {
        throw new Error('boom');
      }),
    );
    const next = server.sliced.run(shown, '', () => counting(3, () => undefined));
    expect(await failing).toBe('empty');
    expect(await next).toBe('done');
    expect(log.some((line) => /^error test failed .*boom/.test(line))).toBe(true);
    const wanted = await server.sliced.run(shown, '', () =>
      counting(3, () => {
        throw new CancelledError();
      }),
    );
    expect(wanted).toBeInstanceOf(ResponseError);
  });

  it('begins anew when files were loaded that it lacked', async () => {
    let left = 2;
    const { server } = slowServer({
      loadWanted: async () => {
        if (left-- <= 0) return [];
        server.workspace.changeDocument('/tree/loaded.h', `${left}`, left);
        return ['/tree/loaded.h'];
      },
    });
    let rounds = 0;
    const result = await server.sliced.run(shown, '', () => counting(3, () => undefined, `round ${++rounds}`));
    expect(result).toBe('round 3');
  });
});
