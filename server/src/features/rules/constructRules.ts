// Rules about the shape of constructs: opened, divided and closed in order, one at a time.

import { lineIn, outermostSource } from '../../kernel/alternatives.ts';
import type { AlternativeSite } from '../../kernel/patchSite.ts';
import type { Frame, GasStatement } from '../../syntax/gas/model.ts';
import { type ConstructGrammar, invokedPart, isOfConstruct } from './constructs.ts';
import { findingAt, findingAtSite, type RawFinding, type RuleInput } from './ruleModel.ts';

export interface ShapeResult {
  readonly findings: readonly RawFinding[];
  /** Sites whose labels belong to them alone; other rules look only at these. */
  readonly wellFormed: ReadonlySet<AlternativeSite>;
}

interface OpenConstruct {
  readonly site: AlternativeSite;
  readonly part: Frame | null;
  /** Labels still to come. */
  readonly remaining: Set<string>;
  readonly parent: OpenConstruct | null;
  readonly nested: OpenConstruct[];
}

type Event =
  | { readonly kind: 'record'; readonly seq: number; readonly site: AlternativeSite }
  | { readonly kind: 'label'; readonly seq: number; readonly statement: GasStatement };

/** Follows openers and closers in the order they were emitted. */
export function checkShape(input: RuleInput): ShapeResult {
  const { sites, grammar } = input;
  const findings: RawFinding[] = [];
  const broken = new Set<AlternativeSite>();
  let open: OpenConstruct | null = null;
  let reportedStray: Frame | null = null;
  const wholeFrames = framesOfWholeConstructs(sites);
  for (const event of eventsOf(input)) {
    if (event.kind === 'record') {
      const opened = openConstruct(event.site, grammar, open);
      if (open !== null) open.nested.push(opened);
      if (opened.remaining.size > 0) open = opened;
      continue;
    }
    const { statement } = event;
    const part = invokedPart(statement, grammar);
    const owner = open !== null && open.part === part && part !== null ? open : null;
    if (owner !== null) {
      // A label that the opener itself defines.
      owner.remaining.delete(statement.op);
      continue;
    }
    // A construct in one macro never closes another one that was left open before it.
    if (statement.frame !== null && wholeFrames.has(statement.frame)) continue;
    if (open === null || !open.remaining.has(statement.op)) {
      if (reportedStray !== part) findings.push(strayFinding(statement, part, open, sites));
      reportedStray = part;
      if (open !== null) broken.add(open.site);
      continue;
    }
    open.remaining.delete(statement.op);
    if (open.remaining.size > 0) continue;
    for (const inner of open.nested) {
      findings.push(nestedFinding(open, inner));
      broken.add(inner.site);
      broken.add(open.site);
    }
    open = open.parent;
  }
  for (; open !== null; open = open.parent) {
    findings.push(unterminatedFinding(open, grammar));
    broken.add(open.site);
    for (const inner of open.nested) if (inner.remaining.size > 0) broken.add(inner.site);
  }
  return { findings, wellFormed: new Set(sites.filter((site) => !broken.has(site))) };
}

function eventsOf({ gas, sites, grammar }: RuleInput): Event[] {
  const events: Event[] = sites.map((site) => ({ kind: 'record', seq: site.record.seq, site }));
  for (const label of grammar.labels) {
    for (const statement of gas.numericLabels.get(label) ?? []) {
      if (isOfConstruct(statement, grammar)) events.push({ kind: 'label', seq: statement.seq, statement });
    }
  }
  return events.sort((left, right) => left.seq - right.seq);
}

function openConstruct(site: AlternativeSite, grammar: ConstructGrammar, parent: OpenConstruct | null): OpenConstruct {
  const part = invokedPart(site.record, grammar);
  const needed = new Set<string>();
  // The labels that the record names but that were not there yet when it was emitted.
  for (const match of site.recordText.matchAll(/\b([0-9]+)f\b/g)) if (match[1] !== undefined) needed.add(match[1]);
  const { originalStart, originalEnd, replacementStart, replacementEnd } = site.labels;
  for (const label of [originalStart, originalEnd, replacementStart, replacementEnd]) {
    if (label !== null && invokedPart(label, grammar) === part && part !== null) needed.delete(label.op);
  }
  return { site, part, remaining: needed, parent, nested: [] };
}

/** Expansions that define the first label of a sequence and emit its record: in one macro, labels come before it. */
function framesOfWholeConstructs(sites: readonly AlternativeSite[]): ReadonlySet<Frame> {
  const frames = new Set<Frame>();
  for (const { labels, record } of sites) {
    const own = labels.originalStart?.frame ?? null;
    if (own === null) continue;
    for (let frame = record.frame; frame !== null; frame = frame.parent) if (frame === own) frames.add(own);
  }
  return frames;
}

function strayFinding(
  statement: GasStatement,
  part: Frame | null,
  open: OpenConstruct | null,
  sites: readonly AlternativeSite[],
): RawFinding {
  const source = part?.callSource ?? statement.source;
  const name = part?.name ?? `${statement.op}:`;
  const before = [...sites].reverse().find((site) => site.record.seq < statement.seq);
  const related =
    open !== null
      ? [
          {
            file: open.site.written.file,
            line: open.site.written.openLine,
            message: `\`${open.site.construct}' is open here`,
          },
        ]
      : [];
  if (open === null && before?.kind === 'callback-alternative' && before.written.endLine === source.line) {
    return findingAt(
      'alternative.nested',
      source,
      outermostSource(statement, null),
      `\`${name}' closes the callback alternative that \`${before.construct}' opened. A callback alternative has one sequence: the record is right, but the NOPs of \`${name}' are added to it and run on every CPU. Close it with its own end macro.`,
      { word: name, related: [{ file: before.written.file, line: before.written.openLine, message: 'opened here' }] },
    );
  }
  const what =
    open === null
      ? `\`${name}' has no alternative to belong to.`
      : `\`${name}' comes out of order: \`${open.site.construct}' is not waiting for it.`;
  return findingAt(
    'alternative.stray-end',
    source,
    outermostSource(statement, null),
    `${what} The labels of the last alternative would be taken for it, or the file does not assemble. Remove it, or open the alternative it is meant to close.`,
    { word: name, related },
  );
}

function nestedFinding(outer: OpenConstruct, inner: OpenConstruct): RawFinding {
  const at = lineIn(inner.site.record, outer.part?.parent ?? null);
  const through = inner.site.chain[inner.site.chain.length - 1];
  const direct = inner.part !== null && at === inner.part.callSource;
  const how =
    direct || through === undefined
      ? `\`${inner.site.construct}'`
      : `\`${inner.site.construct}' (through \`${through.name}')`;
  return findingAt(
    'alternative.nested',
    at,
    outermostSource(inner.site.record, null),
    `Alternatives do not nest: ${how} stands inside the alternative that \`${outer.site.construct}' opened. The assembler often accepts it, but the records then name the wrong instructions and patching stops in BUG_ON() at boot or leaves code unpatched. Move one of them out.`,
    {
      word: direct ? inner.site.construct : null,
      related: [
        {
          file: outer.site.written.file,
          line: outer.site.written.openLine,
          message: `\`${outer.site.construct}' opened here`,
        },
      ],
    },
  );
}

function unterminatedFinding(open: OpenConstruct, grammar: ConstructGrammar): RawFinding {
  const missing = [...new Set([...open.remaining].flatMap((label) => (grammar.closers.get(label) ?? []).slice(0, 2)))];
  const callback = open.site.kind === 'callback-alternative';
  const names = callback
    ? missing.filter((name) => !name.includes('else'))
    : missing.filter((name) => !name.includes('_cb'));
  const wanted = (names.length > 0 ? names : missing).map((name) => `\`${name}'`).join(' and ');
  return findingAtSite(
    'alternative.unterminated',
    open.site,
    `This alternative is never closed${wanted === '' ? '' : `: ${wanted} ${wanted.includes(' and ') ? 'are' : 'is'} missing`}. The file does not assemble, or the record takes the labels of the next alternative and boot patches the wrong instructions. Close it before the next one begins.`,
    { word: open.site.construct },
  );
}
