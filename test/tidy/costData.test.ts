import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { coreChoices, modelNames } from '../../server/src/cost/cores.ts';
import type { FusionFile } from '../../server/src/cost/fusion.ts';
import type { KernelRowsFile } from '../../server/src/cost/kernelRows.ts';
import {
  type CoreData,
  coreProblems,
  type FormsData,
  formProblems,
  readCostFile,
  shortLatencies,
} from '../support/costData.ts';
import { projectFiles, readProjectFile } from '../support/projectFiles.ts';

const ajv = new Ajv2020({ allErrors: true, strictTuples: false });
const forms = readCostFile('forms') as FormsData;
const cores = modelNames.map((name) => readCostFile(name) as CoreData);

function schemaErrors(schema: string, data: unknown): readonly string[] {
  const validate = ajv.compile(JSON.parse(readProjectFile(`server/data/cost/schema/${schema}.schema.json`)));
  validate(data);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

describe('generated tables', () => {
  it('fit their schemas', () => {
    expect(schemaErrors('forms', forms)).toEqual([]);
    for (const core of cores) expect(schemaErrors('core', core)).toEqual([]);
  });

  it('there is a file for each core, and no other', () => {
    const files = projectFiles('server/data/cost', '.json').filter((file) => !file.includes('/schema/'));
    const wanted = ['forms', 'fusion', 'kernelRows', ...modelNames].map((name) => `server/data/cost/${name}.json`);
    expect([...files].sort()).toEqual(wanted.sort());
    expect(cores.map((core) => core.name)).toEqual(modelNames);
  });

  it('no form twice, each with a register map and a record class', () => {
    const [first] = cores;
    const nClasses = first?.recordOfClass.length ?? 0;
    expect(formProblems(readProjectFile('server/data/cost/forms.json'), nClasses)).toEqual([]);
    expect(cores.filter((core) => core.recordOfClass.length !== nClasses)).toEqual([]);
  });

  it.each(cores)('units, classes, advances and operand counts of $name fit together', (core) => {
    expect(coreProblems(core, forms)).toEqual([]);
  });

  it('finds what does not fit', () => {
    const [core] = cores;
    if (core === undefined) throw new Error('no core');
    const [record, ...rest] = core.records;
    if (record === undefined) throw new Error('no record');
    const broken: CoreData = {
      ...core,
      records: [{ ...record, uses: [[99, 1, 1]], writes: [[1, 4711], ...record.writes] }, ...rest],
    };
    expect(coreProblems(broken, forms).slice(0, 3)).toMatchInlineSnapshot(`
      [
        "no read asks for write class 4711",
        "record 0: unknown unit 99",
        "abs w,w: 2 writes, map 0",
      ]
    `);
    expect(
      formProblems('{"maps": ["<"], "forms": {\n    "nop": [0,0],\n    "nop": [1,7]\n}}', 7),
    ).toMatchInlineSnapshot(`
      [
        "duplicate form: nop",
        "nop: no register map 1",
        "nop: no record class 7",
      ]
    `);
  });

  // Each was looked at: FSQRT on A55 and A510, which have one class for all widths, and store pairs of vector registers
  // with writeback on A64FX. A new one wants a second look.
  it('latencies below the reciprocal throughput', () => {
    const counts = cores.map((core) => `${core.name} ${shortLatencies(core)} of ${core.records.length}`);
    expect(counts).toMatchInlineSnapshot(`
      [
        "cortex-a53 0 of 130",
        "cortex-a55 1 of 177",
        "cortex-a510 1 of 163",
        "cortex-a57 0 of 265",
        "neoverse-n1 0 of 230",
        "neoverse-n2 0 of 256",
        "neoverse-v1 0 of 255",
        "neoverse-v2 0 of 281",
        "ampere1 0 of 269",
        "ampere1b 0 of 266",
        "a64fx 1 of 240",
        "thunderx2t99 0 of 189",
        "tsv110 0 of 194",
        "apple-m1 0 of 224",
      ]
    `);
  });
});

describe('our own rows', () => {
  const file = readCostFile('kernelRows') as KernelRowsFile;
  const figures = file.rows.flatMap((row) => row.figures.map((figure) => ({ row, figure })));

  it('fit their schema', () => {
    expect(schemaErrors('kernelRows', file)).toEqual([]);
  });

  it('every row has its own name, and patterns that compile', () => {
    const ids = file.rows.map((row) => row.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const { mnemonics, operands, forms: keys } of file.rows) {
      for (const pattern of [mnemonics, operands, keys]) if (pattern !== undefined) new RegExp(`^(?:${pattern})$`);
    }
  });

  it('every number has a source that is listed; every source is used', () => {
    const known = new Set(file.sources.map((source) => source.id));
    const used = new Set(
      figures.flatMap(({ figure: { lo, hi } }) => (hi === null ? [lo] : [lo, hi]).map((one) => one.source)),
    );
    expect([...used].filter((id) => !known.has(id))).toEqual([]);
    const notes = file.rows.map((row) => row.note).join('\n');
    expect(
      [...known].filter((id) => !used.has(id) && !new RegExp(`\\([A-Z, ]*\\b${id}\\b[A-Z, ]*\\)`).test(notes)),
    ).toEqual([]);
  });

  it('every core that is named is one, and no figure stands behind one for all', () => {
    const names = new Set([...modelNames, ...Object.keys(file.coreGroups), '*']);
    expect(figures.flatMap(({ figure }) => figure.cores).filter((name) => !names.has(name))).toEqual([]);
    expect(
      Object.values(file.coreGroups)
        .flat()
        .filter((name) => !modelNames.includes(name)),
    ).toEqual([]);
    const shadowed = file.rows.filter((row) => row.figures.slice(0, -1).some((figure) => figure.cores.includes('*')));
    expect(shadowed.map((row) => row.id)).toEqual([]);
  });

  it('bounds are in order, and fit their kind; what we assume is called so', () => {
    const wrong = figures.filter(({ figure: { kind, lo, hi } }) => {
      const from = lo.cycles ?? lo.mispredicts ?? 0;
      const to = hi === null ? null : (hi.cycles ?? hi.mispredicts ?? 0);
      if (kind === 'point') return to !== from;
      if (kind === 'unknown') return to !== null;
      return to !== null && to < from;
    });
    expect(wrong.map(({ row }) => row.id)).toEqual([]);
    const silent = figures.filter(({ figure: { lo, hi } }) =>
      [lo, hi].some((one) => one?.source === 'P' && one.assumed !== true),
    );
    expect(silent.map(({ row }) => row.id)).toEqual([]);
  });

  it('a row of memory order says what it waits for', () => {
    const silent = file.rows.filter((row) => /memory/.test(row.behavior) && row.orders === undefined);
    expect(silent.map((row) => row.id)).toEqual([]);
  });
});

describe('fused pairs', () => {
  const file = readCostFile('fusion') as FusionFile;

  it('fit their schema, and are off by default', () => {
    expect(schemaErrors('fusion', file)).toEqual([]);
    expect(file.enabledByDefault).toBe(false);
  });

  it('every core has a list, without a kind twice', () => {
    expect(Object.keys(file.cores).sort()).toEqual([...modelNames].sort());
    const twice = Object.entries(file.cores).filter(
      ([, pairs]) => new Set(pairs.map(({ kind }) => kind)).size !== pairs.length,
    );
    expect(twice).toEqual([]);
  });

  it('every pair has a source that is listed; every source is used', () => {
    const used = new Set(Object.values(file.cores).flatMap((pairs) => pairs.map(({ source }) => source)));
    expect([...used].sort()).toEqual(file.sources.map(({ id }) => id).sort());
  });
});

describe('cores to choose from', () => {
  it('no name twice, and each has a model that is shipped', () => {
    const names = coreChoices.flatMap((choice) => [choice.name, ...choice.aliases]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(coreChoices.filter((choice) => !modelNames.includes(choice.model))).toEqual([]);
  });

  it('a stand-in says so, and a model of its own does not', () => {
    const silent = coreChoices.filter((choice) => choice.model !== choice.name && choice.modelledAs === null);
    expect(silent).toEqual([]);
    const own = coreChoices.filter((choice) => choice.model === choice.name && choice.modelledAs !== null);
    expect(own.map((choice) => `${choice.title}, modelled as ${choice.modelledAs}`)).toEqual([
      'Apple M1, modelled as Cyclone (Apple A7)',
    ]);
  });
});
