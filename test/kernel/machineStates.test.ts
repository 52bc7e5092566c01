import { describe, expect, it } from 'vitest';
import { coreRecords } from '../../server/src/kernel/coreRecords.ts';
import { makeCpucapTable, parseCpucapList } from '../../server/src/kernel/cpucaps.ts';
import { builtinStates, parseStateFile, stateForTree } from '../../server/src/kernel/machineStates.ts';

const table = (names: string) =>
  makeCpucapTable({
    source: { kind: 'list', file: '/k/cpucaps' },
    names: parseCpucapList(names.replaceAll(' ', '\n')).names,
    count: null,
    callback: { kind: 'bit', shift: 15 },
    definitions: null,
  });

const problems = (text: string): readonly string[] =>
  parseStateFile(text, 'board.json').problems.map((each) => each.message);

describe('state file', () => {
  it('needs only a name; cpucaps come with and without ARM64_', () => {
    const { state } = parseStateFile('{ "name": "b", "cpucaps": ["ARM64_HAS_PAN", "SVE"], "preempt": null }', 'b.json');
    expect(state).toEqual({ name: 'b', core: null, cpucaps: ['HAS_PAN', 'SVE'], preempt: null });
  });

  it('takes null as absent, and runtime values as numbers that JSON keeps exactly', () => {
    const nulls =
      '{ "name": "b", "core": null, "bootCpucaps": null, "keys": null, "ftrace": null, "runtime": {"v": 31} }';
    const { state, problems } = parseStateFile(nulls, 'b.json');
    expect(problems).toEqual([]);
    expect(state).toEqual({ name: 'b', core: null, cpucaps: [], runtime: { v: '31' } });
    const rounded = parseStateFile('{ "name": "b", "runtime": {"v": 18446603337221198848} }', 'b.json');
    expect(rounded.state).toBe(null);
    expect(rounded.problems[0]?.message).toContain('"runtime" must be an object of kernel variables');
  });

  it('keeps keys, ftrace and runtime for later', () => {
    const text = '{ "name": "b", "keys": {"k": 2, "l": false}, "ftrace": {"traced": ["f"]}, "runtime": {"v": "0x1"} }';
    expect(parseStateFile(text, 'b.json').state).toMatchObject({
      keys: { k: 2, l: false },
      ftrace: { traced: ['f'] },
      runtime: { v: '0x1' },
    });
  });

  it('errors name file, line and way out', () => {
    expect(problems('{\n  "name": "b",\n  "cpucaps": "HAS_PAN"\n}')).toEqual([
      'board.json:3: "cpucaps" must be a list of cpucap names, with or without ARM64_.',
    ]);
    expect(problems('{ "cpucaps": [] }')[0]).toContain('"name" must be a text');
    expect(problems('[]')[0]).toContain('one JSON object');
    expect(problems('{\n"name": "x",\n}')[0]).toMatch(/^board\.json:\d: not valid JSON/);
    expect(problems('{"name": "x", "preempt": "lots"}')[0]).toContain('"none", "voluntary", "full", "lazy" or null');
  });

  it('notes a member it does not know and reads on', () => {
    const { state, problems: notes } = parseStateFile('{ "name": "b", "cpucap": ["X"] }', 'b.json');
    expect(state?.cpucaps).toEqual([]);
    expect(notes.map((note) => note.severity)).toEqual(['note']);
  });

  it('has the cpucaps that the boot CPU settled as well', () => {
    const { state } = parseStateFile('{ "name": "b", "cpucaps": ["HAS_PAN"], "bootCpucaps": ["ARM64_HAS_VA52"] }', 'b');
    expect(state?.cpucaps).toEqual(['HAS_PAN', 'HAS_VA52']);
  });

  it('never throws on any prefix', () => {
    const text = '{ "name": "b", "cpucaps": ["A"], "keys": {"k": 1} }';
    for (let end = 0; end <= text.length; end++) expect(() => parseStateFile(text.slice(0, end), 'b')).not.toThrow();
  });
});

describe('state in a tree', () => {
  it('takes the tree’s names and notes unknown ones', () => {
    const state = { name: 's', core: null, cpucaps: ['HAS_GIC_PRIO_MASKING', 'HAS_PANN', 'HAS_FPSIMD'] };
    const old = stateForTree(state, table('HAS_IRQ_PRIO_MASKING HAS_PAN HAS_NO_FPSIMD'));
    // HAS_FPSIMD says the opposite of HAS_NO_FPSIMD: having the one is lacking the other.
    expect(old.state.cpucaps).toEqual(['HAS_IRQ_PRIO_MASKING']);
    expect(old.notes).toEqual([
      'cpucap HAS_GIC_PRIO_MASKING is called HAS_IRQ_PRIO_MASKING in this tree.',
      'cpucap HAS_PANN does not exist in this tree; it is left out. Did you mean HAS_PAN?',
    ]);
  });
});

describe('built-in states', () => {
  const cpucaps = table('ALWAYS_BOOT HAS_PAN HAS_LSE_ATOMICS');

  it('begin with none and all', () => {
    const [none, all] = builtinStates({ cpucaps, cores: [], derive: null, recorded: {} });
    expect([none?.name, none?.cpucaps.length]).toEqual(['none', 0]);
    expect([all?.name, all?.cpucaps]).toEqual(['all', ['ALWAYS_BOOT', 'HAS_PAN', 'HAS_LSE_ATOMICS']]);
  });

  it('fall back to the recorded cpucaps in a tree without tables', () => {
    const recorded = { 'cortex-a76': { cpucaps: ['HAS_PAN', 'HAS_OTHER'], depends: [], unknown: [] } };
    const states = builtinStates({ cpucaps, cores: coreRecords, derive: null, recorded });
    expect(states.slice(2).map((state) => `${state.name}: ${state.cpucaps.join(' ')}`)).toEqual([
      'cortex-a76: HAS_PAN',
    ]);
  });
});
