import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { neverCancelled } from '../../base/cancellation.ts';
import { basename, dirname, joinPath } from '../../base/path.ts';
import type { FeatureContext } from '../../features/featureContext.ts';
import { judgeTransfers, type Verdict, type VerdictFrame } from '../../features/noinstr/imageVerdicts.ts';
import { imagePlace } from '../../image/imagePlace.ts';
import { type ImageSites, readSites } from '../../image/imageSites.ts';
import { type KernelImage, openImage } from '../../image/kernelImage.ts';
import { openByteSource } from '../../node/nodeByteSource.ts';
import { symbolize } from '../../node/symbolizer.ts';
import { type OutTransfer, outTransfers, protectedFunctions } from '../../noinstr/image/outTransfers.ts';
import {
  type CalleeFacts,
  calleeFacts,
  patchCallbacks,
  protectedKeys,
  strayClones,
} from '../../noinstr/image/protectedFacts.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import {
  type CliIo,
  type Command,
  choiceValue,
  type OptionValues,
  stringValue,
  UsageError,
  valueOption,
} from '../command.ts';
import { createPaint } from '../paint.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import type { LintRecord } from '../reporters/lintRecord.ts';
import { callbacksText, keysText, noinstrText } from '../reporters/noinstrText.ts';
import { sarifLog } from '../reporters/sarif.ts';
import { openRuleHelp } from '../ruleHelp.ts';
import { absolutePath, describeTree, openSession, type Session, treeOptions } from '../session.ts';
import { patchpointVersion } from '../version.ts';
import { runReach } from './noinstrReach.ts';

/** One transfer as it is printed; addresses are `0x…`, `SECTION+0x…` in an object; paths relative to the kernel tree. */
export interface TransferRecord {
  readonly from: string;
  readonly fromAddress: string;
  readonly to: string | null;
  readonly toAddress: string | null;
  /** Whether the callee has an ftrace site, and whether kprobes take it; null when it is not known here. */
  readonly toTraceable: boolean | null;
  readonly toProbeable: boolean | null;
  readonly via: string;
  readonly state: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly chain: readonly VerdictFrame[];
  /** Of a call through a pointer: functions that the tree shows to be put there. */
  readonly targets: readonly string[];
  readonly verdict: Verdict['verdict'];
  readonly reason: string;
  /** What the verdict rests on, where that is less than usual. */
  readonly note: string | null;
}

/** `patchpoint noinstr`: what leaves the noinstr text of a built image. */
export const noinstrCommand: Command = {
  name: 'noinstr',
  summary: 'List calls that leave noinstr text of a built image (status 1: a violation), or what a function reaches.',
  usage: 'VMLINUX|OBJECT [--symbolizer PROGRAM] [--format FORMAT] | --reach FUNCTION',
  options: [
    ...treeOptions,
    valueOption('format', 'FORMAT', 'text (default), json, jsonl or sarif'),
    valueOption(
      'list',
      'WHAT',
      'transfers, or what else the text has: keys (tested there), callbacks (of alternatives)',
    ),
    valueOption('policy', 'POLICY', 'what makes a call legal: context (default), or strict as objtool has it'),
    valueOption('reach', 'FUNCTION', 'no image: what runs without instrumentation from it; "vectors" for all handlers'),
    valueOption('symbolizer', 'PROGRAM', 'llvm-symbolizer or addr2line to ask for lines and inline chains'),
    valueOption('system-map', 'FILE', 'System.map of a raw Image or a stripped vmlinux'),
  ],
  run: async (args, io) => {
    const { values, paths } = args;
    const policy = choiceValue(values, 'policy', ['context', 'strict'], 'context');
    const reach = stringValue(values, 'reach');
    if (reach !== null) return runReach(args, reach, policy, io);
    const [given, ...more] = paths;
    if (given === undefined || more.length > 0) throw new UsageError('name one image or object; see --help');
    const format = choiceValue(values, 'format', ['text', 'json', 'jsonl', 'sarif'], 'text');
    const path = absolutePath(given, io);
    const list = choiceValue(values, 'list', ['all', 'transfers', 'keys', 'callbacks'], 'all');
    const opened = await openOne(path, given, values, io);
    if (opened === null) return 2;
    const { image, sites } = opened;
    if (image.symbols.count === 0) {
      io.err(`patchpoint: ${given}: without symbols nothing says what is noinstr text in it\n`);
      return 2;
    }
    const functions = protectedFunctions(image, sites);
    if (functions.length === 0) io.err(`patchpoint: ${given}: no noinstr text in it\n`);
    const keys = protectedKeys(image, sites, functions);
    const callbacks = patchCallbacks(image, sites);
    if (list === 'keys' || list === 'callbacks') {
      const rows: readonly unknown[] = list === 'keys' ? keys : callbacks;
      if (format === 'text') io.out(list === 'keys' ? keysText(keys) : callbacksText(callbacks));
      else io.out(format === 'jsonl' ? rows.map(jsonLine).join('') : jsonDocument(rows));
      return 0;
    }
    const transfers = outTransfers(image, sites);
    const nFunctions = functions.filter(({ isAssembly }) => !isAssembly).length;
    const session = openTree(withConfiguration(values, path), path, io);
    const frames = await framesFor(transfers, image, path, values, session, io);
    const records = judged(
      transfers,
      frames,
      calleeFacts(image, sites),
      (address) => addressText(image, address),
      session,
      policy,
    );
    for (const { name } of strayClones(image, functions)) {
      io.err(`patchpoint: ${given}: ${name}: a part of a noinstr function that is not in noinstr text\n`);
    }
    if (format === 'json') io.out(jsonDocument(records));
    else if (format === 'jsonl') for (const record of records) io.out(jsonLine(record));
    else if (format === 'sarif') io.out(sarifOf(records, given, session));
    else {
      const more = list === 'all' ? [keysText(keys), callbacksText(callbacks)] : [];
      io.out([...more, noinstrText(records, nFunctions, createPaint(io.color))].filter((one) => one !== '').join('\n'));
    }
    return records.some((record) => record.verdict === 'violation') ? 1 : 0;
  },
};

async function openOne(
  path: string,
  given: string,
  values: OptionValues,
  io: CliIo,
): Promise<{ image: KernelImage; sites: ImageSites } | null> {
  const failed = (error: unknown): never => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  };
  const mapPath = stringValue(values, 'system-map');
  const systemMap = mapPath === null ? undefined : await readFile(absolutePath(mapPath, io), 'latin1').catch(failed);
  const source = await openByteSource(path, given).catch(failed);
  try {
    const { value: image, issues } = await openImage(source, { systemMap });
    for (const { message } of issues) io.err(`patchpoint: ${message}\n`);
    return image === null ? null : { image, sites: await readSites(image) };
  } finally {
    await source.close();
  }
}

/** The configuration that lies with the image, where none was named: `.config` or `config-RELEASE`, or in `boot`. */
function withConfiguration(values: OptionValues, path: string): OptionValues {
  if (stringValue(values, 'config') !== null || stringValue(values, 'build') !== null) return values;
  const folder = dirname(path);
  const release = basename(path).replace(/^vmlinux-?/, '');
  const found = [
    joinPath(folder, '.config'),
    joinPath(folder, `config-${release}`),
    joinPath(folder, `../../../../boot/config-${release}`),
  ].find((file) => existsSync(file));
  return found === undefined ? values : { ...values, config: found };
}

/** The tree that verdicts are read from; null without one, which is told. */
function openTree(values: OptionValues, path: string, io: CliIo): Session | null {
  try {
    const session = openSession(values, stringValue(values, 'kernel') === null ? [path] : [], io);
    io.err(describeTree(session.status));
    return session;
  } catch (error) {
    if (!(error instanceof UsageError) || stringValue(values, 'kernel') !== null) throw error;
    io.err('patchpoint: no kernel tree, so there are no verdicts; name the one it was built from with --kernel DIR\n');
    return null;
  }
}

type Frames = (transfer: OutTransfer) => readonly VerdictFrame[];

async function framesFor(
  transfers: readonly OutTransfer[],
  image: KernelImage,
  path: string,
  values: OptionValues,
  session: Session | null,
  io: CliIo,
): Promise<Frames> {
  const program = stringValue(values, 'symbolizer');
  if (program === null) return () => [];
  if (image.kind === 'object' || image.kind === 'module') {
    io.err('patchpoint: --symbolizer: objects have no addresses that it could look up; use the linked image\n');
    return () => [];
  }
  const answer = await symbolize(
    program,
    path,
    transfers.map((one) => hex(one.fromAddress)),
  );
  if (answer.kind === 'failed') throw new UsageError(`--symbolizer ${answer.reason}`);
  const tree = treeOf(session);
  const known = new Map<string, string | null>();
  return (transfer) =>
    (answer.frames.get(hex(transfer.fromAddress)) ?? []).map((frame) => ({
      name: frame.name ?? '',
      file: frame.file === null ? null : inTree(frame.file, tree, known),
      line: frame.line,
    }));
}

/** A build's path as one of the tree: its longest end that exists there. */
function inTree(file: string, tree: KernelTree | null, known: Map<string, string | null>): string {
  if (tree === null) return file;
  let found = known.get(file);
  if (found === undefined) {
    const parts = file.split('/').filter((part) => part !== '' && part !== '.');
    const start = parts.findIndex(
      (_, at) => tree.files.kindOf(joinPath(tree.root, parts.slice(at).join('/'))) === 'file',
    );
    found = start < 0 ? null : parts.slice(start).join('/');
    known.set(file, found);
  }
  return found ?? file;
}

function treeOf(session: Session | null): KernelTree | null {
  return session === null ? null : session.ctx.workspace.treeFor(`${session.status.root}/Makefile`);
}

function judged(
  transfers: readonly OutTransfer[],
  frames: Frames,
  factsOf: (address: bigint) => CalleeFacts,
  textOf: (address: bigint) => string | null,
  session: Session | null,
  policy: Policy,
): TransferRecord[] {
  const tree = treeOf(session);
  const ctx: FeatureContext | null = session === null ? null : { ...session.ctx, cancellation: neverCancelled };
  const verdicts = ctx === null || tree === null ? null : judgeTransfers(ctx, tree, policy, transfers, frames);
  const display = (file: string | null): string | null =>
    file === null || session === null || !file.startsWith('/') ? file : session.display(file);
  return transfers.map((transfer, at) => {
    const chain = frames(transfer);
    const verdict: Verdict = verdicts?.[at] ?? {
      verdict: transfer.isSwitch ? 'allowed' : 'unverified',
      reason: transfer.isSwitch ? 'switch-table' : 'no-source',
      file: chain[0]?.file ?? null,
      line: chain[0]?.line ?? null,
      chain,
      targets: [],
      note: null,
    };
    const facts = transfer.toAddress === null ? null : factsOf(transfer.toAddress);
    return {
      from: transfer.from,
      fromAddress: textOf(transfer.fromAddress) ?? hex(transfer.fromAddress),
      to: transfer.to,
      toAddress: transfer.toAddress === null ? null : textOf(transfer.toAddress),
      toTraceable: facts?.traceable ?? null,
      toProbeable: facts?.probeable ?? null,
      via: transfer.via,
      state: transfer.state,
      file: display(verdict.file),
      line: verdict.line,
      chain: verdict.chain.map((frame) => ({ ...frame, file: display(frame.file) })),
      targets: verdict.targets,
      verdict: verdict.verdict,
      reason: verdict.reason,
      note: verdict.note,
    };
  });
}

/** An address of a linked image, section and offset in an object; null for what another object has. */
function addressText(image: KernelImage, address: bigint): string | null {
  const { address: linked, section, offset } = imagePlace(image, address);
  return linked ?? (section === null ? null : `${section}+${offset}`);
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

function sarifOf(records: readonly TransferRecord[], image: string, session: Session | null): string {
  const findings = records
    .filter((record) => record.verdict === 'violation')
    .map((record): LintRecord => {
      const line = record.line ?? 1;
      const to = record.to ?? 'a function through a pointer';
      return {
        rule: record.to === null ? 'noinstr.indirect-call' : 'noinstr.calls-instrumentable',
        severity: 'error',
        file: record.file ?? image,
        line,
        column: 1,
        endLine: line,
        endColumn: 1,
        message: `${record.from} (${record.fromAddress}) leaves noinstr text for ${to}: ${record.reason}`,
        related: [],
        fix: null,
      };
    });
  const root = session?.status.root ?? '/';
  const configSource = session?.status.configSource ?? 'none';
  return sarifLog({ records: findings, version: patchpointVersion, root, configSource, helpOf: openRuleHelp() });
}
