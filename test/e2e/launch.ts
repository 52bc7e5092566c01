import { execFile, spawn } from 'node:child_process';
import {
  accessSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import type { E2eInstall } from './install.ts';
import { runBeforePage } from './pageScript.ts';
import { poll } from './poll.ts';
import { endTree } from './processTree.ts';
import { serveFolder } from './staticServer.ts';
import { Workbench } from './workbench.ts';

/** Quiet, offline, the same every time. */
const defaultSettings: Readonly<Record<string, unknown>> = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.enabled': false,
  'git.enabled': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.reduceMotion': 'on',
  'workbench.tree.enableStickyScroll': false,
  'editor.minimap.enabled': false,
  // Sticky scroll repeats lines at the top of the editor, which would be read as content.
  'editor.stickyScroll.enabled': false,
  'editor.hover.delay': 150,
  // What a test types is what is inserted.
  'editor.autoIndent': 'none',
  'editor.autoClosingBrackets': 'never',
  'files.autoSave': 'off',
};

const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  // Nothing but this machine resolves, whatever a page or an extension asks for.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export interface LaunchOptions {
  /** A packaged extension to install, as a user does. */
  readonly vsix?: string;
  /** A folder whose `browser` entry runs in the browser's extension host instead. */
  readonly webExtension?: string;
  readonly workspace: string;
  /** File to open, relative to the workspace. */
  readonly open?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Starts VS Code in a fresh profile and opens a folder. Everything binds to 127.0.0.1. `close()` ends all of it. */
export async function launch(install: E2eInstall, options: LaunchOptions): Promise<Workbench> {
  const workspace = realpathSync(options.workspace);
  // Short: sockets live there, and their paths end at 107 characters.
  const profile = mkdtempSync(join(tmpdir(), 'pp-'));
  const inProfile = (name: string): string => join(profile, name);
  for (const name of ['data/User', 'data/Machine', 'extensions', 'home', 'tmp'])
    mkdirSync(inProfile(name), { recursive: true });
  writeFileSync(inProfile('config.yaml'), '');
  writeFileSync(inProfile('data/User/settings.json'), JSON.stringify({ ...defaultSettings, ...options.settings }));
  // Paths of programs belong to the machine that the server runs on: a browser's VS Code reads them here alone.
  writeFileSync(inProfile('data/Machine/settings.json'), JSON.stringify(options.settings ?? {}));

  const base = [
    install.entry,
    '--config',
    inProfile('config.yaml'),
    '--user-data-dir',
    inProfile('data'),
    '--extensions-dir',
    inProfile('extensions'),
  ];
  const env = { ...cleanEnvironment(), HOME: inProfile('home'), TMPDIR: inProfile('tmp') };
  if (options.vsix !== undefined) await installExtension(install.node, base, resolve(options.vsix), env);

  const server = spawn(
    install.node,
    [
      ...base,
      ...['--auth', 'none', '--bind-addr', '127.0.0.1:0'],
      ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
      '--disable-getting-started-override',
      ...(options.webExtension === undefined ? ['--disable-proxy'] : []),
    ],
    { env, cwd: profile, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const closers: (() => Promise<unknown>)[] = [
    async () => {
      if (server.pid !== undefined) await endTree(server.pid);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  ];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const authority = await poll('the server to listen', () => {
      if (server.exitCode !== null) throw new Error(`code-server ended with ${server.exitCode}`);
      return /HTTP server listening on http:\/\/(127\.0\.0\.1:\d+)/.exec(output)?.[1];
    });
    const browser = await chromium.launch({
      executablePath: install.chromium,
      headless: true,
      args: chromiumFlags,
      env: { ...env, HOME: inProfile('home') },
    });
    closers.push(async () => await browser.close());
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(20_000);
    const external: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (/^(https?|wss?):/.test(url) && new URL(url).host !== authority) external.push(url);
    });
    if (options.webExtension !== undefined) {
      const files = await serveFolder(resolve(options.webExtension));
      closers.push(async () => files.close());
      // Over HTTP and from the page's own origin, through code-server's port proxy: its content policy asks for that.
      const extension = { scheme: 'http', authority, path: `/proxy/${files.port}` };
      await runBeforePage(page, 'addExtension', extension);
    }
    const payload =
      options.open === undefined
        ? []
        : [['openFile', `vscode-remote://${authority}${encodeURI(join(workspace, options.open))}`]];
    const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
    await page.goto(`http://${authority}/?${query}`);
    await page.waitForSelector('.monaco-workbench .statusbar', { timeout: 60_000 });
    if (options.open !== undefined) await page.waitForSelector('.editor-instance .view-line', { timeout: 60_000 });
    const logs = (): string => readLogs(inProfile('data/logs'));
    return new Workbench({ page, workspace, external, logs, close });
  } catch (error) {
    await close();
    throw new Error(`VS Code did not start: ${String(error)}\n--- server ---\n${output.slice(-3000)}`, {
      cause: error,
    });
  }
}

/** The environment without what changes the server's behavior. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|CODE_SERVER|CS_|XDG_|npm_|VITEST|NODE_OPTIONS$|NODE_ENV$|PORT$|PASSWORD$)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '' }),
  };
}

async function installExtension(
  node: string,
  base: readonly string[],
  vsix: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  accessSync(vsix);
  const { stdout, stderr } = await promisify(execFile)(node, [...base, '--install-extension', vsix], { env });
  if (!stdout.includes('successfully installed')) throw new Error(`${vsix} was not installed:\n${stdout}\n${stderr}`);
}

/** The logs of the extension host and of output channels, one after the other. */
function readLogs(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /remoteexthost\.log$|Patchpoint.*\.log$/.test(file))
    .map((file) => `--- ${file}\n${readFileSync(join(folder, file), 'utf8').slice(-6000)}`)
    .join('\n');
}
