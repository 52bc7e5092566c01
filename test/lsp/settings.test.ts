import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../server/src/lsp/settings.ts';

describe('settings', () => {
  it('are the defaults when the client sends nothing', () => {
    const { value, issues, changed } = parseSettings(undefined);
    expect(value).toMatchObject({ kernelRoot: null, lensFunctions: true, hintsExpansions: false, disabledRules: [] });
    expect(issues).toEqual([]);
    expect(changed).toEqual({});
  });

  it('are read from a nested object and from flat keys', () => {
    expect(parseSettings({ kernel: { root: ' /src/linux ' } }).value.kernelRoot).toBe('/src/linux');
    expect(parseSettings({ 'kernel.root': '/src/linux' }).value.kernelRoot).toBe('/src/linux');
  });

  it('of the wrong type keep the default and say so', () => {
    const { value, issues } = parseSettings({ codeLens: { sites: 'yes' }, diagnostics: { disabledRules: [1] } });
    expect(value.lensSites).toBe(true);
    expect(issues).toEqual([
      'patchpoint.codeLens.sites should be of type boolean; its default is used',
      'patchpoint.diagnostics.disabledRules should be of type array; its default is used',
    ]);
  });
});
