import { readFileSync } from 'node:fs';
import { neverCancelled } from '../../base/cancellation.ts';
import { bundledCostData } from '../../cost/bundledCostData.ts';
import { type CoreChoice, coreChoice, coreChoices } from '../../cost/cores.ts';
import { type CostRecord, costRecord } from '../../cost/costRecord.ts';
import type { CoreModel, MachineFeatures, MachineMode } from '../../cost/model.ts';
import { type CoreTables, type InsnBinder, isKnownForm, makeBinder, TableCache } from '../../cost/records.ts';
import { blockStream, readTextBlocks, type TextBlock, type TextBlocks } from '../../cost/streamText.ts';
import { askMca, opinionOnBlock, opinionText } from '../../features/cost/secondOpinion.ts';
import { createMcaRunner } from '../../node/llvmMca.ts';
import {
  type CliIo,
  type Command,
  type CommandArguments,
  choiceValue,
  type ExitStatus,
  flagOption,
  listValue,
  type OptionValues,
  stringValue,
  UsageError,
  valueOption,
} from '../command.ts';
import { createPaint } from '../paint.ts';
import { costBlockText } from '../reporters/costBlock.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { absolutePath, treeOptions } from '../session.ts';
import { runSiteCost } from './costOfSite.ts';

const defaultCore = 'neoverse-n1';
/** Features that decide whether a hint is a NOP. */
const knownFeatures = ['BTI', 'CLRBHB', 'PAuth', 'RAS'] as const;

/** `patchpoint cost`: what straight-line assembly costs on chosen cores. */
export const costCommand: Command = {
  name: 'cost',
  summary: 'Show what a stream of instructions costs on a core, as a model has it.',
  usage:
    '[FILE | --site FILE:LINE] [--core NAME...|all] [--mode kernel|llvm] [--call-latency N] [--fusion] [--timeline] [--format text|json|jsonl]',
  options: [
    {
      name: 'core',
      placeholder: 'NAME',
      multiple: true,
      help: `core, repeatable, or all (default: ${defaultCore}); see cores`,
    },
    valueOption('mode', 'MODE', 'kernel (default: intervals with our own figures) or llvm (what llvm-mca 19 computes)'),
    valueOption('call-latency', 'N', 'cycles that a call takes (default: 0 in kernel mode, 100 in llvm mode)'),
    flagOption('fusion', 'count instruction pairs that compilers expect to be fused as one (kernel mode; assumed)'),
    valueOption(
      'features',
      'LIST',
      `features of the machine, of ${knownFeatures.join(', ')}, or none (default: the core's)`,
    ),
    valueOption(
      'site',
      'FILE:LINE',
      'an alternative of a kernel file: both streams, the paths behind it, the difference',
    ),
    valueOption('state', 'FILE|NAME', 'machine state of the other sites, and whose core it is (with --site)'),
    ...treeOptions,
    valueOption('llvm-mca', 'PATH', 'ask this llvm-mca as well and show both side by side (text only)'),
    flagOption('timeline', 'cycles of each instruction in the first pass, and pressure on each unit'),
    valueOption('format', 'FORMAT', 'text (default), json or jsonl'),
  ],
  run: runCost,
};

/** Cost of the sites on a line of a kernel file, with what of the options makes sense there. */
async function runSite(
  place: string,
  { files, cores }: ReturnType<typeof splitPositionals>,
  values: OptionValues,
  io: CliIo,
): Promise<ExitStatus> {
  if (files.length > 0) throw new UsageError(`expected no file beside --site, not ${files.join(', ')}`);
  if (choiceValue(values, 'mode', ['kernel', 'llvm'], 'kernel') === 'llvm')
    throw new UsageError('--site is in kernel mode; --llvm-mca shows what LLVM says');
  if (values.fusion === true) throw new UsageError('--fusion is for a text, not for --site');
  const request = {
    place,
    cores: listValue(values, 'core').length === 0 ? [] : cores,
    tables: new TableCache(bundledCostData),
    format: choiceValue(values, 'format', ['text', 'json', 'jsonl'], 'text'),
    timeline: values.timeline === true,
    llvmMca: stringValue(values, 'llvm-mca'),
  } as const;
  return await runSiteCost(values, request, io);
}

interface Request {
  readonly cores: readonly string[];
  readonly mode: MachineMode;
  readonly callLatencyCycles: number | undefined;
  readonly features: MachineFeatures | null;
  readonly fusion: boolean;
  readonly timeline: boolean;
  readonly format: 'text' | 'json' | 'jsonl';
  readonly llvmMca: string | null;
}

async function runCost({ values, paths }: CommandArguments, io: CliIo): Promise<ExitStatus> {
  const { files, cores } = splitPositionals(paths, values);
  const site = stringValue(values, 'site');
  if (site !== null) return await runSite(site, { files, cores }, values, io);
  const request: Request = {
    cores,
    mode: choiceValue(values, 'mode', ['kernel', 'llvm'], 'kernel'),
    callLatencyCycles: parseLatency(stringValue(values, 'call-latency')),
    features: parseFeatures(stringValue(values, 'features')),
    fusion: values.fusion === true,
    timeline: values.timeline === true,
    format: choiceValue(values, 'format', ['text', 'json', 'jsonl'], 'text'),
    llvmMca: stringValue(values, 'llvm-mca'),
  };
  if (request.fusion && request.mode === 'llvm') throw new UsageError('--fusion is in kernel mode only');
  const [file = '-', ...more] = files;
  if (more.length > 0) throw new UsageError(`expected one file, not also ${more.join(', ')}`);
  const shownFile = file === '-' ? 'standard input' : file;
  const text = readInput(file, io);
  const tables = new TableCache(bundledCostData);
  const all: CostRecord[] = [];
  let blocks: TextBlocks | null = null;
  let complete = true;
  const targets: Target[] = [];
  for (const name of request.cores) {
    const choice = coreChoice(name);
    if (choice === null) throw new UsageError(`no core is named ${name}; patchpoint cores lists them`);
    const core = await tables.core(choice.model);
    blocks ??= readTextBlocks(text, (one) => isKnownForm(core, one));
    const features = request.features ?? new Set(choice.features);
    targets.push({ choice, tables: core, model: core.model, bind: makeBinder(core, { mode: request.mode, features }) });
    if (choice.warning !== null) io.err(`patchpoint: ${choice.title}: ${choice.warning}\n`);
  }
  for (const issue of blocks?.issues ?? []) {
    complete = false;
    io.err(`patchpoint: ${shownFile}:${issue.line}: ${issue.message}\n`);
  }
  const paint = createPaint(io.color);
  for (const block of blocks?.value ?? []) {
    if (!isUsable(block, shownFile, io)) {
      complete = false;
      continue;
    }
    const records = targets.map((target) => recordOf(block, target, request));
    if (request.format === 'json') all.push(...records);
    else if (request.format === 'jsonl') for (const record of records) io.out(jsonLine(record));
    else
      io.out(
        costBlockText(
          block.name === '' ? shownFile : block.name,
          records,
          block.insns.map(({ text: one }) => one),
          paint,
        ),
      );
    await askAbout(block, targets, request, io);
  }
  if (request.format === 'json') io.out(jsonDocument(all));
  return complete ? 0 : 2;
}

/** What llvm-mca says of a block on each core, where the user asked for it. */
async function askAbout(block: TextBlock, targets: readonly Target[], request: Request, io: CliIo): Promise<void> {
  if (request.llvmMca === null || request.format !== 'text') return;
  for (const { choice, tables } of targets) {
    const bind = makeBinder(tables, { mode: 'kernel', features: request.features ?? new Set(choice.features) });
    const stream = blockStream(block, bind);
    const question = opinionOnBlock(block.name === '' ? 'the block' : block.name, stream, { core: choice, tables });
    const answer = await askMca(question, { runner: createMcaRunner(), program: request.llvmMca }, neverCancelled);
    if ('problem' in answer) throw new UsageError(`--llvm-mca: ${answer.problem}`);
    io.out(`${opinionText(question, answer).text}\n`);
  }
}

interface Target {
  readonly choice: CoreChoice;
  readonly tables: CoreTables;
  readonly model: CoreModel;
  readonly bind: InsnBinder;
}

function recordOf(block: TextBlock, { choice, model, bind }: Target, request: Request): CostRecord {
  const { mode, timeline, fusion, callLatencyCycles, format } = request;
  // llvm-mca has no such figure: a program that compares with it need not wait for ours.
  const looped = mode === 'kernel' || timeline || format === 'text';
  return costRecord({
    name: block.name,
    core: choice.name,
    modelledAs: choice.name === choice.model ? (choice.modelledAs ?? choice.name) : choice.model,
    model,
    stream: blockStream(block, bind),
    site: block.site,
    options: { mode, timeline, looped, fusion, ...(callLatencyCycles === undefined ? {} : { callLatencyCycles }) },
  });
}

/** A block with lines that are no instructions has no meaningful cost: each is named, the other blocks go on. */
function isUsable(block: TextBlock, file: string, io: CliIo): boolean {
  const shown = 10;
  for (const issue of block.issues.slice(0, shown)) io.err(`patchpoint: ${file}:${issue.line}: ${issue.message}\n`);
  if (block.issues.length > shown)
    io.err(`patchpoint: ${file}: ${block.issues.length - shown} more lines like these\n`);
  if (block.issues.length > 0) return false;
  if (block.insns.length > 0) return true;
  io.err(`patchpoint: ${file}:${block.line}: no instructions${block.name === '' ? '' : ` in ${block.name}`}\n`);
  return false;
}

/** `--core a b FILE` is read as people mean it: a word that names a core and no file is a core. */
function splitPositionals(
  paths: readonly string[],
  values: OptionValues,
): { readonly files: readonly string[]; readonly cores: readonly string[] } {
  const given = listValue(values, 'core');
  const isCore = (word: string): boolean => given.length > 0 && coreChoice(word) !== null;
  const wanted = [...given, ...paths.filter(isCore)];
  const files = paths.filter((path) => !isCore(path));
  if (wanted.length === 0) return { files, cores: [defaultCore] };
  const own = coreChoices.filter((choice) => choice.name === choice.model).map((choice) => choice.name);
  const cores = wanted.flatMap((name) => (name === 'all' ? own : [name.toLowerCase()]));
  return { files, cores: [...new Set(cores)] };
}

function parseLatency(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw new UsageError(`--call-latency ${text}: expected a number of cycles`);
  return Number(text);
}

function parseFeatures(text: string | null): MachineFeatures | null {
  if (text === null) return null;
  const names = text === 'none' ? [] : text.split(',').filter((name) => name !== '');
  const found = names.map((name) => {
    const bare = name.replace(/^FEAT_/i, '').toLowerCase();
    const known = knownFeatures.find((one) => one.toLowerCase() === bare);
    if (known === undefined)
      throw new UsageError(`--features ${name}: expected some of ${knownFeatures.join(', ')}, or none`);
    return known;
  });
  return new Set(found);
}

function readInput(file: string, io: CliIo): string {
  if (file === '-' && process.stdin.isTTY === true) throw new UsageError('no file given, and nothing is piped in');
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === '-' ? 0 : absolutePath(file, io));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (bytes.includes(0)) throw new UsageError(`${file}: not a text file`);
  return bytes.toString('utf8');
}
