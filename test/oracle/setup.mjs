#!/usr/bin/env node
// Makes what the oracle tests compare with, outside the repository: kernel source trees, unpacked from Debian's
// source packages, and O= builds of them that hold the objects of arch/arm64/**/*.S as the kernel's own build
// makes them. No C file of the kernel is compiled beyond what its headers need.
//
//   node test/oracle/setup.mjs
//
// Needs (Debian): gcc-aarch64-linux-gnu make gcc flex bison bc perl xz-utils libssl-dev libelf-dev linux-source-6.12
// linux-source-6.1. Finished steps are skipped when run again. Debian's kernel images with their debug information
// are fetched with apt, when it knows the architecture arm64 (dpkg --add-architecture arm64 && apt-get update).
//
//   PATCHPOINT_ORACLE_HOME   where all of it goes (default ~/.cache/patchpoint/oracle)
//   PATCHPOINT_KERNEL        a kernel tree to use instead of Debian's
//   PATCHPOINT_KERNEL_BUILD  a finished O= build of that tree: nothing is built then
//   PATCHPOINT_NO_IMAGES     leaves out the images (1.2 GB to download for each kernel)
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { setUpImages } from './setupImages.mjs';

const compiler = 'aarch64-linux-gnu-gcc';
const linker = 'aarch64-linux-gnu-ld';
const packages =
  'gcc-aarch64-linux-gnu make gcc flex bison bc perl xz-utils libssl-dev libelf-dev linux-source-6.12 linux-source-6.1';
const makeVariables = ['ARCH=arm64', 'CROSS_COMPILE=aarch64-linux-gnu-'];

/** Changes to the defconfig (arguments of the kernel's scripts/config) that turn over what alternatives depend on. */
const otherOptions = ['-e ARM64_PSEUDO_NMI', '-e ARM64_SW_TTBR0_PAN', '-e SHADOW_CALL_STACK', '-d ARM64_PAN'];

/** A build whose preemption model is chosen at boot, with lines: what C code's patch sites are compared with. */
const dynamicOptions = ['-e PREEMPT_DYNAMIC', '-d DEBUG_INFO_NONE', '-e DEBUG_INFO_DWARF5', '-d DEBUG_INFO_REDUCED'];
const dynamicObjects = ['kernel/sched/core.o', 'arch/arm64/kernel/entry-common.o'];

const startedMs = Date.now();
const say = (text) => process.stdout.write(`[${((Date.now() - startedMs) / 1000).toFixed(0)} s] ${text}\n`);

/** A reason that the person can do something about; printed without a stack. */
class SetupError extends Error {}

const home = makeHome();
const record = join(home, 'oracle.json');
try {
  await setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function setUp() {
  if (process.env.PATCHPOINT_KERNEL_BUILD) {
    say(`${process.env.PATCHPOINT_KERNEL_BUILD} is used as it is: nothing to do`);
    return;
  }
  requireTools();
  const sources = await Promise.all(sourceTrees().map(unpack));
  const builds = [];
  const linked = [];
  // One tree after the other: make itself uses every processor.
  for (const source of sources) {
    for (const [name, options] of [['defconfig', []], ...(source.hasOtherOptions ? [['options', otherOptions]] : [])]) {
      builds.push(...(await makeBuild({ name: `${source.name}-${name}`, source: source.path, options })));
    }
    const name = `${source.name}-preempt-dynamic`;
    if (source.hasOtherOptions) linked.push(await makeLinkedObjects({ name, source: source.path }));
  }
  const debianSources = sources.filter((source) => source.archive !== null);
  const withVersion = debianSources.map((source) => ({ ...source, version: packageVersion(source.name) }));
  const images = process.env.PATCHPOINT_NO_IMAGES ? [] : await setUpImages({ home, sources: withVersion, say });
  writeFileSync(record, `${JSON.stringify({ schemaVersion: 1, builds, linked, images }, null, 2)}\n`);
  const count = builds.reduce((sum, build) => sum + build.nObjects, 0);
  say(`ready: ${builds.length} build directories with ${count} objects and ${images.length} images in ${home}`);
}

function makeHome() {
  const wanted = resolve(process.env.PATCHPOINT_ORACLE_HOME || join(homedir(), '.cache/patchpoint/oracle'));
  mkdirSync(wanted, { recursive: true });
  // kbuild resolves links in the paths that it records.
  return realpathSync(wanted);
}

function requireTools() {
  const wanted = [compiler, 'make', 'gcc', 'flex', 'bison', 'bc', 'perl', 'tar', 'xz'];
  const missing = wanted.filter((tool) => {
    try {
      execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return;
  throw new SetupError(`missing: ${missing.join(', ')}. On Debian: apt-get install ${packages}`);
}

/** Trees to build: the one named by the user, else each of Debian's that is installed. */
function sourceTrees() {
  const own = process.env.PATCHPOINT_KERNEL;
  if (own) {
    const path = resolve(own);
    if (!existsSync(join(path, 'arch/arm64/Kconfig'))) {
      throw new SetupError(`PATCHPOINT_KERNEL: ${path} is not an arm64 kernel tree`);
    }
    return [{ name: 'kernel', path: realpathSync(path), archive: null, hasOtherOptions: true }];
  }
  const trees = [
    { version: '6.12', hasOtherOptions: true },
    { version: '6.1', hasOtherOptions: false },
  ].map(({ version, hasOtherOptions }) => ({
    name: version,
    path: join(home, 'source', `linux-source-${version}`),
    archive: `/usr/src/linux-source-${version}.tar.xz`,
    hasOtherOptions,
  }));
  const present = trees.filter((tree) => existsSync(tree.archive));
  for (const tree of trees) if (!present.includes(tree)) say(`not installed: package linux-source-${tree.name}`);
  if (present.length === 0) {
    throw new SetupError(
      'no kernel source: apt-get install linux-source-6.12 linux-source-6.1, or set PATCHPOINT_KERNEL',
    );
  }
  return present;
}

function packageVersion(name) {
  const line = execFileSync('dpkg-query', ['-W', `linux-source-${name}`], { encoding: 'utf8' });
  return line.trim().split('\t')[1] ?? '';
}

async function unpack(tree) {
  if (tree.archive === null) return tree;
  const { size, mtimeMs } = statSync(tree.archive);
  const stamp = join(dirname(tree.path), `${basename(tree.path)}.unpacked`);
  const wanted = `${size} ${Math.round(mtimeMs)}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return tree;
  say(`unpacking ${tree.archive}`);
  const partial = `${tree.path}.partial`;
  rmSync(stamp, { force: true });
  rmSync(tree.path, { recursive: true, force: true });
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  await run('tar', ['-xf', tree.archive, '-C', partial, '--strip-components=1'], `${partial}.log`);
  renameSync(partial, tree.path);
  rmSync(`${partial}.log`, { force: true });
  writeFileSync(stamp, wanted);
  return tree;
}

/** The build and a second directory for what its configuration leaves out; entries of the record. */
async function makeBuild({ name, source, options }) {
  const directory = join(home, 'build', name);
  const rest = `${directory}-rest`;
  const stamp = `${directory}.json`;
  const compilerVersion = execFileSync(compiler, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const identity = {
    source,
    version: kernelVersion(source),
    stamp: statSync(join(source, 'Makefile')).mtimeMs,
    options,
    makeVariables,
    compiler: compilerVersion,
  };
  if (existsSync(stamp)) {
    const made = JSON.parse(readFileSync(stamp, 'utf8'));
    if (JSON.stringify(made.identity) === JSON.stringify(identity)) return made.builds;
  }
  rmSync(stamp, { force: true });
  rmSync(directory, { recursive: true, force: true });
  rmSync(rest, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const log = `${directory}.log`;
  rmSync(log, { force: true });
  const jobs = `-j${availableParallelism()}`;

  say(`${name}: configuration and headers`);
  await run('make', ['-C', source, `O=${directory}`, ...makeVariables, 'defconfig'], log);
  if (options.length > 0) {
    const words = options.flatMap((option) => option.split(' '));
    await run(join(source, 'scripts/config'), ['--file', join(directory, '.config'), ...words], log);
    await run('make', ['-C', directory, ...makeVariables, 'olddefconfig'], log);
    requireOptions(directory, options);
  }
  await run('make', ['-C', directory, jobs, ...makeVariables, 'modules_prepare'], log);
  const targets = await assemblyTargets(directory, log);
  // Before anything is assembled: here goes what the configuration leaves out.
  cpSync(directory, rest, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  for (const file of readdirSync(join(rest, 'arch/arm64'), { recursive: true, encoding: 'utf8' })) {
    if (/\.o(\.cmd)?$/.test(file)) rmSync(join(rest, 'arch/arm64', file));
  }
  const makefile = join(rest, 'Makefile');
  writeFileSync(makefile, readFileSync(makefile, 'utf8').replaceAll(directory, rest));

  say(`${name}: ${targets.length} objects`);
  // The objects of arch/arm64/lib through their directory: asked for by name, kbuild assembles each twice, with the
  // flags of two directories, and the later command is the one that stays recorded.
  await run('make', ['-C', directory, jobs, ...makeVariables, 'arch/arm64/lib/'], log);
  const byName = targets.filter((target) => !/^arch\/arm64\/lib\/\w+\.o$/.test(target));
  await run('make', ['-C', directory, jobs, ...makeVariables, ...byName], log);
  const others = leftOut(source, directory);
  if (others.length > 0) {
    say(`${name}: ${others.length} objects that the configuration leaves out`);
    await run('make', ['-C', rest, jobs, ...makeVariables, ...others], log);
  }
  const entry = (entryName, path, nObjects) => ({
    name: entryName,
    source,
    directory: path,
    version: identity.version,
    compiler: compilerVersion,
    options,
    nObjects,
  });
  const builds = [entry(name, directory, assembledSources(directory).length)];
  if (others.length > 0) builds.push(entry(`${name}-rest`, rest, assembledSources(rest).length));
  writeFileSync(stamp, `${JSON.stringify({ identity, builds }, null, 2)}\n`);
  return builds;
}

/**
 * Objects of a few C files, linked to one file with addresses of its own, so that its tables can be read as those of a
 * kernel; entry of the record.
 */
async function makeLinkedObjects({ name, source }) {
  const directory = join(home, 'build', name);
  const stamp = `${directory}.json`;
  const image = join(directory, 'patchpoint-linked.elf');
  const made = { name, source, directory, vmlinux: image, objects: dynamicObjects };
  const compilerVersion = execFileSync(compiler, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const [makefileMs, options] = [statSync(join(source, 'Makefile')).mtimeMs, dynamicOptions];
  const identity = JSON.stringify({ made, options, compiler: compilerVersion, stamp: makefileMs });
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === identity) return made;
  rmSync(stamp, { force: true });
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const log = `${directory}.log`;
  rmSync(log, { force: true });
  say(`${name}: ${dynamicObjects.join(' ')}`);
  await run('make', ['-C', source, `O=${directory}`, ...makeVariables, 'defconfig'], log);
  const words = options.flatMap((option) => option.split(' '));
  await run(join(source, 'scripts/config'), ['--file', join(directory, '.config'), ...words], log);
  await run('make', ['-C', directory, ...makeVariables, 'olddefconfig'], log);
  requireOptions(directory, options);
  const jobs = `-j${availableParallelism()}`;
  await run('make', ['-C', directory, jobs, ...makeVariables, 'modules_prepare'], log);
  await run('make', ['-C', directory, jobs, ...makeVariables, ...dynamicObjects], log);
  const tables = ['-u', '__start___jump_table', '-u', '__stop___jump_table'];
  const objects = dynamicObjects.map((object) => join(directory, object));
  await run(linker, ['-e', '0', '--unresolved-symbols=ignore-all', ...tables, '-o', image, ...objects], log);
  writeFileSync(stamp, identity);
  return made;
}

/** kbuild drops what a configuration cannot have without a word. */
function requireOptions(directory, options) {
  const config = readFileSync(join(directory, '.config'), 'utf8');
  for (const option of options) {
    const [flag, symbol] = option.split(' ');
    if (new RegExp(`^CONFIG_${symbol}=y$`, 'm').test(config) !== (flag === '-e')) {
      const problem = `the configuration could not be changed by ${option}: see ${directory}/.config`;
      // Another kernel may not have the option at all.
      if (!process.env.PATCHPOINT_KERNEL) throw new SetupError(problem);
      say(problem);
    }
  }
}

/**
 * Objects of .S files by the names that kbuild itself gives them (`arch/arm64/kvm/hyp/nvhe/../entry.nvhe.o`): a dry
 * run of the directories, which must happen before anything is built. hyp-reloc.o is made of a generated file that
 * needs all C objects of the hypervisor.
 */
async function assemblyTargets(directory, log) {
  const goals = ['arch/arm64/', 'arch/arm64/lib/'];
  const listing = `${log}.dry-run`;
  // Goals that need what a dry run does not make fail; what they list before that is all we want.
  await run('make', ['-C', directory, '-n', '-k', 'V=1', ...makeVariables, ...goals], listing, { mayFail: true });
  const found = new Set();
  for (const match of readFileSync(listing, 'utf8').matchAll(/ -c -o (\S+\.o) \S+\.S(?=[ ;\n])/g)) found.add(match[1]);
  rmSync(listing);
  const targets = [...found].filter((target) => !target.endsWith('hyp-reloc.o')).sort();
  if (targets.length < 20)
    throw new SetupError(`make -n lists only ${targets.length} objects of .S files in ${directory}`);
  return targets;
}

/** Sources of the objects in a build, from the commands that kbuild recorded; relative to the tree or the build. */
function assembledSources(directory) {
  const sources = [];
  for (const file of readdirSync(join(directory, 'arch/arm64'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.o\.cmd$/.test(file)) continue;
    const source = /^source_\S+ := (\S+\.S)$/m.exec(readFileSync(join(directory, 'arch/arm64', file), 'utf8'))?.[1];
    if (source !== undefined) sources.push(resolve(directory, source));
  }
  return sources;
}

/** Objects of the .S files without one: no linker scripts, no 32-bit code, nothing that others include. */
function leftOut(source, directory) {
  const root = join(source, 'arch/arm64');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.[SchH]$/.test(file));
  const included = new Set();
  for (const file of files) {
    for (const match of readFileSync(join(root, file), 'utf8').matchAll(/^\s*#\s*include\s+"([^"]+\.S)"/gm)) {
      included.add(basename(match[1]));
    }
  }
  const built = new Set(assembledSources(directory).map((path) => relative(root, path)));
  return files
    .filter((file) => file.endsWith('.S') && !file.endsWith('.lds.S') && !file.includes('vdso32'))
    .filter((file) => !built.has(file) && !included.has(basename(file)))
    .map((file) => `arch/arm64/${file.replace(/\.S$/, '.o')}`)
    .sort();
}

function kernelVersion(source) {
  const makefile = readFileSync(join(source, 'Makefile'), 'utf8');
  const part = (name) => new RegExp(`^${name} *= *(\\S*)`, 'm').exec(makefile)?.[1] ?? '';
  return `${part('VERSION')}.${part('PATCHLEVEL')}.${part('SUBLEVEL')}${part('EXTRAVERSION')}`;
}

/** Runs a command with its output added to a log file; the end of it is shown when the command fails. */
function run(command, args, log, { mayFail = false } = {}) {
  const output = openSync(log, 'a');
  const env = { ...process.env, LC_ALL: 'C' };
  for (const name of ['MAKEFLAGS', 'MAKELEVEL', 'KBUILD_OUTPUT']) delete env[name];
  const child = spawn(command, args, {
    env,
    // What a dry run says against goals that it cannot make is of no use.
    stdio: ['ignore', output, mayFail ? 'ignore' : output],
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (status) => {
      closeSync(output);
      if (status === 0 || mayFail) return done();
      const text = readFileSync(log, 'utf8');
      const errors = text.split('\n').filter((line) => /error|Error|fatal|not found|No such/.test(line));
      const end = (errors.length > 0 ? errors.slice(0, 20) : text.split('\n').slice(-20)).join('\n');
      fail(new SetupError(`${command} ${args.join(' ')} failed (status ${status}). From ${log}:\n${end}`));
    });
  });
}
