// SYNTAX TEST "source.arm64-kernel-asm" "the C preprocessor around assembly"

#include <asm/assembler.h>
//        ^^^^^^^^^^^^^^^ string.quoted.other.lt-gt.include.arm64-kernel-asm
#include "sleep.h"
//        ^^^^^^^ string.quoted.double.include.arm64-kernel-asm
#ifdef CONFIG_ARM64_SW_TTBR0_PAN
// <------ keyword.control.directive.conditional.arm64-kernel-asm
//     ^^^^^^^^^^^^^^^^^^^^^^^^^ constant.other.kconfig.arm64-kernel-asm
#if defined(CONFIG_A) && IS_ENABLED(CONFIG_B) // both
//  ^^^^^^^ keyword.operator.defined.arm64-kernel-asm
//          ^^^^^^^^ constant.other.kconfig.arm64-kernel-asm
//                    ^^ keyword.operator.arm64-kernel-asm
//                       ^^^^^^^^^^ entity.name.function.preprocessor.arm64-kernel-asm
//                                            ^^^^^^^ comment.line.double-slash.arm64-kernel-asm
  # endif /* CONFIG_A */
//^^^^^^^ keyword.control.directive.conditional.arm64-kernel-asm
//        ^^^^^^^^^^^^^^ comment.block.arm64-kernel-asm
#define BOTH(x...) x
// <------- keyword.control.directive.define.arm64-kernel-asm
//      ^^^^ entity.name.function.preprocessor.arm64-kernel-asm
//           ^ variable.parameter.preprocessor.arm64-kernel-asm
//            ^^^ keyword.operator.variadic.arm64-kernel-asm
#define VECTOR_BYTES    (4 * 32)
//      ^^^^^^^^^^^^ entity.name.function.preprocessor.arm64-kernel-asm
//                       ^ constant.numeric.decimal.arm64-kernel-asm
//                         ^ keyword.operator.arm64-kernel-asm
#define LOAD_PAIR(a, b) \
    ldp a, b, [sp], #16; \
//  ^^^ keyword.other.instruction.arm64-kernel-asm
//             ^^ variable.other.register.arm64-kernel-asm
//                  ^^^ constant.numeric.immediate.arm64-kernel-asm
//                     ^ punctuation.terminator.statement.arm64-kernel-asm
//                       ^ constant.character.escape.line-continuation.arm64-kernel-asm
    .inst 0xd503201f
//  ^^^^^ storage.type.directive.arm64-kernel-asm
//        ^^^^^^^^^^ constant.numeric.hex.arm64-kernel-asm
    nop
//  ^^^ keyword.other.instruction.arm64-kernel-asm - meta.preprocessor.macro.arm64-kernel-asm
#error "no page size chosen: don't build"
// <------ keyword.control.directive.diagnostic.arm64-kernel-asm
//     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ string.unquoted.diagnostic.arm64-kernel-asm
    USER(9f, sttr x2, [x0, x3, lsl #3])
//  ^^^^ entity.name.function.macro.arm64-kernel-asm
//       ^^ entity.name.label.reference.arm64-kernel-asm
//           ^^^^ keyword.other.instruction.arm64-kernel-asm
//                             ^^^ storage.modifier.shift.arm64-kernel-asm
