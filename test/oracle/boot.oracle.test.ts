import { beforeAll, describe, expect, it } from 'vitest';
import type { Prediction } from '../../server/src/image/predict/predictText.ts';
import { mustSkip } from '../support/optional.ts';
import { type OpenedImage, openVmlinux, predictBoot, readBootRecords, stateOf, wrongSections } from './bootRecords.ts';
import { kernelImages, noImage } from './images.ts';

function wordsByAddress({ words }: Prediction): ReadonlyMap<bigint, number | null> {
  return new Map([...words].map((word) => [word.address, word.new]));
}

// The text of running kernels, read from the memory of machines that booted, against what is predicted for them.

const { images, missing } = kernelImages();
const skipped = mustSkip('predictions against booted kernels', missing);

describe.skipIf(skipped).each(images.length > 0 ? images : [noImage])('$release', ({ release, vmlinux }) => {
  const records = readBootRecords(release);
  let opened: OpenedImage;
  beforeAll(async () => {
    opened = await openVmlinux(vmlinux);
  });

  it('is the kernel that was booted', () => {
    expect(records?.boots.length ?? 0).toBeGreaterThan(0);
    expect(opened.image.facts.buildId).toBe(records?.kernel.build_id);
  });

  it.each(records?.boots ?? [])('every word of text on $name', (boot) => {
    const prediction = predictBoot(opened, stateOf(boot));
    expect(prediction.problems).toEqual([]);
    expect(wrongSections(opened, prediction, boot)).toEqual([]);
  });

  const withHyp = (records?.boots ?? []).filter(({ name }) => /^(a57-stub|a57-prot|a76-prot-kaslr)$/.test(name));
  it.each(withHyp)('opens words of $name, and changes none, when the state lacks a value', (boot) => {
    const full = wordsByAddress(predictBoot(opened, stateOf(boot)));
    for (const absent of Object.keys(boot.state.runtime ?? {})) {
      const runtime = Object.fromEntries(Object.entries(boot.state.runtime ?? {}).filter(([name]) => name !== absent));
      const words = wordsByAddress(predictBoot(opened, { ...stateOf(boot), runtime }));
      const wrong = [...words].filter(([address, word]) => word !== null && word !== full.get(address));
      const lost = [...full].filter(([address]) => !words.has(address));
      expect({ wrong, lost }, `without ${absent}`).toEqual({ wrong: [], lost: [] });
    }
  });
});
