/* SPDX-License-Identifier: Apache-2.0 */
/* A branch to a function of another file, in line until the CPU is known to have the instructions. */
#include <linux/linkage.h>
#include <asm/assembler.h>

	.text
	.arch_extension crc

/* One macro, two functions: the site is shown in both, and once in the macro. */
	.macro	crc_bytes, insn, fallback
alternative_if_not ARM64_HAS_CRC32
	b	\fallback
alternative_else_nop_endif
	cbz	x2, 2f
1:	ldrb	w3, [x1], #1
	\insn\()b	w0, w0, w3
	subs	x2, x2, #1
	b.ne	1b
2:	ret
	.endm

/* w0: sum so far, x1: data, x2: bytes. */
SYM_FUNC_START(crc32_le)
	crc_bytes crc32, crc32_le_base
SYM_FUNC_END(crc32_le)

SYM_FUNC_START(__crc32c_le)
	crc_bytes crc32c, __crc32c_le_base
SYM_FUNC_END(__crc32c_le)
