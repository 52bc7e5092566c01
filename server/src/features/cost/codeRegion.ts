// The code around a site as the simulator's paths want it: a function of a `.S` file in one machine state.

import type { CodeInsn, CodeRegion } from '../../cost/paths.ts';
import type { InsnBinder } from '../../cost/records.ts';
import { bareCpucapName } from '../../kernel/cpucaps.ts';
import type { AlternativeSite } from '../../kernel/patchSite.ts';
import { plainInsnText } from '../../kernel/streamWords.ts';
import { type CpucapQuestion, isApplied, streamIn } from '../../patch/patchedStream.ts';
import { resolveLabel } from '../../syntax/gas/labels.ts';
import type { GasResult, GasStatement } from '../../syntax/gas/model.ts';

/** The expansion that holds a site, with all its sites. */
export interface SiteSource {
  readonly gas: GasResult;
  readonly sites: readonly AlternativeSite[];
}

/** Which sequence the asked site runs: as linked, or patched. */
export type SiteChoice = 'unpatched' | 'patched';

export interface BuiltRegion {
  readonly region: CodeRegion;
  /** What had to be taken for granted about other sites of the function. */
  readonly notes: readonly string[];
  /** What each instruction of the region was made from. */
  readonly statements: readonly GasStatement[];
}

interface Item {
  readonly statement: GasStatement;
  readonly text: string;
  readonly isSite: boolean;
}

/**
 * The function that holds a site, every other site as the machine state leaves it (as linked where the state does not
 * say), the asked one as `choice` has it. `null` when the site has no place or its patched stream is unknown.
 */
export function buildRegion(
  source: SiteSource,
  site: AlternativeSite,
  choice: SiteChoice,
  ask: CpucapQuestion,
  bind: InsnBinder,
): BuiltRegion | null {
  const start = site.labels.originalStart;
  if (start === null) return null;
  const { statements } = start.bucket;
  const [from, to] = functionBounds(statements, start.index);
  const originals = new Map<GasStatement, AlternativeSite>();
  for (const one of source.sites) if (one.labels.originalStart !== null) originals.set(one.labels.originalStart, one);
  const items: Item[] = [];
  const places = new Map<GasStatement, number>();
  const notes: string[] = [];
  const addStatement = (statement: GasStatement, isSite: boolean): void => {
    if (statement.kind === 'label') places.set(statement, items.length);
    else if (statement.kind === 'insn' || statement.op === '.inst') {
      items.push({ statement, text: plainInsnText(source.gas, statement), isSite });
    }
  };
  for (let index = from; index < to; index++) {
    const statement = statements[index];
    if (statement === undefined) break;
    const other = originals.get(statement);
    const end = other?.labels.originalEnd ?? null;
    if (other === undefined || end === null || end.bucket !== statement.bucket || end.index < index) {
      addStatement(statement, false);
      continue;
    }
    const isSite = other === site;
    const sequence = sequenceOf(other, isSite ? choice : null, ask, notes);
    if (sequence === null) return null;
    for (const one of sequence) addStatement(one, isSite);
    places.set(statement, Math.max(0, items.length - sequence.filter((one) => one.kind !== 'label').length));
    index = end.index - 1;
  }
  const region = regionOf(source.gas, items, places, bind, statements[to]);
  return { region, notes: [...new Set(notes)], statements: items.map((item) => item.statement) };
}

/** Statements of the sequence that stands at a site; `null` when nobody knows it. */
function sequenceOf(
  site: AlternativeSite,
  choice: SiteChoice | null,
  ask: CpucapQuestion,
  notes: string[],
): readonly GasStatement[] | null {
  const original = between(site.labels.originalStart, site.labels.originalEnd);
  const replacement = between(site.labels.replacementStart, site.labels.replacementEnd);
  if (choice === 'unpatched') return original;
  if (choice === 'patched' && site.kind === 'alternative') return replacement;
  const stream = streamIn(site, choice === 'patched' ? () => ({ has: true, reason: null }) : ask);
  if (!stream.known) {
    if (choice !== null) return null;
    const { has } = isApplied(site, ask);
    const name = site.cpucap.name === null ? site.cpucap.text : bareCpucapName(site.cpucap.name);
    notes.push(
      has === null
        ? `other sites on ${name}: taken as linked, the machine state does not say`
        : `other sites written by ${site.callback ?? 'a callback'}: taken as linked`,
    );
    return original;
  }
  if (!stream.changed) return original;
  if (site.kind === 'alternative') return replacement;
  return original
    .filter((statement) => statement.kind === 'insn' || statement.op === '.inst')
    .map((statement) => ({ ...statement, kind: 'insn', op: 'nop', operands: '', text: 'nop' }));
}

function between(start: GasStatement | null, end: GasStatement | null): readonly GasStatement[] {
  if (start === null || end === null || start.bucket !== end.bucket) return [];
  return start.bucket.statements.slice(start.index, end.index);
}

/** From the last label that begins a function to the next one. */
function functionBounds(statements: readonly GasStatement[], at: number): [number, number] {
  let from = at;
  while (from > 0 && !beginsFunction(statements[from])) from--;
  let to = at + 1;
  while (to < statements.length && !beginsFunction(statements[to])) to++;
  return [from, to];
}

function beginsFunction(statement: GasStatement | undefined): boolean {
  return statement?.kind === 'label' && !/^(\.L|[0-9])/.test(statement.op);
}

function regionOf(
  gas: GasResult,
  items: readonly Item[],
  places: ReadonlyMap<GasStatement, number>,
  bind: InsnBinder,
  next: GasStatement | undefined,
): CodeRegion {
  const seen = new Map<string, number>();
  const entries = new Set<number>([0]);
  const insns = items.map((item, index): CodeInsn => {
    const insn = bind(item.text);
    const target = insn.branch === null ? null : targetOf(gas, item, index, places, items.length);
    if (typeof target === 'number') entries.add(target);
    const place = `${item.statement.source.file}:${item.statement.source.line}`;
    const nth = seen.get(place) ?? 0;
    seen.set(place, nth + 1);
    return {
      insn,
      key: item.isSite ? `site:${nth}` : `${place}:${nth}`,
      target,
      callee: insn.branch === 'call' || target === 'outside' ? (lastOperand(item.text) ?? null) : null,
      neverReturns: false,
      isSite: item.isSite,
    };
  });
  const last = insns[insns.length - 1];
  const ends =
    last === undefined ||
    (last.insn.branch !== null && last.insn.branch !== 'conditional' && last.insn.branch !== 'call');
  const runsInto = next === undefined ? 'the code ends here' : `it runs on into ${next.op}`;
  return { insns, entries: [...entries].sort((left, right) => left - right), unclearEnd: ends ? null : runsInto };
}

function targetOf(
  gas: GasResult,
  item: Item,
  index: number,
  places: ReadonlyMap<GasStatement, number>,
  count: number,
): CodeInsn['target'] {
  const reference = lastOperand(item.text);
  if (reference === null || /^(br|blr|ret|eret|braa|brab|blraa|blrab|retaa|retab|drps)/.test(item.text)) return null;
  const here = /^\.\s*(?:([+-])\s*(\d+))?$/.exec(reference);
  if (here !== null) {
    const offset = here[2] === undefined ? 0 : Number(here[2]) / 4;
    const to = index + (here[1] === '-' ? -offset : offset);
    return Number.isInteger(to) && to >= 0 && to < count ? to : 'unknown';
  }
  const label = resolveLabel(gas, reference, item.statement.seq);
  if (label === null) return /^[0-9]+[bf]$/.test(reference) ? 'unknown' : 'outside';
  const place = places.get(label);
  return place === undefined || place >= count ? 'outside' : place;
}

function lastOperand(text: string): string | null {
  return /(?:^\S+|,)\s+([^,]+)$/.exec(text)?.[1]?.trim() ?? null;
}

/** A line that makes an instruction; 1-based. */
export interface SourceLine {
  readonly path: string;
  readonly line: number;
}

/** The file's own line that makes a statement or, in a macro that is expanded by itself, the line of the macro's body. */
export function sourceLine(statement: GasStatement, inMacro: boolean): SourceLine {
  let { source } = statement;
  for (let frame = statement.frame; frame !== null && (!inMacro || frame.depth > 1); frame = frame.parent) {
    source = frame.callSource;
  }
  return { path: source.file, line: source.line };
}
