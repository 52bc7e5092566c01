import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { patchpoint } from '../support/runCli.ts';
import { smallKernel, smallObject } from '../support/smallImages.ts';

const folder = mkdtempSync(join(tmpdir(), 'patchpoint-image-'));
afterAll(() => rmSync(folder, { recursive: true }));
const vmlinux = join(folder, 'vmlinux');
const object = join(folder, 'demo.o');
writeFileSync(vmlinux, smallKernel());
writeFileSync(object, smallObject());

describe('patchpoint image', () => {
  it('tells what is in a kernel', async () => {
    const { status, out, err } = await patchpoint(['image', vmlinux]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.replaceAll(folder, '')).toMatchInlineSnapshot(`
      "/vmlinux: kernel 6.12.0-demo
        compiler gcc 12.2.0

      alternatives      2 records
        24 bytes of records, 4 of replacements, for 8 bytes of code
        by cpucap
          1  37
          1  HAS_VIRT_HOST_EXTN
        by callback
          1  alt_cb_patch_nops

      static keys       2 jump entries of 2 keys
        32 bytes of entries; 2 ordinary
        by key
          1  key_off
          1  key_on

      ftrace            1 function (layout call-ops)
      static calls      1 key, 0 trampolines
      runtime constants 0 sites
      hyp relocations   0 words
      erratum 843419    0 veneers
      noinstr           0xffff80008001002c to 0xffff800080010038, 2 functions
      not known: cpucap 37 (1 record): no entry in the image’s capability tables, so nothing sets it
      "
    `);
  });

  it('tells it as JSON', async () => {
    const { out } = await patchpoint(['image', vmlinux, '--format', 'json']);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'vmlinux',
      release: '6.12.0-demo',
      alternatives: { entries: 2, byCpucap: { HAS_VIRT_HOST_EXTN: 1, 37: 1 }, bytes: { entries: 24, replacements: 4 } },
      jumps: { entries: 2, keys: 2 },
    });
  });

  it('lists sites as one document, the same as line by line', async () => {
    const document = (await patchpoint(['image', vmlinux, '--sites', 'json'])).out;
    const lines = (await patchpoint(['image', vmlinux, '--sites', 'jsonl'])).out.trimEnd().split('\n');
    const records = lines.map((line) => JSON.parse(line));
    expect(document).toBe(`${JSON.stringify(records, null, 2)}\n`);
    expect((await patchpoint(['image', object, '--sites', 'json', '--kind', 'runtime-constant'])).out).toBe('[]\n');
  });

  it('lists sites for people', async () => {
    const { out } = await patchpoint(['image', vmlinux, '--sites', 'text']);
    expect(out.replaceAll(folder, '')).toMatchInlineSnapshot(`
      "0xffff800080010010 <demo+0x8>: alternative HAS_VIRT_HOST_EXTN
          d538d080 mrs x0, tpidr_el1 | d53cd040 mrs x0, tpidr_el2
      0xffff800080010014 <demo+0xc>: callback-alternative alt_cb_patch_nops
          14000004 b #0xffff800080010024 <demo+0x1c> | d503201f nop
          not known: cpucap 37 has no name: /vmlinux was built without what detects it, so it is never set
      0xffff800080010018 <demo+0x10>: jump key_on likely demo+0x1c
          d503201f nop         | 14000003 b #0xffff800080010024 <demo+0x1c>
      0xffff800080010020 <demo+0x18>: jump key_off unlikely demo+0x14
          d503201f nop         | 17ffffff b #0xffff80008001001c <demo+0x14>
      0xffff8000800401d0 <__SCK__demo_call>: static-call demo_call demo
      0xffff80008001000c <demo+0x4>: ftrace demo call-ops
          d503201f nop         | -------- .quad ftrace_nop_ops (low word)
          d503201f nop         | -------- .quad ftrace_nop_ops (high word)
          d503201f nop         | aa1e03e9 mov x9, x30
          d503201f nop         | d503201f nop
      "
    `);
  });

  it('lists sites of an object by section and offset, with the symbols of the linker', async () => {
    const { out } = await patchpoint(['image', object, '--sites', 'jsonl', '--kind', 'alternative,jump']);
    const sites = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(sites).toHaveLength(3);
    expect(sites[0]).toMatchObject({
      kind: 'alternative',
      evidence: 'object',
      address: null,
      section: '.text',
      offset: '0x0',
      trigger: { cpucap: null, number: 5 },
      unpatched: [{ text: 'nop', word: 'd503201f' }],
      patched: [{ text: 'b .noinstr.text+0x4', word: null }],
      issues: ['cpucap 5 has no name: name the tree with --kernel DIR'],
    });
    expect(sites[1].trigger).toMatchObject({ key: '.bss+0x10', branch: 'likely', initial: false });
    expect(sites[2]).toMatchObject({
      section: '.noinstr.text',
      trigger: { key: '__tracepoint_demo+0x8', branch: 'unlikely', initial: null, target: 'second+0x4' },
    });
  });

  it('shows sites as a machine leaves them', async () => {
    const state = join(folder, 'state.json');
    writeFileSync(state, JSON.stringify({ name: 'vhe', cpucaps: ['HAS_VIRT_HOST_EXTN'], keys: { key_off: true } }));
    const { out } = await patchpoint(['image', vmlinux, '--sites', 'jsonl', '--state', state]);
    const words = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ kind, patched }) => `${kind} ${(patched ?? []).map((one: { word: string }) => one.word).join(' ')}`);
    expect(words.slice(0, 4)).toEqual([
      'alternative d53cd040',
      // The cpucap of this one is not in the state.
      'callback-alternative 14000004',
      'jump d503201f',
      'jump 17ffffff',
    ]);
  });

  it('takes names of cpucaps from a tree', async () => {
    const { out } = await patchpoint(['image', object, '--sites', 'jsonl', '--kernel', 'examples']);
    expect(JSON.parse(out.split('\n')[0] ?? '').trigger.cpucap).toMatch(/^[A-Z]\w+$/);
  });

  it('shows the economics and compares two images', async () => {
    const { out } = await patchpoint(['image', vmlinux, '--what-if']);
    expect(out).toContain('alternatives: records           2           24           0');
    const compared = await patchpoint(['image', vmlinux, object, '--format', 'json']);
    const { counts } = JSON.parse(compared.out);
    expect(counts[0]).toEqual({ name: 'alternatives: records', before: 2, after: 1, difference: -1 });
  });

  it('writes a page that loads nothing', async () => {
    const report = join(folder, 'report.html');
    expect((await patchpoint(['image', vmlinux, '--report', report])).status).toBe(0);
    const page = readFileSync(report, 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/<script|https?:|src=|href=/);
  });
});

describe('a damaged file', () => {
  it('is shown as far as it could be read, which the exit status says', async () => {
    const damaged = join(folder, 'stripped');
    writeFileSync(damaged, smallKernel({ noSymbols: true }));
    const { status, out, err } = await patchpoint(['image', damaged]);
    expect(status).toBe(2);
    expect(out).toContain('alternatives');
    expect(err).toContain('stripped: no symbol table (.symtab)');
    expect(err).toContain('damaged or incomplete, see above; what is shown is what could be read');
  });
});

describe('what cannot be done ends with 2 and one line on stderr', () => {
  const bad = join(folder, 'bad.ko.xz');
  writeFileSync(bad, Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0));
  it.each([
    [['image'], /no image given/],
    [['image', 'no/such/vmlinux'], /no\/such\/vmlinux: no such file/],
    [['image', folder], /: is a directory; name the image in it/],
    [['image', join(vmlinux, 'x')], /no such file: a part of its path is no directory/],
    [['image', bad], /bad\.ko\.xz: xz-compressed; unpack it first: xz -dk FILE/],
    [['image', vmlinux, '--sites', 'xml'], /--sites xml: expected one of jsonl, json, text/],
    [['image', vmlinux, '--sites', 'jsonl', '--kind', 'hook'], /--kind hook: expected some of alternative/],
    [['image', vmlinux, '--sites', 'jsonl', '--symbolizer', '/no/such/tool'], /--symbolizer \/no\/such\/tool: spawn/],
    [['image', vmlinux, '--line', 'demo.c'], /--line demo\.c: expected FILE:LINE/],
    [['image', vmlinux, '--line', 'demo.c:3'], /--line needs --symbolizer/],
    [['image', vmlinux, '--kernel', 'docs/rules'], /--kernel docs\/rules: is no arm64 kernel tree/],
    [['image', vmlinux, vmlinux, vmlinux], /one image, or two to compare/],
  ])('%j', async (args, message) => {
    const { status, out, err } = await patchpoint(args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
