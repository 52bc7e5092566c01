// Makes a boot record from truth files: what a kernel's memory held on many machines, as the state of each machine and
// the hash of each section's words. Usage: node test/oracle/makeBootRecord.mjs boot-*.json.gz > records/boots-RELEASE.json
//
// A truth file ("boot-truth 1") is a vmlinux against memory read through QEMU while a machine was stopped; the scripts
// that write one boot an unmodified kernel image with busybox. Nothing here comes out of a prediction.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const boots = process.argv
  .slice(2)
  .map((path) => [
    path.replace(/^.*boot-[\d.]+-/, '').replace(/\.json\.gz$/, ''),
    JSON.parse(gunzipSync(readFileSync(path)).toString()),
  ]);
const [first] = boots;
if (first === undefined) throw new Error('name truth files');
const { kernel } = first[1];
const changed = (truth) => truth.keys.filter((key) => key[2] !== key[3]).map((key) => [key[0], key[3]]);
// Keys that have the same count on every machine.
const everywhere = boots.reduce((common, [, truth]) => {
  const keys = new Map(changed(truth));
  return common.filter(([key, count]) => keys.get(key) === count);
}, changed(first[1]));
const isCommon = new Set(everywhere.map(([key]) => key));
const record = ([name, truth]) => {
  const { machine, cpucaps, vars, keys_preinit: beforeInit, sections } = truth;
  if (truth.kernel.build_id !== kernel.build_id) throw new Error(`${name}: of another kernel`);
  return {
    name,
    machine: {
      qemu: machine.qemu.replace(/^QEMU emulator version (\S+).*/, '$1'),
      machine: machine.machine,
      cpu: machine.cpu,
      smp: machine.smp,
      mem: machine.mem,
      cmdline: machine.cmdline,
      firmware: machine.el3_stub ? 'SMCCC 1.2 with workarounds' : 'QEMU',
    },
    state: {
      cpucaps: cpucaps.system,
      bootCpucaps: cpucaps.boot,
      keys: Object.fromEntries(changed(truth).filter(([key]) => !isCommon.has(key))),
      keysPreInit: Object.fromEntries(beforeInit),
      runtime: { ...vars, kaslr_slide: machine.slide },
    },
    // The header of the image that was booted carries a signature that the vmlinux lacks; the rest is data.
    sections: sections
      .filter((section) => section.name !== '.head.text')
      .map((section) => [section.name, section.addr, section.words, section.differ, section.sha256_live]),
  };
};
const head = {
  schemaVersion: 1,
  title: `Text of ${kernel.release} in memory, on machines of QEMU`,
  kernel,
  keys: 'counts of static keys that are not those of the file; commonKeys are the same on every machine',
  sections: 'name, link address, words, words that are not as in the file, SHA-256 of the bytes in memory',
  generator: 'test/oracle/makeBootRecord.mjs',
  commonKeys: Object.fromEntries(everywhere),
};
const lines = boots.map((boot) => JSON.stringify(record(boot)));
process.stdout.write(`${JSON.stringify(head).slice(0, -1)},\n"boots":[\n${lines.join(',\n')}\n]}\n`);
