import type { CoreRecord } from '../kernel/coreRecords.ts';
import { type CpucapTables, describeCpucap, readCpucapTables } from '../kernel/cpucapMeaning.ts';
import { bareCpucapName } from '../kernel/cpucaps.ts';
import { type DerivationSources, type DerivedCpucaps, deriveCpucaps } from '../kernel/deriveCpucaps.ts';
import { midrListByName } from '../kernel/midrRanges.ts';
import { parseSysregText, type SysregText } from '../kernel/sysregs.ts';
import type { FileSource } from './fileSource.ts';
import type { KernelConfig } from './kernelConfig.ts';

type Answer = ReturnType<typeof describeCpucap>;

/** Meanings of one tree's cpucaps, each worked out once, when it is first asked for. */
export interface CpucapMeanings {
  /** Whether the tree has capability tables at all. */
  hasTables(): boolean;
  meaningOf(name: string): Answer;
  /** Cpucaps that the tree's rules give a core. */
  derive(core: CoreRecord, names: readonly string[]): DerivedCpucaps;
  /** `null` when the tree has no `arch/arm64/tools/sysreg`. */
  sysregs(): SysregText | null;
}

// Files of arch/arm64/kernel with tables of struct arm64_cpu_capabilities and the MIDR lists of match functions.
const tableFiles = ['cpufeature.c', 'cpu_errata.c', 'proton-pack.c'];

export function openCpucapMeanings(files: FileSource, root: string, config: KernelConfig): CpucapMeanings {
  const answers = new Map<string, Answer>();
  let tables: CpucapTables | undefined;
  let registers: SysregText | null | undefined;
  let fieldValues: Map<string, number> | undefined;
  let header: string | undefined;

  const sysregs = (): SysregText | null => {
    if (registers === undefined) {
      const text = files.readText(`${root}/arch/arm64/tools/sysreg`);
      registers = text === undefined ? null : parseSysregText(text);
    }
    return registers;
  };
  const macroValue = (name: string): number | null => {
    header ??= files.readText(`${root}/arch/arm64/include/asm/sysreg.h`) ?? '';
    const value = new RegExp(`^#[ \\t]*define[ \\t]+${name}[ \\t]+(?:UL\\()?(0[xX][\\da-fA-F]+|\\d+)`, 'm').exec(
      header,
    )?.[1];
    return value === undefined ? null : Number(value);
  };
  const fieldValue = (register: string, field: string, name: string): number | null => {
    if (!fieldValues) {
      fieldValues = new Map();
      for (const known of sysregs()?.fields ?? []) {
        for (const value of known.values) fieldValues.set(`${known.register}.${known.name}.${value.name}`, value.value);
      }
    }
    return fieldValues.get(`${register}.${field}.${name}`) ?? macroValue(`${register}_${field}_${name}`);
  };

  const isConfigSet = (option: string): boolean => config.value(option) !== null;
  const readTables = (): CpucapTables => {
    tables ??= readCpucapTables({
      tables: tableFiles.flatMap((file) => {
        const path = `${root}/arch/arm64/kernel/${file}`;
        const text = files.readText(path);
        return text === undefined ? [] : [{ file: path, text }];
      }),
      typeHeader: files.readText(`${root}/arch/arm64/include/asm/cpufeature.h`) ?? '',
    });
    return tables;
  };
  const meaningOf = (name: string): Answer => {
    const bare = bareCpucapName(name);
    const before = answers.get(bare);
    if (before) return before;
    const answer = describeCpucap(readTables(), bare, { isConfigSet, fieldValue, macroValue });
    answers.set(bare, answer);
    return answer;
  };
  const fieldPosition: DerivationSources['fieldPosition'] = (register, field) => {
    const known = sysregs()?.fields.find((each) => each.register === register && each.name === field);
    if (known) return { lsb: known.lsb, width: known.msb - known.lsb + 1, isSigned: known.isSigned === true };
    const short = register.replace(/_EL1$/, '');
    const lsb = macroValue(`${register}_${field}_SHIFT`) ?? macroValue(`${short}_${field}_SHIFT`);
    return lsb === null ? null : { lsb, width: 4, isSigned: false };
  };

  return {
    hasTables: () => readTables().entries.size > 0,
    sysregs,
    meaningOf,
    derive: (core, names) =>
      deriveCpucaps(core, {
        names,
        meaningOf: (name) => meaningOf(name).meaning,
        fieldPosition,
        midrList: (name) => midrListByName(readTables().files, name, isConfigSet),
        isConfigSet,
      }),
  };
}
