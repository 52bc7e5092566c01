import { describe, expect, it } from 'vitest';
import { type BodyText, preemptionModels } from '../../../server/src/kernel/c/preemptDynamic.ts';

const parse: BodyText = {
  name: 'mode_of',
  text: '{ if (!strcmp(s, "none")) return M_A; if (!strcmp(s, "lazy")) return M_B; return -1; }',
};

function shown(...functions: readonly BodyText[]): string[] {
  return preemptionModels(functions).models.map(
    ({ name, keys }) => `${name}: ${[...keys].map(([key, on]) => `${key}=${on ? 'on' : 'off'}`).join(' ')}`,
  );
}

describe('models of preempt=', () => {
  it('are the cases of the switch, under the words that the command line takes', () => {
    const update: BodyText = {
      name: 'update',
      text: `{ switch (mode) {
        case M_A: static_key_enable(&k1.key); do { static_key_disable(&k2.key); } while (0); break;
        case M_B: if (!busy) static_key_disable(&k1.key); static_key_enable((&(k2).key)); break;
      } }`,
    };
    expect(shown(parse, update)).toEqual(['none: k1=on k2=off', 'lazy: k1=off k2=on']);
  });

  it('what is done in front of the switch holds where a case says nothing', () => {
    const update: BodyText = {
      name: 'update',
      text: '{ static_key_enable(&k3.key); switch (m) { case M_A: static_key_disable(&k3.key); break; case M_B: static_key_enable(&k1.key); break; } }',
    };
    expect(shown(parse, update)).toEqual(['none: k3=off', 'lazy: k3=on k1=on']);
  });

  it('a word that nothing compares is the end of the enumerator', () => {
    const update: BodyText = {
      name: 'update',
      text: '{ switch (m) { case mode_none: static_key_enable(&k.key); break; case mode_full: static_key_disable(&k.key); } }',
    };
    expect(shown(update)).toEqual(['none: k=on', 'full: k=off']);
  });

  it('other switches are no models', () => {
    expect(
      shown({ name: 'f', text: '{ switch (x) { case A: g(); break; case B: static_key_enable(&k.key); } }' }),
    ).toEqual([]);
    expect(shown({ name: 'f', text: '{ switch (x) {' })).toEqual([]);
    expect(shown()).toEqual([]);
  });
});
