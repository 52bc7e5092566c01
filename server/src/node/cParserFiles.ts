import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CParser, loadCParser } from '../syntax/c/cParser.ts';

/** Where the WASM files lie: beside the bundles (`dist/wasm`), or in the packages when the sources run. */
const places: readonly (readonly [string, string])[] = [
  ['wasm/web-tree-sitter.wasm', 'wasm/tree-sitter-c.wasm'],
  ['../wasm/web-tree-sitter.wasm', '../wasm/tree-sitter-c.wasm'],
  [
    '../../../node_modules/web-tree-sitter/web-tree-sitter.wasm',
    '../../../node_modules/tree-sitter-c/tree-sitter-c.wasm',
  ],
];

let loading: Promise<CParser> | undefined;

/** The parser of C, loaded once per process. Rejects when its files are missing or broken. */
export function loadNodeCParser(): Promise<CParser> {
  loading ??= load();
  return loading;
}

async function load(): Promise<CParser> {
  const found = places
    .map((pair) => pair.map((name) => join(__dirname, name)))
    .find((pair) => pair.every((path) => existsSync(path)));
  const [core, grammar] = found ?? [];
  if (core === undefined || grammar === undefined) throw new Error(`web-tree-sitter.wasm is not beside ${__dirname}`);
  const [coreBytes, grammarBytes] = await Promise.all([readFile(core), readFile(grammar)]);
  return await loadCParser({ core: coreBytes, grammar: grammarBytes });
}
