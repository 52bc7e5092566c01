import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpucapNames } from '../../server/src/image/cpucapNames.ts';
import { type ImageSites, readSites } from '../../server/src/image/imageSites.ts';
import { type KernelImage, openImage } from '../../server/src/image/kernelImage.ts';
import { type Prediction, predictText } from '../../server/src/image/predict/predictText.ts';
import type { MachineState } from '../../server/src/kernel/machineStates.ts';
import { openByteSource } from '../../server/src/node/nodeByteSource.ts';

/** One machine and what its kernel's text was. */
export interface BootRecord {
  readonly name: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly state: Omit<MachineState, 'name' | 'core'>;
  readonly sections: readonly (readonly [
    name: string,
    address: string,
    nWords: number,
    nDiffer: number,
    sha256: string,
  ])[];
}

export interface BootRecords {
  readonly kernel: { readonly release: string; readonly build_id: string };
  readonly commonKeys: Readonly<Record<string, number>>;
  readonly boots: readonly BootRecord[];
}

/** The record of a kernel release, null when there is none. */
export function readBootRecords(release: string): BootRecords | null {
  try {
    const path = new URL(`records/boots-${release}.json`, import.meta.url);
    const records = JSON.parse(readFileSync(path, 'utf8')) as BootRecords;
    const boots = records.boots.map((boot) => ({
      ...boot,
      state: { ...boot.state, keys: { ...records.commonKeys, ...boot.state.keys } },
    }));
    return { ...records, boots };
  } catch {
    return null;
  }
}

export interface OpenedImage {
  readonly image: KernelImage;
  readonly sites: ImageSites;
}

export async function openVmlinux(path: string): Promise<OpenedImage> {
  const source = await openByteSource(path);
  const { value: image, issues } = await openImage(source);
  await source.close();
  if (image === null) throw new Error(issues.map((issue) => issue.message).join('\n'));
  return { image, sites: await readSites(image) };
}

export function stateOf(boot: BootRecord): MachineState {
  return { name: boot.name, core: null, ...boot.state };
}

/** Predicts a boot with the names that the image itself gives its cpucaps. */
export function predictBoot({ image, sites }: OpenedImage, state: MachineState): Prediction {
  return predictText(image, sites, cpucapNames(image, sites), state);
}

/** Sections that do not come out as they were in memory, each with what can be said without the words themselves. */
export function wrongSections({ image }: OpenedImage, prediction: Prediction, boot: BootRecord): readonly string[] {
  const wrong: string[] = [];
  for (const [name, address, nWords, nDiffer, sha256] of boot.sections) {
    const start = BigInt(address);
    const end = start + BigInt(4 * nWords);
    // A section's last bytes may be no whole word.
    const sizeBytes = image.section(name)?.sizeBytes ?? 4 * nWords;
    const bytes = image.bytes(start, sizeBytes)?.slice();
    if (bytes === undefined) {
      wrong.push(`${name}: not in the image`);
      continue;
    }
    const view = new DataView(bytes.buffer);
    const inside = [...prediction.words.between(start, end)];
    const open = inside.filter((word) => word.new === null).length;
    for (const word of inside) view.setUint32(Number(word.address - start), word.new ?? 0, true);
    const found = createHash('sha256').update(bytes).digest('hex');
    if (open > 0) wrong.push(`${name}: ${open} words are open`);
    if (inside.length !== nDiffer) wrong.push(`${name}: ${inside.length} words change, ${nDiffer} did`);
    else if (found !== sha256) wrong.push(`${name}: some of ${nDiffer} words are wrong`);
  }
  return wrong;
}
