import { describe, expect, it } from 'vitest';
import { createPaint } from '../../server/src/cli/paint.ts';
import { githubCommand } from '../../server/src/cli/reporters/github.ts';
import type { LintRecord } from '../../server/src/cli/reporters/lintRecord.ts';
import { lintText } from '../../server/src/cli/reporters/text.ts';

const record: LintRecord = {
  rule: 'alternative.length-mismatch',
  severity: 'error',
  file: 'arch/arm64/kernel/x.S',
  line: 3,
  column: 2,
  endLine: 3,
  endColumn: 9,
  message: 'original has 8 bytes, replacement 4: 100% wrong',
  related: [{ file: 'arch/arm64/kernel/x.S', line: 5, message: 'replacement is here' }],
  fix: 'add a nop',
};
const plain = createPaint(false);

describe('text', () => {
  it('is one line of a compiler, then notes and the fix', () => {
    expect(lintText(record, plain, null)).toMatchInlineSnapshot(`
      "arch/arm64/kernel/x.S:3:2: error: original has 8 bytes, replacement 4: 100% wrong [alternative.length-mismatch]
      arch/arm64/kernel/x.S:5:1: note: replacement is here
          fix: add a nop
      "
    `);
  });

  it('with the source, points at the place, tabs kept', () => {
    const source = (): string => '\tmov\tx0, x1';
    expect(lintText({ ...record, related: [], fix: null }, plain, source)).toMatchInlineSnapshot(`
      "arch/arm64/kernel/x.S:3:2: error: original has 8 bytes, replacement 4: 100% wrong [alternative.length-mismatch]
           3 | 	mov	x0, x1
             | 	^^^^^^^
      "
    `);
  });
});

describe('github', () => {
  it('escapes what would end a field', () => {
    expect(githubCommand({ ...record, file: 'a,b:c.S' })).toBe(
      '::error file=a%2Cb%3Ac.S,line=3,endLine=3,col=2,endColumn=9,title=alternative.length-mismatch::original has 8 bytes, replacement 4: 100%25 wrong\n',
    );
  });
});
