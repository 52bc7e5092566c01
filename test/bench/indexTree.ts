// Builds the index of a kernel tree, keeps it, takes it up again, and prints the figures as JSON. Memory is that of a
// process that does nothing else.

import { writeFileSync } from 'node:fs';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { defaultScope, IndexBuild } from '../../server/src/project/nameIndex/indexBuild.ts';
import { decodeIndex, encodeIndex } from '../../server/src/project/nameIndex/storedIndex.ts';
import { NameIndex } from '../../server/src/project/nameIndex.ts';

const [, , root = '', list = ''] = process.argv;
const files = createNodeFileSource();
const empty = process.memoryUsage().rss;

function build(index: NameIndex): number {
  const run = new IndexBuild(index, { files, scope: defaultScope, isOpen: () => false });
  while (run.step());
  run.finish();
  return run.progress.read;
}

function timed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const from = performance.now();
  const value = work();
  return { value, ms: performance.now() - from };
}

const index = new NameIndex(root, (path) => files.readText(path));
const before = process.cpuUsage();
const cold = timed(() => build(index));
const cpu = process.cpuUsage(before);
const full = process.memoryUsage().rss;
writeFileSync(list, index.paths.join('\n'));

const stored = timed(() => encodeIndex(root, index.stored()));
const again = new NameIndex(root, (path) => files.readText(path));
files.forget();
const restored = timed(() => {
  const kept = decodeIndex(root, stored.value);
  if (kept !== null) again.restore(kept);
  return build(again);
});
const made = timed(() => index.madeSymbols().length);

const text = files.readText(`${root}/kernel/sched/core.c`) ?? '';
const bytes = new TextEncoder().encode(text);
const edits = Array.from({ length: 20 }, () => timed(() => index.put(`${root}/kernel/sched/core.c`, 1, bytes)).ms);
const names = ['schedule', 'sched_smt_present', 'trace_sched_switch', 'preempt_schedule_irq', 'no_such_name_anywhere'];
const lookups = names.map((name) => timed(() => index.definitionsOf(name).length + index.usesOf(name).length).ms);

process.stdout.write(
  JSON.stringify({
    ...index.figures,
    cold: cold.ms,
    cpu: (cpu.user + cpu.system) / 1000,
    read: cold.value,
    restored: restored.ms,
    readAgain: restored.value,
    encode: stored.ms,
    storedBytes: stored.value.length,
    made: made.ms,
    edit: edits.sort((left, right) => left - right)[10],
    lookup: Math.max(...lookups),
    empty,
    full,
  }),
);
