// The few SVE instructions of state saving; see integer.ts for the notation. Source: Arm DDI 0487, C4.1 (SVE).

export const scalableForms = `
ldr    85804000 Zt memvl
str    e5804000 Zt memvl
ldr    85800000 Pt memvl
str    e5800000 Pt memvl
pfalse 2518e400 Pb
rdffr  2519f000 Pb
wrffr  25289000 Pbn
setffr 252c9000
rdvl   04bf5000 Xd s6@5
rdsvl  04bf5800 Xd s6@5
addvl  04205000 XSd XSm s6@5
addpl  04605000 XSd XSm s6@5
addsvl 04205800 XSd XSm s6@5
addspl 04605800 XSd XSm s6@5
`;
