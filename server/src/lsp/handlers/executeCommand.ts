import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { expansionTrace } from '../../features/expand.ts';
import { modelSteps } from '../modelSteps.ts';
import { noinstrPathText, noinstrReport } from '../noinstrPath.ts';
import { noinstrReachText } from '../noinstrReach.ts';
import { isPatchedOf } from '../patchedUri.ts';
import type { Position, Range, ServerCommands, SiteView } from '../protocol.ts';
import { requestOn } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { showCost, showText } from '../showText.ts';
import { toOffset } from '../toProto.ts';
import { secondOpinion } from './askMca.ts';
import { compareCores } from './compareCores.ts';
import { cores, setCore } from './cores.ts';
import { costOf } from './cost.ts';
import { machineStates, setMachineState } from './machineState.ts';
import { patchedDocument } from './patchedDocument.ts';
import { setPreemption } from './preemption.ts';
import { resetKeys, switchKey } from './switchKey.ts';
import { timeline } from './timeline.ts';
import { setView } from './view.ts';

type Run = (server: ServerState, args: readonly unknown[], token: CancellationToken) => unknown;

/** Commands for every editor: lenses use them, and their names end up in people's key maps. */
const commands: Readonly<Record<keyof ServerCommands, Run>> = {
  'patchpoint.server.cycleView': (server, [uri]) => setView(server, document(server, uri), 'next'),
  'patchpoint.server.setView': (server, [uri, view]) => setView(server, document(server, uri), siteView(view)),
  'patchpoint.server.setMachineState': (server, [name]) => setMachineState(server, text(name)),
  'patchpoint.server.setPreemption': (server, [name]) => setPreemption(server, name === null ? null : text(name)),
  'patchpoint.server.switchKey': async (server, [uri, position], token) =>
    await switchKey(server, place(server, uri, position), token),
  'patchpoint.server.resetKeys': (server) => resetKeys(server),
  'patchpoint.server.listMachineStates': (server) => machineStates(server, null),
  'patchpoint.server.rebuildIndex': (server) => server.index.rebuild(),
  'patchpoint.server.showPatched': async (server, [uri, of = 'chosen'], token) => {
    if (!isPatchedOf(of)) throw badArgument(of);
    const request = { method: 'patchpoint.server.showPatched', uri: document(server, uri), token };
    await server.c.ready(server.host.toPath(request.uri));
    const patched = await requestOn(server, request, null, ({ ctx, path }) => patchedDocument(server, ctx, path, of));
    return patched === null || patched instanceof ResponseError ? patched : await showText(server, patched);
  },
  'patchpoint.server.noinstrReach': async (server, [uri, position = null], token) => {
    const at = position === null ? null : positionOf(position);
    const reach = await noinstrReachText(server, { uri: document(server, uri), position: at }, token);
    return await showCost(server, reach);
  },
  'patchpoint.server.noinstrPath': async (server, [uri, position, rule = null], token) => {
    const target = { ...place(server, uri, position), rule: rule === null ? null : text(rule) };
    return await showCost(server, await noinstrPathText(server, target, token));
  },
  'patchpoint.server.noinstrReport': async (server, [uri, position], token) =>
    await showCost(server, await noinstrReport(server, place(server, uri, position), token)),
  'patchpoint.server.contextSteps': async (server, [uri, position], token) => {
    const wish = { model: 'function', ...place(server, uri, position), from: null, tracking: null, path: 0 } as const;
    return await showCost(server, await modelSteps(server, wish, token));
  },
  'patchpoint.server.checkNoinstr': async (server, [uri], token) => {
    const at = uri ?? server.lastUri;
    return await server.noinstr.checkTree(typeof at === 'string' ? server.host.toPath(at) : null, token);
  },
  'patchpoint.server.expandMacro': async (server, [uri, position], token) => {
    const request = { method: 'patchpoint.server.expandMacro', uri: document(server, uri), token };
    return await requestOn<string | null>(server, request, null, (file) =>
      expansionTrace(file.ctx, file.path, toOffset(file, positionOf(position))),
    );
  },
  'patchpoint.server.listCores': (server) => cores(server, server.lastUri),
  'patchpoint.server.setCore': (server, [name]) => setCore(server, name === null ? null : text(name)),
  'patchpoint.server.siteCost': async (server, [uri, position], token) =>
    await showCost(server, await costOf(server, 'patchpoint.server.siteCost', place(server, uri, position), token)),
  'patchpoint.server.rangeCost': async (server, [uri, range], token) => {
    const target = { uri: document(server, uri), range: rangeOf(range) };
    return await showCost(server, await costOf(server, 'patchpoint.server.rangeCost', target, token));
  },
  'patchpoint.server.timeline': async (server, [uri, at, stream = 'patched'], token) => {
    if (stream !== 'unpatched' && stream !== 'patched') throw badArgument(stream);
    const target = isRange(at) ? { uri: document(server, uri), range: rangeOf(at) } : place(server, uri, at);
    return await showCost(server, await timeline(server, target, stream, token));
  },
  'patchpoint.server.compareCores': async (server, [uri, position], token) =>
    await showCost(server, await compareCores(server, place(server, uri, position), token)),
  'patchpoint.server.askMca': async (server, [uri, position], token) =>
    await showCost(server, await secondOpinion(server, place(server, uri, position), token)),
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

function positionOf(value: unknown): Position {
  const { line, character }: { line?: unknown; character?: unknown } = Object(value);
  if (typeof line === 'number' && typeof character === 'number') return { line, character };
  throw badArgument(value);
}

function place(
  server: ServerState,
  uri: unknown,
  position: unknown,
): { readonly uri: string; readonly position: Position } {
  return { uri: document(server, uri), position: positionOf(position) };
}

function isRange(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'start' in value;
}

function rangeOf(value: unknown): Range {
  const { start, end }: { start?: unknown; end?: unknown } = Object(value);
  return { start: positionOf(start), end: positionOf(end) };
}

function badArgument(value: unknown): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, `unexpected argument ${JSON.stringify(value)}`);
}
