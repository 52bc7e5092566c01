// `.altinstructions` as a `.S` file emits it: fields of 12 bytes a record (arch/arm64/include/asm/alternative.h:
// struct alt_instr, 5.10 to 6.12), with the labels that its fields refer to. No macro name is looked at.

import { dataElementBytes } from '../syntax/gas/directives.ts';
import { evaluateExpression, type GasValue } from '../syntax/gas/expression.ts';
import { resolveLabel, scopeAt } from '../syntax/gas/labels.ts';
import type { Bucket, GasResult, GasStatement } from '../syntax/gas/model.ts';
import { splitOperands } from '../syntax/gas/statement.ts';

/** One element of data: its expression and the statement that carries it. */
export interface RecordField {
  readonly text: string;
  readonly sizeBytes: number;
  readonly statement: GasStatement;
  /** Byte offset of the element in its statement. */
  readonly offsetBytes: number;
}

/** A record: five fields, and what the two offsets refer to. */
export interface AlternativeRecord {
  readonly original: LabelReference;
  readonly replacement: LabelReference;
  readonly cpucap: RecordField;
  readonly origLen: RecordField;
  readonly altLen: RecordField;
  readonly statement: GasStatement;
}

/** What `label - .` refers to. */
export interface LabelReference {
  /** Text before the `- .`. */
  readonly text: string;
  /** Label in this file; `null` for a symbol of another file or a label that is missing. */
  readonly label: GasStatement | null;
  /** Numeric labels can only be this file's; a missing one means an unclosed construct. */
  readonly missing: boolean;
}

const recordShape = [4, 4, 2, 1, 1] as const;

/** Records in emission order; `leftover` is the first field that fits into no record. */
export function readAlternativeRecords(result: GasResult): {
  readonly records: readonly AlternativeRecord[];
  readonly leftover: RecordField | null;
} {
  const records: AlternativeRecord[] = [];
  let leftover: RecordField | null = null;
  for (const bucket of result.buckets) {
    if (bucket.section !== '.altinstructions') continue;
    const fields = fieldsOf(bucket);
    let at = 0;
    while (at < fields.length) {
      const slice = fields.slice(at, at + recordShape.length);
      const [original, replacement, cpucap, origLen, altLen] = slice;
      const fits = slice.length === 5 && slice.every((field, index) => field.sizeBytes === recordShape[index]);
      if (!fits || !original || !replacement || !cpucap || !origLen || !altLen) {
        leftover ??= fields[at] ?? null;
        at++;
        continue;
      }
      records.push({
        original: reference(result, original),
        replacement: reference(result, replacement),
        cpucap,
        origLen,
        altLen,
        statement: original.statement,
      });
      at += 5;
    }
  }
  return { records, leftover };
}

/** Value of a field's expression where the record stands, labels after it included. */
export function fieldValue(result: GasResult, field: RecordField): GasValue {
  return evaluateExpression(field.text, scopeAt(result, field.statement, field.offsetBytes)).value;
}

/** End label of a length field such as `662f-661f`: the left side of the difference. */
export function lengthEndLabel(
  result: GasResult,
  field: RecordField,
): { label: GasStatement | null; missing: boolean } {
  const text = field.text.replaceAll(/[()\s]/g, '');
  const match = /^([^-+]+)-([^-+]+)$/.exec(text);
  if (match?.[1] === undefined) return { label: null, missing: false };
  const label = resolveLabel(result, match[1], field.statement.seq);
  return { label, missing: label === null && /^[0-9]+[bf]$/i.test(match[1]) };
}

function fieldsOf(bucket: Bucket): RecordField[] {
  const fields: RecordField[] = [];
  for (const statement of bucket.statements) {
    if (statement.kind !== 'data') continue;
    const size = dataElementBytes[statement.op];
    if (size === undefined) continue;
    splitOperands(statement.operands).forEach((text, index) => {
      fields.push({ text, sizeBytes: size, statement, offsetBytes: index * size });
    });
  }
  return fields;
}

function reference(result: GasResult, field: RecordField): LabelReference {
  const text = field.text.replace(/\s*-\s*\.\s*$/, '').trim();
  const bare = text.replace(/^\((.*)\)$/, '$1').trim();
  const label = resolveLabel(result, bare, field.statement.seq);
  return { text: bare, label, missing: label === null && /^[0-9]+[bf]$/i.test(bare) };
}
