import { expect, it } from 'vitest';
import type { ImageSites } from '../../../server/src/image/imageSites.ts';
import type { ImageKey, JumpEntry } from '../../../server/src/image/jumpTable.ts';
import { predictionLines } from '../../../server/src/image/predict/predictionLines.ts';
import { predictText } from '../../../server/src/image/predict/predictText.ts';
import type { MachineState } from '../../../server/src/kernel/machineStates.ts';
import { base, record, type SmallKernel, smallImage, smallNames, smallSites } from './smallKernel.ts';

const nop = 0xd503201f;

function predicted(kernel: SmallKernel, sites: Partial<ImageSites>, state: Partial<MachineState>): string {
  const whole = { name: 'test', core: null, cpucaps: ['ALWAYS_BOOT', 'ALWAYS_SYSTEM'], ...state };
  const { words, notes, problems } = predictText(smallImage(kernel), smallSites(sites), smallNames, whole);
  const lines = [...words].map(({ address, old, new: now, cause, detail, reason }) => {
    const hex = (word: number): string => word.toString(16).padStart(8, '0');
    const next = now === null ? `open: ${reason}` : hex(now);
    return `+${(address - base).toString(16)} ${hex(old)} -> ${next} (${cause} ${detail})`;
  });
  return [...lines, ...notes.map((note) => `note: ${note}`), ...problems.map((problem) => `! ${problem}`)].join('\n');
}

function jump(at: number, to: number, key: number, branch: 0 | 1): JumpEntry {
  const place = (offset: number): bigint => base + BigInt(offset);
  return { index: 0, entry: base, code: place(at), target: place(to), key: place(key), branch };
}

function keyTable(
  ...keys: readonly (readonly [at: number, name: string, on: boolean])[]
): ReadonlyMap<bigint, ImageKey> {
  return new Map(
    keys.map(([at, name, initial]) => {
      const address = base + BigInt(at);
      return [address, { address, name, kind: 'ordinary', initial, enabled: initial ? 1 : 0, entries: 1 }];
    }),
  );
}

it('copies replacements of the cpucaps that are there, with branches moved along', () => {
  const kernel = { text: [nop, nop, 0xd500419f, 0x14000002, nop] };
  const alternatives = [record(2, 0, 4, 8), record(3, 4, 4, 12)];
  expect(
    predicted(kernel, { alternatives }, { cpucaps: ['HAS_PAN', 'HAS_VIRT_HOST_EXTN', 'ALWAYS_BOOT', 'ALWAYS_SYSTEM'] }),
  ).toMatchInlineSnapshot(`
      "+0 d503201f -> d500419f (alternative HAS_PAN)
      +4 d503201f -> 14000004 (alternative HAS_VIRT_HOST_EXTN)"
    `);
  expect(predicted(kernel, { alternatives }, {})).toBe('');
});

it('a state that lists cpucaps has those that every machine has; one without cpucaps has not booted', () => {
  const kernel = { text: [0x14000002, 0x14000002] };
  const alternatives = [record(0, 0, 4, 'alt_cb_patch_nops'), record(1, 4, 4, 'alt_cb_patch_nops')];
  expect(predicted(kernel, { alternatives }, { cpucaps: ['HAS_PAN'] })).toMatchInlineSnapshot(`
    "+0 14000002 -> d503201f (callback alt_cb_patch_nops (ALWAYS_BOOT))
    +4 14000002 -> d503201f (callback alt_cb_patch_nops (ALWAYS_SYSTEM))
    note: the state does not list ALWAYS_BOOT; it is there on every machine
    note: the state does not list ALWAYS_SYSTEM; it is there on every machine"
  `);
  expect(predicted(kernel, { alternatives }, { cpucaps: [] })).toBe('');
});

it('a record that the kernel stops at leaves its words open', () => {
  const kernel = { text: [nop, nop, 0x58000040, nop] };
  const uneven = { ...record(2, 4, 4, 12), replacementBytes: 8 };
  expect(
    predicted(
      kernel,
      { alternatives: [record(2, 0, 4, 8), uneven] },
      { cpucaps: ['HAS_PAN', 'ALWAYS_BOOT', 'ALWAYS_SYSTEM'] },
    ),
  ).toMatchInlineSnapshot(`
      "+0 d503201f -> open: a literal load in a replacement: get_alt_insn() stops in BUG() (alternative HAS_PAN)
      +4 d503201f -> open: the record's lengths differ (4 and 8 bytes): the kernel stops in BUG() (alternative HAS_PAN)"
    `);
});

it('a cpucap without a name is open when the state names one that may be it', () => {
  const kernel = { text: [nop, nop] };
  const alternatives = [record(40, 0, 4, 4)];
  expect(
    predicted(kernel, { alternatives }, { cpucaps: ['ALWAYS_BOOT', 'ALWAYS_SYSTEM', 'HAS_FOO'] }),
  ).toMatchInlineSnapshot(`
    "+0 d503201f -> open: cpucap 40 of the image has no name; the state's HAS_FOO may be it (alternative cpucap 40)
    note: no number is known in this image for HAS_FOO"
  `);
  // What the kernel's own tables lack is never detected.
  const field = { register: 0, position: 0 };
  const capabilities = [{ number: 2, description: null, type: 0, scope: null, matches: null, field }];
  const unlisted = { alternatives, capabilities };
  expect(predicted(kernel, unlisted, { cpucaps: ['ALWAYS_BOOT', 'ALWAYS_SYSTEM', 'HAS_FOO'] })).toBe('');
});

it('static keys: named by symbol, offset or address; a key that is not named stays', () => {
  const kernel = { text: [nop, 0x14000002, nop, nop], symbols: { one: 0x100, table: 0x200 } };
  const sites = {
    jumps: [jump(0, 8, 0x100, 0), jump(4, 12, 0x210, 1), jump(8, 0, 0x300, 0), jump(12, 0, 0x400, 0)],
    keys: keyTable(
      [0x100, 'one', false],
      [0x210, 'table+0x10', false],
      [0x300, '0x300', false],
      [0x400, 'rest', false],
    ),
  };
  const third = `0x${(base + 0x300n).toString(16)}`;
  expect(
    predicted(kernel, sites, { keys: { one: 2, 'table+0x10': true, [third]: -1, two: 1, 'table+0x20': 1 } }),
  ).toMatchInlineSnapshot(`
      "+0 d503201f -> 14000002 (jump one)
      +4 14000002 -> d503201f (jump table+0x10)
      +8 d503201f -> 17fffffe (jump 0x300)
      note: keys: no jump entry uses table+0x20
      ! keys: the image has no symbol for two"
    `);
});

it('a name that several keys have says nothing, unless they have that value anyway', () => {
  const kernel = { text: [nop, nop], symbols: { once: [0x100, 0x110] } };
  const sites = {
    jumps: [jump(0, 4, 0x100, 0), jump(4, 0, 0x110, 0)],
    keys: keyTable([0x100, 'once', false], [0x110, 'once', false]),
  };
  expect(predicted(kernel, sites, { keys: { once: 1 } })).toMatchInlineSnapshot(`
    "+0 d503201f -> open: 2 keys are called once; name them by address, as 0xffff800080000100 (jump once)
    +4 d503201f -> open: 2 keys are called once; name them by address, as 0xffff800080000110 (jump once)
    note: keys: 2 keys are called once: say which by address, such as "0xffff800080000100" for the first (--sites jsonl --kind jump lists each as keyAddress)"
  `);
  expect(predicted(kernel, sites, { keys: { once: 0 } })).toBe('');
});

it('init text follows the count before it was freed; exit text of the kernel is never patched', () => {
  const kernel = { text: [nop], init: [nop, nop], symbols: { key: 0x100 } };
  const sites = {
    jumps: [jump(0, 0, 0x100, 0), jump(0x10000, 0x10004, 0x100, 0), jump(0x10100, 0x10000, 0x100, 0)],
    keys: keyTable([0x100, 'key', false]),
  };
  expect(predicted(kernel, sites, { keys: { key: 1 }, keysPreInit: { key: 0 } })).toBe(
    '+0 d503201f -> 14000000 (jump key)',
  );
  expect(predicted(kernel, sites, { keys: { key: 0 }, keysPreInit: { key: 1 } })).toBe(
    '+10000 d503201f -> 14000001 (jump key)',
  );
});

const callOps = {
  layout: 'call-ops' as const,
  sites: [{ table: base, literal: base, entry: base + 8n, patch: base + 12n, bti: false }],
  skipped: 0,
};

it('ftrace with ops literals: prepared, as compiled, traced', () => {
  const kernel = { text: [nop, nop, nop, nop], symbols: { traced: 8, ftrace_nop_ops: 0x8000, ftrace_caller: 0x4000 } };
  const runtime = { kaslr_slide: '0x10000000000' };
  expect(predicted(kernel, { ftrace: callOps }, { runtime })).toMatchInlineSnapshot(`
    "+0 d503201f -> 80008000 (ftrace traced)
    +4 d503201f -> ffff8100 (ftrace traced)
    +8 d503201f -> aa1e03e9 (ftrace traced)"
  `);
  expect(predicted(kernel, { ftrace: callOps }, { runtime, ftrace: 'off' })).toBe('');
  expect(
    predicted(kernel, { ftrace: callOps }, { runtime, ftrace: { traced: ['traced', 'gone'] } }),
  ).toMatchInlineSnapshot(`
    "+0 d503201f -> open: which ftrace_ops the site has depends on who traces it (ftrace traced)
    +4 d503201f -> open: which ftrace_ops the site has depends on who traces it (ftrace traced)
    +8 d503201f -> aa1e03e9 (ftrace traced)
    +c d503201f -> 94000ffd (ftrace traced)
    ! ftrace: no site in gone"
  `);
  expect(predicted(kernel, { ftrace: callOps }, {})).toContain(
    '+0 d503201f -> open: the state does not give kaslr_slide',
  );
});

it('ftrace without literals: the first word at the entry', () => {
  const ftrace = {
    layout: 'args' as const,
    sites: [{ table: base, literal: null, entry: base, patch: base + 4n, bti: false }],
    skipped: 0,
  };
  expect(predicted({ text: [nop, nop] }, { ftrace }, {})).toMatchInlineSnapshot(
    `"+0 d503201f -> aa1e03e9 (ftrace _text)"`,
  );
});

it('relocated words move with the slide, also by nothing', () => {
  const kernel = { text: [0, 0], relocated: [{ at: 0, value: base + 0x2000n }] };
  expect(predicted(kernel, {}, { runtime: { kaslr_slide: '0x200000' } })).toMatchInlineSnapshot(`
    "+0 00000000 -> 80202000 (relocation 0xffff800080002000)
    +4 00000000 -> ffff8000 (relocation 0xffff800080002000)"
  `);
  expect(predicted(kernel, {}, {})).toContain('+0 00000000 -> open: the state does not give kaslr_slide');
});

it('without a slide, kimage_voffset may show that there is none', () => {
  const kernel = { text: [0, 0], relocated: [{ at: 0, value: base }] };
  expect(predicted(kernel, {}, { runtime: { kimage_voffset: '0xffff80003fe00000' } })).toContain(
    '+0 00000000 -> 80000000',
  );
  // With the slide 0x2d5a40000000 the same memory gives an offset that no slide of 0 explains.
  expect(predicted(kernel, {}, { runtime: { kimage_voffset: '0xffffad5a7fe00000' } })).toContain('open');
});

it('words of the hypervisor hold its addresses, but not with VHE', () => {
  const kernel = { text: [0, 0], relocated: [{ at: 0, value: base + 0x1000n }] };
  const runtime = {
    kaslr_slide: '0',
    kimage_voffset: '0xffff80003fe00000',
    memstart_addr: '0x40000000',
    tag_val: '0x2',
    tag_lsb: '0x1e',
  };
  const sites = { hypRelocations: [base] };
  expect(predicted(kernel, sites, { runtime })).toMatchInlineSnapshot(`
    "+0 00000000 -> 80201000 (hyp-relocation 0xffff800080001000)"
  `);
  const vhe = ['ALWAYS_BOOT', 'ALWAYS_SYSTEM', 'HAS_VIRT_HOST_EXTN'];
  expect(predicted(kernel, sites, { runtime, cpucaps: vhe })).toContain('(relocation');
});

it('runtime constants keep register and shape of the instructions', () => {
  const kernel = { text: [0xd299bde3, 0xf2b13563, 0xf2c8ace3, 0xf2e02463, 0x530c7c41] };
  const runtimeConstants = [
    { kind: 'ptr' as const, symbol: 'dentry_hashtable', site: base },
    { kind: 'shift' as const, symbol: 'd_hash_shift', site: base + 16n },
  ];
  expect(
    predicted(
      kernel,
      { runtimeConstants },
      { runtime: { dentry_hashtable: '0xffff00003fc93000', d_hash_shift: '0xf' } },
    ),
  ).toMatchInlineSnapshot(`
      "+0 d299bde3 -> d2860003 (runtime-constant dentry_hashtable)
      +4 f2b13563 -> f2a7f923 (runtime-constant dentry_hashtable)
      +8 f2c8ace3 -> f2c00003 (runtime-constant dentry_hashtable)
      +c f2e02463 -> f2ffffe3 (runtime-constant dentry_hashtable)
      +10 530c7c41 -> 530f7c41 (runtime-constant d_hash_shift)"
    `);
});

it('writes one line of JSON for each word', () => {
  const kernel = smallImage({ text: [nop, nop, 0xd500419f] });
  const sites = smallSites({ alternatives: [record(2, 0, 4, 8), record(1, 4, 4, 'mine')] });
  const { words } = predictText(kernel, sites, smallNames, {
    name: 't',
    core: null,
    cpucaps: ['HAS_PAN', 'ALWAYS_SYSTEM'],
  });
  expect([...predictionLines(kernel, words)].join('')).toMatchInlineSnapshot(`
    "{"address":"0xffff800080000000","old":"d503201f","new":"d500419f","cause":"alternative","detail":"HAS_PAN"}
    {"address":"0xffff800080000004","old":"d503201f","new":null,"cause":"callback","detail":"mine (ALWAYS_SYSTEM)","reason":"what mine writes is not known"}
    "
  `);
});

it('a shadow call stack replaces signing where the machine cannot sign', () => {
  // A CIE ("zR", alignment 4) and an FDE for base: advance 1, negate (paciasp), advance 2, negate (autiasp).
  const data = new Uint8Array(48);
  const view = new DataView(data.buffer);
  view.setUint32(0, 16, true);
  data.set([1, 0x7a, 0x52, 0, 4, 0x78, 30, 1, 0x1b], 8);
  view.setUint32(20, 20, true);
  view.setUint32(24, 24, true);
  view.setInt32(28, -(0x14000 + 28), true);
  view.setInt32(32, 16, true);
  data.set([0, 0x41, 0x2d, 0x02, 2, 0x2d, 0, 0], 36);
  const symbols = { __pi___eh_frame_start: 0x14000, __pi___eh_frame_end: 0x14000 + 48 };
  const kernel = { text: [0xd503233f, nop, 0xd50323bf, nop], data, symbols };
  expect(predicted(kernel, {}, {})).toMatchInlineSnapshot(`
    "+0 d503233f -> f800865e (shadow-call-stack scs_patch)
    +8 d50323bf -> f85f8e5e (shadow-call-stack scs_patch)"
  `);
  expect(predicted(kernel, {}, { runtime: { __pi_dynamic_scs_is_enabled: '0x0' } })).toBe('');
  // Tables that end early are read as far as they go.
  for (let length = 0; length < 48; length++) predicted({ ...kernel, data: data.slice(0, length) }, {}, {});
});

it('callbacks of kernels up to 6.0 run on every machine', () => {
  const kernel = { text: [0x14000002, 0x14000002, nop] };
  const alternatives = [record(67, 0, 4, 'alt_cb_patch_nops'), record(2, 8, 4, 4)];
  const names = { ...smallNames, number: (name: string) => (name === 'HAS_PAN' ? 2 : null) };
  const run = (cpucaps: readonly string[]): number => {
    const sites = smallSites({ alternatives });
    return predictText(smallImage(kernel), sites, names, { name: 't', core: null, cpucaps }).words.count;
  };
  expect(run(['HAS_SB'])).toBe(1);
  expect(run(['HAS_PAN'])).toBe(2);
  expect(run([])).toBe(0);
});
