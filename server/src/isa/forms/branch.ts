import { conditionCodes } from '../slots.ts';

// Branches, exceptions, hints, barriers and system instructions; see integer.ts for the notation.

/** Condition names of SVE, which need the dot. */
const scalableNames: ReadonlySet<string> = new Set(
  'none any nlast last ul first nfrst pmore plast tcont tstop'.split(' '),
);

const conditional = [...conditionCodes]
  .map(([name, code]) => {
    const word = (0x54000000 + code).toString(16);
    const hinted = (0x54000010 + code).toString(16);
    const plain = scalableNames.has(name) ? '' : `b${name} ${word} label19b\n`;
    return `b.${name} ${word} label19b\nbc.${name} ${hinted} label19b\n${plain}`;
  })
  .join('');

const branches = `
b      14000000 label26j
bl     94000000 label26c
br     d61f0000 Xn
blr    d63f0000 Xn
ret    d65f0000 Xn
ret    d65f03c0
eret   d69f03e0
drps   d6bf03e0
eretaa d69f0bff
eretab d69f0fff
retaa  d65f0bff
retab  d65f0fff
braaz  d61f081f Xn
brabz  d61f0c1f Xn
blraaz d63f081f Xn
blrabz d63f0c1f Xn
braa   d71f0800 Xn XSd
brab   d71f0c00 Xn XSd
blraa  d73f0800 Xn XSd
blrab  d73f0c00 Xn XSd
cbz    34000000 Rt label19b
cbnz   35000000 Rt label19b
tbz    36000000 Tt tbit label14
tbnz   37000000 Tt tbit label14
adr    10000000 Xd labeladr
adrp   90000000 Xd labeladrp
svc    d4000001 u16@5
hvc    d4000002 u16@5
smc    d4000003 u16@5
brk    d4200000 u16@5
hlt    d4400000 u16@5
tcancel d4600000 u16@5
dcps1  d4a00001 i16?
dcps2  d4a00002 i16?
dcps3  d4a00003 i16?
udf    00000000 u16@0
`;

const hintNames: readonly (readonly [number, string])[] = [
  [0, 'nop'],
  [1, 'yield'],
  [2, 'wfe'],
  [3, 'wfi'],
  [4, 'sev'],
  [5, 'sevl'],
  [6, 'dgh'],
  [7, 'xpaclri'],
  [8, 'pacia1716'],
  [10, 'pacib1716'],
  [12, 'autia1716'],
  [14, 'autib1716'],
  [16, 'esb'],
  [20, 'csdb'],
  [22, 'clearbhb'],
  [22, 'clrbhb'],
  [24, 'paciaz'],
  [25, 'paciasp'],
  [26, 'pacibz'],
  [27, 'pacibsp'],
  [28, 'autiaz'],
  [29, 'autiasp'],
  [30, 'autibz'],
  [31, 'autibsp'],
  [32, 'bti'],
];

const hints = hintNames.map(([n, name]) => `${name} ${(0xd503201f + n * 32).toString(16)}\n`).join('');

const system = `
hint   d503201f u7@5
bti    d503241f bti
psb    d503223f csync
tsb    d503225f csync
clrex  d503305f crm?
dsb    d503309f barrier
dsb    d503323f barriernxs
dmb    d50330bf barrier
isb    d50330df isb
ssbb   d503309f
pssbb  d503349f
dfb    d5033c9f
sb     d50330ff
tcommit d503307f
tstart d5233060 Xt
ttest  d5233160 Xt
wfet   d5031000 Xt
wfit   d5031020 Xt
cfinv  d500401f
xaflag d500403f
axflag d500405f
mrs    d5200000 Xt sysreg
msr    d5000000 sysreg Xt
msr    d500401f pstate
sys    d5080000 u3@16 Cn Cm u3@5 Xt?
sysl   d5280000 Xt u3@16 Cn Cm u3@5
dc     d5000000 dc
ic     d5000000 ic
at     d5000000 at
tlbi   d5000000 tlbi
cfp    d5000000 cfp
dvp    d5000000 dvp
cpp    d5000000 cpp
smstart d503477f
smstart d503437f kwsm
smstart d503457f kwza
smstop  d503467f
smstop  d503427f kwsm
smstop  d503447f kwza
`;

export const branchForms = conditional + branches + hints + system;
