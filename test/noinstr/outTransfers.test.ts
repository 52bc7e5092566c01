import { describe, expect, it } from 'vitest';
import { memoryByteSource } from '../../server/src/image/byteSource.ts';
import { readSites } from '../../server/src/image/imageSites.ts';
import { openImage } from '../../server/src/image/kernelImage.ts';
import { outTransfers, protectedFunctions } from '../../server/src/noinstr/image/outTransfers.ts';
import {
  calleeFacts,
  patchCallbacks,
  protectedKeys,
  strayClones,
} from '../../server/src/noinstr/image/protectedFacts.ts';
import { type BuildFile, type BuildSymbol, buildElf, wordBytes } from '../support/elfBuilder.ts';
import { smallKernel } from '../support/smallImages.ts';

const nop = 0xd503201f;
const ret = 0xd65f03c0;
const text = 0xffff800080010000n;

/** `bl` or `b` from one offset of the text to another. */
function branch(op: 'bl' | 'b', from: number, to: number): number {
  return ((op === 'bl' ? 0x94000000 : 0x14000000) | (((to - from) >> 2) & 0x3ffffff)) >>> 0;
}

/** Transfers as lines: `*` for a call through a register, with what is known of them behind. */
async function listed(file: BuildFile): Promise<string[]> {
  const { value } = await openImage(memoryByteSource('demo', buildElf(file)));
  if (value === null) throw new Error('no image');
  return outTransfers(value, await readSites(value)).map((one) => {
    const notes = [one.state, one.isSwitch && 'switch', one.isExternal && 'external', one.fromAssembly && 'assembly'];
    return `${one.from} ${one.via} ${one.to ?? '*'}: ${notes.filter((note) => note !== false).join(', ')}`;
  });
}

function code(words: readonly number[]): BuildFile['sections'][number] {
  return { name: '.text', flags: 6, address: text, bytes: wordBytes(words) };
}

function at(name: string, offset: number, size: number, type: BuildSymbol['type'] = 'func'): BuildSymbol {
  return { name, value: text + BigInt(offset), size, section: '.text', type };
}

/** A linked image: noinstr text, entry text and the rest of the text, of which `plain` is the first function. */
function linked(
  noinstr: readonly number[],
  entry: readonly number[],
  rest: readonly number[],
  more: BuildSymbol[],
): BuildFile {
  const entryAt = noinstr.length * 4;
  const restAt = entryAt + entry.length * 4;
  const end = restAt + rest.length * 4;
  return {
    type: 3,
    sections: [code([...noinstr, ...entry, ...rest])],
    symbols: [
      at('_text', 0, 0, 'notype'),
      at('_stext', 0, 0, 'notype'),
      at('_etext', end, 0, 'notype'),
      at('__noinstr_text_start', 0, 0, 'notype'),
      at('__noinstr_text_end', entryAt, 0, 'notype'),
      at('__entry_text_start', entryAt, 0, 'notype'),
      at('__entry_text_end', restAt, 0, 'notype'),
      at('guarded', 0, entryAt),
      at('plain', restAt, 4),
      ...more,
    ],
  };
}

describe('what leaves noinstr text of a linked image', () => {
  it('is what goes to other text, or through a register', async () => {
    const words = [branch('bl', 0, 16), branch('bl', 4, 8), 0xd63f0020, branch('b', 12, 16)];
    expect(await listed(linked(words, [], [ret], []))).toEqual([
      'guarded bl plain: always',
      'guarded blr *: always',
      'guarded b plain: always',
    ]);
  });

  it('leads behind the stubs of a linker, wherever they stand', async () => {
    // guarded: bl stub; ret. stub (in noinstr text, without a size): adrp x16; add x16, x16, #0x18; br x16
    const words = [branch('bl', 0, 8), ret, 0x90000010, 0x91006210, 0xd61f0200, nop];
    const file = linked(words, [], [ret], []);
    const symbols = (file.symbols ?? []).map((one) => (one.name === 'guarded' ? { ...one, size: 8 } : one));
    expect(await listed({ ...file, symbols })).toEqual(['guarded bl plain: always']);
  });

  it('is not what was moved out for erratum 843419', async () => {
    const file = linked([nop, branch('b', 4, 12), ret], [], [nop, branch('b', 16, 8)], []);
    const symbols = (file.symbols ?? []).map((one) => (one.name === 'plain' ? { ...one, name: 'e843419@0001' } : one));
    expect(await listed({ ...file, symbols })).toEqual([]);
  });

  it('is listed for assembly of the vectors by its direct branches', async () => {
    // vector: bl guarded; bl plain; br x30
    const vector = [branch('bl', 4, 0), branch('bl', 8, 16), 0xd61f03c0];
    const file = linked([ret], vector, [ret], [at('vector', 4, 12, 'notype')]);
    expect(await listed(file)).toEqual(['vector bl plain: always, assembly']);
  });
});

describe('symbols without sizes, as a System.map has them', () => {
  it('make functions that reach to the next one', async () => {
    // guarded: bl plain; ret. second: b plain. vector: bl guarded; br x30
    const noinstr = [branch('bl', 0, 20), ret, branch('b', 8, 20)];
    const file = linked(noinstr, [branch('bl', 12, 0), 0xd61f03c0], [ret], [at('second', 8, 0), at('vector', 12, 0)]);
    const symbols = (file.symbols ?? []).map((one) => ({ ...one, size: 0, type: 'func' as const }));
    expect(await listed({ ...file, symbols })).toEqual(['guarded bl plain: always', 'second b plain: always']);
  });
});

describe('what leaves noinstr text of an object', () => {
  const file: BuildFile = {
    type: 1,
    sections: [
      { name: '.text', flags: 6, bytes: wordBytes([ret, ret]) },
      { name: '.noinstr.text', flags: 6, bytes: wordBytes([0x94000000, 0x94000000, 0x94000000, ret]) },
      { name: '.cpuidle.text', flags: 6, bytes: wordBytes([ret]) },
    ],
    symbols: [
      { name: '.text', value: 0n, section: '.text', type: 'section', binding: 'local' },
      { name: '.cpuidle.text', value: 0n, section: '.cpuidle.text', type: 'section', binding: 'local' },
      { name: 'first', value: 0n, size: 4, section: '.text', type: 'func', binding: 'local' },
      { name: 'second', value: 4n, size: 4, section: '.text', type: 'func', binding: 'local' },
      { name: 'idle', value: 0n, size: 4, section: '.cpuidle.text', type: 'func', binding: 'local' },
      { name: 'guarded', value: 0n, size: 16, section: '.noinstr.text', type: 'func' },
      { name: 'printk', value: 0n },
    ],
    relocations: {
      '.noinstr.text': [
        { offset: 0n, type: 283, symbol: '.text', addend: 4n },
        { offset: 4n, type: 283, symbol: 'printk' },
        { offset: 8n, type: 283, symbol: '.cpuidle.text' },
      ],
    },
  };

  it('has the names of static functions, and says what another object has', async () => {
    expect(await listed(file)).toEqual(['guarded bl second: always', 'guarded bl printk: always, external']);
  });

  it('is nothing without such text', async () => {
    const sections = file.sections.slice(0, 1);
    const symbols = file.symbols?.filter(({ section }) => section === '.text') ?? [];
    const { value } = await openImage(memoryByteSource('demo', buildElf({ type: 1, sections, symbols })));
    if (value === null) throw new Error('no image');
    expect(protectedFunctions(value, await readSites(value))).toEqual([]);
  });
});

describe('a damaged file', () => {
  it('is read as far as it goes', async () => {
    const good = smallKernel();
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % below;
    };
    for (let round = 0; round < 150; round++) {
      const bytes = good.slice(0, random(8) === 0 ? random(good.length) : good.length);
      for (let change = 0; change < 6 && bytes.length > 0; change++) bytes[random(bytes.length)] = random(256);
      const { value } = await openImage(memoryByteSource('damaged', bytes));
      if (value === null) continue;
      const sites = await readSites(value);
      const facts = calleeFacts(value, sites);
      for (const { toAddress } of outTransfers(value, sites)) if (toAddress !== null) facts(toAddress);
      const functions = protectedFunctions(value, sites);
      protectedKeys(value, sites, functions);
      patchCallbacks(value, sites);
      strayClones(value, functions);
    }
  });
});
