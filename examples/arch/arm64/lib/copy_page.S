/* SPDX-License-Identifier: Apache-2.0 */
/* A whole function in front of which stands one branch: unpatched it goes to the loop, patched it is a nop. */
#include <linux/linkage.h>
#include <asm/assembler.h>

	.text

dst	.req	x0
src	.req	x1
size	.req	x2

/* x0: to, x1: from; one page of 4096 bytes. */
SYM_FUNC_START(copy_page)
alternative_if_not ARM64_HAS_MOPS
	b	.Lloop_copy
alternative_else_nop_endif
	mov	size, #4096
	.arch_extension mops
	cpypwn	[dst]!, [src]!, size!
	cpymwn	[dst]!, [src]!, size!
	cpyewn	[dst]!, [src]!, size!
	ret

.Lloop_copy:
	mov	size, #4096
1:	ldp	x3, x4, [src], #16
	ldp	x5, x6, [src], #16
	stnp	x3, x4, [dst]
	stnp	x5, x6, [dst, #16]
	add	dst, dst, #32
	subs	size, size, #32
	b.ne	1b
	ret
SYM_FUNC_END(copy_page)

	.unreq	dst
	.unreq	src
	.unreq	size
