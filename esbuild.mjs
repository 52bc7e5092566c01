// Builds dist/: the extension's client (Node and web), its language server (Node and web worker) and the
// command line. `--watch` rebuilds on change, `--minify` is for packaging. Types are not checked here: `npm run typecheck`.
import { readFile } from 'node:fs/promises';
import { context } from 'esbuild';

const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');
const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));

const common = {
  bundle: true,
  absWorkingDir: import.meta.dirname,
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  minify,
  legalComments: 'none',
  logLevel: 'warning',
  mainFields: ['module', 'main'],
  define: { PATCHPOINT_VERSION: JSON.stringify(version) },
};

/** Everything that is built; a browser has no `require`, and VS Code gives `vscode` to both clients. */
const builds = [
  {
    entryPoints: ['client/src/extension.ts'],
    outfile: 'dist/client/extension.cjs',
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  },
  {
    entryPoints: ['client/src/extension.web.ts'],
    outfile: 'dist/client/extension.web.js',
    platform: 'browser',
    target: 'es2022',
    format: 'cjs',
    external: ['vscode'],
    conditions: ['browser'],
  },
  {
    entryPoints: ['server/src/lsp/main.node.ts'],
    outfile: 'dist/server/main.node.cjs',
    platform: 'node',
    format: 'cjs',
  },
  {
    entryPoints: ['server/src/lsp/main.browser.ts'],
    outfile: 'dist/server/main.browser.js',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    conditions: ['browser'],
  },
  {
    entryPoints: ['server/src/cli/bin.ts'],
    outfile: 'dist/cli.js',
    platform: 'node',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
  },
];

const contexts = await Promise.all(builds.map((build) => context({ ...common, ...build })));
if (watch) {
  await Promise.all(contexts.map((one) => one.watch()));
  process.stderr.write('watching client/ and server/; press F5 in VS Code to run the extension\n');
} else {
  try {
    await Promise.all(contexts.map((one) => one.rebuild()));
  } catch {
    // esbuild has printed the errors.
    process.exitCode = 1;
  }
  await Promise.all(contexts.map((one) => one.dispose()));
}
