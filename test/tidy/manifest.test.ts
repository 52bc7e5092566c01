import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SemanticTokenModifiers } from 'vscode-languageserver-protocol';
import { tokenModifiers, tokenTypes } from '../../server/src/features/semanticTokens.ts';
import { settingsTable } from '../../server/src/lsp/settings.ts';
import { projectFiles, projectRoot, readProjectFile } from '../support/projectFiles.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command?: string; readonly submenu?: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly markdown: string } }[] }[];
    readonly languages: readonly { readonly configuration: string }[];
    readonly grammars: readonly { readonly path: string }[];
    readonly semanticTokenModifiers: readonly { readonly id: string }[];
    readonly semanticTokenScopes: readonly { readonly scopes: Readonly<Record<string, readonly string[]>> }[];
  };
}

const clientSources = (): readonly string[] => projectFiles('client/src', '.ts');
const manifest: Manifest = JSON.parse(readProjectFile('package.json'));
const { commands, menus, configuration, walkthroughs, languages, grammars } = manifest.contributes;
const { semanticTokenModifiers, semanticTokenScopes } = manifest.contributes;

/** A setting as the manifest has to declare it. */
function property(row: (typeof settingsTable)[number], order: number): Record<string, unknown> {
  return {
    type: row.type,
    ...(row.type === 'array' ? { items: { type: 'string' } } : {}),
    ...(row.enum ? { enum: row.enum } : {}),
    default: row.default,
    scope: row.scope,
    order,
    markdownDescription: row.description,
  };
}

describe('settings', () => {
  it('package.json declares exactly the settings of the table', () => {
    const expected = Object.fromEntries(settingsTable.map((row, index) => [row.key, property(row, index)]));
    expect(configuration.properties).toEqual(expected);
  });

  it('every setting is read somewhere', () => {
    const sources = ['server/src/lsp/settings.ts', ...clientSources()].map(readProjectFile).join('\n');
    // The trace setting is read by the language client itself, by the client's id.
    const unread = settingsTable
      .map((row) => row.key)
      .filter((key) => key !== 'patchpoint.trace.server')
      .filter((key) => sources.split(`'${key}'`).length < 3);
    expect(unread).toEqual([]);
  });
});

describe('semantic tokens', () => {
  it('package.json declares the modifiers that the protocol does not have, and styles the types that VS Code does not', () => {
    const standard = new Set<string>(Object.values(SemanticTokenModifiers));
    const own = tokenModifiers.filter((modifier) => !standard.has(modifier));
    expect(semanticTokenModifiers.map(({ id }) => id)).toEqual(own);
    const types = semanticTokenScopes.flatMap(({ scopes }) => Object.keys(scopes).map((key) => key.split('.')[0]));
    expect(types).toContain('label');
    expect(types.filter((type) => !(tokenTypes as readonly (string | undefined)[]).includes(type))).toEqual([]);
  });
});

describe('commands', () => {
  it('each declared command is implemented, and each implemented one is declared', () => {
    const implemented = clientSources().flatMap((file) =>
      [...readProjectFile(file).matchAll(/app\.command\('([^']+)'/g)].map((match) => match[1]),
    );
    expect(implemented.sort()).toEqual(commands.map((command) => command.command).sort());
  });

  it('menus name declared commands only', () => {
    const declared = new Set(commands.map((command) => command.command));
    const named = Object.values(menus).flatMap((items) => items.flatMap((item) => item.command ?? []));
    expect(named.filter((command) => !declared.has(command))).toEqual([]);
  });

  it('titles are shown behind the category', () => {
    expect(commands.filter((command) => command.category !== 'Patchpoint')).toEqual([]);
  });
});

it('files that the manifest names exist', () => {
  const files = [
    ...walkthroughs.flatMap((walkthrough) => walkthrough.steps.map((step) => step.media.markdown)),
    ...languages.map((language) => language.configuration),
    ...grammars.map((grammar) => grammar.path),
  ];
  expect(files.filter((file) => !existsSync(`${projectRoot}/${file}`))).toEqual([]);
});

it('the engine of package.json is the one of the VS Code types', () => {
  const { engines, devDependencies } = JSON.parse(readProjectFile('package.json'));
  expect(engines.vscode).toBe(`^${devDependencies['@types/vscode']}`);
});
