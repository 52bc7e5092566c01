/* SPDX-License-Identifier: Apache-2.0 */
/* Caches: replacements that leave early, and macros that are alternatives only for some arguments. */
#include <linux/linkage.h>
#include <asm/assembler.h>

	.text

/* Make code that was written visible to instruction fetch. Either half of the work may be unnecessary. */
	.macro	clean_inval_pou, fixup
alternative_if ARM64_HAS_CACHE_IDC
	dsb	ishst
	b	.Lno_dcache_\@
alternative_else_nop_endif
	mov	x2, x0
	dcache_by_line_op cvau, ish, x2, x1, x3, x4, \fixup
.Lno_dcache_\@:
alternative_if ARM64_HAS_CACHE_DIC
	isb
	b	.Lno_icache_\@
alternative_else_nop_endif
	icache_line_size x2, x3
	sub	x3, x2, #1
	bic	x4, x0, x3
1:	ic	ivau, x4
	add	x4, x4, x2
	cmp	x4, x1
	b.lo	1b
	dsb	ish
	isb
.Lno_icache_\@:
	.endm

SYM_FUNC_START(caches_clean_inval_pou)
	clean_inval_pou
	ret
SYM_FUNC_END(caches_clean_inval_pou)

SYM_FUNC_START(caches_clean_inval_user_pou)
	clean_inval_pou 2f
	mov	x0, xzr
1:	ret
2:	mov	x0, #-14
	b	1b
SYM_FUNC_END(caches_clean_inval_user_pou)

/* A replacement that returns. */
SYM_FUNC_START(icache_inval_pou)
alternative_if ARM64_HAS_CACHE_DIC
	isb
	ret
alternative_else_nop_endif
	ic	ialluis
	dsb	ish
	isb
	ret
SYM_FUNC_END(icache_inval_pou)

SYM_FUNC_START(dcache_clean_poc)
	dcache_by_line_op cvac, sy, x0, x1, x2, x3
	ret
SYM_FUNC_END(dcache_clean_poc)

/* The same macro with an operation that needs no workaround: no site in the loop, only the one in read_ctr. */
SYM_FUNC_START(dcache_clean_inval_poc)
	dcache_by_line_op civac, sy, x0, x1, x2, x3
	ret
SYM_FUNC_END(dcache_clean_inval_poc)
