// Makes sysregs.json: node server/data/isa/makeSysregs.mjs > server/data/isa/sysregs.json
//
// Asks two assemblers for the encoding of every name found in their own binaries (the tables of register names are
// plain strings there): aarch64-linux-gnu-as and llvm-mc. The answers are facts of the architecture; no table is
// copied. The direction comes from llvm-mc, which refuses `mrs` of a write-only and `msr` of a read-only register.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const gas = process.env.GAS ?? 'aarch64-linux-gnu-as';
const gasObjdump = process.env.GAS_OBJDUMP ?? 'aarch64-linux-gnu-objdump';
const llvmMc = process.env.LLVM_MC ?? 'llvm-mc-19';
const gasArch = process.env.GAS_ARCH ?? '-march=armv9.3-a+profile+memtag+sme+ls64+tme+mops+rng+predres+lor+pan+ras';
const directory = mkdtempSync(join(tmpdir(), 'sysregs-'));

const which = (tool) => realpathSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim());
const libraries = (path) =>
  [...execFileSync('ldd', [path], { encoding: 'utf8' }).matchAll(/=> (\/\S*(?:opcodes|LLVM)\S*)/g)].map((m) =>
    realpathSync(m[1]),
  );

const candidates = new Set();
for (const tool of [which(gas), which(llvmMc)]) {
  for (const file of [tool, ...libraries(tool)]) {
    const text = readFileSync(file).toString('latin1');
    // Also the tails of strings: linkers merge a name with a longer one that ends in it.
    for (const [word] of text.matchAll(/[A-Za-z][A-Za-z0-9_]{1,19}(?=\0)/g)) candidates.add(word.toLowerCase());
    // LLVM keeps its names in one run without separators between upper- and lower-case strings.
    for (const [word] of text.matchAll(/(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{1,19}(?![A-Za-z0-9_])/g)) {
      candidates.add(word.toLowerCase());
    }
  }
}
// Families with an index are complete by construction.
const families = [
  [
    16,
    ['dbgbvr#_el1', 'dbgbcr#_el1', 'dbgwvr#_el1', 'dbgwcr#_el1', 'amevcntr0#_el0', 'amevcntr1#_el0', 'amevtyper1#_el0'],
  ],
  [31, ['pmevcntr#_el0', 'pmevtyper#_el0', 'pmevcntsvr#_el1']],
  [32, ['brbinf#_el1', 'brbsrc#_el1', 'brbtgt#_el1']],
  [
    16,
    ['trcacatr#', 'trcacvr#', 'trccidcvr#', 'trcrsctlr#', 'trcvmidcvr#', 'trcextinselr#', 'trcsspcicr#', 'ich_lr#_el2'],
  ],
];
for (const [count, names] of families) {
  for (const name of names) for (let i = 0; i < count; i++) candidates.add(name.replace('#', String(i)));
}
const names = [...candidates].filter((name) => !/^[xwbhsdqvzp]\d+$|^[xw]zr$|^w?sp$/.test(name)).sort();

function assembleGas(lines) {
  const source = join(directory, 'a.s');
  const object = join(directory, 'a.o');
  let kept = lines.map((_, i) => i);
  for (;;) {
    writeFileSync(source, `${kept.map((i) => lines[i]).join('\n')}\n`);
    const run = spawnSync(gas, [gasArch, '-o', object, source], { encoding: 'utf8', maxBuffer: 1 << 30 });
    const bad = new Set([...run.stderr.matchAll(/a\.s:(\d+): Error/g)].map((m) => kept[Number(m[1]) - 1]));
    if (bad.size === 0) break;
    kept = kept.filter((i) => !bad.has(i));
  }
  const dump = execFileSync(gasObjdump, ['-dz', object], { encoding: 'utf8', maxBuffer: 1 << 30 });
  const words = [...dump.matchAll(/^\s*[0-9a-f]+:\t([0-9a-f]{8})/gm)].map((m) => Number.parseInt(m[1], 16));
  return new Map(kept.map((i, k) => [i, words[k]]));
}

function assembleLlvm(lines) {
  const source = join(directory, 'b.s');
  writeFileSync(source, `${lines.map((line, i) => `${line} // ${i}`).join('\n')}\n`);
  const first = spawnSync(llvmMc, ['-triple=aarch64', '-mattr=+all', '-filetype=null', source], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const bad = new Set([...first.stderr.matchAll(/b\.s:(\d+):\d+: error/g)].map((m) => Number(m[1]) - 1));
  const kept = lines.map((_, i) => i).filter((i) => !bad.has(i));
  writeFileSync(source, `${kept.map((i) => lines[i]).join('\n')}\n`);
  const text = execFileSync(llvmMc, ['-triple=aarch64', '-mattr=+all', '-show-encoding', source], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const words = [...text.matchAll(/encoding: \[0x(..),0x(..),0x(..),0x(..)\]/g)].map((m) =>
    Number.parseInt(m[4] + m[3] + m[2] + m[1], 16),
  );
  if (words.length !== kept.length) throw new Error(`llvm-mc: ${kept.length} lines, ${words.length} words`);
  return new Map(kept.map((i, k) => [i, words[k]]));
}

const place = (word) =>
  `s${(word >>> 19) & 3}_${(word >>> 16) & 7}_c${(word >>> 12) & 15}_c${(word >>> 8) & 15}_${(word >>> 5) & 7}`;

const registers = {};
const direction = { gas: [], llvm: [] };
for (const form of ['mrs x0, #', 'msr #, x0']) {
  const lines = names.map((name) => form.replace('#', name));
  direction.gas.push(assembleGas(lines));
  direction.llvm.push(assembleLlvm(lines));
}
names.forEach((name, i) => {
  const [gasRead, gasWrite] = direction.gas.map((m) => m.get(i));
  const [llvmRead, llvmWrite] = direction.llvm.map((m) => m.get(i));
  const gasWord = gasRead ?? gasWrite;
  const llvmWord = llvmRead ?? llvmWrite;
  const word = gasWord ?? llvmWord;
  if (word === undefined || /^s\d_/.test(name)) return;
  if (gasWord !== undefined && llvmWord !== undefined && place(gasWord) !== place(llvmWord)) {
    throw new Error(`${name}: the assemblers disagree`);
  }
  const ways =
    llvmWord === undefined ? 'rw' : (llvmRead !== undefined ? 'r' : '') + (llvmWrite !== undefined ? 'w' : '');
  registers[name] =
    `${place(word)} ${ways} ${gasWord === undefined ? 'llvm' : llvmWord === undefined ? 'gas' : 'both'}`;
});

const operations = {};
for (const group of ['at', 'cfp', 'cpp', 'dc', 'dvp', 'ic', 'tlbi']) {
  operations[group] = {};
  for (const [tail, mark] of [
    ['', 'none'],
    [', x0', 'xt'],
  ]) {
    const lines = names.map((name) => `${group} ${name}${tail}`);
    const gasWords = assembleGas(lines);
    const llvmWords = assembleLlvm(lines);
    names.forEach((name, i) => {
      const gasWord = gasWords.get(i);
      // LLVM 19 takes some operations both with and without a register; GNU as decides where it knows the name.
      const word = gasWord ?? (operations[group][name] === undefined ? llvmWords.get(i) : undefined);
      if (word === undefined) return;
      if (gasWord !== undefined && llvmWords.get(i) !== undefined && place(gasWord) !== place(llvmWords.get(i))) {
        throw new Error(`${group} ${name}: the assemblers disagree`);
      }
      operations[group][name] = `${place(word)} ${mark} ${gasWord === undefined ? 'llvm' : 'gas'}`;
    });
  }
}

const version = (tool) => execFileSync(tool, ['--version'], { encoding: 'utf8' }).trim();
const header = {
  schemaVersion: 1,
  title: 'A64 system registers and system operations by name',
  units: 's<op0>_<op1>_c<CRn>_c<CRm>_<op2>; r and w: allowed for mrs and msr; last word: assembler that knows the name',
  generator: 'server/data/isa/makeSysregs.mjs',
  sources: [
    { id: 'gas', title: version(gas).split('\n')[0], command: `${gas} ${gasArch}` },
    {
      id: 'llvm',
      title: version(llvmMc).match(/LLVM version \S+/)?.[0],
      command: `${llvmMc} -triple=aarch64 -mattr=+all`,
    },
  ],
};
const rows = (record, indent) =>
  Object.keys(record)
    .sort()
    .map((key) => `${indent}${JSON.stringify(key)}: ${JSON.stringify(record[key])}`)
    .join(',\n');
const body = Object.entries(header)
  .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  .join(',\n');
const groups = Object.keys(operations)
  .map((group) => `    ${JSON.stringify(group)}: {\n${rows(operations[group], '      ')}\n    }`)
  .join(',\n');
process.stdout.write(
  `{\n${body},\n  "operations": {\n${groups}\n  },\n  "registers": {\n${rows(registers, '    ')}\n  }\n}\n`,
);
