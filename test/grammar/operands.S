// SYNTAX TEST "source.arm64-kernel-asm" "registers, immediates, relocations, system registers"

    stp x29, lr, [sp, #-16]!
//      ^^^ variable.other.register.arm64-kernel-asm
//           ^^ variable.other.register.arm64-kernel-asm
//                ^^ variable.other.register.arm64-kernel-asm
//                    ^ punctuation.definition.immediate.arm64-kernel-asm
//                    ^^^^ constant.numeric.immediate.arm64-kernel-asm
//                         ^ keyword.operator.arm64-kernel-asm
    and w30, wzr, w31
//      ^^^ variable.other.register.arm64-kernel-asm
//           ^^^ variable.other.register.arm64-kernel-asm
//                ^^^ - variable.other.register.arm64-kernel-asm
    ld1 {v0.16b-v3.16b}, [x0], #64
//       ^^^^^^ variable.other.register.arm64-kernel-asm
//              ^^^^^^ variable.other.register.arm64-kernel-asm
    fmov d0, x1
//       ^^ variable.other.register.arm64-kernel-asm
    ptrue p0.b, vl16
//  ^^^^^ keyword.other.instruction.arm64-kernel-asm
//        ^^^^ variable.other.register.arm64-kernel-asm
    ld1b {z31.b}, p7/z, [x2]
//        ^^^^^ variable.other.register.arm64-kernel-asm
//                ^^^^ variable.other.register.arm64-kernel-asm
    adrp x0, vectors
//           ^^^^^^^ - variable.other.register.arm64-kernel-asm
    add x0, x0, :lo12:vectors
//              ^ punctuation.definition.relocation.arm64-kernel-asm
//               ^^^^ storage.modifier.relocation.arm64-kernel-asm
    movz x1, #:abs_g1:vectors
//           ^ punctuation.definition.immediate.arm64-kernel-asm
//             ^^^^^^ storage.modifier.relocation.arm64-kernel-asm
    mrs x0, tpidr_el1
//          ^^^^^^^^^ variable.language.sysreg.arm64-kernel-asm
    msr daifset, #0xf
//      ^^^^^^^ variable.language.sysreg.arm64-kernel-asm
//               ^^^^ constant.numeric.immediate.arm64-kernel-asm
    mrs x2, S3_0_C15_C2_0
//          ^^^^^^^^^^^^^ variable.language.sysreg.arm64-kernel-asm
    msr_s SYS_ICC_PMR_EL1, x20
//  ^^^^^ entity.name.function.macro.arm64-kernel-asm
//        ^^^^^^^^^^^^^^^ variable.language.sysreg.arm64-kernel-asm
    csel x0, x1, x2, lo
//                   ^^ constant.language.condition.arm64-kernel-asm
    add x0, x1, w2, uxtw #2
//                  ^^^^ storage.modifier.shift.arm64-kernel-asm
    dsb nsh
//  ^^^ keyword.other.instruction.arm64-kernel-asm
//      ^^^ constant.language.operation.arm64-kernel-asm
    dc civac, x4
//     ^^^^^ constant.language.operation.arm64-kernel-asm
    prfm pldl1strm, [x1, #128]
//       ^^^^^^^^^ constant.language.operation.arm64-kernel-asm
    ldr x3, [x0, #S_PC + (8 << 1)]
//                ^^^^ variable.other.constant.arm64-kernel-asm
//                     ^ keyword.operator.arm64-kernel-asm
//                          ^^ keyword.operator.arm64-kernel-asm
    mov w0, 'A'
//          ^^^ constant.character.arm64-kernel-asm
    .long 0b1011, 017, 4096
//        ^^^^^^ constant.numeric.binary.arm64-kernel-asm
//                ^^^ constant.numeric.decimal.arm64-kernel-asm
    mov x0, ~DBG_MDSCR_KDE
//           ^^^^^^^^^^^^^ variable.other.constant.arm64-kernel-asm
