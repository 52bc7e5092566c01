import { allRules } from '../../features/allRules.ts';
import type { Severity } from '../../features/diagnostics.ts';
import { noinstrCodes } from '../../features/noinstr/noinstrCodes.ts';
import { readBaseline, writeBaseline } from '../baseline.ts';
import {
  type Command,
  type CommandArguments,
  choiceValue,
  flagOption,
  listValue,
  stringValue,
  UsageError,
  valueOption,
} from '../command.ts';
import { explain, unverifiedNotes } from '../explain.ts';
import { concerns, findingsOf, missingHeaderNote } from '../findings.ts';
import { forEachInput } from '../forEachInput.ts';
import { collectInputs, mayHoldAssembly, requirePaths } from '../inputs.ts';
import { createPaint } from '../paint.ts';
import { githubCommand } from '../reporters/github.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { type LintRecord, lintRecord } from '../reporters/lintRecord.ts';
import { sarifLog } from '../reporters/sarif.ts';
import { lintText } from '../reporters/text.ts';
import { openRuleHelp } from '../ruleHelp.ts';
import { absolutePath, describeTree, openSession, sourceLines, treeOptions } from '../session.ts';
import { patchpointVersion } from '../version.ts';

const severities: readonly Severity[] = ['error', 'warning', 'information'];

/** `patchpoint lint`: the diagnostics of files and folders. */
export const lintCommand: Command = {
  name: 'lint',
  summary: 'Check alternatives and noinstr code; exit status 1 when something was found.',
  usage: 'PATH... [--format FORMAT] [--rule ID...] [--no-rule ID...] [--baseline FILE]',
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
    valueOption('policy', 'POLICY', 'what makes a call from noinstr code legal: context (default) or strict'),
    flagOption('explain', 'show below each finding on noinstr code the path that leads to it'),
    flagOption('verbose', 'tell too of which callees of noinstr code nothing is claimed, and why'),
    valueOption('baseline', 'FILE', 'known findings: only others are reported'),
    valueOption('write-baseline', 'FILE', 'write what is found as the known findings'),
  ],
  run: async (args, io) => {
    const { values, paths } = args;
    const format = choiceValue(values, 'format', ['text', 'json', 'jsonl', 'sarif', 'github'], 'text');
    const { wants, wantsRule } = ruleFilter(args);
    const choice = choiceValue(values, 'policy', ['context', 'strict'], 'context');
    // A whole translation unit is read for each C file: not for rules that nobody wants to hear of.
    const policy = noinstrCodes.some(({ rule }) => wantsRule(rule)) ? choice : null;
    requirePaths(paths);
    const session = openSession(values, paths, io);
    await session.loadCParser();
    const baselinePath = stringValue(values, 'baseline');
    const known = baselinePath === null ? null : readBaseline(absolutePath(baselinePath, io));
    const newBaseline = stringValue(values, 'write-baseline');
    io.err(describeTree(session.status));
    const inputs = collectInputs(paths, session, io, {
      matches: (name) => mayHoldAssembly(name) || name.endsWith('.c'),
    });
    const { configSource } = session.status;
    const paint = createPaint(io.color);
    const source = io.color ? sourceLines(session) : null;
    const records: LintRecord[] = [];
    const seen = new Set<string>();
    let nKnown = 0;
    const check = (path: string): void => {
      for (const finding of findingsOf(session, path, policy, inputs.named.has(path))) {
        const plain = lintRecord(finding, session.display);
        // A header's finding comes with every file that includes it.
        const key = identity(plain);
        if (!wants(plain) || seen.has(key)) continue;
        seen.add(key);
        if (known?.takes(plain) === true) {
          nKnown++;
          continue;
        }
        const way = values.explain === true ? explain(session, path, finding, choice) : null;
        const record = way === null ? plain : { ...plain, path: way.steps };
        records.push(record);
        if (format === 'text') io.out(`${lintText(record, paint, source)}${way?.text ?? ''}`);
        else if (format === 'jsonl') io.out(jsonLine({ ...record, configSource }));
        else if (format === 'github') io.out(githubCommand(record));
      }
      const note = missingHeaderNote(session, path);
      if (note !== null) io.err(`patchpoint: ${note}\n`);
      if (values.verbose === true) for (const one of unverifiedNotes(session, path)) io.err(`patchpoint: ${one}\n`);
    };
    const accepts = (path: string): boolean => path.endsWith('.c') || concerns(session, path);
    const { complete, nFiles } = await forEachInput(inputs, session, io, check, accepts);
    if (newBaseline !== null) {
      writeBaseline(absolutePath(newBaseline, io), records);
      io.err(`patchpoint: ${records.length} findings written to ${newBaseline}\n`);
    }
    if (nKnown > 0) io.err(`patchpoint: ${nKnown} known findings of the baseline left out\n`);
    if (format === 'json') io.out(jsonDocument(records.map((record) => ({ ...record, configSource }))));
    if (format === 'sarif') {
      const helpOf = openRuleHelp();
      io.out(sarifLog({ records, version: patchpointVersion, root: session.status.root, configSource, helpOf }));
    }
    if (format === 'text') io.err(`patchpoint: ${summary(records, nFiles)}\n`);
    if (!complete) return 2;
    return records.length > 0 && newBaseline === null ? 1 : 0;
  },
};

/** A callback has one finding, wherever it is used; every other finding is one of its place. */
function identity({ rule, file, line, column, message }: LintRecord): string {
  const isOnce = rule === 'noinstr.callback-instrumentable';
  return JSON.stringify(isOnce ? [rule, message] : [rule, file, line, column, message]);
}

interface RuleFilter {
  readonly wants: (record: LintRecord) => boolean;
  /** Whether findings of a rule are wanted, of whatever severity. */
  readonly wantsRule: (rule: string) => boolean;
}

function ruleFilter({ values }: CommandArguments): RuleFilter {
  const only = listValue(values, 'rule');
  const without = listValue(values, 'no-rule');
  const least = severities.indexOf(choiceValue(values, 'severity', severities, 'information'));
  const covers = (pattern: string, rule: string): boolean => rule === pattern || rule.startsWith(`${pattern}.`);
  for (const pattern of [...only, ...without]) {
    if (allRules.some((code) => covers(pattern, code.rule))) continue;
    throw new UsageError(`no rule "${pattern}"; the rules are: ${allRules.map((code) => code.rule).join(', ')}`);
  }
  const wantsRule = (rule: string): boolean =>
    (only.length === 0 || only.some((pattern) => covers(pattern, rule))) &&
    !without.some((pattern) => covers(pattern, rule));
  return {
    wantsRule,
    wants: (record) => severities.indexOf(record.severity) <= least && wantsRule(record.rule),
  };
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
