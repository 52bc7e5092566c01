import { decodeRefused } from './decodeRefused.ts';

/** One instruction as Capstone gives it. */
interface CapstoneInsn {
  readonly mnemonic: string;
  readonly op_str: string;
}

interface CapstoneHandle {
  disasm(bytes: Uint8Array, address: bigint): readonly CapstoneInsn[];
  close(): void;
}

/** What is used of the module that `@alexaltea/capstone-js` makes. */
export interface CapstoneModule {
  readonly ARCH_ARM64: number;
  readonly MODE_LITTLE_ENDIAN: number;
  readonly Capstone: new (arch: number, mode: number) => CapstoneHandle;
}

/** `MCapstone` of the package. In a browser worker give it the WASM file: by its bytes, or by a place to fetch it from. */
export type CapstoneFactory = (options?: {
  readonly wasmBinary?: Uint8Array;
  readonly locateFile?: (name: string) => string;
}) => Promise<CapstoneModule>;

/** Turns A64 words into text. */
export interface WordDecoder {
  /**
   * Text of each word, in Capstone's spelling and with absolute targets (`bl #0xffff800080010000`); null for a word that
   * is no instruction known here. `address` is that of the first word. Never throws.
   */
  decode(words: Uint32Array, address: bigint): readonly (string | null)[];
  /** Gives the WASM memory back; the decoder must not be used any more. */
  close(): void;
}

/** Capstone keeps 240 bytes per instruction until the call returns. */
const chunkWords = 4096;

/**
 * A decoder on Capstone's WASM build (about 25 ms to load, 1 to 2.5 µs an instruction), with our own decoding of words
 * that Capstone 5 refuses. The caller brings the module, so nothing is loaded before it is needed.
 */
export async function makeWordDecoder(
  factory: CapstoneFactory,
  options?: Parameters<CapstoneFactory>[0],
): Promise<WordDecoder> {
  const module = await factory(options);
  const handle = new module.Capstone(module.ARCH_ARM64, module.MODE_LITTLE_ENDIAN);
  return {
    decode: (words, address) => decodeAll(handle, words, address),
    close: () => handle.close(),
  };
}

function decodeAll(handle: CapstoneHandle, words: Uint32Array, address: bigint): readonly (string | null)[] {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(index * 4, word, true);
  });
  const texts: (string | null)[] = [];
  while (texts.length < words.length) {
    const start = texts.length;
    const end = Math.min(words.length, start + chunkWords);
    for (const { mnemonic, op_str } of disasm(handle, bytes.subarray(start * 4, end * 4), at(address, start))) {
      texts.push(op_str === '' ? mnemonic : `${mnemonic} ${op_str}`);
    }
    // Capstone stops at the first word it refuses.
    if (texts.length < end) texts.push(decodeRefused(words[texts.length] ?? 0));
  }
  return texts;
}

function at(address: bigint, index: number): bigint {
  return BigInt.asUintN(64, address + BigInt(index * 4));
}

function disasm(handle: CapstoneHandle, bytes: Uint8Array, address: bigint): readonly CapstoneInsn[] {
  try {
    return handle.disasm(bytes, address);
  } catch (error) {
    // The package throws a text when not even the first word is known to it.
    if (typeof error === 'string') return [];
    throw error;
  }
}
