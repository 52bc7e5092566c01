// What the macro layer has emitted so far: statements in their buckets, symbols and their values, issues.

import type { CppLine } from '../cpp/model.ts';
import { alignmentBytes, directiveBytes } from './directives.ts';
import { type ExpressionScope, evaluateExpression, type GasValue } from './expression.ts';
import type { Assignment, Frame, GasIssue, GasStatement, LabelSymbol, RegisterAlias } from './model.ts';
import { SectionTracker } from './sections.ts';
import { splitOperands } from './statement.ts';

/** Problems kept of one file; a broken header repeats the same one thousands of times. */
const maxIssues = 1000;

/**
 * The assembler proper as far as the macro layer needs it: location counters, labels and constants.
 * Invariant: `statements[i].seq === i`, and each statement is in its bucket at `index`.
 */
export class Emitter {
  readonly statements: GasStatement[] = [];
  readonly sections = new SectionTracker();
  readonly issues: GasIssue[] = [];
  readonly labels = new Map<string, LabelSymbol>();
  readonly numericLabels = new Map<string, GasStatement[]>();
  readonly values = new Map<string, GasValue>();
  readonly assignments = new Map<string, Assignment[]>();
  readonly globals = new Set<string>();
  readonly aliases = new Map<string, RegisterAlias[]>();
  readonly scope: ExpressionScope;
  /** Line and expansion of the statement being read. */
  source: CppLine = { text: '', file: '', line: 0, tokens: [], columns: [] };
  frame: Frame | null = null;
  openConditions: readonly string[] = [];

  constructor() {
    this.scope = {
      symbol: (name) => this.#symbol(name),
      numericLabel: (number, direction) => this.#numericLabel(number, direction),
      here: () => this.#here(),
    };
  }

  issue(kind: GasIssue['kind'], message: string): void {
    if (this.issues.length < maxIssues) this.issues.push({ kind, message, source: this.source, frame: this.frame });
  }

  emit(
    kind: GasStatement['kind'],
    op: string,
    operands: string,
    text: string,
    sizeBytes: number | null,
    alignBytes: number | null = null,
  ): GasStatement {
    const bucket = this.sections.current;
    const statement: GasStatement = {
      seq: this.statements.length,
      kind,
      op,
      text,
      operands,
      bucket,
      index: bucket.statements.length,
      part: bucket.part,
      offsetBytes: bucket.offsetBytes,
      sizeBytes,
      alignBytes,
      source: this.source,
      frame: this.frame,
      openConditions: this.openConditions,
    };
    this.statements.push(statement);
    bucket.statements.push(statement);
    if (sizeBytes === null) {
      bucket.part++;
      bucket.offsetBytes = 0;
    } else bucket.offsetBytes += sizeBytes;
    return statement;
  }

  label(name: string): void {
    const statement = this.emit('label', name, '', `${name}:`, 0);
    const code = name.charCodeAt(0);
    if (code >= 48 && code <= 57) {
      const known = this.numericLabels.get(name);
      if (known === undefined) this.numericLabels.set(name, [statement]);
      else known.push(statement);
    } else if (!this.labels.has(name)) this.labels.set(name, { name, statement });
    else this.issue('directive', `symbol \`${name}' is already defined`);
  }

  assign(name: string, expression: string, text: string, mode: 'redefine' | 'once'): void {
    if (name === '.') {
      this.origin(expression, text);
      return;
    }
    const { value } = evaluateExpression(expression, this.scope);
    if (mode === 'once' && (this.values.has(name) || this.labels.has(name))) {
      this.issue('directive', `symbol \`${name}' is already defined`);
    }
    this.values.set(name, value);
    const history = this.assignments.get(name);
    const statement = this.emit('assignment', name, expression, text, 0);
    const entry: Assignment = { seq: statement.seq, value, statement };
    if (history === undefined) this.assignments.set(name, [entry]);
    else history.push(entry);
  }

  /** `register` is `null` for `.unreq`. */
  alias(name: string, register: string | null, text: string): void {
    const key = name.toLowerCase();
    const op = register === null ? '.unreq' : '.req';
    const { seq } = this.emit('directive', op, register === null ? name : `${name} ${register}`, text, 0);
    const history = this.aliases.get(key);
    const entry: RegisterAlias = { seq, register, source: this.source };
    if (history === undefined) this.aliases.set(key, [entry]);
    else history.push(entry);
  }

  isDefined(name: string): boolean {
    const alias = this.aliases.get(name.toLowerCase());
    return this.values.has(name) || this.labels.has(name) || (alias?.[alias.length - 1]?.register ?? null) !== null;
  }

  align(op: string, operands: string, text: string): void {
    const bucket = this.sections.current;
    const bytes = alignmentBytes(op, operands, this.scope);
    // A subsection begins where the one before it ends, which is known to be a multiple of 4 in code only.
    const known = bytes !== null && (bytes <= 4 || (bucket.part === 0 && bucket.subsection === 0));
    const size = known ? (bytes - (bucket.offsetBytes % bytes)) % bytes : null;
    this.emit('directive', op, operands, text, size, bytes);
  }

  origin(expression: string, text: string): void {
    const bucket = this.sections.current;
    const { value } = evaluateExpression(splitOperands(expression)[0] ?? '', this.scope);
    let target: number | null = null;
    if (value.kind === 'absolute' && bucket.part === 0) target = Number(value.value);
    if (value.kind === 'position' && value.position.bucket === bucket && value.position.part === bucket.part) {
      target = value.position.offsetBytes + Number(value.addend);
    }
    if (target !== null && target < bucket.offsetBytes) this.issue('directive', 'attempt to move .org backwards');
    const size = target === null ? null : Math.max(0, target - bucket.offsetBytes);
    this.emit('directive', '.org', expression, text, size);
  }

  literalPool(op: string, operands: string, text: string): void {
    const bucket = this.sections.current;
    const known = bucket.pendingLiterals === 0;
    bucket.pendingLiterals = 0;
    this.emit('directive', op, operands, text, known ? 0 : null);
  }

  /** A directive that emits bytes; `false` when it emits none. */
  data(op: string, operands: string, text: string): boolean {
    const bytes = directiveBytes(op, operands, this.scope);
    if (bytes === 0) return false;
    this.emit('data', op, operands, text, bytes);
    return true;
  }

  insn(op: string, operands: string, text: string): void {
    if (/^ldr(sw)?$/.test(op) && operands.includes('=')) this.sections.current.pendingLiterals++;
    this.emit('insn', op, operands, text, 4);
  }

  /** Value of an expression that must be a small number; anything else is 0. */
  smallNumber(text: string): number {
    const { value } = evaluateExpression(text, this.scope);
    return value.kind === 'absolute' && value.value >= 0n && value.value < 65536n ? Number(value.value) : 0;
  }

  #symbol(name: string): GasValue {
    const value = this.values.get(name);
    if (value !== undefined) return value;
    const label = this.labels.get(name);
    if (label !== undefined) return positionOf(label.statement);
    return { kind: 'symbol', name, addend: 0n };
  }

  #numericLabel(number: string, direction: 'b' | 'f'): GasValue {
    if (direction === 'f') return { kind: 'unknown', reason: `label ${number}f is not defined yet` };
    const defined = this.numericLabels.get(number);
    const last = defined?.[defined.length - 1];
    if (last === undefined) return { kind: 'unknown', reason: `backward reference to unknown label ${number}:` };
    return positionOf(last);
  }

  #here(): GasValue {
    const bucket = this.sections.current;
    const position = { bucket, part: bucket.part, offsetBytes: bucket.offsetBytes };
    return { kind: 'position', position, addend: 0n };
  }
}

/** Place of a statement as a value. */
export function positionOf(statement: GasStatement): GasValue {
  const { bucket, part, offsetBytes } = statement;
  return { kind: 'position', position: { bucket, part, offsetBytes }, addend: 0n };
}
