import { DidChangeWatchedFilesNotification, type FileSystemWatcher } from 'vscode-languageserver';
import { changed } from './refresh.ts';
import { type ServerState, settingPath, settingsOf } from './serverState.ts';

/** Files whose change alters what a kernel file means. */
const watchedInTree = [
  '**/.config',
  '**/*.{c,h,S}',
  '**/arch/arm64/**/Makefile',
  '**/arch/arm64/tools/*',
  '**/arch/arm64/configs/*',
  '**/Kconfig*',
] as const;
const watchedInBuild = ['.config', '**/include/generated/**/*.h'] as const;

/** Several files change together (a build, a checkout): one refresh for all of them. */
const settleMs = 300;

export function registerWatchedFiles(server: ServerState): void {
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  server.connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) {
      const path = server.host.toPath(uri);
      if (path !== null) waiting.add(path);
    }
    clearTimeout(timer);
    timer = setTimeout(() => {
      const paths = [...waiting];
      waiting.clear();
      server.host.forget(paths);
      server.workspace.invalidate(paths);
      server.index.filesChanged(paths);
      server.noinstr.changed(paths);
      changed(server, { what: 'files' });
    }, settleMs);
  });
}

/**
 * Asks the client to watch, again when the settings name another build directory. A client that cannot watch
 * keeps working: files are looked at again after a while.
 */
export async function watchFiles(server: ServerState): Promise<void> {
  const { client, connection, host } = server;
  if (!client.watchFiles) return;
  const outside = client.watchOutside ? namedBuildDirectories(server) : [];
  if (server.watched?.outside.join('\n') === outside.join('\n')) return;
  const before = server.watched;
  const watchers: FileSystemWatcher[] = watchedInTree.map((globPattern) => ({ globPattern }));
  for (const directory of outside) {
    const baseUri = host.toUri(directory);
    watchers.push(...watchedInBuild.map((pattern) => ({ globPattern: { baseUri, pattern } })));
  }
  const registration = await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  server.watched = { outside, registration };
  before?.registration.dispose();
}

/** Build directories that the settings of the window or of a folder name. */
function namedBuildDirectories(server: ServerState): readonly string[] {
  const named = new Set<string>();
  for (const folder of server.folders.length > 0 ? server.folders : [null]) {
    const { buildDirectory } = settingsOf(server, folder);
    if (buildDirectory !== null) named.add(settingPath(folder, buildDirectory));
  }
  return [...named];
}
