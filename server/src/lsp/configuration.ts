import { DidChangeConfigurationNotification } from 'vscode-languageserver';
import type { WorkspaceSettings } from '../project/workspace.ts';
import { changed } from './refresh.ts';
import { type ServerState, settingPath } from './serverState.ts';
import { type ParsedSettings, parseSettings } from './settings.ts';
import { watchFiles } from './watchedFiles.ts';

const section = 'patchpoint';

/** Follows the client's settings: pulled where it offers that, else as it pushes them. */
export function registerConfiguration(server: ServerState): void {
  server.connection.onDidChangeConfiguration(async ({ settings }) => {
    const pushed: unknown = settings;
    if (server.client.configuration) await pullSettings(server);
    else if (typeof pushed === 'object' && pushed !== null && section in pushed) applySettings(server, pushed[section]);
    await watchFiles(server);
    changed(server, { what: 'settings' });
  });
}

export async function startConfiguration(server: ServerState): Promise<void> {
  if (!server.client.configuration) return;
  await server.connection.client.register(DidChangeConfigurationNotification.type, { section });
  await pullSettings(server);
}

/** Asks for the settings of the window and of each folder; an answer that a later question overtook is dropped. */
export async function pullSettings(server: ServerState): Promise<void> {
  if (!server.client.configuration) return;
  const folders = [...server.folders];
  const pull = Symbol();
  server.settingsPull = pull;
  const items = [{ section }, ...folders.map((folder) => ({ section, scopeUri: server.host.toUri(folder) }))];
  const [window, ...ofFolders] = await server.connection.workspace.getConfiguration(items);
  if (server.settingsPull !== pull) return;
  applySettings(server, window, new Map(folders.map((folder, index) => [folder, ofFolders[index]])));
}

/** Puts settings in force; wrong ones are logged and their defaults used. */
export function applySettings(
  server: ServerState,
  window: unknown,
  folders: ReadonlyMap<string, unknown> = new Map(),
): void {
  server.settings = parseSettings(window);
  server.folderSettings = new Map([...folders].map(([folder, value]) => [folder, parseSettings(value)]));
  const all = [server.settings, ...server.folderSettings.values()];
  for (const issue of new Set(all.flatMap((settings) => settings.issues))) server.logger.warn(issue);
  const placesOf = (folder: string | null, { value }: ParsedSettings): WorkspaceSettings => {
    const path = (setting: string | null): string | null => (setting === null ? null : settingPath(folder, setting));
    return {
      kernelRoot: path(value.kernelRoot),
      buildDirectory: path(value.buildDirectory),
      configFile: path(value.configFile),
    };
  };
  server.index.refresh();
  server.workspace.updateSettings(
    placesOf(server.folders[0] ?? null, server.settings),
    new Map([...server.folderSettings].map(([folder, settings]) => [folder, placesOf(folder, settings)])),
  );
}
