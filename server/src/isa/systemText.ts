// Text of the words of the system instruction space, which kernels spell as `.inst` where an assembler may not know
// them. Source: Arm ARM DDI 0487, C4.1.94 "Branches, Exception Generating and System instructions".

const pstateFields: Readonly<Record<string, string>> = {
  '0.3': 'uao',
  '0.4': 'pan',
  '0.5': 'spsel',
  '3.1': 'ssbs',
  '3.2': 'dit',
  '3.4': 'tco',
  '3.6': 'daifset',
  '3.7': 'daifclr',
};

const hintNames: readonly string[] = ['nop', 'yield', 'wfe', 'wfi', 'sev', 'sevl'];
const barriers: Readonly<Record<number, string>> = { 4: 'dsb', 5: 'dmb', 6: 'isb', 7: 'sb' };

/** GNU as text of a system instruction's word; `null` for every other word. Never throws. */
export function systemInsnText(word: number): string | null {
  if (word >>> 22 !== 0x354) return null;
  const op0 = (word >>> 19) & 3;
  const op1 = (word >>> 16) & 7;
  const crn = (word >>> 12) & 15;
  const crm = (word >>> 8) & 15;
  const op2 = (word >>> 5) & 7;
  const rt = word & 31;
  const isRead = ((word >>> 21) & 1) === 1;
  const register = rt === 31 ? 'xzr' : `x${rt}`;
  if (op0 >= 2) {
    const name = `s${op0}_${op1}_c${crn}_c${crm}_${op2}`;
    return isRead ? `mrs ${register}, ${name}` : `msr ${name}, ${register}`;
  }
  if (op0 === 1) return isRead ? null : `sys #${op1}, c${crn}, c${crm}, #${op2}, ${register}`;
  if (rt !== 31 || isRead) return null;
  if (crn === 4) {
    const field = pstateFields[`${op1}.${op2}`];
    return field === undefined ? null : `msr ${field}, #${crm}`;
  }
  if (op1 !== 3) return null;
  if (crn === 2) {
    const number = crm * 8 + op2;
    return hintNames[number] ?? `hint #${number}`;
  }
  if (crn !== 3) return null;
  const name = barriers[op2];
  if (name === undefined) return null;
  return name === 'isb' || name === 'sb' ? name : `${name} #${crm}`;
}
