import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { readProjectFile } from '../support/projectFiles.ts';

const protocol = readProjectFile('server/src/lsp/protocol.ts');
const document = readProjectFile('docs/protocol.md');

it('docs/protocol.md was read after the last change of protocol.ts', () => {
  const hash = createHash('sha256').update(protocol).digest('hex').slice(0, 16);
  // Bring the document up to date, then put this hash into its last line.
  expect(document).toContain(`protocol.ts: ${hash}`);
});

it('every method and command of the protocol is described', () => {
  const names = [...protocol.matchAll(/^ {2}'(patchpoint[./][\w./]+)'/gm)].map((match) => match[1] ?? '');
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});
