/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Callback alternatives. The record names a function in place of a replacement. What it writes may depend on the
 * command line, the firmware or the memory map: where Patchpoint cannot know, it says what it depends on.
 * The callbacks of this tree are in proton-pack.c.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>

/* Always called, once the capabilities of the system are known. */
SYM_FUNC_START(demo_cb_guard)
alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_mitigation_enable
	b	.Lguard_done
alternative_cb_end
	hint	#20
.Lguard_done:
	ret
SYM_FUNC_END(demo_cb_guard)

/* Called early, with the boot capabilities. */
SYM_FUNC_START(demo_cb_boot)
alternative_cb	ARM64_ALWAYS_BOOT, alt_cb_patch_nops
	b	.Lnot_yet
alternative_cb_end
	mov	x0, #1
	ret
.Lnot_yet:
	mov	x0, #0
	ret
SYM_FUNC_END(demo_cb_boot)

/* Called only on a machine with the cpucap: one of those that Patchpoint can work out completely. */
SYM_FUNC_START(demo_cb_cap)
alternative_cb ARM64_HAS_ECV, alt_cb_patch_nops
	dsb	sy
	isb
alternative_cb_end
	ret
SYM_FUNC_END(demo_cb_cap)

/* Placeholders that a callback fills with an address, 16 bits in each. The register is read from them. */
SYM_FUNC_START(demo_cb_address)
alternative_cb ARM64_ALWAYS_SYSTEM, kvm_get_kimage_voffset
	/*
	 * Comments between the opener and the body,
	 * even long ones, hold no instruction.
	 */
	movz	x0, #0
	movk	x0, #0, lsl #16
	movk	x0, #0, lsl #32
	movk	x0, #0, lsl #48
alternative_cb_end
	ret
SYM_FUNC_END(demo_cb_address)

/* nop becomes hvc or smc: the firmware decides which. */
SYM_FUNC_START(demo_cb_firmware)
	mov	w0, #0x80003fff
alternative_cb ARM64_ALWAYS_SYSTEM, smccc_patch_fw_mitigation_conduit
	nop
alternative_cb_end
	ret
SYM_FUNC_END(demo_cb_firmware)

/* Macros with callbacks inside, and an alternative behind them. */
SYM_FUNC_START(demo_cb_macros)
	mitigate_spectre_bhb_loop x0
	mitigate_spectre_bhb_clear_insn
	ret
SYM_FUNC_END(demo_cb_macros)
