// Builds dist/: the extension's client (Node and web), its language server (Node and web worker) and the
// command line. `--watch` rebuilds on change, `--minify` is for packaging. Types are not checked here: `npm run typecheck`.
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { context } from 'esbuild';

const wasmFiles = [
  'web-tree-sitter/web-tree-sitter.wasm',
  'tree-sitter-c/tree-sitter-c.wasm',
  '@alexaltea/capstone-js/dist/capstone.wasm',
];
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
  metafile: true,
  logLevel: 'warning',
  mainFields: ['module', 'main'],
  define: { PATCHPOINT_VERSION: JSON.stringify(version) },
  // The other form of the package asks where its script lies, which no bundle can say.
  alias: { 'web-tree-sitter': './node_modules/web-tree-sitter/web-tree-sitter.cjs' },
};

/**
 * Node programs share one copy of the cost tables and read a core's at its first use: `path` leads from the program to
 * dist/cost/. The server in a browser has its own copy inside.
 */
const sharedCostTables = (path) => ({
  // An import() that stays would ask for the file's type; a require doesn't.
  supported: { 'dynamic-import': false },
  plugins: [
    {
      name: 'sharedCostTables',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/data\/cost\/[^/]+\.json$/ }, ({ path: file }) => ({
          path: path + file.slice(file.lastIndexOf('/') + 1),
          external: true,
        })),
    },
  ],
});

/** The decoder's script asks for Node's files where it finds itself in Node, which a worker is not. */
const noNode = {
  name: 'noNode',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:fs$/ }, ({ path }) => ({ path, namespace: 'noNode' }));
    onLoad({ filter: /^/, namespace: 'noNode' }, () => ({ contents: 'module.exports = {};' }));
  },
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
    ...sharedCostTables('../cost/'),
  },
  {
    entryPoints: ['server/src/lsp/main.browser.ts'],
    outfile: 'dist/server/main.browser.js',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    conditions: ['browser'],
    plugins: [noNode],
  },
  {
    entryPoints: ['server/src/cli/bin.ts'],
    outfile: 'dist/cli.js',
    platform: 'node',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    ...sharedCostTables('./cost/'),
  },
];

await copyCostTables();
await copyWasm();
const contexts = await Promise.all(builds.map((build) => context({ ...common, ...build })));
if (watch) {
  await Promise.all(contexts.map((one) => one.watch()));
  process.stderr.write('watching client/ and server/; press F5 in VS Code to run the extension\n');
} else {
  try {
    const results = await Promise.all(contexts.map((one) => one.rebuild()));
    await writeNotices(results.flatMap((result) => Object.keys(result.metafile.inputs)));
  } catch (error) {
    // esbuild has printed its own errors.
    if (error.errors === undefined) throw error;
    process.exitCode = 1;
  }
  await Promise.all(contexts.map((one) => one.dispose()));
}

/** The tables without blanks: they are for reading in the source tree. */
async function copyCostTables() {
  const from = new URL('server/data/cost/', import.meta.url);
  const to = new URL('dist/cost/', import.meta.url);
  await mkdir(to, { recursive: true });
  const files = (await readdir(from)).filter((file) => file.endsWith('.json'));
  await Promise.all(
    files.map(async (file) =>
      writeFile(new URL(file, to), JSON.stringify(JSON.parse(await readFile(new URL(file, from), 'utf8')))),
    ),
  );
}

/** The parser of C, its grammar and the decoder of machine words: loaded by servers and command line where they need them. */
async function copyWasm() {
  const to = new URL('dist/wasm/', import.meta.url);
  await mkdir(to, { recursive: true });
  for (const file of wasmFiles) {
    const from = new URL(`node_modules/${file}`, import.meta.url);
    await copyFile(from, new URL(file.slice(file.lastIndexOf('/') + 1), to));
  }
}

/** The licenses of the packages and of the tables that went into the bundles, which ask to be passed on with every copy. */
async function writeNotices(inputs) {
  const packages = new Set(
    [...inputs, ...wasmFiles.map((file) => `node_modules/${file}`)].flatMap(
      (input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [],
    ),
  );
  const notices = [];
  for (const name of [...packages].sort()) {
    const folder = new URL(`node_modules/${name}/`, import.meta.url);
    const { version, license } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no license file`);
    notices.push(`${name} ${version} (${license})\n\n${(await readFile(new URL(file, folder), 'utf8')).trim()}\n`);
  }
  notices.push(await readFile(new URL('server/data/cost/LICENSE.LLVM.txt', import.meta.url), 'utf8'));
  await writeFile(new URL('dist/THIRD-PARTY-NOTICES.txt', import.meta.url), notices.join(`\n${'-'.repeat(80)}\n\n`));
}
