/** One cpucap: its name without `ARM64_`, its number in this tree, and where a person would look it up. */
export interface Cpucap {
  readonly name: string;
  readonly number: number;
  /** `null` when no readable definition is known (numbers come from a generated header alone, for instance). */
  readonly definition: { readonly file: string; readonly line: number } | null;
}

/** How a record of `.altinstructions` says that it is a callback alternative. */
export type CallbackConvention =
  /** Bit `shift` of the cpucap field is set, the rest is the cpucap (6.1 on: `ARM64_CB_SHIFT`). */
  | { readonly kind: 'bit'; readonly shift: number }
  /** The field holds `ARM64_NCAPS`; the callback does not depend on a cpucap (up to 6.0: `ARM64_CB_PATCH`). */
  | { readonly kind: 'ncaps' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The cpucaps of one tree. */
export interface CpucapTable {
  readonly source:
    | { readonly kind: 'generated-header' | 'list' | 'hand-written-header'; readonly file: string }
    | { readonly kind: 'none'; readonly reason: string };
  /** In number order. */
  readonly caps: readonly Cpucap[];
  readonly byName: ReadonlyMap<string, Cpucap>;
  readonly byNumber: ReadonlyMap<number, Cpucap>;
  /** `ARM64_NCAPS`. */
  readonly count: number;
  readonly callback: CallbackConvention;
}

/** A numbered name read from a cpucap list or header; lines are 1-based. */
export interface NumberedName {
  readonly name: string;
  readonly number: number;
  readonly line: number;
}

/**
 * Names of `arch/arm64/tools/cpucaps`, numbered from 0 in file order, as
 * `arch/arm64/tools/gen-cpucaps.awk` does. `problems` are the lines that script would stop at.
 */
export function parseCpucapList(text: string): { names: readonly NumberedName[]; problems: readonly number[] } {
  const names: NumberedName[] = [];
  const problems: number[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '' || line.startsWith('#')) return;
    if (/^[vA-Z0-9_]+$/.test(line)) names.push({ name: line, number: names.length, line: index + 1 });
    else problems.push(index + 1);
  });
  return { names, problems };
}

/**
 * The `#define ARM64_NAME NUMBER` lines of a header, generated (`asm/cpucap-defs.h`, or `asm/cpucaps.h` from
 * 5.13 to 6.6) or written by hand (`asm/cpucaps.h` up to 5.12). `count` is `ARM64_NCAPS` or `null`.
 */
export function parseCpucapHeader(text: string): { names: readonly NumberedName[]; count: number | null } {
  const names: NumberedName[] = [];
  let count: number | null = null;
  text.split('\n').forEach((line, index) => {
    const match = /^[ \t]*#[ \t]*define[ \t]+ARM64_(\w+)[ \t]+(\d+)\b/.exec(line);
    if (!match?.[1] || match[2] === undefined) return;
    if (match[1] === 'NCAPS') count = Number(match[2]);
    else names.push({ name: match[1], number: Number(match[2]), line: index + 1 });
  });
  return { names, count };
}

/**
 * The callback convention, from the text of the headers that define the alternative macros
 * (`asm/alternative-macros.h`, before 5.11 `asm/alternative.h`) and the cpucap header.
 */
export function parseCallbackConvention(texts: readonly string[]): CallbackConvention {
  for (const text of texts) {
    const shift = /^[ \t]*#[ \t]*define[ \t]+ARM64_CB_SHIFT[ \t]+(\d+)/m.exec(text)?.[1];
    if (shift !== undefined) return { kind: 'bit', shift: Number(shift) };
  }
  for (const text of texts) {
    if (/^[ \t]*#[ \t]*define[ \t]+ARM64_CB_PATCH[ \t]+ARM64_NCAPS\b/m.test(text)) return { kind: 'ncaps' };
  }
  return { kind: 'unknown', reason: 'neither ARM64_CB_SHIFT nor ARM64_CB_PATCH is defined in the tree’s headers' };
}

/** A table of numbered names; `definitions` (name to place) win over `file` and the names' own lines. */
export function makeCpucapTable(input: {
  readonly source: CpucapTable['source'];
  readonly names: readonly NumberedName[];
  readonly count: number | null;
  readonly callback: CallbackConvention;
  readonly definitions: ReadonlyMap<string, { readonly file: string; readonly line: number }> | null;
}): CpucapTable {
  const file = input.source.kind === 'none' ? null : input.source.file;
  const byName = new Map<string, Cpucap>();
  const byNumber = new Map<number, Cpucap>();
  for (const { name, number, line } of input.names) {
    const own = file === null ? null : { file, line };
    const cap: Cpucap = { name, number, definition: input.definitions?.get(name) ?? own };
    if (!byName.has(name)) byName.set(name, cap);
    if (!byNumber.has(number)) byNumber.set(number, cap);
  }
  const caps = [...byName.values()].sort((a, b) => a.number - b.number);
  const last = caps[caps.length - 1];
  return {
    source: input.source,
    caps,
    byName,
    byNumber,
    count: input.count ?? (last ? last.number + 1 : 0),
    callback: input.callback,
  };
}

/** The cpucap of a name written with or without `ARM64_`; `undefined` when this tree has none of that name. */
export function findCpucap(table: CpucapTable, name: string): Cpucap | undefined {
  return table.byName.get(name) ?? table.byName.get(bareCpucapName(name));
}

/** Name without a leading `ARM64_`. (A cpucap whose own name begins with `ARM64_` has not existed so far.) */
export function bareCpucapName(name: string): string {
  return name.startsWith('ARM64_') ? name.slice('ARM64_'.length) : name;
}

/** What the cpucap field of one `.altinstructions` record means under a table's callback convention. */
export function readCpucapField(
  table: CpucapTable,
  field: number,
): { readonly number: number | null; readonly cap: Cpucap | null; readonly isCallback: boolean | null } {
  const { callback } = table;
  if (callback.kind === 'bit') {
    const bit = 2 ** callback.shift;
    const number = field % bit;
    return { number, cap: table.byNumber.get(number) ?? null, isCallback: Math.floor(field / bit) % 2 === 1 };
  }
  if (callback.kind === 'ncaps' && field === table.count) return { number: null, cap: null, isCallback: true };
  const cap = table.byNumber.get(field) ?? null;
  return { number: field, cap, isCallback: callback.kind === 'ncaps' ? false : null };
}

/**
 * Cpucaps that changed their name, oldest name first. Sources: `arch/arm64/tools/cpucaps` and
 * `asm/cpucaps.h` of 5.10, 6.1 and 6.12. `inverted` marks a new name with the opposite sense.
 */
export const renamedCpucaps: readonly {
  readonly from: string;
  readonly to: string;
  readonly inverted?: true;
}[] = [
  { from: 'HARDEN_BRANCH_PREDICTOR', to: 'SPECTRE_V2' },
  { from: 'HARDEN_EL2_VECTORS', to: 'SPECTRE_V3A' },
  { from: 'SSBD', to: 'SPECTRE_V4' },
  { from: 'HAS_32BIT_EL0', to: 'HAS_32BIT_EL0_DO_NOT_USE' },
  { from: 'HAS_SYSREG_GIC_CPUIF', to: 'HAS_GIC_CPUIF_SYSREGS' },
  { from: 'HAS_IRQ_PRIO_MASKING', to: 'HAS_GIC_PRIO_MASKING' },
  { from: 'HAS_NO_FPSIMD', to: 'HAS_FPSIMD', inverted: true },
  { from: 'HAS_ADDRESS_AUTH_ARCH', to: 'HAS_ADDRESS_AUTH_ARCH_QARMA5' },
  { from: 'HAS_GENERIC_AUTH_ARCH', to: 'HAS_GENERIC_AUTH_ARCH_QARMA5' },
];

/** A cpucap of the tree that an unknown name may stand for, and why. */
export interface CpucapSuggestion {
  readonly name: string;
  readonly reason: 'renamed' | 'renamed-inverted' | 'similar';
}

/** What an unknown name may have meant in this tree, best first, at most three. */
export function suggestCpucaps(table: CpucapTable, name: string): readonly CpucapSuggestion[] {
  const bare = bareCpucapName(name);
  const out: CpucapSuggestion[] = [];
  for (const rename of renamedCpucaps) {
    const other = rename.from === bare ? rename.to : rename.to === bare ? rename.from : null;
    if (other !== null && table.byName.has(other)) {
      out.push({ name: other, reason: rename.inverted ? 'renamed-inverted' : 'renamed' });
    }
  }
  const limit = Math.max(2, Math.floor(bare.length / 5));
  const near: { name: string; distance: number }[] = [];
  for (const cap of table.caps) {
    if (out.some((suggestion) => suggestion.name === cap.name)) continue;
    const isPart =
      bare.length >= 3 && cap.name.toUpperCase().split('_').join('').includes(bare.toUpperCase().split('_').join(''));
    const distance = isPart ? 1 : editDistance(bare.toUpperCase(), cap.name.toUpperCase(), limit + 1);
    if (distance <= limit) near.push({ name: cap.name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  for (const { name: similar } of near) out.push({ name: similar, reason: 'similar' });
  return out.slice(0, 3);
}

/** Levenshtein distance, or `limit` when it is at least that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const value = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      row.push(value);
      if (value < best) best = value;
    }
    if (best >= limit) return limit;
    previous = row;
  }
  return Math.min(limit, previous[b.length] ?? limit);
}
