// Makes the cost tables of server/data/cost from LLVM's library:
//
//   node server/data/cost/generate/generate.mjs [--check] [--variants]
//
// Needs llvm-19-dev and a C++ compiler; README.md here says the rest. --check writes nothing and fails when a file
// would change. --variants also tries several texts per form and fails when they differ in their records.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Our name of each core, LLVM's name of its model, and what LLVM calls the model's processor. */
const cores = [
  ['cortex-a53', 'CortexA53Model'],
  ['cortex-a55', 'CortexA55Model'],
  ['cortex-a510', 'CortexA510Model'],
  ['cortex-a57', 'CortexA57Model'],
  ['neoverse-n1', 'NeoverseN1Model'],
  ['neoverse-n2', 'NeoverseN2Model'],
  ['neoverse-v1', 'NeoverseV1Model'],
  ['neoverse-v2', 'NeoverseV2Model'],
  ['ampere1', 'Ampere1Model'],
  ['ampere1b', 'Ampere1BModel'],
  ['a64fx', 'A64FXModel'],
  ['thunderx2t99', 'ThunderX2T99Model'],
  ['tsv110', 'TSV110Model'],
  ['apple-m1', 'CycloneModel'],
];

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, '..');
const check = process.argv.includes('--check');
const variants = process.argv.includes('--variants');
const llvmConfig = process.env.LLVM_CONFIG ?? 'llvm-config-19';
const work = mkdtempSync(join(tmpdir(), 'cost-'));
const maxBuffer = 1 << 30;

const run = (program, args, input) => {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer, input });
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr || result.error}`);
  return result.stdout;
};
const words = (text) => text.trim().split(/\s+/);

// The tool and the product's own form keys.
const tool = join(work, 'costRecords');
const flags = words(run(llvmConfig, ['--cxxflags'])).filter((flag) => flag !== '-fno-exceptions');
const libraries = words(run(llvmConfig, ['--ldflags', '--libs']));
run(process.env.CXX ?? 'g++', ['-O1', ...flags, join(here, 'costRecords.cpp'), '-o', tool, ...libraries]);
const keysFile = join(work, 'formKey.mjs');
const formKey = join(here, '../../../src/isa/formKey.ts');
await build({ entryPoints: [formKey], bundle: true, format: 'esm', outfile: keysFile, logLevel: 'error' });
const { insnForm, nearKeys } = await import(keysFile);

/** One list range written out, targets and notes made one symbol. */
function plain(text) {
  return text
    .replace(/\s*(\/\/|;|<).*$/, '')
    .replace(/\s+/g, ' ')
    .replace(/\{ ?v(\d+)(\.\w+) ?- ?v(\d+)\2 ?\}/, (_, first, shape, last) => {
      const count = ((Number(last) - Number(first) + 32) % 32) + 1;
      return `{ ${Array.from({ length: count }, (_, i) => `v${(Number(first) + i) % 32}${shape}`).join(', ')} }`;
    })
    .trim();
}

const targets = /^(b|bl|b\.\w+|bc\.\w+|cbn?z|tbn?z|adrp?)$/;
const registers = /(?<![\w.#:])(?:([xwbhsdqvzp])(\d{1,2})|(w?sp|[xw]zr|lr|fp))(?![\w(])/g;

/** Registers renumbered by their place in the text; a stack pointer as a base becomes an ordinary register. */
function renumbered(text) {
  const [mnemonic, ...rest] = text.split(' ');
  let operands = rest.join(' ');
  let target = '';
  if (targets.test(mnemonic)) {
    const cut = operands.lastIndexOf(',') + 1;
    target = `${cut > 0 ? ' ' : ''}tgt`;
    operands = operands.slice(0, cut);
  } else if (/^(ldr|ldrsw|prfm) (?!za)[^,]+, ?[^[ ]/.test(text)) {
    operands = operands.replace(/,.*/, ',');
    target = ' tgt';
  }
  let next = 0;
  const numbered = operands.replace(registers, (whole, bank, _number, special, at) => {
    const slot = next++;
    if (special === 'sp' && operands[at - 1] === '[') return `x${slot}`;
    if (special === 'lr' || special === 'fp') return `x${slot}`;
    return special === undefined ? `${bank}${slot}` : whole;
  });
  return `${mnemonic} ${numbered}${target}`.trim();
}

/** The text with every choice of general registers that are no base made zero registers. */
function withZeros(text) {
  const places = [...text.matchAll(/(?<![\w.#[:])([xw])\d{1,2}(?![\w(!])/g)].slice(0, 4);
  const out = [];
  for (let choice = 1; choice < 1 << places.length; choice++) {
    let changed = text;
    for (let i = places.length - 1; i >= 0; i--) {
      if ((choice >> i) & 1) {
        const { index } = places[i];
        changed = `${changed.slice(0, index)}${places[i][1]}zr${changed.slice(index + places[i][0].length)}`;
      }
    }
    out.push(changed);
  }
  return out;
}

/** Not wanted: matrix tiles and multi-vector forms beyond those that a kernel has; 64-byte loads, whose text names one of eight registers. */
function isForeign(form, isSeed) {
  if (form.problem !== null || /^(ld64b|st64b)|^\./.test(form.key)) return true;
  return !isSeed && /\bza|\bzt0|\bpn\d|\{z|\{p|\bz\b.*\*/.test(form.key);
}

const shiftTail = /,? ?(lsl|lsr|asr|ror|[us]xt[bhwx])( #\d+)?(?=\]|$)/;
const stackForms = /^(add|sub|adds|subs|cmp|cmn|and|orr|eor|mov|addg|subg) /;

/** The text with other shifts and extends, amounts 0 to 4 and a larger one. */
function withShifts(text) {
  const match = shiftTail.exec(text);
  if (match === null) return [];
  const before = text.slice(0, match.index);
  const after = text.slice(match.index + match[0].length);
  return 'lsl lsr asr ror uxtb uxth uxtw uxtx sxtb sxth sxtw sxtx'
    .split(' ')
    .flatMap((kind) =>
      ['', ' #0', ' #1', ' #2', ' #3', ' #4', ' #7', ' #12'].map((amount) => `${before}, ${kind}${amount}${after}`),
    );
}

/** The text with the stack pointer in one or both of the first two places. */
function withStack(text) {
  if (!stackForms.test(text)) return [];
  const places = [...text.matchAll(/(?<= )([xw])\d{1,2}(?=,|$)/g)].slice(0, 2);
  return [[0], [1], [0, 1]].flatMap((choice) => {
    let changed = text;
    for (const i of choice.slice().reverse()) {
      if (places[i] === undefined) return [];
      const { index } = places[i];
      changed = `${changed.slice(0, index)}${places[i][1] === 'w' ? 'wsp' : 'sp'}${changed.slice(index + places[i][0].length)}`;
    }
    return [changed];
  });
}

const isScalable = (form) => /[zp][./]|\b[zp]\b|ffr/.test(form.key.slice(form.mnemonic.length));

const seeds = readFileSync(join(here, 'seeds.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && line[0] !== '#');

/** key -> candidate texts, nearest to the seeds first. */
const candidates = new Map();
const scalableSeeds = new Set();
function offer(text, isSeed) {
  const form = insnForm(text);
  if (isForeign(form, isSeed)) return;
  // Scalable vectors only where a kernel has them: the rest would be half of the file.
  if (isScalable(form) && isSeed) scalableSeeds.add(form.mnemonic);
  if (isScalable(form) && !scalableSeeds.has(form.mnemonic)) return;
  const known = candidates.get(form.key);
  if (known === undefined) candidates.set(form.key, [text]);
  else if (known.length < (variants ? 24 : 3) && !known.includes(text)) known.push(text);
}
for (const text of seeds) offer(renumbered(plain(text)), true);
// Equal registers may be required (destructive scalable forms), so the text as it was is a candidate as well.
for (const text of seeds)
  offer(
    plain(text).replace(/^(\S+ ?)(.*)$/, (_, m, rest) => (targets.test(m.trim()) ? renumbered(plain(text)) : m + rest)),
    true,
  );
// Two rounds: the second one starts from the shapes that the first one found.
let shapes = seeds.map((text) => renumbered(plain(text)));
for (let round = 0; round < 2; round++) {
  const before = new Set(candidates.keys());
  for (const text of run(tool, ['siblings'], `${shapes.join('\n')}\n`).split('\n')) {
    if (text !== '') offer(renumbered(plain(text)), false);
  }
  shapes = [...candidates]
    .filter(([key]) => !before.has(key) && !isScalable({ key, mnemonic: key.split(' ')[0] }))
    .map(([, texts]) => texts[0]);
}
for (const rule of [withShifts, withStack]) {
  for (const texts of [...candidates.values()])
    for (const text of rule(texts[0])) offer(renumbered(plain(text)), false);
}
for (const texts of [...candidates.values()]) for (const text of withZeros(texts[0])) offer(text, false);

// Records.
const texts = [...candidates.values()].flat();
const lines = run(tool, ['records', ...cores.map(([name]) => name)], `${texts.join('\n')}\n`).split('\n');
const records = new Map(cores.map(([name]) => [name, []]));
const answers = new Array(texts.length).fill(null);
for (const line of lines) {
  if (line.startsWith('record ')) {
    const [, core, number, ...json] = line.split(' ');
    records.get(core)[Number(number)] = json.join(' ');
  } else if (line.startsWith('form ')) {
    const [head, opcode, reads, writes, numbers] = line.split('\t');
    answers[Number(head.slice(5))] = { opcode, reads, writes, numbers };
  }
}

/** Textual slots of LLVM's register names: the number is the place. `X0_X1` is one operand of two registers. */
function slotsOf(names, text) {
  const form = insnForm(text);
  const stack = form.key.replace(/\[.*/, '').split(/[ ,]/).slice(1);
  const stackSlot = stack.findIndex((shape) => shape === 'sp' || shape === 'wsp');
  return names === ''
    ? []
    : names.split(',').map((name) =>
        name.split('_').map((part) => {
          const match = /^([XWBHSDQZP])(\d+)$/.exec(part);
          if (match !== null) {
            const number = Number(match[2]);
            const bank = match[1];
            const offset = bank === 'X' || bank === 'W' ? 0 : bank === 'P' ? 64 : 32;
            const slot = form.regs.indexOf(number + offset);
            return slot >= 0 ? slot : `${bank.toLowerCase()}${number}`;
          }
          if (part === 'LR' || part === 'FP') {
            const slot = form.regs.indexOf(part === 'LR' ? 30 : 29);
            return slot >= 0 ? slot : part === 'LR' ? 'x30' : 'x29';
          }
          if ((part === 'SP' || part === 'WSP') && stackSlot >= 0) return stackSlot;
          return part === 'WSP' ? 'sp' : part.toLowerCase();
        }),
      );
}

const isZero = (form, slot) => (typeof slot === 'number' ? form.regs[slot] === -1 : /^([wx]zr|-)$/.test(slot));

/** Records by core, each text once. */
const interned = cores.map(() => new Map());

/**
 * What decides a form: its map, and the number of its record on each core, both without the operands that are nothing
 * but zero registers in `form`. They make no dependency. LLVM leaves an empty write in the place of a zero register,
 * which then belongs to operand 0: where that is a real register, in-order cores wait for it, so it is kept.
 */
function described(answer, form, slots) {
  const real = (operand) => operand.some((slot) => !isZero(form, slot));
  const reads = slots.reads.map(real);
  const writes = slots.writes.map(real);
  const numbers = answer.numbers.split(',').map((number, core) => {
    if (number === '-') return '-';
    const record = JSON.parse(records.get(cores[core][0])[Number(number)]);
    record.reads = record.reads.filter((_, i) => reads[i]);
    record.writes = record.writes.filter((_, i) => writes[i]);
    const text = JSON.stringify(record);
    const known = interned[core].get(text);
    if (known !== undefined) return known;
    interned[core].set(text, interned[core].size);
    return interned[core].size - 1;
  });
  return {
    map: mapText({ reads: slots.reads.filter(real), writes: slots.writes.filter(real) }),
    numbers: numbers.join(','),
  };
}

const mapText = ({ writes, reads }) => {
  const side = (list) => list.map((operand) => operand.join('+')).join(',');
  return `${side(writes)}<${side(reads)}`;
};

/** key -> { map, vector of record numbers, what decides it } */
const forms = new Map();
const conflicts = [];
let at = 0;
let accepted = 0;
for (const [key, list] of candidates) {
  for (const text of list) {
    const answer = answers[at++];
    if (answer === null) continue;
    accepted++;
    const slots = { reads: slotsOf(answer.reads, text), writes: slotsOf(answer.writes, text) };
    const entry = { key, text, slots, answer, ...described(answer, insnForm(text), slots) };
    const known = forms.get(key);
    if (known === undefined) forms.set(key, entry);
    else if (known.numbers !== entry.numbers) conflicts.push(`${key}: "${known.text}" and "${text}"`);
  }
}
if (variants && conflicts.length > 0) throw new Error(`one form, two records:\n${conflicts.join('\n')}`);

// Reduce: a sibling that the product finds by a near key is not listed.
const allForms = forms.size;
const sameFor = (form, entry, other) => {
  const { map, numbers } = described(other.answer, form, other.slots);
  return map === entry.map && numbers === entry.numbers;
};
for (const [key, entry] of [...forms]) {
  const form = insnForm(entry.text);
  const near = nearKeys(key)
    .map((one) => forms.get(one))
    .find((one) => one !== undefined);
  if (near === undefined || near === entry) continue;
  if (sameFor(form, entry, near)) entry.dropped = true;
}
// A dropped form must still be found through a form that stays.
for (const [key, entry] of [...forms]) {
  if (!entry.dropped) continue;
  const stays = nearKeys(key)
    .map((one) => forms.get(one))
    .find((one) => one !== undefined && !one.dropped);
  if (stays === undefined || !sameFor(insnForm(entry.text), entry, stays)) entry.dropped = false;
}
for (const [key, entry] of [...forms]) if (entry.dropped) forms.delete(key);
const keys = [...forms.keys()].sort();
const maps = [...new Set(keys.map((key) => forms.get(key).map))].sort();
// In the order of their records: then neighbors are alike, which compresses well.
const vectors = [...new Set(keys.map((key) => forms.get(key).numbers))].sort();
const mapNumber = new Map(maps.map((map, i) => [map, i]));
const vectorNumber = new Map(vectors.map((vector, i) => [vector, i]));

// Files.
const tooling = {
  version: run(llvmConfig, ['--version']).trim(),
  package: packageVersion(),
};
function packageVersion() {
  const query = spawnSync('dpkg-query', ['-W', `--showformat=${'$'}{Version}`, 'llvm-19-dev'], { encoding: 'utf8' });
  return query.status === 0 ? `Debian llvm-19-dev ${query.stdout}` : 'unknown package';
}
const header = (title, extra) => ({
  schemaVersion: 1,
  title,
  command: 'node server/data/cost/generate/generate.mjs',
  llvmVersion: tooling.version,
  llvmPackage: tooling.package,
  licence: 'derived from LLVM, Apache-2.0 WITH LLVM-exception',
  ...extra,
});
const files = new Map();

files.set(
  'forms.json',
  object({
    ...header('Instruction forms: register map and record class', {
      units: 'form: [index into maps, record class]; map: writes<reads, each the place of a register token or a name',
    }),
    maps: { lines: maps.map((map) => JSON.stringify(map)) },
    forms: {
      entries: keys.map((key) => [
        key,
        JSON.stringify([mapNumber.get(forms.get(key).map), vectorNumber.get(forms.get(key).numbers)]),
      ]),
    },
  }),
);

const models = run(tool, ['models', ...cores.map(([name]) => name)])
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
cores.forEach(([name, llvmModel], core) => {
  const model = models[core];
  if (model.extra?.some((value) => value !== 0)) throw new Error(`${name}: extra processor information`);
  const used = new Map();
  vectors.forEach((vector, number) => {
    const record = vector.split(',')[core];
    if (record === '-') return;
    if (!used.has(record)) used.set(record, []);
    used.get(record).push(number);
  });
  const known = [...interned[core].keys()];
  const parsed = new Map([...used.keys()].map((number) => [number, JSON.parse(known[Number(number)])]));
  // Only classes that some read asks for make a difference.
  const asked = new Set(
    [...parsed.values()].flatMap((record) => record.reads.flat().map(([writeClass]) => writeClass)),
  );
  const advances = new Map();
  const merged = new Map();
  const recordOfClass = new Array(vectors.length).fill(-1);
  for (const [number, record] of parsed) {
    const text = recordText(record, asked, advances);
    if (!merged.has(text)) merged.set(text, merged.size);
    for (const one of used.get(number)) recordOfClass[one] = merged.get(text);
  }
  files.set(
    `${name}.json`,
    object({
      ...header(`${model.cpus.includes(name) ? name : `${name} (by alias)`}: ${llvmModel}`, {
        units:
          'cycles and micro-ops; resources and records by their place in the list; recordOfClass: by record class of forms.json, -1: LLVM has none',
        cpus: model.cpus,
      }),
      name,
      llvmModel,
      kind: model.outOfOrder ? 'out-of-order' : 'in-order',
      widthUops: model.width,
      bufferUops: model.outOfOrder ? model.buffer : 0,
      mispredictPenaltyCycles: model.mispredictCycles,
      loadLatencyCycles: model.loadCycles,
      resources: {
        lines: model.resources.map(({ name: resource, units, buffer, members }) =>
          JSON.stringify({
            name: resource,
            units: members.length > 0 ? 1 : units,
            members: members.length > 0 ? [...new Set(members)].map((one) => one - 1).sort((a, b) => a - b) : null,
            bufferEntries: buffer,
          }),
        ),
      },
      advances: { lines: [...advances.keys()] },
      records: { lines: [...merged.keys()] },
      recordOfClass: { rows: recordOfClass },
    }),
  );
});

/** One record with what is usual left out; reads are places in `advances`. */
function recordText(record, asked, advances) {
  const reads = record.reads.map((list) => {
    const entries = [...list];
    // A last entry that says 0 says what no entry says.
    while (entries.length > 0 && entries.at(-1)[1] === 0) entries.pop();
    const text = JSON.stringify(entries);
    if (!advances.has(text)) advances.set(text, advances.size);
    return advances.get(text);
  });
  const writes = record.writes.map(([latency, writeClass]) => [latency, asked.has(writeClass) ? writeClass : 0]);
  const groupsUsed = record.resources.map(([resource]) => resource);
  const hiddenGroups = record.groups.filter((group) => !groupsUsed.includes(group));
  return JSON.stringify({
    uops: record.uops,
    latency: record.latency,
    writes,
    reads,
    uses: record.resources.map(([resource, ...rest]) => [resource - 1, ...rest]),
    ...(record.buffers.length > 0 ? { buffers: record.buffers.map((one) => one - 1) } : {}),
    ...(hiddenGroups.length > 0 ? { coveredGroups: hiddenGroups.map((one) => one - 1) } : {}),
    ...(record.flags.length > 0 ? { flags: record.flags } : {}),
  });
}

/** JSON with one line a key, and one line an element where `lines` or `entries` say so. */
function object(value) {
  const lines = Object.entries(value).map(([key, one]) => {
    if (one !== null && typeof one === 'object' && Array.isArray(one.lines)) {
      return one.lines.length === 0 ? `  "${key}": []` : `  "${key}": [\n    ${one.lines.join(',\n    ')}\n  ]`;
    }
    if (one !== null && typeof one === 'object' && Array.isArray(one.entries)) {
      return `  "${key}": {\n    ${one.entries.map(([k, v]) => `${JSON.stringify(k)}: ${v}`).join(',\n    ')}\n  }`;
    }
    if (one !== null && typeof one === 'object' && Array.isArray(one.rows)) {
      const rows = [];
      for (let i = 0; i < one.rows.length; i += 30) rows.push(one.rows.slice(i, i + 30).join(','));
      return `  "${key}": [\n    ${rows.join(',\n    ')}\n  ]`;
    }
    return `  "${key}": ${JSON.stringify(one)}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

let changed = 0;
for (const [name, text] of files) {
  const path = join(output, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  changed++;
  process.stderr.write(`${check ? 'would change' : 'wrote'} ${name}\n`);
  if (!check) writeFileSync(path, text);
}
process.stderr.write(
  `${texts.length} texts, ${accepted} accepted, ${allForms} forms, ${forms.size} after reduction, ${maps.length} maps, ` +
    `${vectors.length} record classes, ${conflicts.length} conflicts\n`,
);
for (const conflict of conflicts.slice(0, 20)) process.stderr.write(`  ${conflict}\n`);
if (check && changed > 0) process.exitCode = 1;
