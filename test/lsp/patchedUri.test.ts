import { describe, expect, it } from 'vitest';
import { parsePatchedUri, patchedUri } from '../../server/src/lsp/patchedUri.ts';

const path = '/src/my linux%/arch/arm64/kernel/entry.S';

describe('the URI of a patched document', () => {
  it('comes back as it went out', () => {
    for (const of of ['unpatched', 'chosen', { state: 'Cortex-A76 50%' }] as const) {
      expect(parsePatchedUri(patchedUri(path, of))).toEqual({ path, of });
    }
  });

  it('survives a client that escapes it anew', () => {
    const uri = patchedUri(path, { state: 'a&b=c' });
    const at = uri.indexOf('?');
    // As VS Code does: decoded once when parsed, encoded again when sent.
    const resent = `${uri.slice(0, at)}?${encodeURIComponent(decodeURIComponent(uri.slice(at + 1)))}`;
    expect(parsePatchedUri(resent)).toEqual({ path, of: { state: 'a&b=c' } });
  });

  it('ends in the extension of the file, which gives the language', () => {
    expect(decodeURIComponent(patchedUri(path, 'unpatched').split('?')[0]!)).toMatch(/\/entry \(unpatched\)\.S$/);
  });

  it('of something else is none', () => {
    for (const uri of [
      'file:///x',
      'patchpoint-patched:/x.S',
      'patchpoint-patched:/x.S?%',
      'patchpoint-patched:/x.S?{}',
      'patchpoint-patched:/x.S?null',
    ]) {
      expect(parsePatchedUri(uri)).toBeNull();
    }
  });
});
