import { readFileSync } from 'node:fs';
import { type CParser, loadCParser } from '../../server/src/syntax/c/cParser.ts';

const file = (name: string): Uint8Array => readFileSync(new URL(`../../node_modules/${name}`, import.meta.url));

let loaded: Promise<CParser> | undefined;

/** The parser of C, loaded once for a test file. */
export function testCParser(): Promise<CParser> {
  loaded ??= loadCParser({
    core: file('web-tree-sitter/web-tree-sitter.wasm'),
    grammar: file('tree-sitter-c/tree-sitter-c.wasm'),
  });
  return loaded;
}
