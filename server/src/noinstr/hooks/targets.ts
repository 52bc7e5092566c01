import type { FunctionClass } from '../classes.ts';
import { blankComments } from '../declarationHead.ts';
import type { CallOp } from '../flow/graph.ts';
import { findStoresElsewhere, type HookStore } from '../hooks.ts';
import type { Site } from '../pathState.ts';
import type { TreeKnowledge } from '../treeKnowledge.ts';
import type { FunctionFacts, VariableFacts } from '../unit.ts';
import type { HookTargets } from '../walk.ts';
import { type Expr, readExpr } from './expression.ts';
import { isClosed, isConstant, objectsOf, structOf } from './objects.ts';
import { memberValues, type OwnCode, ownCodeOf } from './ownCode.ts';
import { membersOf } from './structs.ts';
import { wordsOf } from './words.ts';

const maxSteps = 8;
/** Files that are read for what they assign to a variable. */
const maxUsers = 60;

/** Where a value stands: the function, and the call that it was walked into by. */
export interface Scope {
  /** A variable of the calling function itself holds it. */
  readonly local?: true;
  /** A caller of the function that stores it hands it in. */
  readonly argument?: true;
  readonly fn: FunctionFacts | null;
  readonly via: Site | null;
}

export interface Search {
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
  if (!variable.declared.isStatic) followNameElsewhere(search, name);
  for (const { target, value, fn } of search.code.stores) {
    if (target.kind === 'name' && target.name === name) follow(search, value, { fn, via: null }, step + 1);
  }
}

/** Functions that other files assign to a variable, or define it with. */
function followNameElsewhere(search: Search, name: string): void {
  const { knowledge, fn } = search;
  const paths = knowledge.index?.usesOf(name) ?? [];
  for (const path of paths.slice(0, maxUsers)) {
    const text =
      path === fn.unit.path || /\/arch\/(?!arm64\/)|\/tools\//.test(path) ? undefined : knowledge.textOf(path);
    if (text === undefined) continue;
    const plain = blankComments(text);
    const assigned = new RegExp(
      `(?<![.>\\w])${name}\\b(?:\\)\\([^()]*\\)[^=;]*)?\\s*=(?!=)\\s*&?([A-Za-z_]\\w*)\\s*;`,
      'g',
    );
    for (const match of plain.matchAll(assigned)) {
      const target = match[1] ?? '';
      const isOwn =
        knowledge.index?.definitionsOf(target).some((one) => one.path === path && !one.isDeclaration) === true;
      const kind = isOwn ? (knowledge.classIn(path, target) ?? undefined) : undefined;
      const offset = match.index + match[0].lastIndexOf(target);
      if (kind !== undefined) search.stores.push({ name: target, path, offset, class: kind });
    }
  }
}

function followMember(search: Search, expr: Expr & { kind: 'member' }, scope: Scope, step: number): void {
  const { base, member } = expr;
  const objects = objectsOf(search, base, scope, 0);
  const holder = structOf(search, base, scope);
  const key = `${objects?.join() ?? holder ?? '?'} . ${member}`;
  if (search.seen.has(key)) return;
  search.seen.add(key);
  const order = holder === null ? [] : membersOf(search.fn.unit, search.knowledge, holder).map((one) => one.name);
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
  return membersOf(search.fn.unit, search.knowledge, name).some(
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
