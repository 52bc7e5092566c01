import type { ByteSource } from '../../image/byteSource.ts';
import { type CpucapNames, cpucapNames } from '../../image/cpucapNames.ts';
import { type ImageSites, readSites } from '../../image/imageSites.ts';
import { createInsnTexts, type InsnTexts } from '../../image/insnTexts.ts';
import { type KernelImage, openImage } from '../../image/kernelImage.ts';
import { predictText } from '../../image/predict/predictText.ts';
import type { PredictedWords } from '../../image/predict/textChanges.ts';
import type { WordDecoder } from '../../isa/decode.ts';
import type { CpucapTable } from '../../kernel/cpucaps.ts';
import type { MachineState } from '../../kernel/machineStates.ts';

/** One patch site of an image, small: there are tens of thousands. */
export interface ImageEntry {
  readonly kind: 'alternative' | 'callback-alternative' | 'jump';
  readonly address: bigint;
  /** Function that holds it (`''` in none), and bytes from its start. */
  readonly functionName: string;
  readonly offsetBytes: number;
  /** Bare name of a cpucap, or its number as text; `null` for jumps. */
  readonly cpucap: string | null;
  readonly callback: string | null;
  readonly key: string | null;
  /** Bytes of its record, and of its replacement. */
  readonly metadataBytes: number;
}

/** A built kernel with its patch sites, as features use it. */
export interface OpenedImage {
  readonly path: string;
  readonly image: KernelImage;
  readonly sites: ImageSites;
  readonly names: CpucapNames;
  readonly texts: InsnTexts;
  /** By address. */
  readonly entries: readonly ImageEntry[];
  /** What is odd about the file, one sentence each. */
  readonly problems: readonly string[];
  /** Words of a running kernel; the last state's are kept. */
  words(state: MachineState): PredictedWords;
}

/** Why there is no image. */
export interface NoImage {
  readonly problem: string;
}

/** Reads an image and its tables. Throws only what the byte source throws. */
export async function openKernelImage(
  path: string,
  source: ByteSource,
  decoder: WordDecoder,
  cpucaps: CpucapTable | undefined,
): Promise<OpenedImage | NoImage> {
  const { value: image, issues } = await openImage(source);
  if (image === null) return { problem: issues[0]?.message ?? `${path}: no kernel image` };
  const sites = await readSites(image);
  const names = cpucapNames(image, sites, cpucaps);
  const conflicts = names.conflicts.slice(0, 1).map((one) => `${one}: image and source are not of one build`);
  let last: { readonly state: MachineState; readonly words: PredictedWords } | null = null;
  return {
    path,
    image,
    sites,
    names,
    texts: createInsnTexts(image, decoder),
    entries: entriesOf(image, sites, names),
    problems: [...issues, ...sites.issues].map(({ message }) => message).concat(conflicts),
    words: (state) => {
      if (last === null || JSON.stringify(last.state) !== JSON.stringify(state)) {
        last = { state, words: predictText(image, sites, names, state).words };
      }
      return last.words;
    },
  };
}

const alternativeRecordBytes = 12;
const jumpEntryBytes = 16;

function entriesOf(image: KernelImage, sites: ImageSites, names: CpucapNames): readonly ImageEntry[] {
  const place = (address: bigint): Pick<ImageEntry, 'address' | 'functionName' | 'offsetBytes'> => {
    const symbol = image.symbols.functionAt(address);
    return {
      address,
      functionName: symbol?.name ?? '',
      offsetBytes: symbol === null ? 0 : Number(address - symbol.address),
    };
  };
  const alternatives = sites.alternatives.map(
    (one): ImageEntry => ({
      ...place(one.original),
      kind: one.isCallback ? 'callback-alternative' : 'alternative',
      cpucap: names.name(one.cpucap) ?? String(one.cpucap),
      callback: one.callback,
      key: null,
      metadataBytes: alternativeRecordBytes + (one.isCallback ? 0 : one.replacementBytes),
    }),
  );
  const jumps = sites.jumps.map(
    (one): ImageEntry => ({
      ...place(one.code),
      kind: 'jump',
      cpucap: null,
      callback: null,
      key: sites.keys.get(one.key)?.name ?? `0x${one.key.toString(16)}`,
      metadataBytes: jumpEntryBytes,
    }),
  );
  return [...alternatives, ...jumps].sort((left, right) => (left.address < right.address ? -1 : 1));
}
