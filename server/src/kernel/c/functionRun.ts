import type { CAsmStmt, CExpr, CStmt } from '../../syntax/cflow/model.ts';
import { Evaluator } from './evaluator.ts';
import { assignedNames, caseLabels, copyState, type FlowState, joinStates, type PathCondition } from './flowState.ts';
import type { FunctionSource } from './functionSource.ts';
import type { SiteWalker } from './siteWalker.ts';
import { joinValues, sameValue, truthOf, unknownValue, type Value } from './values.ts';
import type { FunctionWalk, SiteArms } from './walkModel.ts';

interface Returned {
  readonly value: Value;
  readonly condition: PathCondition | null;
}

/** Where `break` and `continue` lead. */
interface Breakable {
  readonly isSwitch: boolean;
  readonly breaks: FlowState[];
}

/** One pass through a function's body: both ways of a condition that is not constant, each loop once. */
export class FunctionRun {
  readonly #walker: SiteWalker;
  readonly #fn: FunctionSource;
  readonly #evaluator: Evaluator;
  readonly #breakables: Breakable[] = [];
  readonly #jumps = new Map<string, FlowState[]>();
  readonly #returns: Returned[] = [];
  /** Labels that were passed by before a jump to them was met. */
  readonly #passed = new Set<string>();
  #state: FlowState;

  constructor(
    walker: SiteWalker,
    fn: FunctionSource,
    args: readonly Value[],
    depth: number,
    isRoot: boolean,
    blind = false,
  ) {
    this.#walker = walker;
    this.#fn = fn;
    const variables = new Map<string, Value>();
    fn.parameters.forEach(({ name }, index) => {
      variables.set(name, args[index] ?? unknownValue);
    });
    this.#state = { reachable: true, variables, condition: null };
    this.#evaluator = new Evaluator({
      walker,
      fn,
      depth,
      isRoot,
      blind,
      state: () => this.#state,
      setState: (state) => {
        this.#state = state;
      },
      runBlock: (body) => this.#block(body),
      noteArms: (condition, taken, other) => this.#noteArms(condition, taken, other),
    });
    for (const { name, type } of fn.parameters) this.#evaluator.declareType(name, type);
  }

  run(): FunctionWalk {
    const body = this.#walker.bodyOf(this.#fn);
    const start = copyState(this.#state);
    this.#all(body);
    const late = [...this.#passed].filter((label) => this.#jumps.has(label));
    if (late.length > 0 && this.#evaluator.events.length < this.#walker.limits.events) {
      // A jump back to code that nothing else reaches: once more, with the label open.
      this.#evaluator.reset();
      this.#returns.length = 0;
      this.#state = start;
      this.#all(body);
    }
    const { events, removed, isPartial } = this.#evaluator;
    return { events, removed, value: this.#value(), isPartial };
  }

  /** The function's value: of its only `return`, or what a site chooses between two. */
  #value(): Value {
    const returns = this.#returns;
    const [first, second] = returns;
    if (first === undefined) return unknownValue;
    if (returns.every(({ value }) => sameValue(value, first.value)) && first.value.kind !== 'choice')
      return first.value;
    if (second === undefined) return first.value;
    if (returns.length === 2) {
      const [a, b] = [first.condition, second.condition];
      if (a !== null && b !== null && a.event === b.event && a.taken !== b.taken) {
        const [taken, other] = a.taken ? [first.value, second.value] : [second.value, first.value];
        return { kind: 'choice', event: a.event, taken, other };
      }
      if ((a === null) !== (b === null)) {
        // `if (site) return 1; return 0;`
        const known = a ?? b;
        const [inside, outside] = a !== null ? [first.value, second.value] : [second.value, first.value];
        if (known !== null && inside.kind === 'int' && outside.kind === 'int') {
          const [taken, other] = known.taken ? [inside, outside] : [outside, inside];
          return { kind: 'choice', event: known.event, taken, other };
        }
      }
    }
    return returns.map(({ value }) => value).reduce(joinValues);
  }

  #all(statements: readonly CStmt[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  /** Statements of `({ … })`; gives the value of the last one. */
  #block(body: readonly CStmt[]): Value {
    let value = unknownValue;
    body.forEach((statement, index) => {
      if (index === body.length - 1 && statement.kind === 'expr' && this.#state.reachable) {
        value = this.#evaluator.evaluate(statement.value);
      } else this.#statement(statement);
    });
    return value;
  }

  #statement(statement: CStmt): void {
    if (!this.#walker.step()) {
      this.#evaluator.isPartial = true;
      return;
    }
    const { reachable } = this.#state;
    switch (statement.kind) {
      case 'expr':
        if (reachable) this.#evaluator.evaluate(statement.value);
        break;
      case 'declare':
        this.#evaluator.declareType(statement.name, statement.type);
        if (reachable) this.#declare(statement);
        break;
      case 'block':
        this.#all(statement.body);
        break;
      case 'if':
        this.#if(statement);
        break;
      case 'switch':
        this.#switch(statement);
        break;
      case 'loop':
        this.#loop(statement);
        break;
      case 'return':
        if (!reachable) break;
        this.#returns.push({
          value: statement.value === null ? unknownValue : this.#evaluator.evaluate(statement.value),
          condition: this.#state.condition,
        });
        this.#state.reachable = false;
        break;
      case 'goto':
        if (reachable && statement.label !== null) this.#jump(statement.label, this.#state);
        this.#state.reachable = false;
        break;
      case 'label':
        this.#label(statement.name);
        break;
      case 'break': {
        const target = this.#breakables[this.#breakables.length - 1];
        if (reachable) target?.breaks.push(copyState(this.#state));
        this.#state.reachable = false;
        break;
      }
      case 'continue': {
        const target = this.#breakables.findLast((one) => !one.isSwitch);
        if (reachable) target?.breaks.push(copyState(this.#state));
        this.#state.reachable = false;
        break;
      }
      case 'asm':
        if (reachable) this.#asm(statement);
        break;
      case 'case':
      case 'local-labels':
      case 'empty':
        break;
    }
  }

  #declare(statement: Extract<CStmt, { kind: 'declare' }>): void {
    const { name, init, isStatic, isExtern, cleanup } = statement;
    const value = init === null ? unknownValue : this.#evaluator.evaluate(init);
    if (isStatic || isExtern) {
      this.#state.variables.delete(name);
      this.#evaluator.setStatic(name, true);
    } else {
      this.#evaluator.setStatic(name, false);
      this.#state.variables.set(name, value);
    }
    if (cleanup !== null) this.#evaluator.callByName(cleanup, [unknownValue], statement.at, statement.end);
  }

  #if(statement: Extract<CStmt, { kind: 'if' }>): void {
    const entered = this.#state.reachable;
    const condition = entered ? this.#evaluator.evaluate(statement.condition) : unknownValue;
    const truth = this.#evaluator.isBlind ? null : truthOf(condition);
    if (entered && !this.#evaluator.isBlind) this.#noteArms(condition, statement.then, statement.otherwise);
    const before = this.#state;
    this.#state = copyState(before);
    this.#enter(condition, true, entered && truth !== false);
    this.#statement(statement.then);
    const afterThen = this.#state;
    this.#state = copyState(before);
    this.#enter(condition, false, entered && truth !== true);
    if (statement.otherwise !== null) this.#statement(statement.otherwise);
    this.#state = joinStates(afterThen, this.#state);
    // What holds behind an `if` without jumps holds whatever the condition was.
    if (this.#state.reachable && afterThen.reachable && truth === null) this.#state.condition = before.condition;
  }

  /** Puts the state on one side of a condition. */
  #enter(condition: Value, side: boolean, reachable: boolean): void {
    this.#state.reachable = reachable;
    if (condition.kind !== 'choice') return;
    const taken = truthOf(condition.taken);
    const other = truthOf(condition.other);
    if (taken === side && other !== side) this.#state.condition = { event: condition.event, taken: true };
    else if (other === side && taken !== side) this.#state.condition = { event: condition.event, taken: false };
  }

  #noteArms(condition: Value, then: CStmt | CExpr, otherwise: CStmt | CExpr | null): void {
    if (condition.kind !== 'choice') return;
    const taken = truthOf(condition.taken);
    const other = truthOf(condition.other);
    const when = taken ?? (other === null ? null : !other);
    if (when === null || (other !== null && other === when)) return;
    const place = (side: boolean): SiteArms['taken'] => {
      const node = side ? then : otherwise;
      return { when: side, range: node === null ? null : { start: node.at, end: node.end } };
    };
    this.#evaluator.setArms(condition.event, { taken: place(when), other: place(!when) });
  }

  #switch(statement: Extract<CStmt, { kind: 'switch' }>): void {
    const entered = this.#state.reachable;
    const on = entered ? this.#evaluator.evaluate(statement.on) : unknownValue;
    const labels = caseLabels(statement.body);
    const before = copyState(this.#state);
    let chosen: CStmt | null | undefined;
    if (on.kind === 'int' && !this.#evaluator.isBlind) chosen = this.#chooseCase(on.value, labels);
    const target: Breakable = { isSwitch: true, breaks: [] };
    this.#breakables.push(target);
    this.#state = { ...copyState(before), reachable: false };
    const visit = (node: CStmt): void => {
      if (node.kind === 'case') {
        const enters = entered && (chosen === undefined || chosen === node);
        if (enters) this.#state = joinStates(this.#state, before);
      } else if (node.kind === 'block') node.body.forEach(visit);
      else this.#statement(node);
    };
    visit(statement.body);
    this.#breakables.pop();
    const skips = entered && (chosen === null || (chosen === undefined && !labels.some(({ low }) => low === null)));
    let after = skips ? joinStates(this.#state, before) : this.#state;
    for (const one of target.breaks) after = joinStates(after, one);
    this.#state = after;
  }

  /** The label that a constant leads to, `null` for none, `undefined` when a label is not constant. */
  #chooseCase(value: bigint, labels: readonly Extract<CStmt, { kind: 'case' }>[]): CStmt | null | undefined {
    let fallback: CStmt | null = null;
    for (const label of labels) {
      if (label.low === null) {
        fallback = label;
        continue;
      }
      const low = this.#evaluator.evaluate(label.low);
      const high = label.high === null ? low : this.#evaluator.evaluate(label.high);
      if (low.kind !== 'int' || high.kind !== 'int') return undefined;
      if (value >= low.value && value <= high.value) return label;
    }
    return fallback;
  }

  #loop(statement: Extract<CStmt, { kind: 'loop' }>): void {
    this.#all(statement.init);
    const entered = this.#state.reachable;
    const once = statement.atLeastOnce && statement.condition?.kind === 'number' && statement.condition.value === 0n;
    if (!once) {
      const changed = assignedNames(statement.body);
      assignedNames(statement.condition, changed);
      assignedNames(statement.step, changed);
      for (const name of changed) if (this.#state.variables.has(name)) this.#state.variables.set(name, unknownValue);
    }
    const before = copyState(this.#state);
    let truth: boolean | null = true;
    if (!statement.atLeastOnce && statement.condition !== null && entered) {
      const condition = this.#evaluator.evaluate(statement.condition);
      if (!this.#evaluator.isBlind) {
        truth = truthOf(condition);
        this.#noteArms(condition, statement.body, null);
      } else truth = null;
    }
    const skipped = copyState(this.#state);
    const target: Breakable = { isSwitch: false, breaks: [] };
    this.#breakables.push(target);
    this.#state.reachable = entered && truth !== false;
    this.#statement(statement.body);
    if (statement.step !== null && this.#state.reachable) this.#evaluator.evaluate(statement.step);
    if (statement.atLeastOnce && statement.condition !== null && this.#state.reachable) {
      const condition = this.#evaluator.evaluate(statement.condition);
      if (truthOf(condition) === true) this.#state.reachable = false;
    } else if (!statement.atLeastOnce && truth === true) this.#state.reachable = false;
    this.#breakables.pop();
    let after = this.#state;
    if (entered && !statement.atLeastOnce && truth !== true) after = joinStates(after, skipped);
    for (const one of target.breaks) after = joinStates(after, one);
    this.#state = once ? after : { ...after, condition: before.condition };
  }

  #jump(label: string, state: FlowState): void {
    const known = this.#jumps.get(label);
    if (known === undefined) this.#jumps.set(label, [copyState(state)]);
    else if (known.length < 8) known.push(copyState(state));
  }

  #label(name: string): void {
    const jumps = this.#jumps.get(name);
    if (jumps === undefined) {
      if (!this.#state.reachable) this.#passed.add(name);
      return;
    }
    this.#passed.delete(name);
    for (const state of jumps) this.#state = joinStates(this.#state, state);
  }

  #asm(statement: CAsmStmt): void {
    const event = this.#evaluator.asm(statement);
    if (!statement.isGoto) return;
    for (const label of statement.labels) {
      const condition = event === null ? this.#state.condition : { event, taken: true };
      this.#jump(label, { ...this.#state, condition });
    }
    if (event !== null) this.#state.condition = { event, taken: false };
  }
}
