import { bareCpucapName } from './cpucaps.ts';
import {
  type CMacroDefinition,
  type CTables,
  type CToken,
  evaluateGate,
  expandMacros,
  readCTables,
  splitAtCommas,
} from './cTables.ts';
import { type MidrRange, midrRangesText, readMidrRanges } from './midrRanges.ts';

/** Where a cpucap is decided: on the boot CPU, on the whole system's sanitized registers, or on each CPU. */
export type CpucapScope = 'boot' | 'system' | 'local';

/** A condition on a field of an ID register. */
export interface FieldCondition {
  readonly register: string;
  readonly field: string;
  /** `min`: the field is at least this. `max`: at most (a "not implemented" test). */
  readonly relation: 'min' | 'max';
  /** The limit's name in the tree (`IMP`, `PAN3`) or its number as text. */
  readonly limit: string;
  /** `null` when the tree gives no number for the name. */
  readonly limitValue: number | null;
}

/** What one cpucap means, read from the tree's tables. Members are `null` where the tables do not say. */
export interface CpucapMeaning {
  readonly name: string;
  /** Kernel's own description: what boot prints after `detected:`. */
  readonly description: string | null;
  /** Without `ARM64_CPUCAP_`: `SYSTEM_FEATURE`, `LOCAL_CPU_ERRATUM`, … */
  readonly type: string | null;
  readonly scope: CpucapScope | null;
  readonly patchedBy: 'apply_boot_alternatives' | 'apply_alternatives_all' | null;
  /** Short text: `ID_AA64MMFR1_EL1.PAN >= 1` or `Cortex-A76 r0p0-r3p1`. */
  readonly detects: string | null;
  readonly fields: readonly FieldCondition[];
  readonly midrRanges: readonly MidrRange[];
  /** The function that decides; `file` and `line` when its definition was seen. */
  readonly match: { readonly name: string; readonly file: string | null; readonly line: number | null } | null;
  /** Conditions of the table entry: `CONFIG_ARM64_PAN`. */
  readonly configGates: readonly string[];
  /** Whether the configuration has the entry; without it the cpucap can never be set. `null`: not decidable. */
  readonly isCompiledIn: boolean | null;
  /** Place of the table entry. */
  readonly file: string;
  readonly line: number;
}

/** The capability and errata tables of one tree, read but not yet judged by a configuration. */
export interface CpucapTables {
  /** Every file's tables, for lists that match functions use. */
  readonly files: readonly CTables[];
  readonly entries: ReadonlyMap<string, readonly CapabilityEntry[]>;
  readonly types: ReadonlyMap<string, CpucapScope>;
  readonly functions: ReadonlyMap<string, { readonly file: string; readonly line: number }>;
}

interface CapabilityEntry {
  readonly tokens: readonly CToken[];
  readonly file: string;
  readonly line: number;
  readonly gates: readonly string[];
  readonly tables: CTables;
}

/** Sources of the tables: `cpufeature.c`, `cpu_errata.c` and whatever else holds such entries, and the type header. */
export interface CpucapSources {
  readonly tables: readonly { readonly file: string; readonly text: string }[];
  /** Text of `asm/cpufeature.h`. */
  readonly typeHeader: string;
}

/** What `describeCpucap` needs beside the tables. */
export interface CpucapFacts {
  /** Whether `CONFIG_name` is `y` or `m`. */
  readonly isConfigSet: (name: string) => boolean;
  /** Number of a named value of a register field (`ID_AA64MMFR1_EL1`, `PAN`, `IMP` gives 1). */
  readonly fieldValue: (register: string, field: string, name: string) => number | null;
  /** Number that a macro of `asm/sysreg.h` stands for. */
  readonly macroValue: (name: string) => number | null;
}

/** Reads the tables. Total: entries it cannot read are left out. */
export function readCpucapTables(sources: CpucapSources): CpucapTables {
  const entries = new Map<string, CapabilityEntry[]>();
  const functions = new Map<string, { file: string; line: number }>();
  const read = sources.tables.map(({ file, text }) => ({ file, tables: readCTables(text) }));
  for (const { file, tables } of read) {
    for (const [name, line] of tables.functions) if (!functions.has(name)) functions.set(name, { file, line });
    for (const [, array] of tables.arrays) {
      if (!array.type.includes('arm64_cpu_capabilities')) continue;
      for (const element of splitAtCommas(array.tokens)) {
        const inner = element.filter((token) => token.text !== '').slice(1, -1);
        const at = inner.findIndex((token, index) => token.text === 'capability' && inner[index - 1]?.text === '.');
        const capability = inner[at + 2];
        if (at < 0 || !capability?.text.startsWith('ARM64_')) continue;
        const name = bareCpucapName(capability.text);
        const first = element[0];
        const entry = { tokens: inner, file, line: first?.line ?? array.line, gates: first?.gates ?? [], tables };
        entries.set(name, [...(entries.get(name) ?? []), entry]);
      }
    }
  }
  return { files: read.map(({ tables }) => tables), entries, types: readTypes(sources.typeHeader), functions };
}

/** Scope of each `ARM64_CPUCAP_…` type, from the definitions in `asm/cpufeature.h`. */
function readTypes(header: string): ReadonlyMap<string, CpucapScope> {
  const types = new Map<string, CpucapScope>();
  for (const [name, macro] of readCTables(header).macros) {
    const body = macro.body.map((token) => token.text).join(' ');
    const scope = /ARM64_CPUCAP_SCOPE_(BOOT_CPU|SYSTEM|LOCAL_CPU)/.exec(body)?.[1];
    if (!name.startsWith('ARM64_CPUCAP_') || name.startsWith('ARM64_CPUCAP_SCOPE_') || scope === undefined) continue;
    types.set(
      name.slice('ARM64_CPUCAP_'.length),
      scope === 'BOOT_CPU' ? 'boot' : scope === 'SYSTEM' ? 'system' : 'local',
    );
  }
  return types;
}

/**
 * Meaning of a cpucap (with or without `ARM64_`), or the reason why the tables do not tell. Several entries for
 * one cpucap are joined: the first that the configuration has gives type and description, all give `detects`.
 */
export function describeCpucap(
  tables: CpucapTables,
  cpucap: string,
  facts: CpucapFacts,
): { readonly meaning: CpucapMeaning; readonly reason: null } | { readonly meaning: null; readonly reason: string } {
  const name = bareCpucapName(cpucap);
  const entries = tables.entries.get(name);
  if (!entries || entries.length === 0) {
    const reason =
      tables.entries.size === 0
        ? 'the tree’s capability tables (cpufeature.c, cpu_errata.c) were not found'
        : `no entry of arm64_features[] or arm64_errata[] names ARM64_${name}`;
    return { meaning: null, reason };
  }
  const described = entries.map((entry) => describeEntry(tables, name, entry, facts));
  const first = described.find((meaning) => meaning.isCompiledIn !== false) ?? described[0];
  if (!first) return { meaning: null, reason: 'no readable entry' };
  if (described.length === 1) return { meaning: first, reason: null };
  const detects = [...new Set(described.flatMap((meaning) => meaning.detects ?? []))].join('; ');
  return {
    meaning: {
      ...first,
      detects: detects === '' ? null : detects,
      midrRanges: described.flatMap((meaning) => meaning.midrRanges),
    },
    reason: null,
  };
}

/** Macros of entries that are worth expanding: they set members (`.type = …`) and paste nothing. */
function setsMembers(macro: CMacroDefinition): boolean {
  const texts = macro.body.map((token) => token.text);
  if (macro.name === 'MIDR_FIXED') return false;
  if (texts.includes('#') || texts.includes('##')) return false;
  return texts[0] === '.' || /^(ERRATA|CAP)_MIDR/.test(macro.name);
}

function describeEntry(tables: CpucapTables, name: string, entry: CapabilityEntry, facts: CpucapFacts): CpucapMeaning {
  const outer = new Set(entry.gates);
  const isLive = (token: CToken | undefined): boolean =>
    token?.gates.every((gate) => outer.has(gate) || evaluateGate(gate, facts.isConfigSet) !== false) ?? true;
  const live = entry.tokens.filter(isLive);
  const members = new Map<string, readonly CToken[]>();
  const fields: FieldCondition[] = [];
  for (const part of splitMembers(expandMacros(live, entry.tables.macros, setsMembers))) {
    const call = /^ARM64_CPUID_FIELDS(_NEG)?$/.exec(part[0]?.text ?? '');
    if (call) {
      const [register, field, limit] = splitAtCommas(part.slice(2, -1)).map(textOf);
      if (register === undefined || field === undefined || limit === undefined) continue;
      const limitValue = /^\d+$/.test(limit)
        ? namedOrNumber(facts, register, field, limit)
        : facts.fieldValue(register, field, limit);
      fields.push({ register, field, relation: call[1] === undefined ? 'min' : 'max', limit, limitValue });
    } else if (part[0]?.text === 'MIDR_FIXED') members.set('midr_fixed', part);
    else if (part[0]?.text === '.' && part[1] && part[2]?.text === '=') members.set(part[1].text, part.slice(3));
  }
  const plain = plainFieldCondition(members, facts);
  if (plain) fields.push(plain);

  const midrRanges = readMidrRanges(members, entry.tables, facts.isConfigSet);
  const type = textOf(members.get('type') ?? []).replace(/^ARM64_CPUCAP_/, '');
  const scope = tables.types.get(type) ?? null;
  const matchName = textOf(members.get('matches') ?? []);
  const place = tables.functions.get(matchName);
  const gates = entry.gates.map((gate) => evaluateGate(gate, facts.isConfigSet));
  return {
    name,
    description: stringOf(members.get('desc') ?? []),
    type: type === '' ? null : type,
    scope,
    patchedBy: scope === null ? null : scope === 'boot' ? 'apply_boot_alternatives' : 'apply_alternatives_all',
    detects: detectsText(fields, midrRanges, matchName),
    fields,
    midrRanges,
    match: matchName === '' ? null : { name: matchName, file: place?.file ?? null, line: place?.line ?? null },
    configGates: entry.gates.map((gate) => gate.replace(/defined ?\(? ?(CONFIG_\w+) ?\)?/g, '$1')),
    isCompiledIn: gates.includes(false) ? false : gates.includes(null) ? null : true,
    file: entry.file,
    line: entry.line,
  };
}

/** Members of an entry; a field macro without a comma after it ends its part too. */
function splitMembers(tokens: readonly CToken[]): readonly (readonly CToken[])[] {
  return splitAtCommas(tokens).flatMap((part) => {
    const at = part.findIndex((token, index) => index > 0 && token.text.startsWith('ARM64_CPUID_FIELDS'));
    return at > 0 ? [part.slice(0, at), part.slice(at)] : [part];
  });
}

/** `.sys_reg`, `.field_pos`, `.min_field_value` written out, as up to 6.2. */
function plainFieldCondition(
  members: ReadonlyMap<string, readonly CToken[]>,
  facts: CpucapFacts,
): FieldCondition | null {
  const register = textOf(members.get('sys_reg') ?? []).replace(/^SYS_/, '');
  const position = textOf(members.get('field_pos') ?? []);
  const limit = textOf(members.get('min_field_value') ?? []);
  if (register === '' || position === '' || limit === '') return null;
  // ID_AA64MMFR1_EL1_PAN_SHIFT; before 6.0 ID_AA64MMFR1_PAN_SHIFT.
  const bare = register.replace(/_EL1$/, '');
  const field = position.replace(/_SHIFT$/, '').replace(new RegExp(`^${bare}(_EL1)?_`), '');
  const value = limit.replace(new RegExp(`^${bare}(_EL1)?_${field}_`), '');
  const isNumber = /^(0x[\da-f]+|\d+)$/i.test(limit);
  const limitValue = isNumber ? Number(limit) : (facts.macroValue(limit) ?? facts.fieldValue(register, field, value));
  return { register, field, relation: 'min', limit: value, limitValue };
}

function namedOrNumber(facts: CpucapFacts, register: string, field: string, limit: string): number {
  // `VARange` has a value named `52`; a number otherwise stands for itself.
  return facts.fieldValue(register, field, limit) ?? Number(limit);
}

function detectsText(
  fields: readonly FieldCondition[],
  midrRanges: readonly MidrRange[],
  match: string,
): string | null {
  const parts = fields.map(({ register, field, relation, limit, limitValue }) => {
    return `${register}.${field} ${relation === 'min' ? '>=' : '<='} ${limitValue ?? limit}`;
  });
  if (midrRanges.length > 0) parts.push(midrRangesText(midrRanges));
  const text = parts.join(', ');
  if (isPlainMatch(match)) return text === '' ? null : text;
  const decides = matchNotes[match] ?? `${match}() decides`;
  // A note that begins with "and" or "or" goes on from the field; every other one stands for itself.
  if (text === '' || (matchNotes[match] !== undefined && !/^(and|or) /.test(decides))) return decides;
  return `${text}${/^(and|or) /.test(decides) ? ' ' : '; '}${decides}`;
}

/** Match functions that test exactly the fields or the MIDR ranges of their entry. */
export function isPlainMatch(match: string): boolean {
  return /^(|has_cpuid_feature|is_affected_midr_range(_list)?|cpucap_multi_entry_cap_matches)$/.test(match);
}

/**
 * What some match functions of `cpufeature.c` and `cpu_errata.c` test beside the entry's own field, in a few
 * words. Keyed by function: a function not listed is shown by its name.
 */
const matchNotes: Readonly<Record<string, string>> = {
  has_always: 'always set',
  runs_at_el2: 'kernel was entered at EL2 and stays there (VHE in use)',
  unmap_kernel_at_el0: 'KPTI: CPU not known safe from Meltdown, or KASLR or kpti= asks for it',
  is_kvm_protected_mode: 'kvm-arm.mode=protected on the command line',
  has_nested_virt_support: 'and kvm-arm.mode=nested on the command line',
  has_useable_gicv3_cpuif: 'and firmware lets the kernel enable ICC_SRE_EL1',
  can_use_gic_priorities: 'irqchip.gicv3_pseudo_nmi=1 on the command line and a GICv3 CPU interface',
  has_gic_prio_relaxed_sync: 'priority masking in use and ICC_CTLR_EL1.PMHE is 0',
  has_useable_cnp: 'and not a kdump kernel',
  has_32bit_el0: 'or allow_mismatched_32bit_el0',
  has_hw_dbm: 'always set; each CPU turns it on by ID_AA64MMFR1_EL1.HAFDBS',
  has_amu: 'always set; each CPU turns it on by ID_AA64PFR0_EL1.AMU',
  has_cache_idc: 'CTR_EL0.IDC',
  has_cache_dic: 'CTR_EL0.DIC',
  has_address_auth_metacap: 'any of the address authentication algorithms',
  has_generic_auth: 'any of the generic authentication algorithms',
  has_address_auth_cpucap: 'and the same level on every CPU',
  has_spectre_v2: 'CPU not safe from Spectre-v2 (CSV2, MIDR list) and firmware does not say otherwise',
  has_spectre_v3a: 'CPU has the EL2 vectors leak (MIDR list)',
  has_spectre_v4: 'CPU not safe from Spectre-v4 (MIDR list) and firmware does not say otherwise',
  is_spectre_bhb_affected: 'CPU not safe from Spectre-BHB (CSV2.3, MIDR list)',
  has_mismatched_cache_type: 'CTR_EL0 of a CPU differs from the system’s',
  has_lpa2: 'LPA2 at stage 1 and stage 2 for the page size in use',
};

function textOf(tokens: readonly CToken[]): string {
  return tokens.map((token) => token.text).join(' ');
}

/** Text of adjacent string literals, `null` when there is none. */
function stringOf(tokens: readonly CToken[]): string | null {
  const strings = tokens.filter((token) => token.text.startsWith('"'));
  return strings.length === 0 ? null : strings.map((token) => token.text.slice(1, -1).replace(/\\(.)/g, '$1')).join('');
}
