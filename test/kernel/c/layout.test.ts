import { expect, it } from 'vitest';
import { readEnumerators } from '../../../server/src/kernel/c/enumerators.ts';
import type { NameScope } from '../../../server/src/kernel/c/functionSource.ts';
import { offsetOfPath } from '../../../server/src/kernel/c/layout.ts';

const structs: Readonly<Record<string, string>> = {
  key: 'counter_t enabled; union { unsigned long type; struct entry *entries; };',
  typed_key: 'struct key key;',
  trace: 'const char *name; struct key key; int (*probe)(void *, int);',
  odd: 'u8 flag; u16 pair[3]; struct { char a; u64 b; } inner; struct key last;',
  bits: 'unsigned a : 3; struct key key;',
  moved: 'u8 flag; struct key key __attribute__((aligned(64)));',
};
const enumerators = new Map<string, bigint>();
readEnumerators('enum kind { NONE, FIRST, MANY = FIRST + 3, LAST, };', enumerators);
const scope: NameScope = {
  function: () => null,
  variableType: () => null,
  enumerator: (name) => enumerators.get(name) ?? null,
  typeNamed: (name) => (name === 'counter_t' ? 'int' : null),
  structBody: (tag) => structs[tag] ?? null,
  memberType: () => null,
};

it.each([
  ['struct key', '', 0],
  ['struct trace', '.key', 8],
  ['struct key [4]', '[3]', 48],
  ['struct typed_key [4]', '[2].key', 32],
  ['struct key [MANY][2]', '[3][1]', 112],
  ['struct key [8]', '[LAST]', 80],
  ['struct odd', '.inner', 8],
  ['struct odd', '.inner.b', 16],
  ['struct odd', '.last', 24],
  ['struct { int x; struct key k; }', '.k', 8],
])('%s %s', (type, path, offset) => {
  expect(offsetOfPath(type, path, scope)).toBe(offset);
});

it.each([
  ['struct bits', '.key', 'bit fields before it'],
  ['struct moved', '.key', 'an alignment of its own'],
  ['struct unknown', '.key', 'no definition'],
  ['struct key [4]', '[which]', 'an index of run time'],
])('%s %s is not known: %s', (type, path) => {
  expect(offsetOfPath(type, path, scope)).toBeNull();
});

it('enumerators count on from the one before; what is no constant ends the count', () => {
  const values = new Map<string, bigint>();
  readEnumerators('enum { A, B = 1 << 4, C, D = sizeof(struct s), E, F = -1, G };', values);
  expect([...values].map(([name, value]) => `${name}=${value}`)).toEqual(['A=0', 'B=16', 'C=17', 'F=-1', 'G=0']);
});
