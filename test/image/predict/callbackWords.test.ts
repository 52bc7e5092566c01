import { expect, it } from 'vitest';
import { type CallbackMachine, callbackWords } from '../../../server/src/image/predict/callbackWords.ts';
import { known, runtimeValues, unknown } from '../../../server/src/image/predict/runtimeValues.ts';
import { base } from './smallKernel.ts';

// Placeholders as the kernel's macros write them; results were read with objdump.

function machine(
  runtime: Readonly<Record<string, string>>,
  cpucaps: readonly string[] = [],
  keys: Readonly<Record<string, boolean>> = {},
): CallbackMachine {
  return {
    hasCpucap: (name) => cpucaps.includes(name),
    runtime: runtimeValues(runtime, base),
    keyOn: (symbol) => (symbol in keys ? known(keys[symbol] === true) : unknown(`no ${symbol}`)),
    addressOf: (symbol) => (symbol === '__kvm_nvhe___kvm_hyp_vector' ? base + 0x9000n : null),
  };
}

function run(symbol: string, words: readonly number[], on: CallbackMachine, address = base): string {
  const result = callbackWords(symbol, { address, words }, on);
  if (result.kind !== 'words') return result.kind === 'unknown' ? `unknown: ${result.reason}` : result.kind;
  return result.words.map((word) => word.toString(16).padStart(8, '0')).join(' ');
}

it('alt_cb_patch_nops fills the site', () => {
  expect(run('alt_cb_patch_nops', [0x14000004, 0xd5033f9f], machine({}))).toBe('d503201f d503201f');
});

it('the branch over the Spectre v4 call goes away when the mitigation is dynamic', () => {
  const v4 = (runtime: Record<string, string>, ...cpucaps: string[]): string =>
    run('spectre_v4_patch_fw_mitigation_enable', [0x14000008], machine(runtime, cpucaps));
  expect(v4({ cpu_mitigations: '0x1', __spectre_v4_policy: '0x0' })).toBe('d503201f');
  expect(v4({ cpu_mitigations: '0x1', __spectre_v4_policy: '0x0' }, 'SSBS')).toBe('unchanged');
  expect(v4({ cpu_mitigations: '0x1', __spectre_v4_policy: '0x1' })).toBe('unchanged');
  expect(v4({ cpu_mitigations: '0x0' })).toBe('unchanged');
  expect(v4({ cpu_mitigations: '0x1' })).toBe('unknown: the state does not give __spectre_v4_policy');
  expect(v4({ __spectre_v4_policy: '0x0' })).toBe('unknown: the state does not give cpu_mitigations');
});

it('firmware is called by hvc or smc when it knows SMCCC 1.1', () => {
  const call = (runtime: Record<string, string>): string =>
    run('smccc_patch_fw_mitigation_conduit', [0xd503201f], machine(runtime));
  expect(call({ smccc_version: '0x10002', smccc_conduit: '0x2' })).toBe('d4000002');
  expect(call({ smccc_version: '0x10001', smccc_conduit: '0x1' })).toBe('d4000003');
  expect(call({ smccc_version: '0x10000', smccc_conduit: '0x2' })).toBe('unchanged');
  expect(call({ smccc_conduit: '0x0' })).toBe('unchanged');
  expect(call({ smccc_conduit: '0x1' })).toBe('unknown: the state does not give smccc_version');
});

it('Spectre-BHB: loop, rounds, firmware call and clearbhb', () => {
  const bhb = (symbol: string, words: readonly number[], bits: string): string =>
    run(symbol, words, machine({ system_bhb_mitigations: bits, max_bhb_k: '0x18' }));
  expect(bhb('spectre_bhb_patch_loop_mitigation_enable', [0x14000008], '0x1')).toBe('d503201f');
  expect(bhb('spectre_bhb_patch_loop_mitigation_enable', [0x14000008], '0x2')).toBe('unchanged');
  // mov x25, #32 -> mov x25, #24
  expect(bhb('spectre_bhb_patch_loop_iter', [0xd2800419], '0x0')).toBe('d2800319');
  // mov w0, #0x80008000 -> mov w0, #0x80003fff (orr)
  expect(bhb('spectre_bhb_patch_wa3', [0x321187e0], '0x2')).toBe('32013be0');
  expect(bhb('spectre_bhb_patch_wa3', [0x321187e0], '0x1')).toBe('unchanged');
  expect(bhb('spectre_bhb_patch_clearbhb', [0xd50322df, 0xd5033fdf], '0x8')).toBe('unchanged');
  expect(bhb('spectre_bhb_patch_clearbhb', [0xd50322df, 0xd5033fdf], '0x1')).toBe('d503201f d503201f');
});

const maskSite = [0x92400000, 0x93c00400, 0x91000000, 0x91400000, 0x93c0fc00];

it('addresses of the hypervisor are masked and tagged', () => {
  const layout = { va_mask: '0x3fffffff', tag_val: '0x36382', tag_lsb: '0x1e' };
  // and x0, x0, #0x3fffffff; ror x0, x0, #30; add x0, x0, #0x382; add x0, x0, #0x36, lsl #12; ror x0, x0, #34
  expect(run('kvm_update_va_mask', maskSite, machine(layout))).toBe('92407400 93c07800 910e0800 9140d800 93c08800');
  expect(run('kvm_update_va_mask', maskSite, machine({ ...layout, tag_val: '0x0' }))).toBe(
    '92407400 d503201f d503201f d503201f d503201f',
  );
  // A tag without high bits: the shifted add becomes an unshifted one.
  expect(run('kvm_update_va_mask', maskSite, machine({ ...layout, tag_val: '0x382' }))).toContain(
    ' 910e0800 91000000 ',
  );
  expect(run('kvm_update_va_mask', maskSite, machine({}, ['HAS_VIRT_HOST_EXTN']))).toBe('d503201f '.repeat(5).trim());
  expect(run('kvm_update_va_mask', maskSite, machine({ va_mask: '0xff' }))).toBe(
    'unknown: the state does not give tag_val',
  );
});

it('registers come from the placeholders', () => {
  const on = machine({ kimage_voffset: '0xffff80003fe00000' });
  expect(run('kvm_get_kimage_voffset', [0xd2800013, 0xf2a00013, 0xf2c00013, 0xf2e00013], on)).toBe(
    'd2800013 f2a7fc13 f2d00013 f2fffff3',
  );
});

it('hardened vectors branch to the vectors of the hypervisor', () => {
  const nops = Array.from({ length: 4 }, () => 0xd503201f);
  const runtime = {
    kaslr_slide: '0x0',
    kimage_voffset: '0xffff80003fe00000',
    memstart_addr: '0x40000000',
    va_mask: '0x3fffffff',
    tag_val: '0x1',
    tag_lsb: '0x1e',
  };
  // 0x80000000 + 0x9000 - 0x3fe00000 - 0x40000000 = 0x209000; tag 0x40000000; vector 2 (0x100); preamble 8.
  expect(run('kvm_patch_vector_branch', nops, machine(runtime, ['SPECTRE_V3A']), base + 0x100n)).toBe(
    'd2922100 f2a80400 f2c00000 d61f0000',
  );
  expect(run('kvm_patch_vector_branch', nops, machine(runtime))).toBe('unchanged');
  expect(run('kvm_patch_vector_branch', nops, machine({}, ['SPECTRE_V3A']))).toBe(
    'unknown: the state does not give kaslr_slide',
  );
});

it('tagged memory follows its static key', () => {
  expect(run('kasan_hw_tags_enable', [0x14000004], machine({}, [], { kasan_flag_enabled: true }))).toBe('d503201f');
  expect(run('kasan_hw_tags_enable', [0x14000004], machine({}, [], { kasan_flag_enabled: false }))).toBe('unchanged');
});

it('a callback that is not known, or a site that it does not take, is not guessed at', () => {
  expect(run('my_callback', [0], machine({}))).toBe('unknown: what my_callback writes is not known');
  expect(run('spectre_bhb_patch_clearbhb', [0xd50322df], machine({}))).toBe(
    'unknown: spectre_bhb_patch_clearbhb stops in BUG() at a site of 1 instructions (it wants 2)',
  );
});
