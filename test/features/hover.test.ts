import { describe, expect, it } from 'vitest';
import { hover } from '../../server/src/features/hover.ts';
import { openExample } from '../support/exampleTree.ts';

function show(text: string, cpucaps: readonly string[] | null = null): string {
  const file = openExample(text, cpucaps);
  const found = hover(file.ctx, file.path, file.offset);
  if (found === null) return 'nothing';
  return `«${file.text.slice(found.range.start, found.range.end)}»\n${found.markdown}`;
}

describe('on an alternative', () => {
  it('both streams, the cpucap, the bytes and the state', () => {
    expect(
      show(
        `
alternative_if ARM64_HAS_PAN
	$0msr	pan, #1
alternative_else_nop_endif
`,
        ['HAS_PAN'],
      ),
    ).toMatchInlineSnapshot(`
      "«msr	pan, #1»
      **alternative_if** \`ARM64_HAS_PAN\`

      | | unpatched | patched (ARM64_HAS_PAN) |
      |--:|:--|:--|
      | +0 | \`nop\` | \`msr pan, #1\` |

      *Privileged Access Never* · detects \`ID_AA64MMFR1_EL1.PAN >= 1\` · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up  
      4 bytes in line · metadata: 12 bytes of record, 4 bytes of replacement  
      In machine state **board**: patched."
    `);
  });

  it('on its cpucap, what it detects and when it is applied', () => {
    expect(
      show('alternative_if_not ARM64_HAS_V$0A52\n\tmov\tx0, #5\nalternative_else_nop_endif\n'),
    ).toMatchInlineSnapshot(`
      "«ARM64_HAS_VA52»
      **alternative_if_not** \`ARM64_HAS_VA52\`

      | | unpatched | patched (ARM64_HAS_VA52) |
      |--:|:--|:--|
      | +0 | \`mov x0, #5\` | \`nop\` |

      4 bytes in line · metadata: 12 bytes of record, 4 bytes of replacement  
      In machine state **none**: stays as linked.

      ---

      **ARM64_HAS_VA52** · cpucap 15 of 26 in this tree

      *52-bit Virtual Addressing (LPA2)* · detects \`ID_AA64MMFR0_EL1.TGRAN4 >= 1\` · \`BOOT_CPU_FEATURE\` · applied by \`apply_boot_alternatives\`, on the boot CPU, before the other CPUs start  
      needs \`CONFIG_ARM64_VA_BITS_52\` · decided in \`arch/arm64/kernel/cpufeature.c:190\`  
      In machine state **none**: absent."
    `);
  });

  it('a callback says who writes it and why nobody can know', () => {
    expect(
      show(
        'alternative_cb$0 ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_iter\n\tmov\tx0, #32\nalternative_cb_end\n',
        [],
      ),
    ).toMatchInlineSnapshot(`
      "«alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_iter»
      **alternative_cb** \`ARM64_ALWAYS_SYSTEM\`

      | | unpatched | patched by the callback |
      |--:|:--|:--|
      | +0 | \`mov x0, #32\` | *written at boot by spectre_bhb_patch_loop_iter; depends on the largest number of rounds any CPU needs (max_bhb_k)* |

      \`spectre_bhb_patch_loop_iter\` writes \`mov\` of the number of loop rounds that the CPUs need.  
      always set · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up  
      4 bytes in line · 12 bytes of record, no replacement  
      In machine state **board**: written at boot by spectre_bhb_patch_loop_iter; depends on the largest number of rounds any CPU needs (max_bhb_k)."
    `);
  });

  it('in a macro the arguments are names', () => {
    expect(
      show(`
	.macro	demo el, reg
	.if \\el == 0
alternative_if_not ARM64_MTE
	mrs	\\reg, $0tpidr_el1
alternative_else_nop_endif
	.endif
	.endm
	demo	0, x0
	demo	1, x1
`),
    ).toMatchInlineSnapshot(`
      "«mrs	\\reg, tpidr_el1»
      **alternative_if_not** \`ARM64_MTE\` · in \`demo\`

      | | unpatched | patched (ARM64_MTE) |
      |--:|:--|:--|
      | +0 | \`mrs \\reg, tpidr_el1\` | \`nop\` |

      Only when \`\\el==0\`.  
      *Memory Tagging Extension* · detects \`ID_AA64PFR1_EL1.MTE >= 2\` · \`STRICT_BOOT_CPU_FEATURE\` · applied by \`apply_boot_alternatives\`, on the boot CPU, before the other CPUs start  
      4 bytes in line · metadata: 12 bytes of record, 4 bytes of replacement  
      In machine state **none**: stays as linked."
    `);
  });

  it('a word spelled as .inst is named as it was written', () => {
    expect(show('\talternative_insn nop$0, SET_PSTATE_DIT(1), ARM64_HAS_DIT\n')).toMatchInlineSnapshot(`
      "«alternative_insn nop, SET_PSTATE_DIT(1), ARM64_HAS_DIT»
      **alternative_insn** \`ARM64_HAS_DIT\`

      | | unpatched | patched (ARM64_HAS_DIT) |
      |--:|:--|:--|
      | +0 | \`nop\` | \`.inst 0xd503415f\` SET_PSTATE_DIT(1) |

      *Data independent timing control (DIT)* · detects \`ID_AA64PFR0_EL1.DIT >= 1\` · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up  
      4 bytes in line · metadata: 12 bytes of record, 4 bytes of replacement  
      In machine state **none**: stays as linked."
    `);
  });
});

describe('on a macro', () => {
  it('one level of the expansion, and the sites in it', () => {
    expect(show('\ts$0b\n')).toMatchInlineSnapshot(`
      "«sb»
      **alternative_if_not** \`ARM64_HAS_SB\` · in \`sb\`

      | | unpatched | patched (ARM64_HAS_SB) |
      |--:|:--|:--|
      | +0 | \`dsb nsh\` | \`.inst 0xd50330ff\` SB_BARRIER_INSN |
      | +4 | \`isb\` | \`nop\` |

      *Speculation barrier (SB)* · detects \`ID_AA64ISAR1_EL1.SB >= 1\` · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up  
      8 bytes in line · metadata: 12 bytes of record, 8 bytes of replacement  
      In machine state **none**: stays as linked.  
      Written in \`arch/arm64/include/asm/assembler.h:63\`.

      ---

      macro **sb** · arch/arm64/include/asm/assembler.h:62 · 4 instructions in all

      \`\`\`arm64-kernel-asm
      	alternative_if_not ARM64_HAS_SB
      	dsb nsh
      	isb
      	alternative_else
      	SB_BARRIER_INSN
      	nop
      	alternative_endif
      \`\`\`"
    `);
  });

  it('a preprocessor macro shows its definition and value', () => {
    expect(show('#define SIZE(n) ((n) * 8)\n\tmov\tx0, #SI$0ZE(4)\n')).toMatchInlineSnapshot(`
      "«SIZE»
      \`\`\`c
      #define SIZE(n) ((n) * 8)
      \`\`\`

      expands to \`((4) * 8)\`

      Defined in \`arch/arm64/kernel/example.S:4\`."
    `);
  });
});

it('on plain code nothing is said', () => {
  expect(show('\tmov\tx0, $0x1\n')).toBe('nothing');
});

describe('where nothing is assembled', () => {
  it('an alternative whose CONFIG_ argument is off leaves not even its default instruction', () => {
    expect(show('\tALTERNATIVE(n$0op, SET_PSTATE_PAN(1), ARM64_HAS_PAN, CONFIG_NOT_SET)\n')).toMatchInlineSnapshot(`
      "«ALTERNATIVE(nop, SET_PSTATE_PAN(1), ARM64_HAS_PAN, CONFIG_NOT_SET)»
      **Nothing is here**, because \`CONFIG_NOT_SET\` is off. Neither the patched sequence nor the unpatched one is assembled: the default instruction is left out as well.  
      Configuration: arm64 defconfig, evaluated (GCC 12 and binutils 2.40 assumed)."
    `);
  });

  it('a line that #ifdef removes says which one, an #else which #if it belongs to', () => {
    expect(show('#ifdef CONFIG_NOT_SET\nalternative_if ARM64_HAS_PAN\n\tn$0op\n#endif\n')).toMatchInlineSnapshot(`
      "«nop»
      **Not assembled**: \`#ifdef CONFIG_NOT_SET\` in line 4 is not taken.  
      Configuration: arm64 defconfig, evaluated (GCC 12 and binutils 2.40 assumed)."
    `);
    expect(show('#ifndef CONFIG_NOT_SET\n#if 0\n#endif\n\tnop\n#else\n\tn$0op\n#endif\n')).toMatchInlineSnapshot(`
      "«nop»
      **Not assembled**: \`#else\` in line 8, a branch of \`#ifndef CONFIG_NOT_SET\` in line 4, is not taken.  
      Configuration: arm64 defconfig, evaluated (GCC 12 and binutils 2.40 assumed)."
    `);
  });
});

describe('what is written is what is shown', () => {
  it('names of constants and cpucaps in an expansion, with the arguments filled in', () => {
    expect(
      show(`#define OFFSET (8 * 2)
	.macro	demo reg
9:	ldr	\\reg, [sp, #OFFSET]	// a comment
	alternative_insn "b .Lout\\@", nop, ARM64_HAS_SB
.Lout\\@:
	.endm
	$0demo	x3
`),
    ).toMatchInlineSnapshot(`
      "«demo»
      macro **demo** · arch/arm64/kernel/example.S:5 · 3 instructions in all

      \`\`\`arm64-kernel-asm
      9:
      	ldr x3, [sp, #OFFSET]
      	alternative_insn "b .Lout0", nop, ARM64_HAS_SB
      .Lout0:
      \`\`\`"
    `);
  });

  it('an .inst in a macro has the arguments of its expansion', () => {
    const text = show(`
	.macro	install reg
	msr_s	SYS_ICC_PMR_EL1, \\reg
	.endm
alternative_if_not ARM64_HAS_SB
	$0nop
alternative_else
	install	x7
alternative_endif
`);
    expect(text).toContain('msr_s SYS_ICC_PMR_EL1, x7');
  });

  it('arithmetic on labels and relocation operators is a number', () => {
    expect(
      show(`
1:	nop
2:
alternative_if ARM64_HAS_SB
	$0prfm	plil1strm, [x30, #(2b - 1b)]
	movk	x1, #:abs_g1_nc:(1 << 20)
	ldr	x0, [x1, #(24 - 16)]
alternative_else_nop_endif
`),
    ).toMatchInlineSnapshot(`
      "«prfm	plil1strm, [x30, #(2b - 1b)]»
      **alternative_if** \`ARM64_HAS_SB\`

      | | unpatched | patched (ARM64_HAS_SB) |
      |--:|:--|:--|
      | +0 | \`nop\` | \`prfm plil1strm, [x30, #4]\` |
      | +4 | \`nop\` | \`movk x1, #:abs_g1_nc:0x100000\` |
      | +8 | \`nop\` | \`ldr x0, [x1, #8]\` |

      *Speculation barrier (SB)* · detects \`ID_AA64ISAR1_EL1.SB >= 1\` · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up  
      12 bytes in line · metadata: 12 bytes of record, 12 bytes of replacement  
      In machine state **none**: stays as linked."
    `);
  });

  it('a variadic macro of the preprocessor', () => {
    expect(show('#define V(a, ...) nop\n#define N(a, b...) nop\n\tV$0(1, 2)\n')).toContain('#define V(a, ...) nop');
    expect(show('#define N(a, b...) nop\n\tN$0(1, 2)\n')).toContain('#define N(a, b...) nop');
  });
});
