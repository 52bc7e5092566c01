import { type FunctionFacts, isNotrace, type Unit } from './unit.ts';

/** A function that is not defined in the unit, as far as the rest of the tree tells. */
export interface OutsideFunction {
  readonly class: 'noinstr' | 'plain' | 'inline' | 'assembly';
  readonly file: string | null;
  readonly line: number | null;
  readonly notrace: boolean;
  readonly noreturn: boolean;
}

/** What a called name means. */
export type Callee =
  | { readonly kind: 'function'; readonly fn: FunctionFacts }
  | { readonly kind: 'outside'; readonly outside: OutsideFunction }
  | { readonly kind: 'builtin' }
  | { readonly kind: 'unknown'; readonly reason: string; readonly noreturn: boolean };

/** Knowledge about the rest of the tree. */
export interface Outside {
  /** `null` when the tree has no such function, or more than one reading of it. */
  functionNamed(name: string): Omit<OutsideFunction, 'noreturn'> | null;
  /** A header of the kernel's own, all of whose names would be known were they noinstr. */
  isKernelHeader(path: string): boolean;
}

/** Resolves a name seen from a unit: its own definition, what its prototype says, the rest of the tree. */
export function resolveCallee(
  name: string,
  unit: Unit,
  outside: Outside,
  isNoinstr: (section: string) => boolean,
): Callee {
  const fn = unit.functionOf(name);
  if (fn !== null) {
    // A weak definition gives way to another one.
    const strong = isWeak(fn) ? outside.functionNamed(name) : null;
    if (strong === null || strong.file === unit.path) return { kind: 'function', fn };
    return { kind: 'outside', outside: { ...strong, noreturn: fn.noreturn } };
  }
  if (name.startsWith('__builtin_') || name.startsWith('__sync_') || name.startsWith('__atomic_'))
    return { kind: 'builtin' };
  const prototype = unit.prototypeOf(name);
  const noreturn = prototype?.declared.attributes.some((one) => one.name === 'noreturn') ?? false;
  if (prototype?.declared.sections.some(isNoinstr) === true) {
    const file = prototype.file;
    return { kind: 'outside', outside: { class: 'noinstr', file, line: null, notrace: true, noreturn } };
  }
  const found = outside.functionNamed(name);
  // Behind a prototype, a header's inline function is the one of another configuration.
  if (found !== null && !(found.class === 'inline' && prototype !== null)) {
    // Attributes of all declarations count for the definition, which sees the same header.
    const notrace = found.notrace || (prototype !== null && isNotrace(prototype.declared));
    return { kind: 'outside', outside: { ...found, notrace, noreturn } };
  }
  if (prototype !== null && outside.isKernelHeader(prototype.file)) {
    // Declared for all of the kernel, in no file that names noinstr: an ordinary function somewhere.
    const { declared, file } = prototype;
    return { kind: 'outside', outside: { class: 'plain', file, line: null, notrace: isNotrace(declared), noreturn } };
  }
  return { kind: 'unknown', reason: prototype === null ? 'not declared' : 'no definition was found', noreturn };
}

function isWeak(fn: FunctionFacts): boolean {
  return fn.declared.attributes.some((one) => one.name === 'weak');
}
