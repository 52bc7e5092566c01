import { diagnosticCodes } from '../../features/diagnosticCodes.ts';
import { diagnostics, type Severity } from '../../features/diagnostics.ts';
import { type Command, type CommandArguments, choiceValue, listValue, UsageError, valueOption } from '../command.ts';
import { forEachInput } from '../forEachInput.ts';
import { collectInputs, mayHoldAssembly, requirePaths } from '../inputs.ts';
import { createPaint } from '../paint.ts';
import { githubCommand } from '../reporters/github.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { type LintRecord, lintRecord } from '../reporters/lintRecord.ts';
import { sarifLog } from '../reporters/sarif.ts';
import { lintText } from '../reporters/text.ts';
import { describeTree, openSession, sourceLines, treeOptions } from '../session.ts';
import { patchpointVersion } from '../version.ts';

const severities: readonly Severity[] = ['error', 'warning', 'information'];

/** `patchpoint lint`: the diagnostics of files and folders. */
export const lintCommand: Command = {
  name: 'lint',
  summary: 'Check alternatives; exit status 1 when something was found.',
  usage: 'PATH... [--format FORMAT] [--rule ID...] [--no-rule ID...] [--severity LEVEL]',
  options: [
    ...treeOptions,
    valueOption('state', 'FILE|NAME', 'machine state: a state file or a built-in name'),
    valueOption('format', 'FORMAT', 'text (default), json, jsonl, sarif or github'),
    {
      name: 'rule',
      placeholder: 'ID',
      multiple: true,
      help: 'only this rule (repeatable; a prefix such as "alternative" works)',
    },
    { name: 'no-rule', placeholder: 'ID', multiple: true, help: 'not this rule (repeatable)' },
    valueOption('severity', 'LEVEL', 'least severity to report: error, warning or information (default)'),
  ],
  run: async (args, io) => {
    const { values, paths } = args;
    const format = choiceValue(values, 'format', ['text', 'json', 'jsonl', 'sarif', 'github'], 'text');
    const wanted = ruleFilter(args);
    requirePaths(paths);
    const session = openSession(values, paths, io);
    io.err(describeTree(session.status));
    const inputs = collectInputs(paths, session, io, { matches: mayHoldAssembly });
    const { configSource } = session.status;
    const paint = createPaint(io.color);
    const source = io.color ? sourceLines(session) : null;
    const records: LintRecord[] = [];
    const seen = new Set<string>();
    const { complete, nFiles } = await forEachInput(inputs, session, io, (path) => {
      for (const finding of diagnostics(session.ctx, path)) {
        const record = lintRecord(finding, session.display);
        // A header's finding comes with every file that includes it.
        const key = JSON.stringify([record.rule, record.file, record.line, record.column, record.message]);
        if (!wanted(record) || seen.has(key)) continue;
        seen.add(key);
        records.push(record);
        if (format === 'text') io.out(lintText(record, paint, source));
        else if (format === 'jsonl') io.out(jsonLine({ ...record, configSource }));
        else if (format === 'github') io.out(githubCommand(record));
      }
    });
    if (format === 'json') io.out(jsonDocument(records.map((record) => ({ ...record, configSource }))));
    if (format === 'sarif') {
      io.out(sarifLog({ records, version: patchpointVersion, root: session.status.root, configSource }));
    }
    if (format === 'text') io.err(`patchpoint: ${summary(records, nFiles)}\n`);
    if (!complete) return 2;
    return records.length > 0 ? 1 : 0;
  },
};

function ruleFilter({ values }: CommandArguments): (record: LintRecord) => boolean {
  const only = listValue(values, 'rule');
  const without = listValue(values, 'no-rule');
  const least = severities.indexOf(choiceValue(values, 'severity', severities, 'information'));
  const covers = (pattern: string, rule: string): boolean => rule === pattern || rule.startsWith(`${pattern}.`);
  for (const pattern of [...only, ...without]) {
    if (diagnosticCodes.some((code) => covers(pattern, code.rule))) continue;
    throw new UsageError(`no rule "${pattern}"; the rules are: ${diagnosticCodes.map((code) => code.rule).join(', ')}`);
  }
  return (record) =>
    severities.indexOf(record.severity) <= least &&
    (only.length === 0 || only.some((pattern) => covers(pattern, record.rule))) &&
    !without.some((pattern) => covers(pattern, record.rule));
}

function summary(records: readonly LintRecord[], nFiles: number): string {
  const files = `${nFiles} file${nFiles === 1 ? '' : 's'}`;
  if (records.length === 0) return `${files} checked, nothing found`;
  const counts = severities
    .map((severity) => ({ severity, n: records.filter((record) => record.severity === severity).length }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => `${n} ${severity}${n === 1 || severity === 'information' ? '' : 's'}`);
  return `${files} checked: ${counts.join(', ')}`;
}
