// SPDX-License-Identifier: Apache-2.0
/*
 * How the patcher reads a record. Patchpoint's patched view does the same with the text of a file.
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <asm/alternative.h>
#include <asm/cpufeature.h>

#define A64_NOP		0xd503201fU

/*
 * A callback: rewrites the instructions at `updptr`. noinstr, because it runs while half of the text is patched.
 * This one belongs to alternative_has_cap_likely() and needs to know nothing; its result is always the same.
 */
noinstr void alt_cb_patch_nops(struct alt_instr *alt, __le32 *origptr, __le32 *updptr, int nr_inst)
{
	for (int i = 0; i < nr_inst; i++)
		updptr[i] = A64_NOP;
}

static void *original_of(struct alt_instr *alt)
{
	return (void *)&alt->orig_offset + alt->orig_offset;
}

static void *replacement_of(struct alt_instr *alt)
{
	return (void *)&alt->alt_offset + alt->alt_offset;
}

static bool is_branch(u32 insn)
{
	return (insn & 0x7c000000) == 0x14000000;
}

/*
 * One word of a replacement on its way to the original. A branch that leaves the replacement keeps its target; one
 * that stays inside keeps its distance. The end of the replacement counts as inside: `<=`, not `<`.
 */
static u32 moved_insn(struct alt_instr *alt, __le32 *from, __le32 *to)
{
	u32 insn = *from;

	if (is_branch(insn)) {
		void *target = (void *)from + ((s64)((u64)insn << 38) >> 36);
		void *start = replacement_of(alt);

		if (target < start || target > start + alt->alt_len)
			insn = (insn & 0xfc000000) | (((target - (void *)to) >> 2) & 0x03ffffff);
	}
	return insn;
}

static void apply_record(struct alt_instr *alt)
{
	__le32 *original = original_of(alt);
	__le32 *replacement = replacement_of(alt);
	int nr_inst = alt->orig_len / 4;

	if (alt->cpucap & ARM64_CB_BIT) {
		((alternative_cb_t)replacement)(alt, original, original, nr_inst);
		return;
	}
	for (int i = 0; i < nr_inst; i++)
		original[i] = moved_insn(alt, &replacement[i], &original[i]);
}

extern struct alt_instr __alt_instructions[], __alt_instructions_end[];

static void apply_records(bool boot)
{
	for (struct alt_instr *alt = __alt_instructions; alt < __alt_instructions_end; alt++) {
		unsigned int cap = alt->cpucap & ~ARM64_CB_BIT;
		bool is_boot = boot_cpucaps[cap / 64] >> (cap % 64) & 1;

		if (cpus_have_cap(cap) && is_boot == boot)
			apply_record(alt);
	}
}

/* Once on the boot CPU, before the others start: only cpucaps that it alone decides. */
void __init apply_boot_alternatives(void)
{
	apply_records(true);
}

/* Once all CPUs are up and have agreed: everything else. */
void __init apply_alternatives_all(void)
{
	apply_records(false);
}
