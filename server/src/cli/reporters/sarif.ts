import { createHash } from 'node:crypto';
import { allRules } from '../../features/allRules.ts';
import type { Severity } from '../../features/diagnostics.ts';
import { identityOf } from '../baseline.ts';
import type { RuleHelp } from '../ruleHelp.ts';
import { jsonDocument } from './json.ts';
import type { LintRecord, LintReport } from './lintRecord.ts';

/** The findings of one run as a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format", 2023 errata 01). */
export function sarifLog(report: LintReport): string {
  const rules = allRules.map((code) => ({
    id: code.rule,
    shortDescription: { text: code.title },
    defaultConfiguration: { level: level(code.severity) },
    ...helpOf(report.helpOf(code.rule)),
  }));
  const fingerprint = openFingerprints();
  const indexOf = new Map(rules.map((rule, index) => [rule.id, index]));
  return jsonDocument({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'patchpoint', version: report.version, rules } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { KERNEL: { uri: `file://${encodePath(report.root)}/` } },
        properties: { configSource: report.configSource },
        results: report.records.map((record) => result(record, indexOf.get(record.rule), fingerprint(record))),
      },
    ],
  });
}

function helpOf(help: RuleHelp | null): Readonly<Record<string, unknown>> {
  // `text` is what a viewer shows that does not know Markdown.
  return help === null ? {} : { helpUri: help.uri, help: { text: help.markdown, markdown: help.markdown } };
}

/**
 * Names findings so that a viewer knows one again whose line moved: by file, rule and message, as a baseline does, and which
 * of the same it is.
 */
function openFingerprints(): (record: LintRecord) => string {
  const counts = new Map<string, number>();
  return (record) => {
    const key = identityOf(record);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return `${createHash('sha256').update(key).digest('hex').slice(0, 16)}:${count}`;
  };
}

function result(record: LintRecord, ruleIndex: number | undefined, fingerprint: string): unknown {
  return {
    ruleId: record.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: level(record.severity),
    message: { text: record.message },
    partialFingerprints: { 'patchpointFinding/v1': fingerprint },
    locations: [
      location(record.file, {
        startLine: record.line,
        startColumn: record.column,
        endLine: record.endLine,
        endColumn: record.endColumn,
      }),
    ],
    ...(record.related.length === 0
      ? {}
      : {
          relatedLocations: record.related.map((place, index) => ({
            id: index + 1,
            ...location(place.file, { startLine: place.line }),
            message: { text: place.message },
          })),
        }),
    ...(record.fix === null ? {} : { properties: { fix: record.fix } }),
  };
}

function location(file: string, region: Readonly<Record<string, number>>): { readonly physicalLocation: unknown } {
  // A file outside the tree has an absolute path, which no base applies to.
  const artifactLocation = file.startsWith('/')
    ? { uri: `file://${encodePath(file)}` }
    : { uri: encodePath(file), uriBaseId: 'KERNEL' };
  return { physicalLocation: { artifactLocation, region } };
}

function level(severity: Severity): 'error' | 'warning' | 'note' {
  return severity === 'information' ? 'note' : severity;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
