import { createRequire } from 'node:module';
import AjvDraft4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { LintRecord } from '../../server/src/cli/reporters/lintRecord.ts';
import { sarifLog } from '../../server/src/cli/reporters/sarif.ts';
import { openRuleHelp } from '../../server/src/cli/ruleHelp.ts';
import { allRules } from '../../server/src/features/allRules.ts';
import { patchpoint } from '../support/runCli.ts';

/** The standard's own schema, from a package of its authors. */
const schema = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const ajv = new AjvDraft4({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);

function errors(log: string): readonly unknown[] {
  validate(JSON.parse(log));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const record: LintRecord = {
  rule: allRules[0]!.rule,
  severity: 'information',
  file: 'arch/arm64/a file%.S',
  line: 1,
  column: 1,
  endLine: 2,
  endColumn: 1,
  message: 'message',
  related: [{ file: '/elsewhere/x.h', line: 5, message: 'here' }],
  fix: 'fix',
};
const report = {
  records: [record],
  version: '1.2.3',
  root: '/src/my linux',
  configSource: 'defconfig',
  helpOf: openRuleHelp(),
};

describe('SARIF 2.1.0', () => {
  it('is valid against the schema, with and without findings', () => {
    expect(errors(sarifLog(report))).toEqual([]);
    expect(errors(sarifLog({ ...report, records: [] }))).toEqual([]);
  });

  it('names rule, place and related places; paths are URIs below the tree', () => {
    const [run] = JSON.parse(sarifLog(report)).runs;
    expect(run.originalUriBaseIds.KERNEL.uri).toBe('file:///src/my%20linux/');
    expect(run.tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual(allRules.map((code) => code.rule));
    expect(run.results[0]).toMatchObject({
      ruleIndex: 0,
      level: 'note',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'arch/arm64/a%20file%25.S', uriBaseId: 'KERNEL' } } }],
      relatedLocations: [{ physicalLocation: { artifactLocation: { uri: 'file:///elsewhere/x.h' } } }],
    });
  });

  it('explains every rule and says where it is explained', () => {
    const [run] = JSON.parse(sarifLog(report)).runs;
    for (const { id, helpUri, help } of run.tool.driver.rules) {
      expect(helpUri, id).toMatch(/^file:.*\/docs\/rules(\.md#|\/)/);
      expect(help.markdown, id).toContain(id);
    }
    const bare = JSON.parse(sarifLog({ ...report, helpOf: () => null })).runs[0].tool.driver.rules[0];
    expect(bare).not.toHaveProperty('helpUri');
  });

  it('knows a finding again whose line moved, and tells the same ones apart', () => {
    const prints = (records: readonly LintRecord[]): string[] =>
      JSON.parse(sarifLog({ ...report, records })).runs[0].results.map(
        (one: { partialFingerprints: Record<string, string> }) => one.partialFingerprints['patchpointFinding/v1'],
      );
    const at = (line: number, message: string): LintRecord => ({ ...record, line, endLine: line, message });
    const before = prints([at(1, 'opened at line 7'), at(9, 'same'), at(20, 'same')]);
    expect(prints([at(3, 'opened at line 9'), at(11, 'same'), at(22, 'same')])).toEqual(before);
    expect(new Set(before).size).toBe(3);
  });

  it('of real findings is valid too', async () => {
    const { status, out } = await patchpoint(['lint', '--format', 'sarif', 'examples/arch/arm64/kernel/mistakes.S']);
    expect(status).toBe(1);
    expect(errors(out)).toEqual([]);
    expect(JSON.parse(out).runs[0].results.length).toBeGreaterThan(10);
  });
});
