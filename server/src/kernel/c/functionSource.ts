// What following a C function needs from the files around it. The project layer answers; nothing here reads a file.

/** A function definition after preprocessing. */
export interface FunctionSource {
  readonly name: string;
  /** File that is preprocessed to `text` (the unit), where the body is. */
  readonly file: string;
  /** Expanded text of the unit, and the body in it, braces included. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly returnType: string;
  /** Declared `inline` in any way: code of a call can stand where the call is. */
  readonly isInline: boolean;
  /** Declared so that every call is replaced by the body. */
  readonly isAlwaysInline: boolean;
  /** Section that an attribute names, or `null`. */
  readonly section: string | null;
  readonly scope: NameScope;
}

/** Names as one unit sees them. */
export interface NameScope {
  /** Definition whose body the compiler can put where a call is: the unit's own functions and inline ones of headers. */
  function(name: string): FunctionSource | null;
  /** Type of a variable of file scope as written, declarators included (`struct static_key_false`, `struct foo *`, `int [4]`). */
  variableType(name: string): string | null;
  /** Value of an enumerator, or `null`. */
  enumerator(name: string): bigint | null;
  /** What a type name stands for, or `null`. */
  typeNamed(name: string): string | null;
  /** Text between the braces of `struct TAG` or `union TAG`, or `null`. */
  structBody(tag: string): string | null;
  /** Type of a member of `struct X` or `union X`; of any structure when `type` is `null` and all agree. */
  memberType(type: string | null, member: string): string | null;
}

/** Inline function that a name calls from inside `fn`, or `null`. */
export function inlineCallee(fn: FunctionSource, name: string): FunctionSource | null {
  if (notCalls.has(name)) return null;
  const callee = fn.scope.function(name);
  return callee?.isInline === true ? callee : null;
}

const notCalls: ReadonlySet<string> = new Set(
  'if while for switch return sizeof typeof __typeof__ asm __asm__ __attribute__ defined _Generic _Static_assert'.split(
    ' ',
  ),
);
