import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { expansionTrace } from '../../features/expand.ts';
import { isPatchedOf } from '../patchedUri.ts';
import type { ServerCommands, SiteView } from '../protocol.ts';
import { requestOn } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { showText } from '../showText.ts';
import { toOffset } from '../toProto.ts';
import { machineStates, setMachineState } from './machineState.ts';
import { patchedDocument } from './patchedDocument.ts';
import { setView } from './view.ts';

type Run = (server: ServerState, args: readonly unknown[], token: CancellationToken) => unknown;

/** Commands for every editor: lenses use them, and their names end up in people's key maps. */
const commands: Readonly<Record<keyof ServerCommands, Run>> = {
  'patchpoint.server.cycleView': (server, [uri]) => setView(server, document(server, uri), 'next'),
  'patchpoint.server.setView': (server, [uri, view]) => setView(server, document(server, uri), siteView(view)),
  'patchpoint.server.setMachineState': (server, [name]) => setMachineState(server, text(name)),
  'patchpoint.server.listMachineStates': (server) => machineStates(server, null),
  'patchpoint.server.showPatched': async (server, [uri, of = 'chosen'], token) => {
    if (!isPatchedOf(of)) throw badArgument(of);
    const request = { method: 'patchpoint.server.showPatched', uri: document(server, uri), token };
    const patched = await requestOn(server, request, null, ({ ctx, path }) => patchedDocument(server, ctx, path, of));
    return patched === null || patched instanceof ResponseError ? patched : await showText(server, patched);
  },
  'patchpoint.server.expandMacro': async (server, [uri, position], token) => {
    const request = { method: 'patchpoint.server.expandMacro', uri: document(server, uri), token };
    return await requestOn<string | null>(server, request, null, (file) =>
      expansionTrace(file.ctx, file.path, toOffset(file, positionOf(position))),
    );
  },
};

export const serverCommands: readonly string[] = Object.keys(commands);

export function registerExecuteCommand(server: ServerState): void {
  server.connection.onExecuteCommand(async ({ command, arguments: args = [] }, token) => {
    if (!isServerCommand(command)) return new ResponseError(LSPErrorCodes.RequestFailed, `no command ${command}`);
    return await commands[command](server, args, token);
  });
}

function isServerCommand(command: string): command is keyof ServerCommands {
  return Object.hasOwn(commands, command);
}

/** The document that a command names, or the one that was asked about last: some editors send no arguments. */
function document(server: ServerState, uri: unknown): string {
  return text(uri ?? server.lastUri);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw badArgument(value);
}

function siteView(value: unknown): SiteView {
  if (value === 'unpatched' || value === 'patched' || value === 'both') return value;
  throw badArgument(value);
}

function positionOf(value: unknown): { readonly line: number; readonly character: number } {
  const { line, character }: { line?: unknown; character?: unknown } = Object(value);
  if (typeof line === 'number' && typeof character === 'number') return { line, character };
  throw badArgument(value);
}

function badArgument(value: unknown): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, `unexpected argument ${JSON.stringify(value)}`);
}
