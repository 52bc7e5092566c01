import type { CallHierarchyItem } from 'vscode-languageserver';
import { type CallItem, incomingCalls } from '../../features/callHierarchy.ts';
import { callItemsAt, callsFrom } from '../../features/noinstr/noinstrCalls.ts';
import { documentRequest, fileLookup, requestOn } from '../requestWrapper.ts';
import { type ServerState, settingsOf } from '../serverState.ts';
import { fromCallItem, toCallItem, toOffset, toRange } from '../toProto.ts';

export function registerCallHierarchy(server: ServerState): void {
  const { connection } = server;
  const lookup = fileLookup(server);
  const shown = (item: CallItem): CallHierarchyItem[] => toCallItem(item, lookup);
  connection.languages.callHierarchy.onPrepare(
    documentRequest(server, 'textDocument/prepareCallHierarchy', [], ({ ctx, path, ...file }, { position }) =>
      callItemsAt(ctx, path, toOffset(file, position)).flatMap(shown),
    ),
  );
  connection.languages.callHierarchy.onIncomingCalls(async ({ item }, token) => {
    const request = { method: 'callHierarchy/incomingCalls', uri: item.uri, token };
    return await requestOn(server, request, [], ({ ctx, path, ...file }) =>
      incomingCalls(ctx, fromCallItem(item, path, file)).flatMap(({ item: caller, ranges }) => {
        const lines = lookup(caller.path)?.file.lines;
        if (lines === undefined) return [];
        return shown(caller).map((from) => ({ from, fromRanges: ranges.map((range) => toRange(lines, range)) }));
      }),
    );
  });
  connection.languages.callHierarchy.onOutgoingCalls(async ({ item }, token) => {
    const request = { method: 'callHierarchy/outgoingCalls', uri: item.uri, token };
    const { noinstrPolicy } = settingsOf(server, server.host.toPath(item.uri));
    return await requestOn(server, request, [], ({ ctx, path, ...file }) =>
      callsFrom(ctx, fromCallItem(item, path, file), noinstrPolicy).flatMap(({ item: called, ranges }) =>
        shown(called).map((to) => ({ to, fromRanges: ranges.map((range) => toRange(file.lines, range)) })),
      ),
    );
  });
}
