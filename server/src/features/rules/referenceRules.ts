// Rules about labels inside alternatives and who refers to them.

import { lineIn, outermostSource } from '../../kernel/alternatives.ts';
import type { AlternativeSite } from '../../kernel/patchSite.ts';
import { resolveNumericLabel } from '../../syntax/gas/labels.ts';
import type { GasStatement } from '../../syntax/gas/model.ts';
import { isOfConstruct } from './constructs.ts';
import { findingAt, type RawFinding, type RuleInput } from './ruleModel.ts';

interface InnerLabel {
  readonly site: AlternativeSite;
  readonly where: 'replacement' | 'original';
  readonly start: GasStatement;
  readonly end: GasStatement;
}

/** References to the labels of the constructs, to labels inside a replacement, and into the middle of an original. */
export function checkReferences(input: RuleInput, sites: Iterable<AlternativeSite>): RawFinding[] {
  return [...checkConstructLabels(input), ...checkInnerLabels(input, sites)];
}

/** A user's `662f` that means the label of an alternative and not his own. */
function checkConstructLabels(input: RuleInput): RawFinding[] {
  const findings: RawFinding[] = [];
  const { labels } = input.grammar;
  if (labels.size === 0) return findings;
  for (const statement of input.gas.statements) {
    if (statement.kind !== 'insn' && statement.kind !== 'data') continue;
    for (const [reference, number = '', direction] of statement.operands.matchAll(
      /(?<![\w.$\\])([0-9]{2,})([bf])(?![\w.$])/g,
    )) {
      if (!labels.has(number) || isOfConstruct(statement, input.grammar)) continue;
      const target = resolveNumericLabel(input.gas, number, direction === 'b' ? 'b' : 'f', statement.seq);
      if (target === null || !isOfConstruct(target, input.grammar)) continue;
      const { file, line } = outermostSource(target, null);
      findings.push(
        findingAt(
          'alternative.label-clash',
          statement.source,
          outermostSource(statement, null),
          `\`${reference}' is a label of the alternative macros, which moves when alternatives are added or changed. Use a label of your own.`,
          { word: reference, related: [{ file, line, message: `\`${number}:' comes from here` }] },
        ),
      );
    }
  }
  return findings;
}

/** References from outside to labels inside a replacement, or into the middle of an original sequence. */
function checkInnerLabels(input: RuleInput, sites: Iterable<AlternativeSite>): RawFinding[] {
  const labels = new Map<GasStatement, InnerLabel>();
  const names = new Set<string>();
  for (const site of sites) {
    collect(input, site, 'replacement', labels);
    collect(input, site, 'original', labels);
  }
  if (labels.size === 0) return [];
  for (const label of labels.keys()) names.add(label.op);
  const findings: RawFinding[] = [];
  for (const statement of input.gas.statements) {
    if (statement.kind !== 'insn' && statement.kind !== 'data') continue;
    for (const match of statement.operands.matchAll(/(?<![\w.$\\])([0-9]+[bf]|[A-Za-z_.$][\w.$]*)(?![\w.$])/g)) {
      const reference = match[1] ?? '';
      const numeric = /^([0-9]+)([bf])$/.exec(reference);
      if (!names.has(numeric?.[1] ?? reference)) continue;
      const target = targetOf(input, statement, reference, numeric);
      const inner = target === null ? undefined : labels.get(target);
      if (target === null || inner === undefined || isInside(statement, inner)) continue;
      if (isOfConstruct(statement, input.grammar)) continue;
      const finding = describe(statement, reference, target, inner);
      if (finding !== null) findings.push(finding);
    }
  }
  return findings;
}

function targetOf(
  input: RuleInput,
  statement: GasStatement,
  reference: string,
  numeric: RegExpExecArray | null,
): GasStatement | null {
  if (numeric?.[1] !== undefined) {
    return resolveNumericLabel(input.gas, numeric[1], numeric[2] === 'b' ? 'b' : 'f', statement.seq);
  }
  return input.gas.labels.get(reference)?.statement ?? null;
}

function collect(
  input: RuleInput,
  site: AlternativeSite,
  where: InnerLabel['where'],
  labels: Map<GasStatement, InnerLabel>,
): void {
  const { originalStart, originalEnd, replacementStart, replacementEnd } = site.labels;
  const start = where === 'original' ? originalStart : replacementStart;
  const end = where === 'original' ? originalEnd : replacementEnd;
  if (start === null || end === null || start.bucket !== end.bucket) return;
  for (let index = start.index; index < end.index; index++) {
    const statement = start.bucket.statements[index];
    if (statement === undefined || statement.kind !== 'label' || isOfConstruct(statement, input.grammar)) continue;
    // The first and the last address of an original sequence are good targets in every state.
    const middle = statement.offsetBytes > start.offsetBytes && statement.offsetBytes < end.offsetBytes;
    if (where === 'replacement' || middle) labels.set(statement, { site, where, start, end });
  }
}

function isInside(statement: GasStatement, inner: InnerLabel): boolean {
  if (inner.where === 'original') {
    // Both halves of the same alternative know each other's layout.
    const { replacementStart, replacementEnd } = inner.site.labels;
    if (replacementStart !== null && replacementEnd !== null && isBetween(statement, replacementStart, replacementEnd))
      return true;
  }
  return isBetween(statement, inner.start, inner.end);
}

function isBetween(statement: GasStatement, start: GasStatement, end: GasStatement): boolean {
  return statement.bucket === start.bucket && statement.index >= start.index && statement.index < end.index;
}

function describe(
  statement: GasStatement,
  reference: string,
  target: GasStatement,
  inner: InnerLabel,
): RawFinding | null {
  const related = [
    { file: target.source.file, line: target.source.line, message: `\`${target.op}:' is defined here` },
    { file: inner.site.written.file, line: inner.site.written.openLine, message: `in this \`${inner.site.construct}'` },
  ];
  const outermost = outermostSource(statement, null);
  if (inner.where === 'original') {
    if (statement.kind !== 'insn') return null;
    return findingAt(
      'alternative.branch-into-original',
      statement.source,
      outermost,
      `\`${statement.op} ${reference}' lands in the middle of a sequence that boot replaces as a whole: with ${inner.site.cpucap.text} other instructions stand there. Branch to its start or to its end.`,
      { word: reference, related },
    );
  }
  if (statement.kind === 'insn') {
    return findingAt(
      'alternative.branch-into-replacement',
      statement.source,
      outermost,
      `\`${reference}' lies in the replacement of an alternative, which is kept out of line: this ${statement.op} would run the copy that nobody patches in, and fall off its end. Put the label outside the alternative.`,
      { word: reference, related },
    );
  }
  return findingAt(
    'alternative.table-entry-in-replacement',
    lineIn(statement, inner.site.outer),
    outermost,
    `An entry in ${statement.bucket.section} names an address in the replacement of an alternative. The instruction runs at the original's address, so the entry is never found there. Make the entry outside the alternative, or for the original sequence.`,
    { related },
  );
}
