// Functions that GCC makes one of because their code is the same (`-fipa-icf`, on at -O2 and -Os; GCC 12 manual, 3.11).

import type { FunctionSource } from '../../kernel/c/functionSource.ts';
import type { CUnit } from '../../project/cUnit.ts';
import type { CFunction } from '../../syntax/c/cModel.ts';
import { lexC } from '../../syntax/cflow/lexer.ts';
import type { CStmt } from '../../syntax/cflow/model.ts';

/** A longer body is not compared. */
const maxBody = 4000;

/**
 * Functions of a unit whose code the compiler takes from an earlier one, with that one's name. Of such a function only
 * a jump to the other or a copy of it is left, whose instructions have the function's own line; none where nobody
 * needs it under its own address. Told from bodies that say the same but for the names of parameters and variables
 * and for inline functions that only call another.
 */
export function foldedFunctions(
  unit: CUnit,
  candidates: ReadonlyMap<CFunction, FunctionSource>,
  bodyOf: (fn: FunctionSource) => readonly CStmt[],
): ReadonlyMap<CFunction, string> {
  const folded = new Map<CFunction, string>();
  if (unit.tree?.config.value('CC_IS_GCC') !== 'y') return folded;
  const first = new Map<string, string>();
  for (const [fn, source] of candidates) {
    if (fn.inline !== 'none' || source.to - source.from > maxBody) continue;
    const types = [fn.returnType, fn.section ?? '', ...fn.parameters.map(({ type }) => type)];
    const key = [...types, plainBody(source, bodyOf)].join('\0');
    const kept = first.get(key);
    if (kept === undefined) first.set(key, fn.name);
    else if (fn.storage !== 'static' || isAddressTaken(unit, fn)) folded.set(fn, kept);
  }
  return folded;
}

/** Tokens of a body with names of its own replaced by their numbers. */
function plainBody(source: FunctionSource, bodyOf: (fn: FunctionSource) => readonly CStmt[]): string {
  const numbers = new Map<string, string>();
  for (const { name } of source.parameters) numbers.set(name, `$${numbers.size}`);
  for (const name of declaredNames(bodyOf(source))) if (!numbers.has(name)) numbers.set(name, `$${numbers.size}`);
  const out: string[] = [];
  const tokens = lexC(source.text, source.from, source.to);
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const before = tokens[at - 1]?.text;
    const isMember = before === '.' || before === '->';
    if (token.kind !== 'identifier' || isMember) out.push(token.text);
    else if (tokens[at + 1]?.text === '(') out.push(calledName(source, token.text, bodyOf, 0));
    else out.push(numbers.get(token.text) ?? token.text);
  }
  return out.join(' ');
}

/** The function that is called in the end: an inline one that only passes its parameters on stands for the other. */
function calledName(
  from: FunctionSource,
  name: string,
  bodyOf: (fn: FunctionSource) => readonly CStmt[],
  depth: number,
): string {
  const callee = depth > 4 ? null : from.scope.function(name);
  if (callee === null || !callee.isInline || callee.to - callee.from > 300) return name;
  const body = bodyOf(callee);
  const [only] = body;
  if (body.length !== 1 || only?.kind !== 'return' || only.value?.kind !== 'call') return name;
  const { callee: inner, args } = only.value;
  const passesOn =
    args.length === callee.parameters.length &&
    args.every((arg, index) => arg.kind === 'name' && arg.name === callee.parameters[index]?.name);
  return inner.kind === 'name' && passesOn ? calledName(callee, inner.name, bodyOf, depth + 1) : name;
}

function declaredNames(statements: readonly CStmt[]): string[] {
  return statements.flatMap((one): string[] => {
    switch (one.kind) {
      case 'declare':
        return one.isStatic || one.isExtern ? [] : [one.name];
      case 'block':
        return declaredNames(one.body);
      case 'if':
        return declaredNames(one.otherwise === null ? [one.then] : [one.then, one.otherwise]);
      case 'loop':
        return declaredNames([...one.init, one.body]);
      case 'switch':
        return declaredNames([one.body]);
      default:
        return [];
    }
  });
}

/** Whether the file names a function other than by calling it. */
function isAddressTaken(unit: CUnit, fn: CFunction): boolean {
  return new RegExp(`\\b${fn.name}\\b(?!\\s*\\()`).test(unit.expanded.text);
}
