// SYNTAX TEST "source.c" "assembler macros in a C header"

#ifdef __ASSEMBLY__
lr  .req x30
//  ^^^^ storage.modifier.req.arm64-kernel-asm
    .macro ldr_l, dst, sym, tmp=
//  ^^^^^^ keyword.control.macro.arm64-kernel-asm
//         ^^^^^ entity.name.function.macro.definition.arm64-kernel-asm
#ifdef CONFIG_X
// <------ keyword.control.directive.conditional.arm64-kernel-asm
    .irp n, 0, 1
//  ^^^^ keyword.control.loop.arm64-kernel-asm
    ldr \dst, [\tmp, :lo12:\sym]
//  ^^^ keyword.other.instruction.arm64-kernel-asm
//      ^^^^ variable.parameter.arm64-kernel-asm
    .endr
//  ^^^^^ keyword.control.loop.arm64-kernel-asm
#endif
alternative_if ARM64_HAS_PAN
// <-------------- keyword.control.alternative.arm64-kernel-asm
    .endm
//  ^^^^^ keyword.control.macro.arm64-kernel-asm
#else
static inline int f(void) { return 0; }
// <------ - meta.macro.block.arm64-kernel-asm
/*
    .macro not_me
//  ^^^^^^ - keyword.control.macro.arm64-kernel-asm
 */
int g;
// <--- - meta.macro.block.arm64-kernel-asm
#endif
#ifdef CONFIG_CPU_BIG_ENDIAN
    .macro pair, lo, hi
#else
    .macro pair, hi, lo
//  ^^^^^^ keyword.control.macro.arm64-kernel-asm
#endif
    orr x0, \lo, \hi
//  ^^^ keyword.other.instruction.arm64-kernel-asm
    .endm
int h;
// <--- - meta.macro.block.arm64-kernel-asm
