import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CpucapNames } from '../../image/cpucapNames.ts';
import { symbolic } from '../../image/imagePlace.ts';
import type { ImageSites } from '../../image/imageSites.ts';
import type { KernelImage } from '../../image/kernelImage.ts';
import { compareDump, type DumpComparison } from '../../image/predict/compareDump.ts';
import { stateFromDump } from '../../image/predict/dumpState.ts';
import { openMemoryDump } from '../../image/predict/memoryDump.ts';
import { countByCause, predictionLines } from '../../image/predict/predictionLines.ts';
import { type Prediction, predictText } from '../../image/predict/predictText.ts';
import { hexWord } from '../../isa/hexWord.ts';
import { type MachineState, parseStateFile } from '../../kernel/machineStates.ts';
import { openByteSource } from '../../node/nodeByteSource.ts';
import { createNodeFileSource } from '../../node/nodeFileSource.ts';
import {
  type CliIo,
  type ExitStatus,
  type OptionHelp,
  type OptionValues,
  stringValue,
  UsageError,
  valueOption,
} from '../command.ts';
import { jsonDocument } from '../reporters/json.ts';
import { absolutePath, openSession } from '../session.ts';
import { showFtrace } from './imageFtrace.ts';

/** Options of `patchpoint image` that are about the text of the running kernel. */
export const predictOptions: readonly OptionHelp[] = [
  valueOption(
    'predict',
    'OUT.jsonl',
    'write each word of kernel text that the --state changes (- for standard output)',
  ),
  valueOption('compare', 'DUMP', 'compare memory (raw from _text on, or a core as /proc/kcore) with the prediction'),
  valueOption('write-state', 'FILE', 'with --compare: write the machine state that the memory shows'),
  valueOption('ftrace', 'FUNCTION|ADDRESS', 'the text of an ftrace site, untraced and traced, and the trampoline'),
];

export interface ImagePredictInput {
  readonly image: KernelImage;
  readonly sites: ImageSites;
  readonly names: CpucapNames;
  readonly values: OptionValues;
  readonly io: CliIo;
}

/** `image --predict` and `image --compare`. Throws `UsageError` for what the user can mend. */
export async function runImagePredict(input: ImagePredictInput): Promise<ExitStatus> {
  const { values } = input;
  const out = stringValue(values, 'predict');
  const dumpPath = stringValue(values, 'compare');
  const given = stringValue(values, 'state');
  if (out !== null && given === null) throw new UsageError('--predict needs a machine state: --state FILE|NAME');
  if (stringValue(values, 'write-state') !== null && dumpPath === null)
    throw new UsageError('--write-state needs --compare DUMP');
  const state = given === null ? null : readState(given, input);
  if (out !== null && state !== null) await writePrediction(input, state, out);
  const traced = stringValue(values, 'ftrace');
  if (traced !== null) {
    const json = stringValue(values, 'format') === 'json';
    return showFtrace(input.image, input.sites, traced, state, json, input.io);
  }
  if (dumpPath !== null) return await compare(input, state, dumpPath);
  return 0;
}

/** A state file, or a built-in state of the kernel tree. */
export function readState(given: string, { values, io }: Pick<ImagePredictInput, 'values' | 'io'>): MachineState {
  const files = createNodeFileSource();
  const path = absolutePath(given, io);
  if (files.kindOf(path) !== 'file') return openSession(values, [], io).ctx.state;
  const text = files.readText(path);
  if (text === undefined) throw new UsageError(`--state ${given}: cannot be read`);
  const { state, problems } = parseStateFile(text, given);
  for (const { message } of problems) io.err(`patchpoint: ${message}\n`);
  if (state === null) throw new UsageError(`--state ${given}: not used, see above`);
  return state;
}

function predict({ image, sites, names, io }: ImagePredictInput, state: MachineState): Prediction {
  const prediction = predictText(image, sites, names, state);
  for (const problem of prediction.problems) io.err(`patchpoint: ${problem}\n`);
  for (const note of prediction.notes) io.err(`patchpoint: note: ${note}\n`);
  return prediction;
}

async function writePrediction(input: ImagePredictInput, state: MachineState, out: string): Promise<void> {
  const { io } = input;
  const { words } = predict(input, state);
  if (out === '-') for (const lines of predictionLines(input.image, words)) io.out(lines);
  else await writeOut(absolutePath(out, io), predictionLines(input.image, words), `--predict ${out}`);
  const counts = countByCause(words);
  const nOpen = counts.reduce((sum, count) => sum + count.open, 0);
  const parts = counts.map(({ cause, words: n }) => `${n} ${cause}`);
  const known = nOpen === 0 ? '' : `, ${nOpen} of them not settled by the state`;
  io.err(`patchpoint: ${words.count} words change${known}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}\n`);
}

async function writeOut(path: string, pieces: Iterable<string>, option: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'w');
    try {
      for (const piece of pieces) await file.write(piece);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function compare(input: ImagePredictInput, given: MachineState | null, dumpPath: string): Promise<ExitStatus> {
  const { image, sites, names, values, io } = input;
  const path = absolutePath(dumpPath, io);
  if (createNodeFileSource().kindOf(path) !== 'file') throw new UsageError(`--compare ${dumpPath}: no such file`);
  const source = await openByteSource(path, dumpPath);
  try {
    const number = (name: string): bigint | null => readNumber(given?.runtime?.[name]);
    const options = { slide: number('kaslr_slide'), kimageVoffset: number('kimage_voffset') };
    const { value: dump, issues } = await openMemoryDump(source, image, options);
    for (const { message } of issues) io.err(`patchpoint: ${message}\n`);
    if (dump === null) return 2;
    const slide = number('kaslr_slide');
    if (slide !== null && dump.slide !== null && slide !== dump.slide) {
      io.err(
        `patchpoint: the memory is from a kernel at slide 0x${dump.slide.toString(16)}, the state says 0x${slide.toString(16)}\n`,
      );
    }
    const own = stateFromDump(image, sites, names, dump);
    const stateOut = stringValue(values, 'write-state');
    if (stateOut !== null)
      await writeOut(absolutePath(stateOut, io), [jsonDocument(own.state)], `--write-state ${stateOut}`);
    if (given === null) {
      io.err('patchpoint: no --state: cpucaps, keys and variables are those that the memory shows\n');
      for (const note of own.notes) io.err(`patchpoint: note: ${note}\n`);
    }
    const comparison = compareDump(image, sites, predict(input, given ?? own.state), dump);
    if (stringValue(values, 'format') === 'json') io.out(jsonDocument(comparisonRecord(image, comparison)));
    else io.out(comparisonText(image, comparison));
    return 0;
  } finally {
    await source.close();
  }
}

function readNumber(text: string | undefined): bigint | null {
  return text !== undefined && /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : null;
}

function countByClass({ differences }: DumpComparison): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const difference of differences) counts[difference.class] = (counts[difference.class] ?? 0) + 1;
  return counts;
}

/** The comparison as plain data: counts, then each difference. */
function comparisonRecord(image: KernelImage, comparison: DumpComparison): object {
  const { nWords, nExpectedPatches, differences, skipped, nNotListed } = comparison;
  return {
    words: nWords,
    expectedPatches: nExpectedPatches,
    classes: countByClass(comparison),
    notListed: nNotListed,
    skipped,
    differences: differences.map(({ address, old, predicted, found, class: kind, reason }) => ({
      address: `0x${address.toString(16)}`,
      symbol: symbolic(image, address),
      old: hexWord(old),
      predicted: predicted === null ? null : hexWord(predicted),
      found: hexWord(found),
      class: kind,
      reason,
    })),
  };
}

const maxLines = 200;

function comparisonText(image: KernelImage, comparison: DumpComparison): string {
  const { nWords, nExpectedPatches, differences, skipped } = comparison;
  const lines = [`${nWords} words compared, ${nExpectedPatches} patched as predicted, ${differences.length} others`];
  for (const [kind, count] of Object.entries(countByClass(comparison))) lines.push(`  ${kind}: ${count}`);
  // What nothing explains comes first.
  const rank = (kind: string): number => (kind === 'unexplained' ? 0 : 1);
  const sorted = [...differences].sort((a, b) => rank(a.class) - rank(b.class));
  for (const { address, predicted, found, class: kind, reason } of sorted.slice(0, maxLines)) {
    const wanted = predicted === null ? '????????' : hexWord(predicted);
    lines.push(
      `0x${address.toString(16)} ${symbolic(image, address)}: ${wanted} -> ${hexWord(found)}  ${kind}: ${reason}`,
    );
  }
  const rest = differences.length - maxLines + comparison.nNotListed;
  if (rest > 0) lines.push(`... and ${rest} more (--format json lists them)`);
  for (const part of skipped) lines.push(`not compared: ${part}`);
  return `${lines.join('\n')}\n`;
}
