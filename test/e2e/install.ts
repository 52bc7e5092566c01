import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** What test/e2e/setup.mjs has installed. */
export interface E2eInstall {
  readonly node: string;
  readonly entry: string;
  readonly vscode: string;
  readonly chromium: string;
}

/** The install that tests run on, or the reason why there is none, with the command that helps. */
export function findE2eInstall(): E2eInstall | { readonly missing: string } {
  const home = resolve(process.env.PATCHPOINT_E2E_HOME ?? join(homedir(), '.cache/patchpoint/e2e'));
  const record = join(home, 'e2e.json');
  if (!existsSync(record)) return { missing: `VS Code is not installed in ${home}; run: npm run e2e:setup` };
  const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  );
  if (chromium === undefined) return { missing: 'no Chromium; run: apt-get install chromium' };
  const { node, entry, vscode } = JSON.parse(readFileSync(record, 'utf8'));
  return { node: join(home, node), entry: join(home, entry), vscode, chromium };
}
