// SPDX-License-Identifier: Apache-2.0
/*
 * Callbacks of callback alternatives. Patchpoint cannot run them; for those it knows by name it says what they write
 * and what that depends on, for others that the result is decided by a function.
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <asm/alternative.h>

#define A64_NOP		0xd503201fU
#define A64_HVC_0	0xd4000002U
#define A64_SMC_0	0xd4000003U

enum conduit { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC };

static enum conduit conduit;		/* firmware */
static bool wants_loop;			/* set by any CPU that needs it */
static bool wants_clearbhb;
static u16 turns = 32;			/* the largest of all CPUs */
u64 kimage_voffset;			/* differs from boot to boot */

/* One nop in, hvc or smc out, or nothing changes. */
void __init smccc_patch_fw_mitigation_conduit(struct alt_instr *alt, __le32 *origptr, __le32 *updptr, int nr_inst)
{
	if (conduit == CONDUIT_HVC)
		*updptr = A64_HVC_0;
	if (conduit == CONDUIT_SMC)
		*updptr = A64_SMC_0;
}

/* The branch over the loop becomes a nop where the loop is wanted. */
noinstr void spectre_bhb_patch_loop_mitigation_enable(struct alt_instr *alt, __le32 *origptr, __le32 *updptr,
						      int nr_inst)
{
	if (wants_loop)
		*updptr = A64_NOP;
}

/* mov xN, #32 becomes movz xN, #turns; N is read from the placeholder. */
noinstr void spectre_bhb_patch_loop_iter(struct alt_instr *alt, __le32 *origptr, __le32 *updptr, int nr_inst)
{
	*updptr = 0xd2800000U | (u32)turns << 5 | (*origptr & 0x1f);
}

/* The inverted one: the file has the mitigation, and this takes it away. */
void __init spectre_bhb_patch_clearbhb(struct alt_instr *alt, __le32 *origptr, __le32 *updptr, int nr_inst)
{
	if (wants_clearbhb)
		return;
	for (int i = 0; i < nr_inst; i++)
		updptr[i] = A64_NOP;
}

/* movz and three movk with 16 bits each. The value is known only at run time: Patchpoint shows its name. */
noinstr void kvm_get_kimage_voffset(struct alt_instr *alt, __le32 *origptr, __le32 *updptr, int nr_inst)
{
	u32 rd = *origptr & 0x1f;

	for (int i = 0; i < 4; i++)
		updptr[i] = (i ? 0xf2800000U : 0xd2800000U) | i << 21 | (kimage_voffset >> (16 * i) & 0xffff) << 5 | rd;
}
