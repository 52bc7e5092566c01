import { describe, expect, it } from 'vitest';
import { disassembly } from '../../../server/src/features/image/disassembly.ts';
import { type OpenedImage, openKernelImage } from '../../../server/src/features/image/openedImage.ts';
import { type GroupBy, siteGroups, sitesOfGroup } from '../../../server/src/features/image/siteGroups.ts';
import { memoryByteSource } from '../../../server/src/image/byteSource.ts';
import { loadNodeDecoder } from '../../../server/src/node/capstoneFiles.ts';
import { smallKernel } from '../../support/smallImages.ts';

async function open(): Promise<OpenedImage> {
  const source = memoryByteSource('vmlinux', smallKernel());
  const opened = await openKernelImage('vmlinux', source, await loadNodeDecoder(), undefined);
  if ('problem' in opened) throw new Error(opened.problem);
  return opened;
}

const fileOf = (name: string): string | null => (name === 'demo' ? 'kernel/demo.c' : null);

async function groups(by: GroupBy, filter = ''): Promise<string[]> {
  return siteGroups(await open(), by, filter, fileOf).map(
    ({ name, nSites, metadataBytes }) => `${name}: ${nSites} sites, ${metadataBytes} bytes`,
  );
}

describe('patch sites of an image', () => {
  it('are counted by cpucap, key, callback, function and file', async () => {
    expect(await groups('cpucap')).toEqual(['37: 1 sites, 12 bytes', 'HAS_VIRT_HOST_EXTN: 1 sites, 16 bytes']);
    expect(await groups('key')).toEqual(['key_off: 1 sites, 16 bytes', 'key_on: 1 sites, 16 bytes']);
    expect(await groups('callback')).toEqual(['alt_cb_patch_nops: 1 sites, 12 bytes']);
    expect(await groups('function')).toEqual(['demo: 4 sites, 60 bytes']);
    expect(await groups('file')).toEqual(['kernel/demo.c: 4 sites, 60 bytes']);
  });

  it('are filtered by any of their names', async () => {
    expect(await groups('function', 'KEY_ON')).toEqual(['demo: 1 sites, 16 bytes']);
    expect(await groups('cpucap', 'nothing')).toEqual([]);
  });

  it('come in pages', async () => {
    const page = sitesOfGroup(await open(), 'function', 'demo', { filter: '', fileOf, from: 1, limit: 2 });
    expect(page.total).toBe(4);
    expect(page.sites.map(({ kind, offsetBytes }) => `${kind} +${offsetBytes}`)).toEqual([
      'callback-alternative +12',
      'jump +16',
    ]);
  });

  it('a file that is no image is a reason', async () => {
    const source = memoryByteSource(
      'x',
      new TextEncoder().encode('not an image at all, but long enough to be read as one'),
    );
    expect(await openKernelImage('x', source, await loadNodeDecoder(), undefined)).toHaveProperty('problem');
  });
});

describe('disassembly', () => {
  it('a function as linked, with what its sites hang on', async () => {
    expect(disassembly(await open(), 'demo', null)?.text).toMatchInlineSnapshot(`
      "// demo: 32 bytes at 0xffff800080010008 of vmlinux
      demo:
       0:	nop
       4:	nop
       8:	mrs	x0, tpidr_el1	// ARM64_HAS_VIRT_HOST_EXTN
       c:	b	#0xffff800080010024 <demo+0x1c>	// cpucap 37, alt_cb_patch_nops
      10:	nop	// static key key_on
      14:	mov	x0, #0
      18:	nop	// static key key_off
      1c:	ret
      "
    `);
  });

  it('a function as a machine runs it has the same lines, and tells those that differ', async () => {
    const opened = await open();
    const state = { name: 'board', core: null, cpucaps: ['HAS_VIRT_HOST_EXTN'], keys: { key_off: true } };
    const found = disassembly(opened, 'demo', state);
    expect(found?.text).toMatchInlineSnapshot(`
      "// demo: 32 bytes at 0xffff800080010008 of vmlinux
      demo:
       0:	mov	x9, x30	// ftrace: demo
       4:	nop
       8:	mrs	x0, tpidr_el2	// ARM64_HAS_VIRT_HOST_EXTN
       c:	b	#0xffff800080010024 <demo+0x1c>	// cpucap 37, alt_cb_patch_nops
      10:	nop	// static key key_on
      14:	mov	x0, #0
      18:	b	#0xffff80008001001c <demo+0x14>	// static key key_off
      1c:	ret
      "
    `);
    const linked = disassembly(opened, 'demo', null);
    expect(found?.offsets).toEqual(linked?.offsets);
    const lines = found?.text.split('\n') ?? [];
    expect(found?.changed.map((line) => lines[line]?.split('\t')[1])).toMatchInlineSnapshot(`
      [
        "mov",
        "mrs",
        "b",
      ]
    `);
    expect(linked?.changed).toEqual([]);
  });

  it('a name that is no function has none', async () => {
    expect(disassembly(await open(), 'key_on', null)).toBeNull();
  });
});
