import { basename, dirname } from '../base/path.ts';
import type { PatchedOf } from './protocol.ts';

/** Scheme of virtual documents that show a file as a machine runs it. */
export const patchedScheme = 'patchpoint-patched';

/** URI of a patched document. Its path ends in the file's extension, so that the editor knows the language. */
export function patchedUri(path: string, of: PatchedOf): string {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const shown = `${dirname(path)}/${stem} (${patchedLabel(of)})${dot > 0 ? name.slice(dot) : ''}`;
  const encoded = shown.split('/').map(encodeURIComponent).join('/');
  return `${patchedScheme}:${encoded}?${encodeURIComponent(JSON.stringify({ path, of }))}`;
}

/** File and stream of a patched document's URI, however the client has escaped it; `null` when it is none. */
export function parsePatchedUri(uri: string): { readonly path: string; readonly of: PatchedOf } | null {
  const at = uri.indexOf('?');
  if (!uri.startsWith(`${patchedScheme}:`) || at < 0) return null;
  const end = uri.indexOf('#', at);
  try {
    const value: unknown = JSON.parse(decodeURIComponent(uri.slice(at + 1, end < 0 ? undefined : end)));
    if (typeof value !== 'object' || value === null || !('path' in value) || !('of' in value)) return null;
    const { path, of } = value;
    return typeof path === 'string' && isPatchedOf(of) ? { path, of } : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError) return null;
    throw error;
  }
}

/** What a tab says after the file's name. */
function patchedLabel(of: PatchedOf): string {
  if (of === 'unpatched') return 'unpatched';
  return of === 'chosen' ? 'patched' : of.state.replaceAll('/', '-');
}

export function isPatchedOf(value: unknown): value is PatchedOf {
  if (value === 'unpatched' || value === 'chosen') return true;
  return typeof value === 'object' && value !== null && 'state' in value && typeof value.state === 'string';
}
