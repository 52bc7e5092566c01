import { branchOffset } from '../isa/branchWords.ts';
import { classifyWord } from '../isa/classify.ts';
import type { WordDecoder } from '../isa/decode.ts';
import { hexWord } from '../isa/hexWord.ts';
import { imagePlace, isLinked, symbolic } from './imagePlace.ts';
import type { KernelImage } from './kernelImage.ts';

export interface InsnText {
  readonly text: string;
  /** 8 lower-case hexadecimal digits. */
  readonly word: string;
  /** Line that it comes from: debug information is not read here. */
  readonly origin: null;
}

/** Text of words of one image; the same word is decoded once. */
export interface InsnTexts {
  /** The same with the word's digits; one object for all places where a word means the same. */
  insn(word: number, address: bigint): InsnText;
  /**
   * Text of `word` standing at `address`; a branch names its target (`b #0x… <schedule+0x10>`), and an instruction of an
   * object the symbol that the linker will put in. A word that is no instruction becomes `.inst 0x…`.
   */
  text(word: number, address: bigint): string;
}

/** More different words than any kernel has; keeps a hostile image from filling memory. */
const maxKnown = 200_000;

export function createInsnTexts(image: KernelImage, decoder: WordDecoder): InsnTexts {
  const known = new Map<number, InsnText>();
  const one = new Uint32Array(1);
  const decode = (word: number, address: bigint): string => {
    one[0] = word;
    const text = decoder.decode(one, address)[0];
    return text === null || text === undefined ? `.inst 0x${hexWord(word)}` : asBinutils(text);
  };
  const plainInsn = (word: number): InsnText => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const insn = { text: decode(word, 0n), word: hexWord(word), origin: null };
    if (known.size < maxKnown) known.set(word, insn);
    return insn;
  };
  const plain = (word: number): string => plainInsn(word).text;
  const text = (word: number, address: bigint): string => {
    const offset = branchOffset(word);
    const relocation = image.relocationAt(address);
    if (relocation !== null) {
      const symbol = relocationText(relocation.symbol, relocation.addend);
      const mnemonic = plain(word).split(' ')[0] ?? '';
      return offset === null ? `${plain(word)} <${symbol}>` : `${withoutTarget(plain(word), mnemonic)}${symbol}`;
    }
    if (offset !== null) {
      const target = BigInt.asUintN(64, address + offset);
      // Half of all sites are such branches: no decoder needed.
      const simple = word >>> 26 === 0x05 ? 'b' : word >>> 26 === 0x25 ? 'bl' : null;
      const bare = simple === null ? decode(word, address) : `${simple} #0x${target.toString(16)}`;
      return `${bare}${targetText(image, target)}`;
    }
    return isRelative(word) ? decode(word, address) : plain(word);
  };
  return {
    text,
    insn: (word, address) =>
      branchOffset(word) === null && !isRelative(word) && image.relocationAt(address) === null
        ? plainInsn(word)
        : { text: text(word, address), word: hexWord(word), origin: null },
  };
}

/**
 * Where Capstone's spelling and the one of binutils differ: names of the carry conditions, an alias, and two
 * instructions that Capstone 5 does not know by name.
 */
export function asBinutils(text: string): string {
  if (text.startsWith('b.')) return text.replace(/^b\.hs\b/, 'b.cs').replace(/^b\.lo\b/, 'b.cc');
  if (text === 'hint #0x16') return 'clearbhb';
  // With the lowest bit at 0 the word is a BFXIL: BFC needs imms < immr (DDI 0487 K.a, C6.2.32).
  const cleared = /^bfc ([wx])(\w+), #0, (.*)$/.exec(text);
  if (cleared !== null) return `bfxil ${cleared[1]}${cleared[2]}, ${cleared[1]}zr, #0, ${cleared[3]}`;
  return text.replace(/^sys #3, c7, c13, #1, /, 'dc cvadp, ');
}

/** `CALL26`-like relocations are shown by their symbol; an addend as `symbol+0x10`. */
function relocationText(symbol: string, addend: bigint): string {
  if (addend === 0n) return symbol;
  return addend < 0n ? `${symbol}-0x${(-addend).toString(16)}` : `${symbol}+0x${addend.toString(16)}`;
}

/** `tbz x0, #3, ` of `tbz x0, #3, #0x0`. */
function withoutTarget(text: string, mnemonic: string): string {
  const comma = text.lastIndexOf(',');
  return comma < 0 ? `${mnemonic} ` : `${text.slice(0, comma + 1)} `;
}

function targetText(image: KernelImage, target: bigint): string {
  const name = symbolic(image, target);
  if (!name.startsWith('0x')) return ` <${name}>`;
  const place = imagePlace(image, target);
  return isLinked(image) || place.section === null ? '' : ` <${place.section}+${place.offset}>`;
}

/** Whether the word means something else at another address. */
function isRelative(word: number): boolean {
  const insnClass = classifyWord(word);
  return insnClass === 'adr' || insnClass === 'adrp' || insnClass === 'literal' || insnClass === 'simd-literal';
}
