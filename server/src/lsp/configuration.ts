import { DidChangeConfigurationNotification } from 'vscode-languageserver';
import { changed } from './refresh.ts';
import { type ServerState, settingPath } from './serverState.ts';
import { parseSettings } from './settings.ts';
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

async function pullSettings(server: ServerState): Promise<void> {
  applySettings(server, await server.connection.workspace.getConfiguration(section));
}

/** Puts settings in force; wrong ones are logged and their defaults used. */
export function applySettings(server: ServerState, value: unknown): void {
  server.settings = parseSettings(value);
  for (const issue of server.settings.issues) server.logger.warn(issue);
  const { kernelRoot, buildDirectory, configFile } = server.settings.value;
  const path = (setting: string | null): string | null => (setting === null ? null : settingPath(server, setting));
  server.workspace.updateSettings({
    kernelRoot: path(kernelRoot),
    buildDirectory: path(buildDirectory),
    configFile: path(configFile),
  });
}
