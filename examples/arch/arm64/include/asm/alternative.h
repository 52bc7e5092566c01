/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __ASM_ALTERNATIVE_H
#define __ASM_ALTERNATIVE_H

#include <asm/alternative-macros.h>

#ifndef __ASSEMBLY__

/* One record of .altinstructions: 12 bytes, offsets relative to the field they stand in. */
struct alt_instr {
	s32 orig_offset;
	s32 alt_offset;
	u16 cpucap;
	u8 orig_len;
	u8 alt_len;
};

typedef void (*alternative_cb_t)(struct alt_instr *alt, __le32 *origptr, __le32 *updptr, int nr_inst);

void apply_boot_alternatives(void);
void apply_alternatives_all(void);

#endif

#endif
