// SYNTAX TEST "source.arm64-kernel-asm" "comments of all kinds, and what is not one"

/* one block */ nop
// <----------- comment.block.arm64-kernel-asm
//              ^^^ keyword.other.instruction.arm64-kernel-asm - comment.block.arm64-kernel-asm comment.line.number-sign.arm64-kernel-asm
/*
 * alternative_if inside a comment stays a comment
//  ^^^^^^^^^^^^^^ comment.block.arm64-kernel-asm - keyword.control.alternative.arm64-kernel-asm
 */
    isb             // take effect "now
//  ^^^ keyword.other.instruction.arm64-kernel-asm
//                  ^^^^^^^^^^^^^^^^^^^ comment.line.double-slash.arm64-kernel-asm
    add x0, x0, #1  /* the # of an operand */
//              ^ punctuation.definition.immediate.arm64-kernel-asm - comment.block.arm64-kernel-asm comment.line.number-sign.arm64-kernel-asm
//                  ^^^^^^^^^^^^^^^^^^^^^^^^^ comment.block.arm64-kernel-asm
# a leading hash that is no directive
// <------------------------------------ comment.line.number-sign.arm64-kernel-asm
# 12 "kernel/entry.S" 2
// <- keyword.control.directive.line.arm64-kernel-asm
//   ^^^^^^^^^^^^^^^^ string.quoted.double.arm64-kernel-asm
    .ascii "a // b /* c */"
//         ^^^^^^^^^^^^^^^^ string.quoted.double.arm64-kernel-asm - comment.block.arm64-kernel-asm comment.line.number-sign.arm64-kernel-asm
    .ascii "left open
    nop
//  ^^^ keyword.other.instruction.arm64-kernel-asm - string.quoted.double.arm64-kernel-asm
