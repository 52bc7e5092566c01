// Values that following a function knows: constants, addresses of objects, and which of two it is by a patch site.

/** Address `&object path + add`; `object` is a name of the linker unless `isLocal`. */
export interface AddressValue {
  readonly kind: 'address';
  readonly object: string;
  /** Members and indexes: `.key`, `[3].key`. */
  readonly path: string;
  readonly addBytes: bigint;
  readonly isLocal: boolean;
}

export type Value =
  | { readonly kind: 'int'; readonly value: bigint }
  | AddressValue
  /** What an object holds at run time. */
  | { readonly kind: 'load'; readonly object: string; readonly path: string; readonly orElse: boolean }
  | { readonly kind: 'text'; readonly text: string }
  /** `taken` when the site's branch is taken, else `other`; `event` counts in the function's own list. */
  | { readonly kind: 'choice'; readonly event: number; readonly taken: Value; readonly other: Value }
  | { readonly kind: 'unknown' };

export const unknownValue: Value = { kind: 'unknown' };
export const zero: Value = { kind: 'int', value: 0n };
export const one: Value = { kind: 'int', value: 1n };

export function intValue(value: bigint | number | boolean): Value {
  return { kind: 'int', value: typeof value === 'bigint' ? value : BigInt(value) };
}

/** Truth of a value as a condition, or `null`. */
export function truthOf(value: Value): boolean | null {
  switch (value.kind) {
    case 'int':
      return value.value !== 0n;
    case 'address':
    case 'text':
      return true;
    case 'choice': {
      const taken = truthOf(value.taken);
      return taken !== null && taken === truthOf(value.other) ? taken : null;
    }
    default:
      return null;
  }
}

/** The value after two ways of reaching a point. */
export function joinValues(left: Value, right: Value): Value {
  if (sameValue(left, right)) return left;
  // `if (!func) func = &nothing;` is still a call through what was loaded.
  if (left.kind === 'load' && right.kind === 'address') return { ...left, orElse: true };
  if (right.kind === 'load' && left.kind === 'address') return { ...right, orElse: true };
  return unknownValue;
}

export function sameValue(left: Value, right: Value): boolean {
  return left === right || (left.kind !== 'unknown' && valueKey(left) === valueKey(right));
}

/** A text that is equal for equal known values; `?` for what is not known. */
export function valueKey(value: Value): string {
  switch (value.kind) {
    case 'int':
      return `${value.value}`;
    case 'address':
      return `&${value.object}${value.path}+${value.addBytes}${value.isLocal ? '!' : ''}`;
    case 'load':
      return `*${value.object}${value.path}${value.orElse ? '|' : ''}`;
    case 'text':
      return JSON.stringify(value.text);
    default:
      return '?';
  }
}

/** Applies `change` to a value, or to both sides of a choice. */
export function mapChoice(value: Value, change: (value: Value) => Value): Value {
  if (value.kind !== 'choice') return change(value);
  const taken = mapChoice(value.taken, change);
  const other = mapChoice(value.other, change);
  return sameValue(taken, other) ? taken : { ...value, taken, other };
}

/** Moves the events that choices refer to, when a function's events are put after others. */
export function shiftEvents(value: Value, by: number): Value {
  if (value.kind !== 'choice' || by === 0) return value;
  return {
    ...value,
    event: value.event + by,
    taken: shiftEvents(value.taken, by),
    other: shiftEvents(value.other, by),
  };
}
