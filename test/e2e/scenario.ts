import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { mustSkip } from '../support/optional.ts';
import { projectRoot } from '../support/projectFiles.ts';
import { type E2eInstall, findE2eInstall } from './install.ts';
import { type LaunchOptions, launch } from './launch.ts';
import type { Workbench } from './workbench.ts';

const found = findE2eInstall();
const skip = mustSkip('end-to-end tests', 'missing' in found ? found.missing : null);

export interface ScenarioOptions extends Omit<LaunchOptions, 'workspace' | 'vsix' | 'webExtension'> {
  /** Runs the extension in the browser's extension host instead of the packaged one. */
  readonly web?: boolean;
  /** Folder that is opened where it is and must not be written; default: a copy of the example tree. */
  readonly tree?: string;
  /** The scenario lacks something; it was said already. */
  readonly skip?: boolean;
}

/** One VS Code for all tests of a group. `get()` is there once they run. */
export function scenario(name: string, options: ScenarioOptions, tests: (get: () => Workbench) => void): void {
  describe.skipIf(skip || options.skip === true)(name, () => {
    let code: Workbench | undefined;
    let copied = '';
    beforeAll(async () => {
      const { web, tree, skip: _, ...rest } = options;
      const workspace = tree ?? join(mkdtempSync(join(tmpdir(), 'pp-tree-')), 'linux');
      if (tree === undefined) {
        cpSync(`${projectRoot}/examples`, workspace, { recursive: true });
        copied = dirname(workspace);
      }
      const extension = web === true ? { webExtension: projectRoot } : { vsix: packagedExtension() };
      code = await launch(found as E2eInstall, { ...rest, ...extension, workspace });
    });
    afterEach(async ({ task }) => {
      if (task.result?.state !== 'fail' || !code) return;
      await code.screenshot(`failed ${name} ${task.name}`.replaceAll(' ', '-'));
      process.stderr.write(`${code.logs()}\n`);
    });
    afterAll(async () => {
      await code?.close();
      if (copied !== '') rmSync(copied, { recursive: true });
      expect(code?.external ?? []).toEqual([]);
    });
    tests(() => {
      if (!code) throw new Error('VS Code did not start');
      return code;
    });
  });
}

/** The packaged extension, made anew when a bundle is newer. */
function packagedExtension(): string {
  const file = `${projectRoot}/test-output/e2e/patchpoint.vsix`;
  const newest = Math.max(
    ...['package.json', 'dist/client/extension.cjs', 'dist/server/main.node.cjs'].map(
      (path) => statSync(`${projectRoot}/${path}`).mtimeMs,
    ),
  );
  if (existsSync(file) && statSync(file).mtimeMs > newest) return file;
  mkdirSync(`${projectRoot}/test-output/e2e`, { recursive: true });
  const args = [
    '--no-install',
    'vsce',
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--out',
    file,
  ];
  execFileSync('npx', args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
  return file;
}
