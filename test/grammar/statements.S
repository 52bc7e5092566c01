// SYNTAX TEST "source.arm64-kernel-asm" "labels, instructions, directives, macro uses"

SYM_FUNC_START(copy_words)
// <-------------- keyword.other.symbol.arm64-kernel-asm
//             ^^^^^^^^^^ entity.name.function.arm64-kernel-asm
el1_sync:
// <-------- entity.name.function.label.arm64-kernel-asm
.Lloop_end:
// <---------- entity.name.label.local.arm64-kernel-asm
1:  ldr x3, [x1], #8
// <- entity.name.label.numeric.arm64-kernel-asm
//  ^^^ keyword.other.instruction.arm64-kernel-asm
    cbnz x3, 1b
//  ^^^^ keyword.control.branch.arm64-kernel-asm
//           ^^ entity.name.label.reference.arm64-kernel-asm
    b.ne .Lloop_end
//  ^^^^ keyword.control.branch.arm64-kernel-asm
//       ^^^^^^^^^^ entity.name.label.reference.arm64-kernel-asm
    tbz x0, #TIF_SINGLESTEP, 9990f
//  ^^^ keyword.control.branch.arm64-kernel-asm
//           ^^^^^^^^^^^^^^ variable.other.constant.arm64-kernel-asm
//                           ^^^^^ entity.name.label.reference.arm64-kernel-asm
    bl memcpy
//     ^^^^^^ entity.name.function.target.arm64-kernel-asm
    br tmp
//     ^^^ - entity.name.function.target.arm64-kernel-asm variable.other.register.arm64-kernel-asm
    mov x0, x1; isb; ret
//  ^^^ keyword.other.instruction.arm64-kernel-asm
//            ^ punctuation.terminator.statement.arm64-kernel-asm
//              ^^^ keyword.other.instruction.arm64-kernel-asm
//                   ^^^ keyword.control.branch.arm64-kernel-asm
    ldr_this_cpu x1, counter, x2
//  ^^^^^^^^^^^^ entity.name.function.macro.arm64-kernel-asm
//               ^^ variable.other.register.arm64-kernel-asm
//                   ^^^^^^^ - variable.other.register.arm64-kernel-asm entity.name.function.macro.arm64-kernel-asm
    tramp_map_kernel tmp=x2
//  ^^^^^^^^^^^^^^^^ entity.name.function.macro.arm64-kernel-asm
//                   ^^^ variable.parameter.keyword.arm64-kernel-asm
//                      ^ keyword.operator.assignment.arm64-kernel-asm
//                       ^^ variable.other.register.arm64-kernel-asm
lr  .req x30
// <-- variable.other.alias.arm64-kernel-asm
//  ^^^^ storage.modifier.req.arm64-kernel-asm
//       ^^^ variable.other.register.arm64-kernel-asm
count = 3
// <----- variable.other.assignment.arm64-kernel-asm
//    ^ keyword.operator.assignment.arm64-kernel-asm
    .pushsection .init.rodata, "a", @progbits
//  ^^^^^^^^^^^^ storage.type.directive.section.arm64-kernel-asm
//               ^^^^^^^^^^^^ entity.name.section.arm64-kernel-asm
//                             ^^^ string.quoted.double.arm64-kernel-asm
//                                  ^^^^^^^^^ support.constant.section-type.arm64-kernel-asm
    .popsection
//  ^^^^^^^^^^^ storage.type.directive.section.arm64-kernel-asm
    .globl copy_words
//  ^^^^^^ storage.modifier.directive.symbol.arm64-kernel-asm
//         ^^^^^^^^^^ variable.other.symbol.arm64-kernel-asm
    .quad . - 1b
//  ^^^^^ storage.type.directive.arm64-kernel-asm
//        ^ variable.language.location.arm64-kernel-asm
//            ^^ entity.name.label.reference.arm64-kernel-asm
    .arch_extension lse
//  ^^^^^^^^^^^^^^^ storage.type.directive.arm64-kernel-asm
    .org 664b
//  ^^^^ storage.type.directive.section.arm64-kernel-asm
    .error "too long"
//  ^^^^^^ keyword.control.directive.diagnostic.arm64-kernel-asm
//         ^^^^^^^^^^ string.quoted.double.arm64-kernel-asm
SYM_FUNC_END(copy_words)
// <------------ keyword.other.symbol.arm64-kernel-asm
