/** One system register of `arch/arm64/tools/sysreg`. */
export interface SystemRegister {
  readonly name: string;
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
  /** 1-based line of its `Sysreg`. */
  readonly line: number;
  /** Register whose `SysregFields` or mapping describes its fields; `null` when they are its own. */
  readonly fieldsOf: string | null;
}

/** A field of a register or of a shared field set. */
export interface RegisterField {
  readonly register: string;
  readonly name: string;
  readonly msb: number;
  readonly lsb: number;
  /** From `SignedEnum`/`UnsignedEnum`; `null` where the text does not say. */
  readonly isSigned: boolean | null;
  readonly values: readonly { readonly value: number; readonly name: string }[];
  readonly line: number;
}

export interface SysregText {
  readonly registers: readonly SystemRegister[];
  readonly fields: readonly RegisterField[];
  /** Macro definitions in order, as `arch/arm64/tools/gen-sysreg.awk` makes them. */
  readonly defines: readonly { readonly name: string; readonly value: string }[];
  /** Lines (1-based) that were not understood. */
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

interface Block {
  readonly kind: 'Sysreg' | 'SysregFields';
  readonly name: string;
  /** Prefix of the block and, inside `Prefix NAME`, of its fields. */
  readonly fieldPrefix: string;
  readonly res0: string[];
  readonly res1: string[];
  readonly unkn: string[];
  register: { name: string; fieldsOf: string | null } | null;
  hasOwnFields: boolean;
}

/**
 * Reads the text of `arch/arm64/tools/sysreg` and makes the macros of `asm/sysreg-defs.h`
 * (`arch/arm64/tools/gen-sysreg.awk`, 6.1 to 6.12; `Prefix` and `Mapping` of later kernels too).
 * Total: lines it does not know are reported and skipped.
 */
export function parseSysregText(text: string): SysregText {
  const registers: (SystemRegister & { fieldsOf: string | null })[] = [];
  const fields: (RegisterField & { values: { value: number; name: string }[] })[] = [];
  const defines: { name: string; value: string }[] = [];
  const problems: { line: number; text: string }[] = [];
  const define = (name: string, value: string | number): void => {
    defines.push({ name, value: String(value) });
  };
  const hasUnknown = /^Unkn\b/m.test(text);
  let block: Block | null = null;
  let prefix: Block | null = null;
  let field: (RegisterField & { values: { value: number; name: string }[] }) | null = null;

  const closeMasks = (at: Block): void => {
    for (const [suffix, parts] of [
      ['RES0', at.res0],
      ['RES1', at.res1],
      ['UNKN', at.unkn],
    ] as const) {
      // 6.1's script knows no Unkn and makes no _UNKN masks; its text has none either.
      if (suffix === 'UNKN' && !hasUnknown) continue;
      define(`${at.fieldPrefix}_${suffix}`, `(${['UL(0)', ...parts].join(' | ')})`);
    }
  };

  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const words = raw.trim().split(/\s+/);
    const [word = '', first = '', second = ''] = words;
    if (word === '' || word.startsWith('#')) return;
    const at: Block | null = prefix ?? block;
    const problem = (): void => {
      problems.push({ line, text: raw.trim() });
    };
    if (word === 'SysregFields' && !block) {
      block = newBlock('SysregFields', first);
    } else if (word === 'Sysreg' && !block) {
      const [op0, op1, crn, crm, op2] = words.slice(2, 7);
      if (op2 === undefined) {
        problem();
        return;
      }
      const register = {
        name: first,
        op0: Number(op0),
        op1: Number(op1),
        crn: Number(crn),
        crm: Number(crm),
        op2: Number(op2),
        line,
        fieldsOf: null,
      };
      registers.push(register);
      block = newBlock('Sysreg', first);
      block.register = register;
      define(`REG_${first}`, `S${op0}_${op1}_C${crn}_C${crm}_${op2}`);
      define(`SYS_${first}`, `sys_reg(${op0}, ${op1}, ${crn}, ${crm}, ${op2})`);
      define(`SYS_${first}_Op0`, op0 ?? '');
      define(`SYS_${first}_Op1`, op1 ?? '');
      define(`SYS_${first}_CRn`, crn ?? '');
      define(`SYS_${first}_CRm`, crm ?? '');
      define(`SYS_${first}_Op2`, op2);
    } else if (word === 'EndSysreg' || word === 'EndSysregFields') {
      if (!block) {
        problem();
        return;
      }
      if (block.hasOwnFields) closeMasks(block);
      block = null;
      prefix = null;
      field = null;
    } else if (word === 'Prefix' && block) {
      prefix = { ...newBlock(block.kind, block.name), fieldPrefix: `${first}_${block.name}` };
      block.hasOwnFields = false;
    } else if (word === 'EndPrefix' && prefix) {
      closeMasks(prefix);
      prefix = null;
    } else if (!at) problem();
    else if (word === 'Fields' || word === 'Mapping') {
      if (at.register) at.register.fieldsOf = first;
      at.hasOwnFields = false;
    } else if (word === 'EndEnum') field = null;
    else if (/^0b[01]+$/.test(word) && field) {
      define(`${at.fieldPrefix}_${field.name}_${first}`, `UL(${word})`);
      field.values.push({ value: Number(word), name: first });
    } else {
      const bits = /^(\d+)(?::(\d+))?$/.exec(first);
      if (!bits) {
        problem();
        return;
      }
      const msb = Number(bits[1]);
      const lsb = Number(bits[2] ?? bits[1]);
      const mask = `GENMASK_ULL(${msb}, ${lsb})`;
      if (word === 'Res0') at.res0.push(mask);
      else if (word === 'Res1') at.res1.push(mask);
      else if (word === 'Unkn') at.unkn.push(mask);
      else if (word === 'Field' || word === 'Enum' || word === 'SignedEnum' || word === 'UnsignedEnum') {
        const isSigned = word === 'SignedEnum' ? true : word === 'UnsignedEnum' ? false : null;
        const made = { register: at.name, name: second, msb, lsb, isSigned, values: [], line };
        fields.push(made);
        const name = `${at.fieldPrefix}_${second}`;
        define(name, `GENMASK(${msb}, ${lsb})`);
        define(`${name}_MASK`, `GENMASK(${msb}, ${lsb})`);
        define(`${name}_SHIFT`, lsb);
        define(`${name}_WIDTH`, msb - lsb + 1);
        if (isSigned !== null) define(`${name}_SIGNED`, String(isSigned));
        field = word === 'Field' ? null : made;
      } else if (word !== 'Raz') problem();
    }
  });
  return { registers, fields, defines, problems };
}

function newBlock(kind: Block['kind'], name: string): Block {
  return { kind, name, fieldPrefix: name, res0: [], res1: [], unkn: [], register: null, hasOwnFields: true };
}

/** `asm/sysreg-defs.h` of a parsed text. */
export function renderSysregDefs(parsed: SysregText): string {
  const lines = ['#ifndef __ASM_SYSREG_DEFS_H', '#define __ASM_SYSREG_DEFS_H'];
  for (const { name, value } of parsed.defines) lines.push(`#define ${name} ${value}`);
  lines.push('#endif');
  return `${lines.join('\n')}\n`;
}
