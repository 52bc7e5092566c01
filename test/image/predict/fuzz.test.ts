import { expect, it } from 'vitest';
import { memoryByteSource } from '../../../server/src/image/byteSource.ts';
import { cpucapNames } from '../../../server/src/image/cpucapNames.ts';
import { readSites } from '../../../server/src/image/imageSites.ts';
import { openImage } from '../../../server/src/image/kernelImage.ts';
import { compareDump } from '../../../server/src/image/predict/compareDump.ts';
import { stateFromDump } from '../../../server/src/image/predict/dumpState.ts';
import { openMemoryDump } from '../../../server/src/image/predict/memoryDump.ts';
import { predictionLines } from '../../../server/src/image/predict/predictionLines.ts';
import { predictText } from '../../../server/src/image/predict/predictText.ts';
import { smallKernel, smallObject } from '../../support/smallImages.ts';

const rounds = Number(process.env.PATCHPOINT_FUZZ ?? 300);
const state = {
  name: 'fuzz',
  core: null,
  cpucaps: ['ALWAYS_BOOT', 'ALWAYS_SYSTEM', 'HAS_VIRT_HOST_EXTN', 'HAS_LSE_ATOMICS', 'HAS_FOO'],
  keys: { key_off: 1, key_on: 0, '0x1000': 3 },
  ftrace: { traced: ['start_kernel', 'demo'] },
  runtime: {
    kaslr_slide: '0xffffffffffff0000',
    kimage_voffset: '1',
    memstart_addr: '2',
    tag_lsb: '0xffffffffffff',
    tag_val: '-1',
    va_mask: '0x0',
    max_bhb_k: 'x',
  },
};

/** Opens, predicts, compares with the file's own bytes; whatever the file says, nothing is thrown. */
async function use(bytes: Uint8Array): Promise<number> {
  const { value: image } = await openImage(memoryByteSource('fuzz', bytes));
  if (image === null) return 0;
  const sites = await readSites(image);
  const names = cpucapNames(image, sites);
  const prediction = predictText(image, sites, names, state);
  let length = 0;
  for (const piece of predictionLines(image, prediction.words)) length += piece.length;
  const { value: dump } = await openMemoryDump(memoryByteSource('dump', bytes), image);
  if (dump !== null) {
    const { differences } = compareDump(
      image,
      sites,
      predictText(image, sites, names, stateFromDump(image, sites, names, dump).state),
      dump,
    );
    length += differences.length;
  }
  return length;
}

/** Numbers that look random and are the same in each run. */
function* numbers(seed: number): Generator<number> {
  for (let value = seed; ; ) {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0;
    yield value >>> 8;
  }
}

it.each([
  ['kernel', smallKernel()],
  ['object', smallObject()],
])('predictions of a damaged %s never throw', async (_, whole) => {
  const random = numbers(7);
  const next = (): number => random.next().value ?? 0;
  for (let round = 0; round < rounds; round++) {
    const bytes = new Uint8Array(whole);
    for (let change = next() % 4; change >= 0; change--) bytes[next() % bytes.length] = next() & 0xff;
    const hole = next() % bytes.length;
    if (round % 3 === 0) bytes.fill(round % 2 === 0 ? 0xff : 0x80, hole, hole + 8);
    await use(round % 10 === 0 ? bytes.slice(0, next() % bytes.length) : bytes);
  }
  expect(await use(new Uint8Array(whole))).toBeGreaterThan(0);
});
