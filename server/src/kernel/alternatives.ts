// Alternatives of a `.S` file as a model: from the records that reach `.altinstructions` and the label pairs
// they name, so that wrappers, users' macros and future names work without a change here.

import type { CppLine } from '../syntax/cpp/model.ts';
import type { Frame, GasResult, GasStatement } from '../syntax/gas/model.ts';
import { readable } from '../syntax/gas/scrub.ts';
import {
  type AlternativeRecord,
  fieldValue,
  lengthEndLabel,
  type RecordField,
  readAlternativeRecords,
} from './alternativeRecords.ts';
import { type CpucapTable, readCpucapField } from './cpucaps.ts';
import { dataWords, insnText } from './insnText.ts';
import type { AlternativeSite, ChainFrame, ConstructLines, CpucapRef, StreamInsn } from './patchSite.ts';

/** Word and relocation of one instruction as GNU as makes them; supplied by the layer that can encode. */
export type WordOf = (statement: GasStatement) => {
  readonly word: number | null;
  readonly reason: string | null;
  readonly relocation: string | null;
};

/** What a model of sites needs to know about bytes. */
export interface SiteEncoder {
  readonly wordOf: WordOf;
  /** Offset of a statement in its section; `null` when source cannot tell. */
  offsetOf(statement: GasStatement): number | null;
  /** How a data word in code was written, where that reads better than its value. */
  writtenFormOf(statement: GasStatement): string | null;
}

/** All alternatives in emission order of their records. Never throws; what is not known is in each site's `issues`. */
export function readAlternatives(result: GasResult, cpucaps: CpucapTable, encoder: SiteEncoder): AlternativeSite[] {
  const sites: AlternativeSite[] = [];
  for (const record of readAlternativeRecords(result).records) {
    sites.push(readSite(result, record, cpucaps, encoder));
  }
  return sites;
}

function readSite(
  result: GasResult,
  record: AlternativeRecord,
  cpucaps: CpucapTable,
  encoder: SiteEncoder,
): AlternativeSite {
  const start = record.original.label;
  const issues: string[] = [];
  const { ref, isCallback: flagged } = readCpucap(result, record.cpucap, cpucaps);
  const origLenBytes = lengthOf(result, record.origLen, issues, 'original');
  const altLenBytes = lengthOf(result, record.altLen, issues, 'replacement');
  const isCallback = flagged ?? (altLenBytes === 0 && record.replacement.label === null && !record.replacement.missing);
  const originalEnd = lengthEndLabel(result, record.origLen).label;
  const replacementStart = isCallback ? null : record.replacement.label;
  const replacementEnd = isCallback ? null : lengthEndLabel(result, record.altLen).label;
  if (start === null || originalEnd === null) issues.push('the original sequence is not complete in this file');
  if (!isCallback && (replacementStart === null || replacementEnd === null)) {
    issues.push('the replacement sequence is not complete in this file');
  }

  const construct = constructOf(record.statement, [start, replacementStart]);
  const outer = construct === null ? null : construct.parent;
  const labels = [start, originalEnd, replacementStart, replacementEnd].filter((one) => one !== null);
  labels.sort((left, right) => left.seq - right.seq);
  const opener = construct === null ? record.statement.source : construct.callSource;
  const last = labels[labels.length - 1] ?? record.statement;
  const end = lineIn(last, outer);
  const divider = replacementStart === null ? null : lineIn(labels[2] ?? last, outer);
  const written: ConstructLines = {
    file: opener.file,
    openLine: opener.line,
    dividerLine: divider !== null && divider.file === opener.file ? divider.line : null,
    endLine: end.file === opener.file ? Math.max(end.line, opener.line) : opener.line,
  };
  const outermost = outermostSource(record.statement, construct);
  const outermostEnd = outermostSource(last, null);
  const conditions = new Set([...record.statement.openConditions, ...(start?.openConditions ?? [])].map(readable));

  return {
    kind: isCallback ? 'callback-alternative' : 'alternative',
    section: (start ?? replacementStart)?.bucket.section ?? '',
    offsetBytes: start === null ? null : encoder.offsetOf(start),
    replacementOffsetBytes: replacementStart === null ? null : encoder.offsetOf(replacementStart),
    cpucap: ref,
    callback: isCallback ? readable(record.replacement.text) : null,
    origLenBytes,
    altLenBytes,
    original: start === null ? [] : streamBetween(result, start, originalEnd, outer, encoder),
    replacement:
      replacementStart === null ? [] : streamBetween(result, replacementStart, replacementEnd, outer, encoder),
    construct: constructName(construct, opener),
    written,
    file: outermost.file,
    line: outermost.line,
    endLine: outermostEnd.file === outermost.file ? Math.max(outermost.line, outermostEnd.line) : outermost.line,
    chain: chainOf(outer),
    record: record.statement,
    outer,
    recordText: [record.original.text, record.replacement.text, record.origLen.text, record.altLen.text].join(' '),
    labels: { originalStart: start, originalEnd, replacementStart, replacementEnd },
    conditions: [...conditions],
    issues,
  };
}

/**
 * The expansion that the reader wrote as one construct: the innermost one that holds both the record and the
 * first label of its sequences (`alternative_if` holds both; `alternative_insn` too; a wrapper only holds them).
 */
function constructOf(record: GasStatement, labels: readonly (GasStatement | null)[]): Frame | null {
  const first = labels.filter((one) => one !== null).sort((left, right) => left.seq - right.seq)[0];
  if (first === undefined) return record.frame?.parent ?? record.frame;
  const frames = new Set<Frame>();
  for (let frame = record.frame; frame !== null; frame = frame.parent) frames.add(frame);
  for (let frame = first.frame; frame !== null; frame = frame.parent) if (frames.has(frame)) return frame;
  return null;
}

/** Line of a statement as seen from inside `outer`: where the expansion that holds it is invoked there. */
export function lineIn(statement: GasStatement, outer: Frame | null): CppLine {
  let source = statement.source;
  for (let frame = statement.frame; frame !== null; frame = frame.parent) {
    if (frame === outer) return source;
    source = frame.callSource;
  }
  return source;
}

/** Line of the file's own statement that a statement comes from. */
export function outermostSource(statement: GasStatement, construct: Frame | null): CppLine {
  let source = construct?.callSource ?? statement.source;
  for (let frame = construct ?? statement.frame; frame !== null; frame = frame.parent) source = frame.callSource;
  return source;
}

/** The expansion that the file's own statement invokes, seen from one somewhere in it. */
export function outermostFrame(frame: Frame): Frame {
  let at = frame;
  while (at.parent !== null) at = at.parent;
  return at;
}

/** Macros from the outermost to `innermost`, each with the place of its invocation. `.rept` and `.irp` rounds are left out. */
export function chainOf(innermost: Frame | null): ChainFrame[] {
  const chain: ChainFrame[] = [];
  for (let frame = innermost; frame !== null; frame = frame.parent) {
    if (frame.kind !== 'macro') continue;
    chain.push({ name: frame.name, file: frame.callSource.file, line: frame.callSource.line });
  }
  return chain.reverse();
}

function constructName(construct: Frame | null, opener: CppLine): string {
  if (construct === null) return '.altinstructions';
  // `ALTERNATIVE(...)` in a `.S` file is a preprocessor macro around the assembler's: the reader wrote the outer one.
  const token = opener.tokens.find((one) => one.text === construct.name);
  let name = construct.name;
  for (let use = token?.expansion ?? null; use !== null; use = use.parent) {
    if (construct.macro !== null && use.macro.file === construct.macro.source.file) name = use.macro.name;
  }
  return name;
}

function readCpucap(
  result: GasResult,
  field: RecordField,
  cpucaps: CpucapTable,
): { ref: CpucapRef; isCallback: boolean | null } {
  const value = fieldValue(result, field);
  const text = readable(field.text.replace(/^\((.*)\)$/, '$1'));
  if (value.kind === 'absolute') {
    const { cap, number, isCallback } = readCpucapField(cpucaps, Number(value.value));
    const name = cap === null ? null : `ARM64_${cap.name}`;
    // Up to 6.0 a callback has no cpucap of its own: the field holds ARM64_NCAPS under this name.
    if (number === null) return { ref: { name: null, number: null, text: 'ARM64_CB_PATCH' }, isCallback };
    return { ref: { name, number, text: name ?? text }, isCallback };
  }
  const named = /\b(?:ARM64_\w+)|\\\w+|[A-Za-z_]\w*/.exec(text.replaceAll(/\b[0-9]\w*/g, ''));
  // The bit of a callback is constant also where the cpucap itself is a name.
  const { callback } = cpucaps;
  const bit = callback.kind === 'bit' && new RegExp(`1\\s*<<\\s*${callback.shift}\\b`).test(text);
  return {
    ref: { name: null, number: null, text: named?.[0] ?? text },
    isCallback: callback.kind === 'bit' ? bit : null,
  };
}

function lengthOf(result: GasResult, field: RecordField, issues: string[], which: string): number | null {
  const value = fieldValue(result, field);
  if (value.kind === 'absolute') return Number(value.value);
  const reason = value.kind === 'unknown' ? value.reason : 'it depends on an argument';
  issues.push(`the length of the ${which} sequence is unknown: ${reason}`);
  return null;
}

/** Instructions from a label to an end label in the same bucket; up to the bucket's end when the end is elsewhere. */
function streamBetween(
  result: GasResult,
  start: GasStatement,
  end: GasStatement | null,
  outer: Frame | null,
  encoder: SiteEncoder,
): readonly StreamInsn[] {
  const { statements } = start.bucket;
  const stop = end !== null && end.bucket === start.bucket && end.index >= start.index ? end.index : start.index;
  const insns: StreamInsn[] = [];
  for (let index = start.index; index < stop; index++) {
    const statement = statements[index];
    if (statement === undefined) break;
    if (statement.kind === 'insn')
      insns.push(insnOf(statement, outer, insnText(result, statement), null, encoder.wordOf(statement)));
    else if (statement.kind === 'data') {
      for (const { text, word } of dataWords(result, statement)) {
        const reason = word === null ? 'its value is not known from source' : null;
        insns.push(
          insnOf(statement, outer, text, encoder.writtenFormOf(statement), { word, reason, relocation: null }),
        );
      }
    }
  }
  return insns;
}

function insnOf(
  statement: GasStatement,
  outer: Frame | null,
  text: string,
  written: string | null,
  word: ReturnType<WordOf>,
): StreamInsn {
  return {
    text,
    written,
    word: word.word,
    wordReason: word.reason,
    relocation: word.relocation,
    blockLine: lineIn(statement, outer).line,
    file: statement.source.file,
    line: statement.source.line,
    chain: chainOf(statement.frame),
  };
}
