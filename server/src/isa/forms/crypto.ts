// AES, SHA, SM3, SM4 and the three-way logic that goes with them; see integer.ts and simd.ts for the notation.
// Source: Arm DDI 0487, C4.1.96.

export const cryptoForms = `
aese   4e284800 Vd.16b Vn.16b
aesd   4e285800 Vd.16b Vn.16b
aesmc  4e286800 Vd.16b Vn.16b
aesimc 4e287800 Vd.16b Vn.16b
sha1c  5e000000 Fqd Fsn Vm.4s
sha1p  5e001000 Fqd Fsn Vm.4s
sha1m  5e002000 Fqd Fsn Vm.4s
sha1su0 5e003000 Vd.4s Vn.4s Vm.4s
sha256h 5e004000 Fqd Fqn Vm.4s
sha256h2 5e005000 Fqd Fqn Vm.4s
sha256su1 5e006000 Vd.4s Vn.4s Vm.4s
sha1h  5e280800 Fsd Fsn
sha1su1 5e281800 Vd.4s Vn.4s
sha256su0 5e282800 Vd.4s Vn.4s
sha512h ce608000 Fqd Fqn Vm.2d
sha512h2 ce608400 Fqd Fqn Vm.2d
sha512su1 ce608800 Vd.2d Vn.2d Vm.2d
sha512su0 cec08000 Vd.2d Vn.2d
rax1   ce608c00 Vd.2d Vn.2d Vm.2d
eor3   ce000000 Vd.16b Vn.16b Vm.16b Va.16b
bcax   ce200000 Vd.16b Vn.16b Vm.16b Va.16b
xar    ce800000 Vd.2d Vn.2d Vm.2d u6@10
sm3ss1 ce400000 Vd.4s Vn.4s Vm.4s Va.4s
sm3tt1a ce408000 Vd.4s Vn.4s Esm@12
sm3tt1b ce408400 Vd.4s Vn.4s Esm@12
sm3tt2a ce408800 Vd.4s Vn.4s Esm@12
sm3tt2b ce408c00 Vd.4s Vn.4s Esm@12
sm3partw1 ce60c000 Vd.4s Vn.4s Vm.4s
sm3partw2 ce60c400 Vd.4s Vn.4s Vm.4s
sm4e   cec08400 Vd.4s Vn.4s
sm4ekey ce60c800 Vd.4s Vn.4s Vm.4s
pmull  0e20e000 Vd>b Vn0 Vm0
pmull  0ee0e000 Vd.1q Vn.1d Vm.1d
pmull2 4e20e000 Vd>b Vn1 Vm1
pmull2 4ee0e000 Vd.1q Vn.2d Vm.2d
`;
