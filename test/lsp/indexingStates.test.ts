import { expect, it } from 'vitest';
import type { ServerState } from '../../server/src/lsp/serverState.ts';
import { parseSettings } from '../../server/src/lsp/settings.ts';
import { nameIndexOf } from '../../server/src/project/nameIndex/treeIndex.ts';
import type { NameIndex } from '../../server/src/project/nameIndex.ts';
import { fakeServer } from '../support/fakeServer.ts';
import type { MemoryFileSource } from '../support/memoryFileSource.ts';
import { waitFor } from '../support/waitFor.ts';

const path = '/k/kernel/file0.c';

/** A server with a tree of some files, whose clock runs so fast that progress is shown at once. */
function open(settings: unknown = undefined): { readonly server: ServerState; readonly files: MemoryFileSource } {
  let now = 0;
  const { server } = fakeServer();
  const files = server.host.files as MemoryFileSource;
  files.write('/k/Makefile', 'VERSION = 6\nPATCHLEVEL = 12\n');
  files.write('/k/Kconfig', '');
  files.write('/k/arch/arm64/tools/cpucaps', 'ALWAYS_BOOT\n');
  for (let at = 0; at < 50; at++) files.write(`/k/kernel/file${at}.c`, `int number${at};\n`);
  files.write('/k/drivers/demo/main.c', 'int driver;\n');
  files.write('/k/drivers/demo/other.c', 'int neighbor;\n');
  const pause = async (): Promise<void> => await new Promise((resume) => setTimeout(resume, 0));
  Object.assign(server.host, { pause, nowMs: () => (now += 1000) });
  server.settings = parseSettings(settings);
  return { server, files };
}

function indexOf({ workspace }: ServerState): NameIndex {
  return nameIndexOf(workspace, workspace.treeFor(path)!);
}

const stateOf = (server: ServerState, state: string) => (): boolean => server.index.statusOf(path)?.state === state;

it('nothing is indexed before a file is opened, or when the setting says so', async () => {
  const { server } = open({ index: { enabled: false } });
  expect(server.index.statusOf(path)).toBeNull();
  server.index.want(path);
  expect(server.index.statusOf(path)?.state).toBe('off');
  expect(indexOf(server).state).toBe('empty');
  server.settings = parseSettings(undefined);
  server.index.refresh();
  await waitFor('the index', stateOf(server, 'ready'));
  expect(indexOf(server).definitionsOf('number49')).toHaveLength(1);
  server.index.dispose();
});

it('folders of the setting are indexed, and the folder of an open file', async () => {
  const { server } = open({ index: { folders: ['kernel/'] } });
  server.index.want('/k/drivers/demo/main.c');
  await waitFor('the index', stateOf(server, 'ready'));
  await waitFor('the folder', () => indexOf(server).definitionsOf('neighbor').length === 1);
  expect(indexOf(server).definitionsOf('number3')).toHaveLength(1);
  server.index.dispose();
});

it('the work ends when its progress is cancelled; what is known is used, and it can be taken up again', async () => {
  const { server } = open();
  const token = { isCancellationRequested: false };
  const shown: string[] = [];
  const reporter = {
    token,
    begin: (title: string) => void shown.push(title),
    report: (_percent: number, message: string) => {
      shown.push(message);
      token.isCancellationRequested = shown.length > 5;
    },
    done: () => void shown.push('done'),
  };
  Object.assign(server, {
    client: { ...server.client, progress: true },
    connection: { window: { createWorkDoneProgress: async () => reporter } },
  });
  server.index.want(path);
  await waitFor('the end', stateOf(server, 'stopped'));
  expect([shown[0], shown.at(-1)]).toEqual(['Patchpoint: index of names', 'done']);
  const index = indexOf(server);
  expect(index.state).toBe('building');
  expect(index.figures.files).toBeGreaterThan(0);
  expect(index.figures.files).toBeLessThan(50);
  token.isCancellationRequested = false;
  reporter.report = () => undefined;
  server.index.rebuild();
  await waitFor('the index', stateOf(server, 'ready'));
  expect(index.definitionsOf('number49')).toHaveLength(1);
  server.index.dispose();
});

it('an open document is in it as it is typed, and as it is on disk once it is closed', async () => {
  const { server, files } = open();
  server.index.want(path);
  server.workspace.openDocument(path, 'int typed;\n', 1);
  expect(indexOf(server).definitionsOf('typed')).toHaveLength(1);
  await waitFor('the index', stateOf(server, 'ready'));
  expect(indexOf(server).definitionsOf('number0')).toEqual([]);
  server.workspace.changeDocument(path, 'int more;\n', 2);
  expect(indexOf(server).definitionsOf('typed')).toEqual([]);
  server.workspace.closeDocument(path);
  expect(indexOf(server).definitionsOf('more')).toEqual([]);
  expect(indexOf(server).definitionsOf('number0')).toHaveLength(1);
  files.write(path, 'int saved;\n');
  server.index.filesChanged([path]);
  await waitFor('the change', () => indexOf(server).definitionsOf('saved').length === 1);
  server.index.dispose();
});
