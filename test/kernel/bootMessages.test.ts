import { expect, it } from 'vitest';
import { stateFromText } from '../../server/src/kernel/bootMessages.ts';

it('reads cpucaps and values out of boot messages', () => {
  const { state, notes } = stateFromText(
    `[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x411fd070]
[    0.000000] Linux version 6.12.0 (me@home)
[    0.000000] KASLR disabled on command line
[    0.000000] psci: SMC Calling Convention v1.2
[    0.000000] CPU features: detected: Spectre-v2
[    0.000000] Dentry cache hash table entries: 131072 (order: 8, 1048576 bytes, linear)
<6>[    0.000000] Dynamic Preempt: voluntary
[    0.000000] alternatives: applying boot alternatives
[    0.089286] CPU features: detected: 32-bit EL0 Support
[    0.089300] CPU features: detected: Address authentication (architected QARMA5 algorithm)
[    0.090000] CPU features: detected: Hardware dirty bit management on CPU0-1
[    0.090001] CPU features: detected: Something of tomorrow`,
    'mine',
  );
  expect(state).toMatchInlineSnapshot(`
    {
      "core": null,
      "cpucaps": [
        "ALWAYS_BOOT",
        "ALWAYS_SYSTEM",
        "HAS_32BIT_EL0_DO_NOT_USE",
        "HAS_ADDRESS_AUTH",
        "HAS_ADDRESS_AUTH_ARCH_QARMA5",
        "HW_DBM",
        "SPECTRE_V2",
      ],
      "name": "mine",
      "preempt": "voluntary",
      "runtime": {
        "d_hash_shift": "0xf",
        "kaslr_slide": "0x0",
        "smccc_version": "0x10002",
      },
      "title": "Linux 6.12.0",
    }
  `);
  expect(notes[0]).toBe('"Something of tomorrow" is no cpucap that is known here');
  expect(notes[1]).toContain('HAS_FPSIMD');
});

it('takes what /proc/cpuinfo has, and says that it is little', () => {
  const { state, notes } = stateFromText('processor\t: 0\nFeatures\t: fp asimd atomics ssbs sb\n', 'board');
  expect(state?.cpucaps.join(' ')).toBe('ALWAYS_BOOT ALWAYS_SYSTEM HAS_FPSIMD HAS_LSE_ATOMICS HAS_SB SSBS');
  expect(notes).toEqual(['Features tell of what user space can use only; boot messages tell more']);
});

it('refuses a text that has neither', () => {
  expect(stateFromText('hello', 'x').state).toBeNull();
});
