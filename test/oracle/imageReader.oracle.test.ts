// The reader of built images against a distribution's kernels: counts made with other tools, mnemonics of objdump, and
// the raw Image of the same build. PATCHPOINT_FULL=1 compares the mnemonics of the whole code, not of samples.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import MCapstone from '@alexaltea/capstone-js';
import { describe, expect, it } from 'vitest';
import { memoryByteSource } from '../../server/src/image/byteSource.ts';
import { readSites } from '../../server/src/image/imageSites.ts';
import type { ImageSummary } from '../../server/src/image/imageSummary.ts';
import { asBinutils } from '../../server/src/image/insnTexts.ts';
import { openImage } from '../../server/src/image/kernelImage.ts';
import { makeWordDecoder } from '../../server/src/isa/decode.ts';
import { openByteSource } from '../../server/src/node/nodeByteSource.ts';
import { bundleProgram } from '../bench/measure.ts';
import { mustSkip } from '../support/optional.ts';
import { kernelImages } from './images.ts';

const { images, missing } = kernelImages();
const skip = mustSkip('reader of kernel images', missing);

/** Counted from `readelf -x`, `nm` and struct layouts with a script of its own. */
const counted: Readonly<Record<string, object>> = {
  '6.12.117+deb12-arm64': {
    alternatives: {
      entries: 27_549,
      vdso: { entries: 5 },
      callbacks: { alt_cb_patch_nops: 16_314, kvm_patch_vector_branch: 64, kvm_update_va_mask: 57 },
      byCpucap: {
        HAS_LSE_ATOMICS: 16_785,
        WORKAROUND_DEVICE_LOAD_ACQUIRE: 3_620,
        HAS_VIRT_HOST_EXTN: 3_609,
        HAS_SB: 59,
      },
      bytes: { entries: 330_588 },
    },
    jumps: {
      entries: 12_201,
      keys: 6_564,
      keysByKind: { 'lsm-hook': 2_816, tracepoint: 707 },
      initial: { true: 78, false: 6_486, unknown: 0 },
    },
    ftrace: { sites: 50_743, layout: 'call-ops', skipped: 341 },
    staticCalls: { keys: 3_680, trampolines: 0 },
    runtimeConstants: { sites: 10 },
    hypRelocations: 161,
    textRelocations: 7,
    erratumVeneers: 4,
  },
  '6.1.0-56-arm64': {
    alternatives: {
      entries: 30_362,
      vdso: { entries: 4 },
      byCpucap: { HAS_LSE_ATOMICS: 14_849, HAS_IRQ_PRIO_MASKING: 6_300 },
    },
    jumps: { entries: 7_530, keys: 3_381, initial: { true: 68, false: 3_313, unknown: 0 } },
    ftrace: { sites: 44_279, layout: 'args', skipped: 0 },
    runtimeConstants: { sites: 0 },
  },
};

describe.skipIf(skip)('a kernel image', () => {
  it.each(images)('of $release has the counts of other tools, in bounded memory', async ({ release, vmlinux }) => {
    const program = await bundleProgram('../oracle/openImageProgram.ts');
    const output = execFileSync(process.execPath, [program.path, vmlinux], { encoding: 'utf8', maxBuffer: 1 << 28 });
    program.dispose();
    const { summary, peakBytes } = JSON.parse(output) as { summary: ImageSummary; peakBytes: number };
    expect(summary.issues).toEqual([]);
    expect(summary.release).toBe(release);
    expect(peakBytes).toBeLessThan(250e6);
    if (counted[release] !== undefined) expect(summary).toMatchObject(counted[release]);
  });

  it.each(images)('of $release has the mnemonics of objdump', async ({ vmlinux }) => {
    const wasmBinary = readFileSync(
      new URL('../../node_modules/@alexaltea/capstone-js/dist/capstone.wasm', import.meta.url),
    );
    const decoder = await makeWordDecoder(MCapstone, { wasmBinary });
    const differing = new Map<string, string>();
    const seen = new Set<number>();
    for (const { start, end } of await windows(vmlinux)) {
      const args = ['-d', `--start-address=${start}`, `--stop-address=${end}`, vmlinux];
      const listing = execFileSync('aarch64-linux-gnu-objdump', args, { encoding: 'latin1', maxBuffer: 1 << 30 });
      for (const [, digits = '', mnemonic = ''] of listing.matchAll(/^[0-9a-f]+:\t([0-9a-f]{8}) \t(\S+)/gm)) {
        const word = Number.parseInt(digits, 16);
        // `.word` is data between the code, `.inst` what objdump does not know either.
        if (seen.has(word) || mnemonic === '.word') continue;
        seen.add(word);
        const text = decoder.decode(Uint32Array.of(word), 0n)[0] ?? null;
        const ours = text === null ? '.inst' : (asBinutils(text).split(' ')[0] ?? '');
        if (ours !== mnemonic && !isSameHint(word)) differing.set(`${mnemonic}, not ${ours}`, digits);
      }
    }
    decoder.close();
    expect(seen.size).toBeGreaterThan(10_000);
    expect(Object.fromEntries(differing)).toEqual({});
  });

  it.each(images)('of $release is the same as a raw Image', async ({ vmlinux, release }) => {
    const raw = join(dirname(vmlinux), '../../../../boot', `vmlinuz-${release}`);
    if (mustSkip(`raw Image of ${release}`, existsSync(raw) ? null : `no ${raw}`)) return;
    const systemMap = execFileSync('aarch64-linux-gnu-nm', ['-n', vmlinux], { encoding: 'latin1', maxBuffer: 1 << 28 });
    const { value, issues } = await openImage(memoryByteSource('Image', readFileSync(raw)), { systemMap });
    expect(issues).toEqual([]);
    const source = await openByteSource(vmlinux);
    const elf = (await openImage(source)).value!;
    await source.close();
    const [ofRaw, ofElf] = [await readSites(value!), await readSites(elf)];
    expect(ofRaw.issues).toEqual([]);
    expect(ofRaw.alternatives).toEqual(ofElf.alternatives);
    expect(ofRaw.jumps).toEqual(ofElf.jumps);
    expect(ofRaw.ftrace).toEqual(ofElf.ftrace);
    expect(ofRaw.runtimeConstants).toEqual(ofElf.runtimeConstants);
    expect(ofRaw.hypRelocations).toEqual(ofElf.hypRelocations);
    expect(ofRaw.vdso?.alternatives).toEqual(ofElf.vdso?.alternatives);
  });
});

/** Hints that have got a name since: which binutils knows it depends on its version. */
function isSameHint(word: number): boolean {
  return (word & 0xfffff01f) >>> 0 === 0xd503201f;
}

const nSamples = 48;
const sampleBytes = 0x4000;

/** Stretches of code as objdump's options take them: all of it, or samples of each section. */
async function windows(vmlinux: string): Promise<readonly { readonly start: string; readonly end: string }[]> {
  const source = await openByteSource(vmlinux);
  const { value } = await openImage(source);
  await source.close();
  const hex = (address: bigint): string => `0x${address.toString(16)}`;
  return (value?.sections ?? []).flatMap(({ executable, address, sizeBytes }) => {
    const end = address + BigInt(sizeBytes);
    if (!executable) return [];
    if (process.env.PATCHPOINT_FULL || sizeBytes <= nSamples * sampleBytes)
      return [{ start: hex(address), end: hex(end) }];
    const step = Math.floor(sizeBytes / nSamples / 4) * 4;
    return Array.from({ length: nSamples }, (_, index) => {
      const start = address + BigInt(index * step);
      return { start: hex(start), end: hex(start + BigInt(sampleBytes)) };
    });
  });
}
