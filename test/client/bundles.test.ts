import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../support/projectFiles.ts';

/** Modules that a bundle asks its host for. */
function required(bundle: string): readonly string[] {
  const file = `${projectRoot}/dist/${bundle}`;
  if (!existsSync(file)) throw new Error('dist/ is not built: npm run build');
  const found = readFileSync(file, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g);
  return [...new Set([...found].map((match) => match[1] ?? ''))];
}

describe('what the bundles need from their hosts', () => {
  it('the desktop client: VS Code and Node', () => {
    const modules = required('client/extension.cjs');
    expect(modules).toContain('vscode');
    expect(modules.filter((name) => name !== 'vscode' && !isBuiltin(name))).toEqual([]);
  });

  it('the web client: VS Code alone', () => {
    expect(required('client/extension.web.js')).toEqual(['vscode']);
  });

  it('the server in a web worker: nothing', () => {
    expect(required('server/main.browser.js')).toEqual([]);
  });

  it.each(['server/main.node.cjs', 'cli.js'])('%s: Node, and data that lies beside it', (bundle) => {
    const folder = dirname(`${projectRoot}/dist/${bundle}`);
    const isBeside = (name: string): boolean => /^\.\.?\/.*\.json$/.test(name) && existsSync(join(folder, name));
    expect(required(bundle).filter((name) => !isBuiltin(name) && !isBeside(name))).toEqual([]);
  });
});
