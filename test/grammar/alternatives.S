// SYNTAX TEST "source.arm64-kernel-asm" "alternatives and cpucaps"

alternative_if_not ARM64_HAS_PAN
// <------------------ keyword.control.alternative.arm64-kernel-asm
//                 ^^^^^^^^^^^^^ constant.other.cpucap.arm64-kernel-asm
alternative_else_nop_endif
// <-------------------------- keyword.control.alternative.arm64-kernel-asm
    alternative_if ARM64_HAS_ARMv8_4_TTL
//  ^^^^^^^^^^^^^^ keyword.control.alternative.arm64-kernel-asm
//                 ^^^^^^^^^^^^^^^^^^^^^ constant.other.cpucap.arm64-kernel-asm
    alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_clearbhb
//  ^^^^^^^^^^^^^^ keyword.control.alternative.arm64-kernel-asm
//                 ^^^^^^^^^^^^^^^^^^^ constant.other.cpucap.arm64-kernel-asm
//                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^ - variable.other.register.arm64-kernel-asm
    alternative_cb_end
//  ^^^^^^^^^^^^^^^^^^ keyword.control.alternative.arm64-kernel-asm
    alternative_if ARM64_UNMAP_KERNEL_AT_EL0; isb; alternative_else_nop_endif
//                 ^^^^^^^^^^^^^^^^^^^^^^^^^ constant.other.cpucap.arm64-kernel-asm - variable.language.sysreg.arm64-kernel-asm
//                                          ^ punctuation.terminator.statement.arm64-kernel-asm
//                                            ^^^ keyword.other.instruction.arm64-kernel-asm
//                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^ keyword.control.alternative.arm64-kernel-asm
    alternative_insn "dsb nsh; isb", nop, ARM64_HAS_SB, IS_ENABLED(CONFIG_X)
//  ^^^^^^^^^^^^^^^^ keyword.control.alternative.arm64-kernel-asm
//                   ^ punctuation.definition.string.begin.arm64-kernel-asm
//                    ^^^ keyword.other.instruction.arm64-kernel-asm
//                             ^^^ keyword.other.instruction.arm64-kernel-asm
//                                ^ punctuation.definition.string.end.arm64-kernel-asm
//                                   ^^^ keyword.other.instruction.arm64-kernel-asm
//                                        ^^^^^^^^^^^^ constant.other.cpucap.arm64-kernel-asm
//                                                                 ^^^^^^^^ constant.other.kconfig.arm64-kernel-asm
    ALTERNATIVE("b .L_skip_\@", "nop", ARM64_MTE)
//  ^^^^^^^^^^^ keyword.control.alternative.arm64-kernel-asm
//               ^ keyword.control.branch.arm64-kernel-asm
//                 ^^^^^^^^ entity.name.label.reference.arm64-kernel-asm
//                         ^^ constant.character.escape.macro.arm64-kernel-asm
//                               ^^^ keyword.other.instruction.arm64-kernel-asm
//                                     ^^^^^^^^^ constant.other.cpucap.arm64-kernel-asm
    alternative_if \cap
//                 ^^^^ variable.parameter.arm64-kernel-asm
    mov w0, #ARM64_CB_BIT
//           ^^^^^^^^^^^^ - constant.other.cpucap.arm64-kernel-asm
