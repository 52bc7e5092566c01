import type { FunctionSource, NameScope } from '../kernel/c/functionSource.ts';
import type { CFunction } from '../syntax/c/cModel.ts';
import type { CUnit } from './cUnit.ts';

/** A function of a unit as the walker reads it. */
export function functionSource(
  fn: CFunction,
  file: string,
  text: string,
  scope: NameScope,
  isHeader: boolean,
): FunctionSource {
  return {
    name: fn.name,
    file,
    text,
    from: fn.bodyRange.start,
    to: fn.bodyRange.end,
    parameters: fn.parameters.flatMap(({ name, type }) => (name === null ? [] : [{ name, type }])),
    returnType: fn.returnType,
    isInline: fn.inline === 'inline' || fn.inline === 'always' || (isHeader && fn.inline !== 'noinline'),
    isAlwaysInline: fn.inline === 'always',
    section: fn.section,
    scope,
  };
}

/** Types of a unit's variables as written, by name. */
export function variableTypes(unit: CUnit): ReadonlyMap<string, string> {
  const known = unitVariables.get(unit);
  if (known !== undefined) return known;
  const types = new Map<string, string>();
  for (const { name, type } of unit.variables) if (!types.has(name)) types.set(name, type);
  unitVariables.set(unit, types);
  return types;
}

const unitVariables = new WeakMap<CUnit, ReadonlyMap<string, string>>();
