import { readFileSync } from 'node:fs';
import MCapstone from '@alexaltea/capstone-js';
import { expect, it } from 'vitest';
import { makeWordDecoder } from '../../server/src/isa/decode.ts';

const decoder = await makeWordDecoder(MCapstone);

function decoded(...words: number[]): readonly (string | null)[] {
  return decoder.decode(Uint32Array.from(words), 0xffff800080010000n);
}

it('gives the text of words, targets absolute', () => {
  expect(decoded(0xd503201f, 0x94000002, 0xa9bf7bfd, 0xd65f03c0)).toEqual([
    'nop',
    'bl #0xffff80008001000c',
    'stp x29, x30, [sp, #-0x10]!',
    'ret',
  ]);
});

it('goes on behind a word that is no instruction', () => {
  expect(decoded(0xfffffffe, 0xd503201f, 0xffffffff, 0xd65f03c0)).toEqual([null, 'nop', null, 'ret']);
  expect(decoded()).toEqual([]);
  expect(decoded(0xffffffff)).toEqual([null]);
});

// Words by aarch64-linux-gnu-as 2.40 and llvm-mc 19.1.7, which agree on them.
it('knows words that Capstone refuses', () => {
  const words: readonly (readonly [number, string])[] = [
    [0xf8400884, 'ldtr x4, [x4]'],
    [0xb8400863, 'ldtr w3, [x3]'],
    [0x78400821, 'ldtrh w1, [x1]'],
    [0x38400ae6, 'ldtrb w6, [x23]'],
    [0x38c00821, 'ldtrsb w1, [x1]'],
    [0xb8800821, 'ldtrsw x1, [x1]'],
    [0xdac02020, 'abs x0, x1'],
    [0xdac01c20, 'cnt x0, x1'],
    [0xdac01820, 'ctz x0, x1'],
    [0x9ac26020, 'smax x0, x1, x2'],
    [0x91cc0c20, 'umin x0, x1, #3'],
    [0x69000440, 'stgp x0, x1, [x2]'],
    [0x68808440, 'stgp x0, x1, [x2], #0x10'],
    [0x04bf5820, 'rdsvl x0, #1'],
    [0xe11f8000, 'ldr zt0, [x0]'],
    [0xe13f8000, 'str zt0, [x0]'],
  ];
  expect(decoded(...words.map(([word]) => word))).toEqual(words.map(([, text]) => text));
});

it('any word gives a text or null', () => {
  let state = 1;
  const words = Array.from({ length: 20_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  });
  expect(decoded(...words)).toHaveLength(words.length);
});

it('takes the WASM file as bytes, as a browser worker has it', async () => {
  const wasmBinary = readFileSync(
    new URL('../../node_modules/@alexaltea/capstone-js/dist/capstone.wasm', import.meta.url),
  );
  const other = await makeWordDecoder(MCapstone, { wasmBinary });
  expect(other.decode(Uint32Array.of(0xd503201f), 0n)).toEqual(['nop']);
  other.close();
});
