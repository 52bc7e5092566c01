import type { CancellationToken } from 'vscode-languageserver';
import { keyAt } from '../../features/c/keyAt.ts';
import type { Position, SwitchedKey } from '../protocol.ts';
import { changed } from '../refresh.ts';
import { type Answer, requestOn } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toOffset } from '../toProto.ts';

/**
 * Gives the static key at a place the other value in the machine that is shown, whatever the machine state says. Result:
 * the key and its value now, or `null` where no key is.
 */
export async function switchKey(
  server: ServerState,
  { uri, position }: { readonly uri: string; readonly position: Position },
  token: CancellationToken,
): Answer<SwitchedKey | null> {
  const method = 'patchpoint.server.switchKey';
  await server.c.ready(server.host.toPath(uri));
  return await requestOn<SwitchedKey | null>(server, { method, uri, token }, null, (document) => {
    const found = keyAt(document.ctx, document.path, toOffset(document, position));
    if (found === null || found.value === null) return null;
    server.keys.set(found.key, !found.value);
    changed(server, { what: 'state' });
    return { key: found.key, value: !found.value };
  });
}

/** Gives every key the value that the machine state says. */
export function resetKeys(server: ServerState): null {
  server.keys.clear();
  changed(server, { what: 'state' });
  return null;
}
