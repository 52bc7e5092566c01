// Conditionals that are open while statements are read (binutils 2.40, gas/cond.c).

import type { CppLine } from '../cpp/model.ts';
import { type ConditionOutcome, evaluateCondition, opensConditional } from './conditionals.ts';
import type { Emitter } from './emitter.ts';
import { readable } from './scrub.ts';

interface Conditional {
  /** Statements are skipped in this branch. */
  ignoring: boolean;
  /** The whole conditional lies in skipped input. */
  readonly dead: boolean;
  /** A branch was taken, so later ones are not. */
  taken: boolean;
  /** Decided by a placeholder: every branch is followed. */
  readonly open: boolean;
  condition: string;
  readonly source: CppLine;
}

const maxOpen = 500;

/** Invariant: `emitter.openConditions` lists the conditions of the open entries, outermost first. */
export class ConditionalStack {
  readonly #emitter: Emitter;
  readonly #followOpen: boolean;
  readonly #entries: Conditional[] = [];

  /** With `followOpen`, both sides of a condition that cannot be decided are followed. */
  constructor(emitter: Emitter, followOpen: boolean) {
    this.#emitter = emitter;
    this.#followOpen = followOpen;
  }

  get depth(): number {
    return this.#entries.length;
  }

  get isIgnoring(): boolean {
    return this.#entries[this.#entries.length - 1]?.ignoring === true;
  }

  /** Lines of conditionals that nothing closed. */
  get unclosed(): readonly CppLine[] {
    return this.#entries.map((entry) => entry.source);
  }

  /** Forgets conditionals opened after the stack had `depth` entries. */
  cutTo(depth: number): void {
    if (this.#entries.length <= depth) return;
    this.#entries.length = depth;
    this.#refresh();
  }

  /** Handles a conditional directive; `false` when they nest too deeply to go on. */
  handle(op: string, operands: string): boolean {
    const top = this.#entries[this.#entries.length - 1];
    if (opensConditional(op)) {
      if (this.#entries.length >= maxOpen) return false;
      this.#push(op, operands, top?.ignoring === true);
    } else if (top === undefined) {
      this.#emitter.issue('conditional', `${op} without a matching .if`);
    } else if (op === '.endif' || op === '.endc') {
      this.#entries.pop();
    } else if (!top.dead) this.#branch(op, operands, top);
    this.#refresh();
    return true;
  }

  #push(op: string, operands: string, dead: boolean): void {
    const outcome: ConditionOutcome = dead ? { kind: 'decided', holds: false } : this.#evaluate(op, operands);
    this.#entries.push({
      dead,
      open: outcome.kind === 'open',
      ignoring: outcome.kind === 'decided' ? !outcome.holds : outcome.kind === 'unknown',
      taken: outcome.kind === 'decided' && outcome.holds,
      condition: outcome.kind === 'open' ? readable(`${op} ${operands}`) : '',
      source: this.#emitter.source,
    });
  }

  #branch(op: string, operands: string, top: Conditional): void {
    if (top.open) {
      top.condition = op === '.elseif' ? readable(`.if ${operands}`) : `not (${top.condition})`;
    } else if (top.taken) top.ignoring = true;
    else if (op === '.elseif') {
      const outcome = this.#evaluate('.if', operands);
      top.ignoring = outcome.kind === 'decided' ? !outcome.holds : outcome.kind === 'unknown';
      top.taken = !top.ignoring;
    } else {
      top.ignoring = false;
      top.taken = true;
    }
  }

  #evaluate(op: string, operands: string): ConditionOutcome {
    const outcome = evaluateCondition(op, operands, this.#emitter.scope, this.#emitter);
    if (outcome.kind !== 'unknown') return outcome;
    if (this.#followOpen) return { kind: 'open' };
    this.#emitter.issue('expression', outcome.reason);
    return outcome;
  }

  #refresh(): void {
    if (!this.#followOpen) return;
    this.#emitter.openConditions = this.#entries.filter((entry) => entry.open).map((entry) => entry.condition);
  }
}
