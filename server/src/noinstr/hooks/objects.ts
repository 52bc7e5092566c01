import type { VariableFacts } from '../unit.ts';
import { type Expr, readExpr } from './expression.ts';
import { membersOf } from './structs.ts';
import type { Scope, Search } from './targets.ts';
import { wordsOf } from './words.ts';

/** Whether the object itself, and not what it points to, is constant. */
export function isConstant(variable: VariableFacts): boolean {
  const { type, nameToken } = variable;
  const before = type.slice(0, type.search(new RegExp(`\\b${nameToken.text}\\b`)));
  const pointed = before.lastIndexOf('*');
  return /\bconst\b/.test(pointed < 0 ? before : before.slice(pointed));
}

export function isClosed(search: Search, name: string, variable: VariableFacts): boolean {
  return isConstant(variable) || (variable.declared.isStatic && !search.code.isEscaped(name));
}

/** Objects of this file that a pointer or an lvalue can mean; `null` when it can be any. */
export function objectsOf(search: Search, expr: Expr, scope: Scope, depth: number): string[] | null {
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
  const type =
    holder === null
      ? undefined
      : membersOf(search.fn.unit, search.knowledge, holder).find((one) => one.name === expr.member)?.type;
  return type !== undefined && !type.includes('*');
}

/** Struct that an expression is, or points to. */
export function structOf(search: Search, expr: Expr, scope: Scope): string | null {
  switch (expr.kind) {
    case 'address':
      return structOf(search, expr.of, scope);
    case 'choice':
      return expr.ways.map((one) => structOf(search, one, scope)).find((one) => one !== null) ?? null;
    case 'member': {
      const holder = structOf(search, expr.base, scope);
      const member =
        holder === null
          ? undefined
          : membersOf(search.fn.unit, search.knowledge, holder).find((one) => one.name === expr.member);
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
