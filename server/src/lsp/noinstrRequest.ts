import { relativePath } from '../base/path.ts';
import { type ServerState, settingsOf } from './serverState.ts';
import type { Settings } from './settings.ts';

/** Answer to a question about a document of which nothing is known. */
export const notOpen = { problem: 'the file is not open in a kernel tree' };

/** Policy by which a question about noinstr code is answered: who asks wants an answer, be the findings off or not. */
export function policyOf(server: ServerState, path: string): Exclude<Settings['noinstrPolicy'], 'off'> {
  const { noinstrPolicy } = settingsOf(server, path);
  return noinstrPolicy === 'off' ? 'context' : noinstrPolicy;
}

/** Spells paths as seen from the kernel tree that a file lies in, for texts. */
export function displayIn(server: ServerState, path: string | null): (path: string) => string {
  const root = path === null ? null : (server.workspace.treeFor(path)?.root ?? null);
  return (one) => (root === null ? one : relativePath(root, one));
}
