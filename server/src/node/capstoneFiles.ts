import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import MCapstone from '@alexaltea/capstone-js';
import { makeWordDecoder, type WordDecoder } from '../isa/decode.ts';

/** Where the WASM file lies: beside the bundles (`dist/wasm`), or in the package when the sources run. */
const places = [
  'wasm/capstone.wasm',
  '../wasm/capstone.wasm',
  '../../../node_modules/@alexaltea/capstone-js/dist/capstone.wasm',
];

/** A decoder of A64 words on Capstone; rejects when its file is missing or broken. About 25 ms. */
export async function loadNodeDecoder(): Promise<WordDecoder> {
  const found = places.map((name) => join(__dirname, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`capstone.wasm is not beside ${__dirname}`);
  return await makeWordDecoder(MCapstone, { wasmBinary: await readFile(found) });
}
