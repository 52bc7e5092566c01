import data from '../../../data/kernel/gccPredefined.json' with { type: 'json' };
import type { CppLanguage } from './lexer.ts';
import type { CppOptions } from './model.ts';

type Definitions = CppOptions['defines'];

const entries = (record: Readonly<Record<string, string>>): Definitions =>
  Object.entries(record).map(([name, value]) => ({ name, value }));

const both = entries(data.both);
const asm: Definitions = [...both, ...entries(data.asm)];
const c: Definitions = [...both, ...entries(data.c)];

/** What the compiler brings along: GCC 12 for aarch64-linux-gnu, with the kernel's flags for assembly. */
export const predefined = {
  definitions(language: CppLanguage): Definitions {
    return language === 'asm' ? asm : c;
  },
  /** Value of `__has_attribute`, by name without underscores around it. */
  attributes: new Map<string, number>(Object.entries(data.attributes)),
  builtins: new Set<string>(data.builtins),
};
