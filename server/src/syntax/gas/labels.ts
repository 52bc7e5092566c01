import { firstNotBefore } from '../../base/search.ts';
import { positionOf } from './emitter.ts';
import { type ExpressionScope, evaluateExpression, type GasValue } from './expression.ts';
import type { GasResult, GasStatement } from './model.ts';

/** Definition that a numeric label such as `661b` or `661f` means at `seq`, or `null`. Source order decides, not addresses. */
export function resolveNumericLabel(
  result: GasResult,
  number: string,
  direction: 'b' | 'f',
  seq: number,
): GasStatement | null {
  const defined = result.numericLabels.get(number) ?? [];
  const next = firstNotBefore(defined, (one) => one.seq <= seq);
  return defined[direction === 'f' ? next : next - 1] ?? null;
}

/** Statement that a label reference (`661f`, `.Lfoo`) means at `seq`; `null` when the file defines no such label. */
export function resolveLabel(result: GasResult, reference: string, seq: number): GasStatement | null {
  const numeric = /^([0-9]+)([bBfF])$/.exec(reference);
  if (numeric?.[1] !== undefined && numeric[2] !== undefined) {
    return resolveNumericLabel(result, numeric[1], numeric[2].toLowerCase() === 'b' ? 'b' : 'f', seq);
  }
  return result.labels.get(reference)?.statement ?? null;
}

/** What names mean at one statement once the whole file is read: forward labels are known, constants have their last value. */
export function scopeAt(result: GasResult, statement: GasStatement, offsetInStatement = 0): ExpressionScope {
  return makeScope(result, statement, offsetInStatement, 0);
}

/** Symbols may be set from symbols that are set later; this many steps are followed. */
const maxDepth = 16;

function makeScope(
  result: GasResult,
  statement: GasStatement,
  offsetInStatement: number,
  depth: number,
): ExpressionScope {
  return {
    symbol: (name) => {
      const assigned = assignmentAt(result, name, statement.seq, depth);
      if (assigned !== null) return assigned;
      const label = result.labels.get(name);
      return label === undefined ? sectionOrSymbol(result, name) : positionOf(label.statement);
    },
    numericLabel: (number, direction) => {
      const label = resolveNumericLabel(result, number, direction, statement.seq);
      return label === null
        ? { kind: 'unknown', reason: `label ${number}${direction} is not defined` }
        : positionOf(label);
    },
    here: () => ({
      kind: 'position',
      position: {
        bucket: statement.bucket,
        part: statement.part,
        offsetBytes: statement.offsetBytes + offsetInStatement,
      },
      addend: 0n,
    }),
  };
}

/** Value that a symbol has at `seq`; one that is assigned only later has its first value. */
function assignmentAt(result: GasResult, name: string, seq: number, depth: number): GasValue | null {
  const history = result.assignments.get(name);
  if (history === undefined) {
    const constant = result.constants.get(name);
    return constant === undefined ? null : { kind: 'absolute', value: constant };
  }
  let found = history[0];
  for (const assignment of history) {
    if (assignment.seq > seq) break;
    found = assignment;
  }
  if (found === undefined) return null;
  if (found.value.kind === 'absolute' || found.value.kind === 'position' || depth >= maxDepth) return found.value;
  // It named something that was not defined yet: the assembler keeps such an expression until it is.
  const { statement } = found;
  return evaluateExpression(statement.operands, makeScope(result, statement, 0, depth + 1)).value;
}

/** The name of a section means its start where nothing else has that name. */
function sectionOrSymbol(result: GasResult, name: string): GasValue {
  const bucket = name.startsWith('.')
    ? result.buckets.find((one) => one.section === name && one.subsection === 0)
    : undefined;
  if (bucket === undefined) return { kind: 'symbol', name, addend: 0n };
  return { kind: 'position', position: { bucket, part: 0, offsetBytes: 0 }, addend: 0n };
}

/** Value of an expression at a statement of a file that is read to its end. */
export function valueAt(result: GasResult, statement: GasStatement, text: string): GasValue {
  return evaluateExpression(text, scopeAt(result, statement)).value;
}

/** Register that a name stands for at `seq`, or `null`. */
export function aliasAt(result: GasResult, name: string, seq: number): string | null {
  let register: string | null = null;
  for (const alias of result.aliases.get(name.toLowerCase()) ?? []) {
    if (alias.seq > seq) break;
    register = alias.register;
  }
  return register;
}
