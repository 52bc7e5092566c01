import type { Steps } from '../base/steps.ts';
import { isCompactLine } from '../syntax/cpp/linePack.ts';
import type { CppLine } from '../syntax/cpp/model.ts';
import type { FlowGraph } from './flow/graph.ts';
import { newScan, readItems, type TopLevelItem, type TopLevelScan } from './flow/topLevel.ts';
import type { MissingWord } from './kernelWords.ts';
import type { Declared } from './unit.ts';

/** Types that are no others when the header that defines them is not found. */
const wellKnownTypes: readonly string[] = (
  'va_list __builtin_va_list u8 u16 u32 u64 s8 s16 s32 s64 __u8 __u16 __u32 __u64 bool size_t ssize_t loff_t gfp_t ktime_t cpumask_t uintptr_t ' +
  'atomic_t atomic64_t atomic_long_t'
).split(' ');

/** What was read of one declaration; parts that are `null` or absent were not asked for yet. */
export interface ItemParts {
  declared: Declared | null;
  head: { readonly parameters: readonly string[]; readonly parameterText: string } | null;
  graph: FlowGraph | null;
}

/**
 * External declarations of a stretch of a unit by name. Those of included files at its top stay the same from one reading
 * to the next and are `base` of the others, with what was read of them.
 */
export class UnitItems {
  readonly lines: readonly CppLine[];
  readonly functions = new Map<string, TopLevelItem>();
  readonly prototypes = new Map<string, TopLevelItem[]>();
  readonly variables = new Map<string, TopLevelItem>();
  readonly typedefs = new Set<string>(wellKnownTypes);
  /** Words without a definition that were met in these declarations. */
  readonly missing = new Map<string, MissingWord>();
  readonly base: UnitItems | null;
  /** Where reading of the declarations behind these goes on. */
  readonly scan: TopLevelScan;
  readonly #parts = new Map<TopLevelItem, ItemParts>();
  /** Types behind these that the graphs were made with. */
  #typesBehind = '';

  /** Of all lines from the first one on, those of `base` among them; `scan` has read those behind `base`. */
  constructor(lines: readonly CppLine[], base: UnitItems | null, scan: TopLevelScan) {
    this.lines = lines;
    this.base = base;
    this.scan = scan;
    for (const item of this.scan.items) this.#add(item);
    base?.useTypes([...this.typedefs].sort().join(' '));
  }

  #add(item: TopLevelItem): void {
    const { name } = item;
    if (name === null) return;
    if (item.kind === 'function') this.functions.set(name, item);
    else if (item.kind === 'typedef') this.typedefs.add(name);
    else if (item.kind === 'prototype') {
      const list = this.prototypes.get(name);
      if (list === undefined) this.prototypes.set(name, [item]);
      else list.push(item);
    } else if (item.kind === 'variable' && (item.body !== null || this.variableNamed(name) === undefined)) {
      this.variables.set(name, item);
    }
  }

  /** Graphs depend on which names are types, those that are declared behind among them. */
  useTypes(behind: string): void {
    if (this.#typesBehind === behind) return;
    this.#typesBehind = behind;
    for (const parts of this.#parts.values()) parts.graph = null;
  }

  functionNamed(name: string): TopLevelItem | undefined {
    return this.functions.get(name) ?? this.base?.functions.get(name);
  }

  prototypesOf(name: string): readonly TopLevelItem[] {
    const [before, own] = [this.base?.prototypes.get(name), this.prototypes.get(name)];
    return before === undefined ? (own ?? []) : own === undefined ? before : [...before, ...own];
  }

  variableNamed(name: string): TopLevelItem | undefined {
    return this.variables.get(name) ?? this.base?.variables.get(name);
  }

  isTypeName(name: string): boolean {
    return this.typedefs.has(name) || this.base?.typedefs.has(name) === true;
  }

  /** What was read of a declaration so far, with the layer that keeps it. */
  partsOf(item: TopLevelItem): ItemParts {
    const holder = this.#holderOf(item);
    let parts = holder.#parts.get(item);
    if (parts === undefined) {
      parts = { declared: null, head: null, graph: null };
      holder.#parts.set(item, parts);
    }
    return parts;
  }

  noteMissing(item: TopLevelItem, one: MissingWord): void {
    this.#holderOf(item).missing.set(one.word, one);
  }

  #holderOf({ end }: TopLevelItem): UnitItems {
    return this.base !== null && end.line < this.base.lines.length ? this.base : this;
  }

  get missingWords(): readonly MissingWord[] {
    return [...new Map([...(this.base?.missing ?? []), ...this.missing]).values()];
  }

  get functionNames(): readonly string[] {
    return [...namesOf(this.base?.functions, this.functions)];
  }

  get variableNames(): readonly string[] {
    return [...namesOf(this.base?.variables, this.variables)];
  }

  /** Names of functions that a file defines, in order. */
  functionsIn(path: string): readonly string[] {
    return this.functionNames.filter((name) => this.#isIn(path, this.functionNamed(name)));
  }

  variablesIn(path: string): readonly string[] {
    return this.variableNames.filter((name) => this.#isIn(path, this.variableNamed(name)));
  }

  /** All tokens of a line stand in one file, macro uses counted where they are written. */
  #isIn(path: string, item: TopLevelItem | undefined): boolean {
    return item !== undefined && this.lines[(item.namePlace ?? item.start).line]?.file === path;
  }
}

function* namesOf(
  before: ReadonlyMap<string, TopLevelItem> | undefined,
  own: ReadonlyMap<string, TopLevelItem>,
): Generator<string> {
  if (before !== undefined) yield* before.keys();
  for (const name of own.keys()) if (before?.has(name) !== true) yield name;
}

/** Declarations of the headers of the file that was read last. One for each file that is read again and again. */
export interface KeptHeaders {
  items: UnitItems | null;
}

/** Lines that are read before others may go on. */
const linesAtATime = 500;

/**
 * Declarations of a unit, in steps; those of the included files at its top are taken over when their lines are the same.
 */
export function* readingItems(lines: readonly CppLine[], kept: KeptHeaders | null): Steps<UnitItems> {
  if (kept === null) return yield* readBehind(lines, null);
  let end = 0;
  while (end < lines.length && isCompactLine(lines[end])) end++;
  const before = kept.items;
  const isSame =
    before !== null && before.lines.length === end && before.lines.every((line, nth) => line === lines[nth]);
  const base = isSame ? before : yield* readBehind(lines.slice(0, end), null);
  kept.items = base;
  return yield* readBehind(lines, base);
}

function* readBehind(lines: readonly CppLine[], base: UnitItems | null): Steps<UnitItems> {
  const scan = newScan(base?.scan ?? null);
  for (let at = base?.lines.length ?? 0; at < lines.length; at += linesAtATime) {
    readItems(lines, at, Math.min(at + linesAtATime, lines.length), scan);
    yield;
  }
  return new UnitItems(lines, base, scan);
}
