import type { FunctionClass } from '../classes.ts';
import { blankComments } from '../declarationHead.ts';
import type { CallOp } from '../flow/graph.ts';
import { findStoresElsewhere, type HookStore } from '../hooks.ts';
import type { Site } from '../pathState.ts';
import type { TreeKnowledge } from '../treeKnowledge.ts';
import type { FunctionFacts, VariableFacts } from '../unit.ts';
import type { HookTargets } from '../walk.ts';
import { type Expr, readExpr } from './expression.ts';
import { memberValues, type OwnCode, ownCodeOf } from './ownCode.ts';
import { wordsOf } from './words.ts';

const maxSteps = 8;

/** Where a value stands: the function, and the call that it was walked into by. */
interface Scope {
  /** A variable of the calling function itself holds it. */
  readonly local?: true;
  /** A caller of the function that stores it hands it in. */
  readonly argument?: true;
  readonly fn: FunctionFacts | null;
  readonly via: Site | null;
}

interface Search {
  readonly fn: FunctionFacts;
  readonly code: OwnCode;
  readonly knowledge: TreeKnowledge;
  readonly stores: HookStore[];
  readonly seen: Set<string>;
  open: boolean;
}

/**
 * Functions that a call through a pointer can run: what the code of the file, and of the tree where the object is not
 * the file's own, puts there. `closed` when every store was followed to a function and nobody else can store anything.
 * `via` is the call that led into the function, where it is one that was walked into.
 */
export function findTargets(op: CallOp, fn: FunctionFacts, via: Site | null, knowledge: TreeKnowledge): HookTargets {
  const code = ownCodeOf(fn.unit, knowledge.textOf);
  const search: Search = { fn, code, knowledge, stores: [], seen: new Set(), open: false };
  follow(search, readExpr(wordsOf(op.through, knowledge.textOf)), { fn, via }, 0);
  const stores = withoutRepeats(search.stores);
  return { names: [...new Set(stores.map((one) => one.name))], closed: stores.length > 0 && !search.open, stores };
}

function withoutRepeats(stores: readonly HookStore[]): HookStore[] {
  const seen = new Map<string, HookStore>();
  for (const store of stores) seen.set(`${store.path} ${store.offset} ${store.name}`, store);
  return [...seen.values()];
}

function follow(search: Search, expr: Expr, scope: Scope, step: number): void {
  if (step > maxSteps) {
    search.open = true;
    return;
  }
  switch (expr.kind) {
    case 'null':
      return;
    case 'choice':
      for (const way of expr.ways) follow(search, way, scope, step + 1);
      return;
    case 'address':
      follow(search, expr.of, scope, step);
      return;
    case 'name':
      followName(search, expr, scope, step);
      return;
    case 'member':
      followMember(search, expr, scope, step);
      return;
    case 'call':
      followReturns(search, expr.name, step);
      return;
    case 'unknown':
      search.open = true;
      return;
  }
}

function followName(search: Search, expr: Expr & { kind: 'name' }, scope: Scope, step: number): void {
  const { name, word } = expr;
  const { fn } = scope;
  const key = `${fn?.name ?? ''} ${name}`;
  const isLocal = fn !== null && (fn.parameters.includes(name) || isAssignedIn(search, fn, name));
  const variable = search.fn.unit.variableOf(name);
  if (!isLocal && variable === null) {
    const kind = classOfFunction(search, name, word.token.file);
    if (kind === undefined) search.open = true;
    else {
      const { file: path, offset } = word.token;
      search.stores.push({
        name,
        path,
        offset,
        class: kind,
        ...(scope.local && { isLocal: true }),
        ...(scope.argument && { isArgument: true }),
      });
    }
    return;
  }
  if (search.seen.has(key)) return;
  search.seen.add(key);
  if (fn?.parameters.includes(name) === true) followParameter(search, fn, name, scope, step);
  else if (variable !== null) followVariable(search, name, variable, step);
  else if (fn !== null) followLocal(search, fn, name, scope, step);
}

function isAssignedIn(search: Search, fn: FunctionFacts, name: string): boolean {
  return (
    search.fn.unit.variableOf(name) === null &&
    search.code.storesOf(fn).some(({ target }) => target.kind === 'name' && target.name === name)
  );
}

function followLocal(search: Search, fn: FunctionFacts, name: string, scope: Scope, step: number): void {
  for (const { target, value } of search.code.storesOf(fn)) {
    if (target.kind === 'name' && target.name === name) follow(search, value, { ...scope, local: true }, step + 1);
  }
}

function followParameter(search: Search, fn: FunctionFacts, name: string, scope: Scope, step: number): void {
  const position = fn.parameters.indexOf(name);
  for (const { target, value } of search.code.storesOf(fn)) {
    if (target.kind === 'name' && target.name === name) follow(search, value, scope, step + 1);
  }
  const { via } = scope;
  if (via !== null && via.op.kind === 'call' && via.op.callee === fn.name) {
    const argument = via.op.args[position];
    if (argument === undefined) search.open = true;
    else {
      const outer: Scope = { fn: via.fn, via: via.via };
      follow(search, readExpr(wordsOf(argument, search.knowledge.textOf)), outer, step + 1);
    }
    return;
  }
  const calls = search.code.callsOf(fn.name);
  // Other files may call it with something else.
  if (!fn.declared.isStatic || calls.length === 0) search.open = true;
  const nBefore = search.stores.length;
  for (const call of calls) {
    const argument = call.args[position];
    if (argument === undefined) search.open = true;
    else follow(search, readExpr(argument), { fn: call.fn, via: null, argument: true }, step + 1);
  }
  search.stores.push(...search.stores.splice(nBefore).map((store) => ({ ...store, isArgument: true })));
}

/** What a function of this unit returns. */
function followReturns(search: Search, name: string, step: number): void {
  const callee = search.fn.unit.functionOf(name);
  if (callee === null) {
    search.open = true;
    return;
  }
  const scope: Scope = { fn: callee, via: null };
  for (const { op } of callee.graph.nodes) {
    if (op?.kind !== 'return' || op.value.length === 0) continue;
    follow(search, readExpr(wordsOf(op.value, search.knowledge.textOf)), scope, step + 1);
  }
}

/** Whether the object itself, and not what it points to, is constant. */
function isConstant(variable: VariableFacts): boolean {
  const { type, nameToken } = variable;
  const before = type.slice(0, type.search(new RegExp(`\\b${nameToken.text}\\b`)));
  const pointed = before.lastIndexOf('*');
  return /\bconst\b/.test(pointed < 0 ? before : before.slice(pointed));
}

function isClosed(search: Search, name: string, variable: VariableFacts): boolean {
  return isConstant(variable) || (variable.declared.isStatic && !search.code.isEscaped(name));
}

function followVariable(search: Search, name: string, variable: VariableFacts, step: number): void {
  const scope: Scope = { fn: null, via: null };
  if (!isClosed(search, name, variable)) search.open = true;
  const initializer = search.code.initializerOf(variable);
  if (initializer[0]?.text === '{' || /\[/.test(variable.type)) {
    // A table: every function in it. What else stands there is an index or a size.
    for (const word of initializer) {
      const kind = /^[A-Za-z_]\w*$/.test(word.text) ? classOfFunction(search, word.text, word.token.file) : undefined;
      if (kind !== undefined && search.fn.unit.variableOf(word.text) === null)
        search.stores.push({ name: word.text, path: word.token.file, offset: word.token.offset, class: kind });
    }
  } else if (initializer.length > 0) follow(search, readExpr(initializer), scope, step + 1);
  if (isConstant(variable)) return;
  for (const { target, value, fn } of search.code.stores) {
    if (target.kind === 'name' && target.name === name) follow(search, value, { fn, via: null }, step + 1);
  }
}

function followMember(search: Search, expr: Expr & { kind: 'member' }, scope: Scope, step: number): void {
  const { base, member } = expr;
  const objects = objectsOf(search, base, scope, 0);
  const holder = structOf(search, base, scope);
  const key = `${objects?.join() ?? holder ?? '?'} . ${member}`;
  if (search.seen.has(key)) return;
  search.seen.add(key);
  const order = holder === null ? [] : membersOf(search, holder).map((one) => one.name);
  if (objects !== null && objects.length > 0) {
    for (const object of objects) followObject(search, object, member, holder, order, step);
    return;
  }
  followHolder(search, member, holder, order, step);
}

/** A member of one object of this file. */
function followObject(
  search: Search,
  object: string,
  member: string,
  holder: string | null,
  order: readonly string[],
  step: number,
): void {
  const variable = search.fn.unit.variableOf(object);
  if (variable === null) return;
  for (const value of memberValues(search.code.initializerOf(variable), member, order)) {
    follow(search, value, { fn: null, via: null }, step + 1);
  }
  if (isConstant(variable)) return;
  const own = search.fn.unit.isOwn(variable.nameToken) && variable.declared.isStatic;
  if (!own || search.code.isEscaped(object)) {
    followStores(search, member, holder, null, step);
    followElsewhere(search, member, holder);
    if (holder === null) search.open = true;
  } else followStores(search, member, holder, object, step);
}

/** A member of any object of a struct. */
function followHolder(
  search: Search,
  member: string,
  holder: string | null,
  order: readonly string[],
  step: number,
): void {
  const { unit } = search.fn;
  if (holder === null) search.open = true;
  for (const name of search.code.variables) {
    const variable = unit.variableOf(name);
    if (variable === null || !holds(search, variable.type, holder)) continue;
    const direct = holder !== null && new RegExp(`\\bstruct ${holder}\\b`).test(variable.type);
    for (const value of memberValues(search.code.initializerOf(variable), member, direct ? order : [])) {
      follow(search, value, { fn: null, via: null }, step + 1);
    }
  }
  followStores(search, member, holder, null, step);
  followElsewhere(search, member, holder);
}

/** Whether an object of a type is, or has in it, a struct. */
function holds(search: Search, type: string, holder: string | null, depth = 0): boolean {
  const name = /\bstruct ([A-Za-z_]\w*)/.exec(type)?.[1];
  if (holder === null || name === holder) return true;
  if (name === undefined || depth > 2) return false;
  return membersOf(search, name).some(
    (one) => /\bstruct\b/.test(one.type) && holds(search, one.type, holder, depth + 1),
  );
}

/** Assignments in this file to a member: of one object, or of every object that can be meant. */
function followStores(
  search: Search,
  member: string,
  holder: string | null,
  object: string | null,
  step: number,
): void {
  for (const { target, value, designated, fn } of search.code.stores) {
    if (target.kind !== 'member' || target.member !== member) continue;
    const scope: Scope = { fn, via: null };
    if (designated !== null) {
      if (object !== null || (designated.holder !== null && holder !== null && designated.holder !== holder)) continue;
    } else {
      const objects = objectsOf(search, target.base, scope, 0);
      if (object !== null && (objects === null || !objects.includes(object))) continue;
      const of = structOf(search, target.base, scope);
      if (object === null && of !== null && holder !== null && of !== holder) continue;
    }
    follow(search, value, scope, step + 1);
  }
}

/** Stores of other files, where they can see the struct. */
function followElsewhere(search: Search, member: string, holder: string | null): void {
  if (holder === null) return;
  const { unit } = search.fn;
  if (new RegExp(`\\bstruct\\s+${holder}\\s*\\{`).test(blankComments(unit.text)) && unit.path.endsWith('.c')) return;
  const found = findStoresElsewhere(holder, member, search.fn, search.knowledge);
  search.stores.push(...found.stores);
  if (found.open) search.open = true;
}

/** Objects of this file that a pointer or an lvalue can mean; `null` when it can be any. */
function objectsOf(search: Search, expr: Expr, scope: Scope, depth: number): string[] | null {
  if (depth > 6) return null;
  const all = (exprs: readonly Expr[], inner: Scope): string[] | null => {
    const found = exprs.map((one) => objectsOf(search, one, inner, depth + 1));
    return found.length > 0 && found.every((one) => one !== null) ? found.flatMap((one) => one ?? []) : null;
  };
  switch (expr.kind) {
    case 'null':
      return [];
    case 'address':
      return objectsOf(search, expr.of, scope, depth + 1);
    case 'member':
      return objectIn(search, expr) ? objectsOf(search, expr.base, scope, depth + 1) : null;
    case 'choice':
      return all(expr.ways, scope);
    case 'name': {
      const { fn, via } = scope;
      const { name } = expr;
      if (fn?.parameters.includes(name) === true) {
        const argument =
          via?.op.kind === 'call' && via.op.callee === fn.name ? via.op.args[fn.parameters.indexOf(name)] : undefined;
        if (argument === undefined || via === null) return null;
        const words = wordsOf(argument, search.knowledge.textOf);
        return objectsOf(search, readExpr(words), { fn: via.fn, via: via.via }, depth + 1);
      }
      const variable = search.fn.unit.variableOf(name);
      if (variable !== null) {
        const pointer = /\*[^(]*$/.test(variable.type.slice(0, variable.type.search(new RegExp(`\\b${name}\\b`))));
        if (!pointer) return [name];
        if (!isClosed(search, name, variable)) return null;
        const initializer = search.code.initializerOf(variable);
        const values = search.code.stores.filter(({ target }) => target.kind === 'name' && target.name === name);
        return all([...(initializer.length > 0 ? [readExpr(initializer)] : []), ...values.map((one) => one.value)], {
          fn: null,
          via: null,
        });
      }
      if (fn === null) return null;
      const values = search.code.storesOf(fn).filter(({ target }) => target.kind === 'name' && target.name === name);
      return all(
        values.map((one) => one.value),
        scope,
      );
    }
    default:
      return null;
  }
}

/** Whether `a.b` is a part of `a` and no pointer out of it. */
function objectIn(search: Search, expr: Expr & { kind: 'member' }): boolean {
  const holder = structOf(search, expr.base, { fn: search.fn, via: null });
  const type = holder === null ? undefined : membersOf(search, holder).find((one) => one.name === expr.member)?.type;
  return type !== undefined && !type.includes('*');
}

/** Struct that an expression is, or points to. */
function structOf(search: Search, expr: Expr, scope: Scope): string | null {
  switch (expr.kind) {
    case 'address':
      return structOf(search, expr.of, scope);
    case 'choice':
      return expr.ways.map((one) => structOf(search, one, scope)).find((one) => one !== null) ?? null;
    case 'member': {
      const holder = structOf(search, expr.base, scope);
      const member = holder === null ? undefined : membersOf(search, holder).find((one) => one.name === expr.member);
      return /\bstruct ([A-Za-z_]\w*)/.exec(member?.type ?? '')?.[1] ?? null;
    }
    case 'name': {
      const declared = new RegExp(`\\bstruct ([A-Za-z_]\\w*) (?:const |\\* |__\\w+ )*${expr.name}\\b`);
      const { fn } = scope;
      const text = fn === null ? '' : `${fn.parameterText} ; ${fn.bodyText}`;
      const local = declared.exec(text)?.[1];
      if (local !== undefined) return local;
      return /\bstruct ([A-Za-z_]\w*)/.exec(search.fn.unit.variableOf(expr.name)?.type ?? '')?.[1] ?? null;
    }
    default:
      return null;
  }
}

interface Member {
  readonly name: string;
  readonly type: string;
}

const members = new WeakMap<TreeKnowledge, Map<string, readonly Member[]>>();

/** Members of a struct in their order, as its definition in this file or a header of the tree has them. */
function membersOf(search: Search, holder: string): readonly Member[] {
  let all = members.get(search.knowledge);
  if (all === undefined) {
    all = new Map();
    members.set(search.knowledge, all);
  }
  const key = `${search.fn.unit.path} ${holder}`;
  let found = all.get(key);
  if (found === undefined) {
    found = readMembers(search, holder);
    all.set(key, found);
  }
  return found;
}

function readMembers(search: Search, holder: string): Member[] {
  const { unit } = search.fn;
  const paths = [unit.path, ...(search.knowledge.index?.definitionsOf(holder) ?? []).map((one) => one.path)];
  for (const path of new Set(paths)) {
    const text = path === unit.path ? unit.text : search.knowledge.textOf(path);
    if (text === undefined) continue;
    const plain = blankComments(text);
    const at = new RegExp(`\\bstruct\\s+${holder}\\s*\\{`).exec(plain);
    if (at === null) continue;
    const open = at.index + at[0].length;
    const end = plain.indexOf('\n}', open);
    const body = plain.slice(open, end < 0 ? plain.indexOf('}', open) : end);
    return body.split(';').flatMap((one) => {
      const type = one.replace(/\s+/g, ' ').trim();
      const name =
        /\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)/.exec(type)?.[1] ??
        /([A-Za-z_]\w*)\s*(?:\[[^\]]*\]|:\s*\d+)*$/.exec(type)?.[1];
      return name === undefined ? [] : [{ name, type }];
    });
  }
  return [];
}

/** Class of a function by its name; `undefined` for what is no function. */
function classOfFunction(search: Search, name: string, file: string): FunctionClass | null | undefined {
  const { fn, knowledge } = search;
  const own = fn.unit.functionOf(name);
  if (own !== null) return own.class;
  const prototype = fn.unit.prototypeOf(name);
  if (prototype?.declared.sections.some((section) => knowledge.sections.has(section)) === true) return 'noinstr';
  const outside = knowledge.functionNamed(name);
  if (outside !== null) return outside.class;
  if (prototype !== null) return knowledge.classIn(file, name);
  return undefined;
}
