import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { noinstrHeaders, preamble } from '../support/noinstrTree.ts';
import { patchpoint } from '../support/runCli.ts';
import { smallTreeFiles } from '../support/smallTree.ts';

const folder = mkdtempSync(join(tmpdir(), 'patchpoint-reach-'));

beforeAll(() => {
  const files = {
    ...smallTreeFiles,
    ...noinstrHeaders,
    'arch/arm64/configs/defconfig': '',
    'arch/arm64/kernel/ax_vec.c': `${preamble}void noinstr ax_quiet(void) { }\nvoid noinstr ax_vec(void)\n{\n\tax_quiet();\n\tax_work();\n}\n`,
    'arch/arm64/kernel/entry.S': '\t.pushsection ".entry.text", "ax"\nax_vectors:\n\tbl\tax_vec\n\t.popsection\n',
  };
  for (const [path, text] of Object.entries(files)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const expected = [
  'ax_vec  [noinstr · context not known]  arch/arm64/kernel/ax_vec.c:3',
  '  ax_quiet  [noinstr · context not known]  arch/arm64/kernel/ax_vec.c:5',
  '  ! ax_work  [plain · context not known · noinstr.calls-instrumentable]  arch/arm64/kernel/ax_vec.c:6',
  '',
].join('\n');

it.each(['ax_vec', 'vectors'])('noinstr --reach %s shows what runs without instrumentation', async (root) => {
  expect(await patchpoint(['noinstr', '--reach', root, '--kernel', folder])).toMatchObject({
    status: 1,
    out: expected,
  });
});

it('as JSON, with paths of the tree', async () => {
  const { out, status } = await patchpoint(['noinstr', '--reach', 'ax_quiet', '--kernel', folder, '--format', 'json']);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject([
    { name: 'ax_quiet', definition: { path: 'arch/arm64/kernel/ax_vec.c', line: 2 } },
  ]);
});

it('a function that can be instrumented, or is none, is told', async () => {
  const ask = async (name: string): Promise<unknown> =>
    await patchpoint(['noinstr', '--reach', name, '--kernel', folder]);
  expect(await ask('ax_work')).toMatchObject({ status: 2, err: expect.stringContaining('can be instrumented itself') });
  expect(await ask('ax_nothing')).toMatchObject({ status: 2, err: expect.stringContaining('no function ax_nothing') });
});
