#!/usr/bin/env node
// Installs what the end-to-end tests need, outside the repository: code-server from npm (a whole VS Code workbench
// with a real Node extension host) and the Node it is made for. Chromium is the system's (apt-get install chromium).
//
//   node test/e2e/setup.mjs [--home DIR] [--code-server VERSION]
//
// DIR defaults to $PATCHPOINT_E2E_HOME, else ~/.cache/patchpoint/e2e. Finished steps are skipped when run again.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    home: { type: 'string', default: process.env.PATCHPOINT_E2E_HOME ?? join(homedir(), '.cache/patchpoint/e2e') },
    'code-server': { type: 'string', default: '4.100.3' },
  },
});
const home = resolve(options.home);
const release = options['code-server'];
const record = join(home, 'e2e.json');

/** Node that each code-server asks for by its major number; extension host and language server run under it. */
const nodeForMajor = { 20: '20.20.2', 22: '22.22.0', 24: '24.21.0' };
const npmFlags = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--ignore-scripts'];

const startedMs = Date.now();
const say = (text) => process.stdout.write(`[${((Date.now() - startedMs) / 1000).toFixed(0)} s] ${text}\n`);

if (existsSync(record) && JSON.parse(readFileSync(record, 'utf8')).codeServer === release) {
  say(`ready: ${home} has code-server ${release}`);
} else {
  install();
}

function install() {
  const major = JSON.parse(run('npm', ['view', `code-server@${release}`, 'engines', '--json'])).node.match(/\d+/)[0];
  const nodeVersion = nodeForMajor[major];
  if (nodeVersion === undefined)
    throw new Error(`code-server ${release} wants Node ${major}, which is not in the table`);

  const nodePackage = `node-linux-${process.arch}`;
  say(`installing Node ${nodeVersion}`);
  startPackage(home, 'patchpoint-e2e');
  run('npm', ['install', ...npmFlags, '--save-exact', `${nodePackage}@${nodeVersion}`], { cwd: home });
  const nodeRoot = join(home, 'node_modules', nodePackage);
  const node = join(nodeRoot, 'bin', 'node');
  // Native modules are compiled for that Node, with the headers of its package: nothing else is downloaded.
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    npm_config_nodedir: nodeRoot,
    npm_config_yes: 'true',
  };

  // Without install scripts: code-server's own refuses to run as root and downloads from GitHub.
  say(`installing code-server ${release}`);
  const root = join(home, 'code-server');
  startPackage(root, 'patchpoint-e2e-code-server');
  run('npm', ['install', ...npmFlags, '--save-exact', `code-server@${release}`], { cwd: root, env });
  const server = join(root, 'node_modules', 'code-server');
  const workbench = join(server, 'lib', 'vscode');
  for (const cwd of [workbench, join(workbench, 'extensions')]) {
    run('npm', ['install', ...npmFlags, '--omit=dev', '--legacy-peer-deps'], { cwd, env });
  }
  compile(root, ['argon2'], env);
  compile(workbench, ['@vscode/spdlog', 'native-watchdog', '@vscode/native-watchdog', 'node-pty'], env);

  link('node_modules', join(workbench, 'node_modules.asar'));
  const ripgrep = ['/usr/bin/rg', '/usr/local/bin/rg'].find((file) => existsSync(file));
  const ripgrepPackage = join(workbench, 'node_modules', '@vscode', 'ripgrep');
  if (ripgrep !== undefined && existsSync(ripgrepPackage)) link(ripgrep, join(ripgrepPackage, 'bin', 'rg'));

  const entry = join(server, 'out', 'node', 'entry.js');
  const version = run(node, [entry, '--version'], { env: { ...env, HOME: home } })
    .trim()
    .split('\n')
    .at(-1);
  const made = {
    node: relative(home, node),
    entry: relative(home, entry),
    codeServer: release,
    vscode: version.match(/with Code (\S+)/)?.[1] ?? version,
  };
  writeFileSync(record, JSON.stringify(made, null, 2));
  say(`ready: VS Code ${made.vscode} in ${home}`);
}

/** Compiles native modules that have no binary yet; judged by the result, because an install script may fail after a good build. */
function compile(folder, names, env) {
  for (const name of names) {
    const module = join(folder, 'node_modules', name);
    if (!existsSync(module) || hasBinary(module)) continue;
    say(`compiling ${name}`);
    const output = run('npm', ['rebuild', '--foreground-scripts', name], { cwd: folder, env, mayFail: true });
    if (!hasBinary(module)) {
      throw new Error(`${name} was not compiled; are build-essential and python3 installed?\n${output.slice(-4000)}`);
    }
  }
}

function hasBinary(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some(
    (file) => file.endsWith('.node') && (!file.includes('prebuilds') || file.includes(`linux-${process.arch}`)),
  );
}

function startPackage(folder, name) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'package.json');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify({ name, private: true }, null, 2));
}

function link(target, path) {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** Runs a command, quiet unless it fails. */
function run(command, args, { cwd, env = process.env, mayFail = false } = {}) {
  try {
    return execFileSync(command, args, {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  } catch (error) {
    const output = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    if (mayFail) return output;
    throw new Error(`${command} ${args.join(' ')} failed:\n${output.slice(-6000)}`);
  }
}
