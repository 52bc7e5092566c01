import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { patchpoint } from '../support/runCli.ts';
import { smallKernel } from '../support/smallImages.ts';

const folder = mkdtempSync(join(tmpdir(), 'patchpoint-predict-'));
afterAll(() => rmSync(folder, { recursive: true }));
const vmlinux = join(folder, 'vmlinux');
writeFileSync(vmlinux, smallKernel());
const state = join(folder, 'state.json');
writeFileSync(
  state,
  JSON.stringify({
    name: 'vhe',
    cpucaps: ['ARM64_HAS_VIRT_HOST_EXTN', 'ALWAYS_BOOT'],
    keys: { key_off: 1 },
    runtime: { kaslr_slide: '0x0' },
  }),
);

describe('patchpoint image --predict', () => {
  it('writes a line for each word that changes', async () => {
    const out = join(folder, 'deep/out.jsonl');
    const { status, err } = await patchpoint(['image', vmlinux, '--state', state, '--predict', out]);
    expect(status).toBe(0);
    expect(err).toContain('words change');
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    const words = lines.map((line) => JSON.parse(line));
    expect(words.every((word) => /^0x[0-9a-f]{16}$/.test(word.address) && /^[0-9a-f]{8}$/.test(word.old))).toBe(true);
    expect(words.filter((word) => word.cause === 'alternative').map((word) => word.detail)).toEqual([
      'HAS_VIRT_HOST_EXTN',
    ]);
    expect(words.filter((word) => word.cause === 'jump').map((word) => word.detail)).toEqual(['key_off']);
    for (const word of words) if (word.new === null) expect(word.reason).not.toBe('');
  });

  it('says what is missing', async () => {
    const none = await patchpoint(['image', vmlinux, '--predict', '-']);
    expect(none).toMatchObject({ status: 2 });
    expect(none.err).toContain('--predict needs a machine state');
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{');
    expect((await patchpoint(['image', vmlinux, '--state', broken, '--predict', '-'])).status).toBe(2);
  });
});

describe('patchpoint image --compare', () => {
  it('refuses what is no memory of the kernel', async () => {
    expect(await patchpoint(['image', vmlinux, '--compare', join(folder, 'absent')])).toMatchObject({ status: 2 });
  });
});
