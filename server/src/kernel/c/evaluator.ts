import type { CAsmStmt, CExpr } from '../../syntax/cflow/model.ts';
import type { EvaluatorHost } from './evaluatorHost.ts';
import { copyState, joinStates } from './flowState.ts';
import { inlineCallee } from './functionSource.ts';
import {
  booleanOf,
  castValue,
  compute,
  logical,
  namesParameter,
  parameterAddress,
  shortText,
  unary,
} from './operators.ts';
import { chosenByType, resolveType, sameType, sizeOfType, type TypeScope, typeOf } from './typeOf.ts';
import {
  type AddressValue,
  intValue,
  joinValues,
  mapChoice,
  one,
  shiftEvents,
  truthOf,
  unknownValue,
  type Value,
  zero,
} from './values.ts';
import { type RemovedCall, recordSections, type SiteArms, type SiteEvent, underCall } from './walkModel.ts';

/** Values of expressions in one function, and the sites that evaluating them comes by. */
export class Evaluator {
  events: SiteEvent[] = [];
  removed: RemovedCall[] = [];
  isPartial = false;
  readonly isBlind: boolean;
  readonly #host: EvaluatorHost;
  readonly #types = new Map<string, string>();
  readonly #statics = new Set<string>();
  readonly #escaped = new Set<string>();
  readonly #typeScope: TypeScope;
  /** Set while only a value is wanted. */
  #quiet = 0;

  constructor(host: EvaluatorHost) {
    this.#host = host;
    this.isBlind = host.blind;
    this.#typeScope = { scope: host.fn.scope, local: (name) => this.#types.get(name) ?? null };
  }

  reset(): void {
    this.events = [];
    this.removed = [];
  }

  declareType(name: string, type: string): void {
    const resolved = /typeof|__auto_type/.test(type) ? (resolveType(type, this.#typeScope) ?? type) : type;
    this.#types.set(name, resolved);
  }

  setStatic(name: string, isStatic: boolean): void {
    if (isStatic) this.#statics.add(name);
    else this.#statics.delete(name);
  }

  setArms(event: number, arms: SiteArms): void {
    const known = this.events[event];
    if (known !== undefined && known.arms === null) this.events[event] = { ...known, arms };
  }

  evaluate(expr: CExpr): Value {
    if (!this.#host.walker.step()) {
      this.isPartial = true;
      return unknownValue;
    }
    switch (expr.kind) {
      case 'number':
        return expr.value === null ? unknownValue : intValue(expr.value);
      case 'string':
        return { kind: 'text', text: expr.text };
      case 'name':
        return this.#name(expr.name);
      case 'call':
        return this.#call(expr);
      case 'unary':
        return this.#unary(expr);
      case 'binary':
        return this.#binary(expr);
      case 'assign':
        return this.#assign(expr);
      case 'conditional':
        return this.#conditional(expr);
      case 'cast':
        return this.#cast(expr);
      case 'member':
      case 'index': {
        const address = this.#addressOf(expr);
        return address === null || address.isLocal || address.addBytes !== 0n
          ? unknownValue
          : { kind: 'load', object: address.object, path: address.path, orElse: false };
      }
      case 'block':
        return this.#host.runBlock(expr.body);
      case 'sizeof': {
        const type = typeOf(expr.of, this.#typeScope);
        const size = type === null ? null : sizeOfType(type);
        return size === null ? unknownValue : intValue(size);
      }
      case 'list':
        for (const item of expr.items) this.evaluate(item);
        return unknownValue;
      case 'generic': {
        const choice = chosenByType(expr, this.#typeScope);
        return choice === null ? unknownValue : this.evaluate(choice);
      }
      default:
        return unknownValue;
    }
  }

  #name(name: string): Value {
    const value = this.#host.state().variables.get(name);
    if (value !== undefined) return value;
    if (name === 'true') return one;
    if (name === 'false') return zero;
    const enumerator = this.#host.fn.scope.enumerator(name);
    if (enumerator !== null) return intValue(enumerator);
    return { kind: 'load', object: name, path: '', orElse: false };
  }

  #isLocal(name: string): boolean {
    return this.#host.state().variables.has(name) && !this.#statics.has(name);
  }

  /** Address of an lvalue, evaluating what it is made of. */
  #addressOf(expr: CExpr): AddressValue | null {
    switch (expr.kind) {
      case 'name':
        return { kind: 'address', object: expr.name, path: '', addBytes: 0n, isLocal: this.#isLocal(expr.name) };
      case 'member': {
        const base = expr.arrow ? this.#pointer(expr.operand) : this.#addressOf(expr.operand);
        return base === null || base.addBytes !== 0n ? null : { ...base, path: `${base.path}.${expr.name}` };
      }
      case 'index': {
        const index = this.evaluate(expr.index);
        const operandType = expr.operand.kind === 'cast' ? expr.operand.type : null;
        const pointer = this.#pointer(expr.operand);
        if (operandType !== null && /\bchar\s*\*/.test(operandType)) {
          // What a parameter points to is not known, but how far behind it.
          const from = pointer ?? parameterAddress(expr.operand);
          if (from === null || index.kind !== 'int') return null;
          return { ...from, addBytes: from.addBytes + index.value };
        }
        const base = pointer ?? this.#arrayAddress(expr.operand);
        if (base === null || base.addBytes !== 0n) return null;
        // Which element is not known, but which array.
        const which = index.kind === 'int' ? `${index.value}` : shortText(this.#host.fn, expr.index);
        return { ...base, path: `${base.path}[${which}]` };
      }
      case 'unary':
        return expr.op === '*' ? this.#pointer(expr.operand) : null;
      case 'cast':
        return this.#addressOf(expr.operand);
      default:
        this.evaluate(expr);
        return null;
    }
  }

  /** A pointer's value, where it is an address. */
  #pointer(expr: CExpr): AddressValue | null {
    const value = this.evaluate(expr);
    if (value.kind === 'address') return value;
    return value.kind === 'load' ? this.#arrayAddress(expr) : null;
  }

  /** An array's name stands for its address. */
  #arrayAddress(expr: CExpr): AddressValue | null {
    const plain = expr.kind === 'cast' ? expr.operand : expr;
    if (plain.kind !== 'name' && plain.kind !== 'member' && plain.kind !== 'index') return null;
    const type = typeOf(plain, this.#typeScope);
    return type === null || !type.includes('[') ? null : this.#addressOf(plain);
  }

  #unary(expr: Extract<CExpr, { kind: 'unary' }>): Value {
    const { op, operand } = expr;
    if (op === '&') {
      const address = this.#addressOf(operand);
      // Whoever has the address can give the variable any value from here on.
      if (operand.kind === 'name' && address?.isLocal) {
        this.#escaped.add(operand.name);
        this.#set(operand.name, unknownValue);
      }
      return address ?? unknownValue;
    }
    if (op === '++' || op === '--') {
      this.evaluate(operand);
      if (operand.kind === 'name') this.#set(operand.name, unknownValue);
      return unknownValue;
    }
    const value = this.evaluate(operand);
    if (op === '*') {
      return value.kind === 'address' && !value.isLocal && value.addBytes === 0n
        ? { kind: 'load', object: value.object, path: value.path, orElse: false }
        : unknownValue;
    }
    return mapChoice(value, (each) => unary(op, each));
  }

  #binary(expr: Extract<CExpr, { kind: 'binary' }>): Value {
    const { op } = expr;
    if (op === ',') {
      this.evaluate(expr.left);
      return this.evaluate(expr.right);
    }
    const left = this.evaluate(expr.left);
    if (op === '&&' || op === '||') {
      const decides = op === '||';
      const truth = truthOf(left);
      if (truth === decides && !this.isBlind) return intValue(decides);
      const before = copyState(this.#host.state());
      const right = mapChoice(this.evaluate(expr.right), booleanOf);
      if (truth === null) this.#host.setState(joinStates(before, this.#host.state()));
      return logical(decides, left, right);
    }
    const right = this.evaluate(expr.right);
    return right.kind === 'int' ? mapChoice(left, (each) => compute(op, each, right)) : compute(op, left, right);
  }

  #assign(expr: Extract<CExpr, { kind: 'assign' }>): Value {
    const value = this.evaluate(expr.right);
    if (expr.left.kind === 'name') {
      this.#set(expr.left.name, expr.op === '=' ? value : unknownValue);
      return expr.op === '=' ? value : unknownValue;
    }
    this.#addressOf(expr.left);
    return value;
  }

  #set(name: string, value: Value): void {
    const { variables } = this.#host.state();
    if (variables.has(name)) variables.set(name, this.#escaped.has(name) ? unknownValue : value);
  }

  #conditional(expr: Extract<CExpr, { kind: 'conditional' }>): Value {
    const condition = this.evaluate(expr.condition);
    const truth = this.isBlind ? null : truthOf(condition);
    if (truth === true) return expr.whenTrue === null ? condition : this.evaluate(expr.whenTrue);
    if (truth === false) return this.evaluate(expr.whenFalse);
    if (expr.whenTrue !== null && !this.isBlind) this.#host.noteArms(condition, expr.whenTrue, expr.whenFalse);
    const before = copyState(this.#host.state());
    const whenTrue = expr.whenTrue === null ? condition : this.evaluate(expr.whenTrue);
    const afterTrue = this.#host.state();
    this.#host.setState(copyState(before));
    const whenFalse = this.evaluate(expr.whenFalse);
    this.#host.setState(joinStates(afterTrue, this.#host.state()));
    if (condition.kind === 'choice' && whenTrue.kind === 'int' && whenFalse.kind === 'int') {
      return mapChoice(condition, (each) => {
        const own = truthOf(each);
        return own === null ? unknownValue : own ? whenTrue : whenFalse;
      });
    }
    return joinValues(whenTrue, whenFalse);
  }

  #cast(expr: Extract<CExpr, { kind: 'cast' }>): Value {
    return castValue(this.evaluate(expr.operand), expr.type.trim(), (type) => resolveType(type, this.#typeScope));
  }

  #call(expr: Extract<CExpr, { kind: 'call' }>): Value {
    const { callee, args } = expr;
    if (callee.kind !== 'name' || this.#isLocal(callee.name)) {
      const target = this.evaluate(callee);
      for (const arg of args) this.evaluate(arg);
      if (target.kind === 'load') this.#staticCall(target, expr);
      return unknownValue;
    }
    const builtin = this.#builtin(callee.name, args);
    if (builtin !== null) return builtin;
    const values = args.map((arg) => this.evaluate(arg));
    return this.callByName(callee.name, values, expr.at, expr.end);
  }

  /** A call through what a static call's key holds. */
  #staticCall(target: Extract<Value, { kind: 'load' }>, expr: CExpr): void {
    if (!target.path.endsWith('.func') || target.path.lastIndexOf('.') !== 0) return;
    const type = this.#types.get(target.object) ?? this.#host.fn.scope.variableType(target.object);
    if (type === null || !/\bstruct static_call_key\b/.test(type)) return;
    this.#emit({
      kind: 'static-call',
      at: expr.at,
      end: expr.end,
      asm: null,
      operands: [],
      staticCall: { key: target.object, orElse: target.orElse },
    });
  }

  /** A call of a function by its name; its sites are this function's when it is inline. */
  callByName(name: string, values: readonly Value[], at: number, end: number): Value {
    const { walker, fn, depth, isRoot } = this.#host;
    const callee = inlineCallee(fn, name);
    if (callee === null) return unknownValue;
    if (depth >= walker.limits.depth) {
      this.isPartial = true;
      return unknownValue;
    }
    const passed = values.map((value) => (value.kind === 'choice' || value.kind === 'load' ? unknownValue : value));
    const walk = walker.call(callee, passed, depth + 1, this.isBlind);
    this.isPartial ||= walk.isPartial;
    if (this.#quiet > 0) return walk.value.kind === 'choice' ? unknownValue : walk.value;
    if (isRoot && walk.events.length === 0 && !this.isBlind && walker.makesSites(callee)) {
      const { events } = walker.call(callee, passed, depth + 1, true);
      if (events.length > 0)
        this.removed.push({ at, end, callee, events: underCall(events, { caller: fn, at, callee }) });
    }
    const before = this.events.length;
    if (before + walk.events.length > walker.limits.events) {
      this.isPartial = true;
      return unknownValue;
    }
    this.events.push(...underCall(walk.events, { caller: fn, at, callee }));
    return shiftEvents(walk.value, before);
  }

  #builtin(name: string, args: readonly CExpr[]): Value | null {
    const [first, second, third] = args;
    switch (name) {
      case '__builtin_expect':
      case '__builtin_expect_with_probability':
        return first === undefined ? unknownValue : this.evaluate(first);
      case '__builtin_constant_p': {
        if (first === undefined) return unknownValue;
        const value = this.#quietly(first);
        if (value.kind === 'int' || value.kind === 'text') return intValue(true);
        // Some caller of an inline function may give a constant.
        return this.#host.isRoot && namesParameter(this.#host.fn, first) ? unknownValue : intValue(false);
      }
      case '__builtin_choose_expr': {
        if (first === undefined || second === undefined || third === undefined) return unknownValue;
        const truth = truthOf(this.#quietly(first));
        if (truth === null) return joinValues(this.evaluate(second), this.evaluate(third));
        return this.evaluate(truth ? second : third);
      }
      case '__builtin_types_compatible_p': {
        if (first === undefined || second === undefined) return unknownValue;
        const same = sameType(typeOf(first, this.#typeScope), typeOf(second, this.#typeScope));
        return same === null ? unknownValue : intValue(same);
      }
      case '__builtin_unreachable':
        this.#host.state().reachable = false;
        return unknownValue;
      default:
        return null;
    }
  }

  /** Value alone: no sites, no assignments. */
  #quietly(expr: CExpr): Value {
    const state = this.#host.state();
    this.#host.setState(copyState(state));
    this.#quiet++;
    const value = this.evaluate(expr);
    this.#quiet--;
    this.#host.setState(state);
    return value;
  }

  /** Index of the event of an `asm` statement with records; `null` for one without. */
  asm(statement: CAsmStmt): number | null {
    const isSite = recordSections.test(statement.template);
    const outputs = statement.outputs.map((one) => ({ ...one, isOutput: true, value: unknownValue }));
    const inputs = statement.inputs.map((one) => ({ ...one, isOutput: false, value: this.evaluate(one.value) }));
    for (const { value } of statement.outputs) if (value.kind === 'name') this.#set(value.name, unknownValue);
    if (!isSite || this.#quiet > 0) return null;
    this.#emit({
      kind: 'asm',
      at: statement.at,
      end: statement.end,
      asm: statement,
      operands: [...outputs, ...inputs],
      staticCall: null,
    });
    return this.events.length - 1;
  }

  #emit(event: Pick<SiteEvent, 'kind' | 'at' | 'end' | 'asm' | 'operands' | 'staticCall'>): void {
    if (this.#quiet > 0) return;
    this.events.push({ ...event, holder: this.#host.fn, calls: [], arms: null });
  }
}
