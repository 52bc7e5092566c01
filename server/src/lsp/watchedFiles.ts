import { DidChangeWatchedFilesNotification, type FileSystemWatcher } from 'vscode-languageserver';
import { changed } from './refresh.ts';
import { type ServerState, settingPath } from './serverState.ts';

/** Files whose change alters what a kernel file means. */
const watchedInTree = [
  '**/.config',
  '**/arch/arm64/**/*.{S,h}',
  '**/arch/arm64/tools/*',
  '**/arch/arm64/configs/*',
  '**/include/**/*.h',
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
      changed(server, { what: 'files' });
    }, settleMs);
  });
}

/** Asks the client to watch; a client that cannot watch keeps working and sees changes on reload. */
export async function startWatching(server: ServerState): Promise<void> {
  if (!server.client.watchFiles) return;
  const watchers: FileSystemWatcher[] = watchedInTree.map((globPattern) => ({ globPattern }));
  const { buildDirectory } = server.settings.value;
  if (buildDirectory !== null && server.client.watchOutside) {
    const baseUri = server.host.toUri(settingPath(server, buildDirectory));
    watchers.push(...watchedInBuild.map((pattern) => ({ globPattern: { baseUri, pattern } })));
  }
  await server.connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
}
