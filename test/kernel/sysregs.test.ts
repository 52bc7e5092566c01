import { expect, it } from 'vitest';
import { parseSysregText, renderSysregDefs } from '../../server/src/kernel/sysregs.ts';

const render = (text: string): string => renderSysregDefs(parseSysregText(text)).split('\n').slice(2, -2).join('\n');

it('makes the macros of a register with fields and an enum', () => {
  const text = `
# comment
Sysreg	DEMO_EL1	3	0	1	2	3
Res0	63:8
SignedEnum	7:4	SIZE
	0b0000	SMALL
	0b1111	NONE
EndEnum
Res1	3
Raz	2
Field	1:0	MODE
EndSysreg
`;
  expect(render(text)).toMatchInlineSnapshot(`
    "#define REG_DEMO_EL1 S3_0_C1_C2_3
    #define SYS_DEMO_EL1 sys_reg(3, 0, 1, 2, 3)
    #define SYS_DEMO_EL1_Op0 3
    #define SYS_DEMO_EL1_Op1 0
    #define SYS_DEMO_EL1_CRn 1
    #define SYS_DEMO_EL1_CRm 2
    #define SYS_DEMO_EL1_Op2 3
    #define DEMO_EL1_SIZE GENMASK(7, 4)
    #define DEMO_EL1_SIZE_MASK GENMASK(7, 4)
    #define DEMO_EL1_SIZE_SHIFT 4
    #define DEMO_EL1_SIZE_WIDTH 4
    #define DEMO_EL1_SIZE_SIGNED true
    #define DEMO_EL1_SIZE_SMALL UL(0b0000)
    #define DEMO_EL1_SIZE_NONE UL(0b1111)
    #define DEMO_EL1_MODE GENMASK(1, 0)
    #define DEMO_EL1_MODE_MASK GENMASK(1, 0)
    #define DEMO_EL1_MODE_SHIFT 0
    #define DEMO_EL1_MODE_WIDTH 2
    #define DEMO_EL1_RES0 (UL(0) | GENMASK_ULL(63, 8))
    #define DEMO_EL1_RES1 (UL(0) | GENMASK_ULL(3, 3))"
  `);
});

it('gives a register with shared fields no masks of its own', () => {
  const parsed = parseSysregText(
    'Sysreg A_EL12 3 5 1 0 0\nFields A_ELx\nEndSysreg\nSysregFields A_ELx\nUnkn 63:0\nEndSysregFields\n',
  );
  expect(parsed.registers[0]?.fieldsOf).toBe('A_ELx');
  expect(parsed.defines.map((define) => define.name).filter((name) => /RES|UNKN/.test(name))).toEqual([
    'A_ELx_RES0',
    'A_ELx_RES1',
    'A_ELx_UNKN',
  ]);
});

it('reports what it does not know and reads on', () => {
  const parsed = parseSysregText(
    'Nonsense 1\nSysreg X 1\nSysreg B_EL1 3 0 1 0 0\nField zz\nField 3:0 OK\nEndSysreg\nEndSysreg\n',
  );
  expect(parsed.problems.map((problem) => problem.line)).toEqual([1, 2, 4, 7]);
  expect(parsed.fields.map((field) => field.name)).toEqual(['OK']);
});
