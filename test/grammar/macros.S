// SYNTAX TEST "source.arm64-kernel-asm" "the macro language of GNU as"

    .macro save_pair, a:req, b, off=16, rest:vararg
//  ^^^^^^ keyword.control.macro.arm64-kernel-asm
//         ^^^^^^^^^ entity.name.function.macro.definition.arm64-kernel-asm
//                    ^ variable.parameter.arm64-kernel-asm
//                     ^ punctuation.separator.qualifier.arm64-kernel-asm
//                      ^^^ storage.modifier.parameter.arm64-kernel-asm
//                              ^^^ variable.parameter.arm64-kernel-asm
//                                 ^ keyword.operator.assignment.arm64-kernel-asm
//                                  ^^ constant.numeric.decimal.arm64-kernel-asm
//                                            ^^^^^^ storage.modifier.parameter.arm64-kernel-asm
    .if \off == 0 || (\off > 256)
//  ^^^ keyword.control.conditional.arm64-kernel-asm
//      ^^^^ variable.parameter.arm64-kernel-asm
//           ^^ keyword.operator.arm64-kernel-asm
    .error "bad offset \off"
//                     ^^^^ variable.parameter.arm64-kernel-asm
    .elseif \off
//  ^^^^^^^ keyword.control.conditional.arm64-kernel-asm
    .endif
//  ^^^^^^ keyword.control.conditional.arm64-kernel-asm
    stp \a, \b, [sp, #\off]
//      ^^ variable.parameter.arm64-kernel-asm
//                    ^^^^ variable.parameter.arm64-kernel-asm
.Lskip_\@:
// <------ entity.name.label.local.arm64-kernel-asm
//     ^^ constant.character.escape.macro.arm64-kernel-asm
//       ^ punctuation.definition.label.arm64-kernel-asm
    b.\cond .Lskip_\@
//  ^^ keyword.control.branch.arm64-kernel-asm
//    ^^^^^ variable.parameter.arm64-kernel-asm
//          ^^^^^^^ entity.name.label.reference.arm64-kernel-asm
//                 ^^ constant.character.escape.macro.arm64-kernel-asm
    b el\el\ht\()_sync
//      ^^^ variable.parameter.arm64-kernel-asm
//         ^^^ variable.parameter.arm64-kernel-asm
//            ^^^ constant.character.escape.macro.arm64-kernel-asm
    eor \rk\().16b, v0.16b, v1.16b
//      ^^^ variable.parameter.arm64-kernel-asm
//            ^^^^ storage.type.arrangement.arm64-kernel-asm
    \op x0, [\base]
//  ^^^ variable.parameter.arm64-kernel-asm
//      ^^ variable.other.register.arm64-kernel-asm
    ldr w\tmp, [x0]
//      ^ variable.other.register.arm64-kernel-asm
//       ^^^^ variable.parameter.arm64-kernel-asm
    .endm
//  ^^^^^ keyword.control.macro.arm64-kernel-asm
    .irp n, 0, 1, 2
//  ^^^^ keyword.control.loop.arm64-kernel-asm
//       ^ variable.parameter.arm64-kernel-asm
//          ^ constant.numeric.decimal.arm64-kernel-asm
    .endr
//  ^^^^^ keyword.control.loop.arm64-kernel-asm
    .rept 4
//  ^^^^^ keyword.control.loop.arm64-kernel-asm
    .ifnb \tmp
//  ^^^^^ keyword.control.conditional.arm64-kernel-asm
    .purgem save_pair
//  ^^^^^^^ keyword.control.macro.arm64-kernel-asm
//          ^^^^^^^^^ entity.name.function.macro.arm64-kernel-asm
    SYM_CODE_END(el\el\()_\label)
//  ^^^^^^^^^^^^ keyword.other.symbol.arm64-kernel-asm
//               ^^ entity.name.function.arm64-kernel-asm
//                 ^^^ variable.parameter.arm64-kernel-asm
