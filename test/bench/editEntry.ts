// Types into the middle of entry.S and hovers over it, in one process without a protocol. Argument: the build as JSON.
// Prints milliseconds: of the first look, of each keystroke by part, of each hover.

import { codeLenses, resolveLens } from '../../server/src/features/codeLens.ts';
import { diagnosticsHere } from '../../server/src/features/diagnostics.ts';
import { hover } from '../../server/src/features/hover.ts';
import { inlayHints } from '../../server/src/features/inlayHints.ts';
import { type KernelBuild, openKernel } from '../oracle/kernelBuilds.ts';

const build = JSON.parse(process.argv[2] ?? '') as KernelBuild;
const start = performance.now();
const { ctx } = openKernel(build);
const { workspace } = ctx;
const path = `${build.source}/arch/arm64/kernel/entry.S`;
const original = workspace.textOf(path) ?? '';

const parts: Record<string, number[]> = {};
const timed = <R>(part: string, work: () => R): R => {
  const from = performance.now();
  const result = work();
  const list = parts[part] ?? [];
  parts[part] = list;
  list.push(performance.now() - from);
  return result;
};

/** What an editor asks for after a change: one screen of hints, all lenses with the first ones resolved, findings. */
function look(text: string): void {
  const middle = Math.floor(text.length / 2);
  timed('analysis', () => workspace.assembly(path));
  const screen = { start: middle - 1000, end: middle + 1000 };
  timed('hints', () => inlayHints(ctx, path, screen, { view: 'both', expansions: false }));
  timed('lenses', () => {
    const lenses = codeLenses(ctx, path, { functions: true, sites: true });
    for (const lens of lenses.slice(0, 20)) resolveLens(ctx, path, lens.key, 'both');
  });
  timed('findings', () => diagnosticsHere(ctx, path));
}

workspace.openDocument(path, original, 1);
look(original);
const first = performance.now() - start;
for (const part of Object.keys(parts)) delete parts[part];

const typed = '\tadd\tx0, x0, #1\n';
const at = original.indexOf('\n', Math.floor(original.length / 2)) + 1;
const keystrokes: number[] = [];
for (let count = 1; count <= 4 * typed.length; count++) {
  // Typed four times; what was typed before stays.
  const inserted = typed.repeat(4).slice(0, count);
  const text = original.slice(0, at) + inserted + original.slice(at);
  workspace.changeDocument(path, text, count + 1);
  const from = performance.now();
  look(text);
  keystrokes.push(performance.now() - from);
}

workspace.changeDocument(path, original, 1000);
look(original);
const hovers: number[] = [];
for (const match of original.matchAll(/[A-Za-z_]\w{3,}/g)) {
  if (match.index % 5 !== 0) continue;
  const from = performance.now();
  if (hover(ctx, path, match.index + 1) !== null) hovers.push(performance.now() - from);
}
process.stdout.write(JSON.stringify({ first, keystrokes, parts, hovers }));
