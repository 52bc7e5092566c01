import { contextOfFunction } from '../../features/noinstr/contextFunction.ts';
import { scenarioSteps, scenarioTable } from '../../features/noinstr/contextTable.ts';
import { functionRecord, scenarioRecord, trampolineRecord } from '../../features/noinstr/modelRecords.ts';
import { prepareNames } from '../../features/noinstr/openNoinstr.ts';
import { stepText } from '../../features/noinstr/stepTable.ts';
import { protocolText, trampolineSteps, trampolineTable } from '../../features/noinstr/trampolineTable.ts';
import { contextScenarios } from '../../noinstr/models/contextRun.ts';
import { startModes } from '../../noinstr/models/contextState.ts';
import { protocols } from '../../noinstr/models/trampolineModel.ts';
import { trampolineScenarios } from '../../noinstr/models/trampolineRun.ts';
import {
  type CliIo,
  type Command,
  type CommandArguments,
  choiceValue,
  type ExitStatus,
  flagOption,
  stringValue,
  UsageError,
  valueOption,
} from '../command.ts';
import { jsonDocument } from '../reporters/json.ts';
import { absolutePath, describeTree, openSession, treeOptions } from '../session.ts';

/** `patchpoint model`: the two models of entry code, step by step. */
export const modelCommand: Command = {
  name: 'model',
  summary: 'Step through context tracking along entry code, or through interrupted trampolines.',
  usage: 'tramp [--scenario N | --steps STEPS] | context [--scenario NAME | FILE:FUNCTION]',
  options: [
    valueOption('scenario', 'N|NAME', 'a built-in situation; --list names them'),
    valueOption('steps', 'STEPS', 'tramp: "run tramp, irq, softirq, irq, ask, exit, exit"'),
    valueOption('protocol', 'P', `tramp: ${protocols.join(', ')}`),
    valueOption('pc', 'SYMBOL', 'tramp: what the thread runs first, as in /proc/kallsyms'),
    valueOption('from', 'MODE', `context of a function: ${startModes.join(', ')}`),
    valueOption('tracking', 'T', 'context: active (nohz_full CPU), inactive, off'),
    valueOption('path', 'N', 'context of a function: which of its paths (default 1)'),
    flagOption('list', 'the scenarios of both models'),
    ...treeOptions,
    valueOption('format', 'FORMAT', 'text (default) or json'),
  ],
  run: async (args, io) => {
    const { values, paths } = args;
    const [model, target, ...more] = paths;
    if (values.list === true) return list(io);
    if (more.length > 0) throw new UsageError('name one function at most; see --help');
    if (model === 'tramp' && target === undefined) return tramp(args, io);
    if (model === 'context')
      return target === undefined ? contextScenario(args, io) : contextFunction(args, target, io);
    throw new UsageError('name a model: tramp or context; see --help');
  },
};

function list(io: CliIo): ExitStatus {
  io.out('patchpoint model tramp --scenario N\n');
  for (const { number, title } of trampolineScenarios) io.out(`  ${number}  ${title}\n`);
  io.out('patchpoint model tramp --protocol P\n');
  const width = Math.max(...protocols.map((one) => one.length));
  for (const protocol of protocols) io.out(`  ${protocol.padEnd(width)}  ${protocolText[protocol]}\n`);
  io.out('patchpoint model context --scenario NAME\n');
  const wide = Math.max(...contextScenarios.map(({ name }) => name.length));
  for (const { name, title } of contextScenarios) io.out(`  ${name.padEnd(wide)}  ${title}\n`);
  return 0;
}

function tramp({ values }: CommandArguments, io: CliIo): ExitStatus {
  const format = choiceValue(values, 'format', ['text', 'json'], 'text');
  const protocol = choiceValue(values, 'protocol', protocols, 'flag+frame');
  const steps = stringValue(values, 'steps');
  const scenario = stringValue(values, 'scenario');
  if (steps !== null && scenario !== null) throw new UsageError('either --scenario or --steps, not both');
  const numbers = scenario === null ? trampolineScenarios.map((one) => one.number) : [Number(scenario)];
  const wishes =
    steps === null
      ? numbers.map((number) => ({ scenario: number, protocol, pc: stringValue(values, 'pc') }))
      : [{ steps, protocol }];
  const records: object[] = [];
  for (const wish of wishes) {
    const found = trampolineSteps(wish);
    if ('problem' in found) throw new UsageError(found.problem);
    records.push(trampolineRecord(found));
    if (format === 'text') io.out(`${records.length > 1 ? '\n' : ''}${stepText(trampolineTable(found))}`);
    const { refused } = found.run;
    if (refused !== null) io.err(`patchpoint: step ${refused.index + 1} cannot happen: ${refused.reason}\n`);
  }
  if (format === 'json') io.out(jsonDocument(records.length === 1 ? records[0] : records));
  return 0;
}

function contextScenario({ values }: CommandArguments, io: CliIo): ExitStatus {
  const format = choiceValue(values, 'format', ['text', 'json'], 'text');
  const tracking = choiceValue(values, 'tracking', ['active', 'inactive', 'off'], 'active');
  const name = stringValue(values, 'scenario');
  const names = name === null ? contextScenarios.map((one) => one.name) : [name];
  const records: object[] = [];
  for (const one of names) {
    const found = scenarioSteps(one, tracking);
    if ('problem' in found) throw new UsageError(found.problem);
    records.push(scenarioRecord(found));
    if (format === 'text') io.out(`${records.length > 1 ? '\n' : ''}${stepText(scenarioTable(found))}`);
  }
  if (format === 'json') io.out(jsonDocument(records.length === 1 ? records[0] : records));
  return 0;
}

function contextFunction({ values }: CommandArguments, target: string, io: CliIo): ExitStatus {
  const format = choiceValue(values, 'format', ['text', 'json'], 'text');
  const [, file, name] = /^(.+):([A-Za-z_]\w*)$/.exec(target) ?? [];
  if (file === undefined || name === undefined) throw new UsageError(`${target}: expected FILE:FUNCTION`);
  const session = openSession(values, [file], io);
  io.err(describeTree(session.status));
  const { ctx, display, status } = session;
  const tree = ctx.workspace.treeFor(`${status.root}/Makefile`);
  if (tree === null) throw new UsageError('no kernel tree; name it with --kernel DIR');
  prepareNames(ctx.workspace, tree);
  const from = stringValue(values, 'from') === null ? null : choiceValue(values, 'from', startModes, 'task');
  const wanted = stringValue(values, 'tracking');
  const tracking = wanted === null ? null : choiceValue(values, 'tracking', ['active', 'inactive', 'off'], 'active');
  const nPath = Number(stringValue(values, 'path') ?? '1') - 1;
  if (!Number.isInteger(nPath) || nPath < 0) throw new UsageError('--path: expected a number from 1');
  const wish = { path: absolutePath(file, io), name, offset: null, from, tracking, nPath };
  const found = contextOfFunction(ctx, wish, 'context');
  if (found.kind === 'none') throw new UsageError(found.reason);
  if (nPath >= found.paths.length) throw new UsageError(`--path ${nPath + 1}: there are ${found.paths.length} paths`);
  io.out(format === 'json' ? jsonDocument(functionRecord(found, display)) : stepText(found.table, display));
  if (format === 'text' && found.paths.length > 1) {
    io.err(`patchpoint: ${found.paths.length} paths, chosen with --path N:\n`);
    for (const [index, text] of found.paths.entries()) io.err(`  ${index + 1}  ${text}\n`);
  }
  return 0;
}
