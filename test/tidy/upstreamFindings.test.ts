// docs/upstream-findings.md shows the record of what the noinstr rules find in released kernels.
import { expect, it } from 'vitest';
import { allRules } from '../../server/src/features/allRules.ts';
import { upstreamDocument, upstreamRows } from '../support/upstreamRecord.ts';

it('the document is that of the record; `vitest run test/tidy/upstreamFindings.test.ts --update=all` writes it', async () => {
  await expect(upstreamDocument(upstreamRows())).toMatchFileSnapshot('../../docs/upstream-findings.md');
});

it('every row names a rule and says why', () => {
  const rules = new Set(allRules.map((one) => one.rule));
  for (const row of upstreamRows()) {
    expect(rules, row.rule).toContain(row.rule);
    expect(row.why.length, `${row.file} ${row.about}`).toBeGreaterThan(20);
    expect(Object.keys(row.found)).not.toEqual([]);
  }
});
