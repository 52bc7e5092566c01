// The static keys of PREEMPT_DYNAMIC: what is shown at each site, as linked and for each model of `preempt=`, against
// what gcc emitted in kernel/sched/core.o and arch/arm64/kernel/entry-common.o.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../server/src/cli/session.ts';
import { type CSite, cSitesOf } from '../../server/src/features/c/cSites.ts';
import { asLinked, siteOutcome } from '../../server/src/features/c/siteOutcome.ts';
import { stateQuestion } from '../../server/src/features/c/stateQuestion.ts';
import type { StreamInsn } from '../../server/src/kernel/patchSite.ts';
import { testCParser } from '../support/cParser.ts';
import { mustSkip } from '../support/optional.ts';
import { patchpoint } from '../support/runCli.ts';
import { chainsAt, type ImageFrame, missingSymbolizer } from './imagePlaces.ts';
import { type LinkedObjects, linkedObjects } from './images.ts';
import { type ImageJump, imageTables, wordsAt } from './imageTables.ts';

const { linked, missing } = linkedObjects();
const nop = 'd503201f';
const jumpHeader = /\/jump_label\.h$/;

/** What each model does (kernel/sched/core.c:__sched_dynamic_update, v6.12), written down by hand. */
const models: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  none: { cond_resched: true, might_resched: false, preempt_schedule: false, irqentry_exit_cond_resched: false },
  voluntary: { cond_resched: true, might_resched: true, preempt_schedule: false, irqentry_exit_cond_resched: false },
  full: { cond_resched: false, might_resched: false, preempt_schedule: true, irqentry_exit_cond_resched: true },
};
const keyPrefix = 'sk_dynamic_';

interface EmittedSite extends ImageJump {
  readonly place: ImageFrame;
  /** Places of the instruction behind the site and of the branch's target. */
  readonly next: readonly ImageFrame[];
  readonly there: readonly ImageFrame[];
}

const skip = mustSkip('C sites against objects with PREEMPT_DYNAMIC', missing ?? missingSymbolizer());

describe.skipIf(skip)('sites of PREEMPT_DYNAMIC', () => {
  it.each(linked)('are as gcc emitted them in $name, in each model', async (build) => {
    const emitted = emittedSites(build);
    const keys = new Set(emitted.map(({ key }) => key.slice(keyPrefix.length)));
    expect([...keys].sort()).toEqual([
      'cond_resched',
      'irqentry_exit_cond_resched',
      'might_resched',
      'preempt_schedule',
      'preempt_schedule_notrace',
    ]);
    const session = await openBuild(build);
    const wrong: string[] = [];
    for (const site of emitted) {
      const path = `${build.source}/${site.place.file}`;
      const ours = cSitesOf(session.ctx, path).filter(
        ({ jump, line }) => jump?.object === site.key && line === site.place.line,
      );
      const say = (text: string): void => void wrong.push(`${site.place.file}:${site.place.line} ${site.key}: ${text}`);
      const [found] = ours;
      if (found === undefined || ours.length > 1) {
        say(`${ours.length} sites`);
        continue;
      }
      for (const difference of differences(found, site)) say(difference);
      const tree = session.ctx.workspace.treeFor(path);
      for (const [model, values] of Object.entries(models)) {
        const state = { ...session.ctx.state, preempt: model as 'none' };
        const name = site.key.slice(keyPrefix.length).replace(/_notrace$/, '');
        // The instruction is a branch when the key's value and the entry's branch bit differ.
        const expected = values[name] === site.isBranch ? 'nop' : 'b';
        const { stream, reason } = siteOutcome(found, stateQuestion({ ...session.ctx, state }, { tree }));
        if (kindOf(stream) !== expected) say(`${model}: ${kindOf(stream)} (${reason}), not ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  // Executed words of the wrappers, as `objdump -d` of gcc 12.2's objects shows them: up to the first return, or up to
  // the body behind the branch.
  it.each(linked)('make the wrappers of $name return at once or go on, as `image --predict` says', async (build) => {
    const directory = mkdtempSync(join(tmpdir(), 'patchpoint-models-'));
    const emitted = emittedSites(build);
    const shown: Record<string, string> = {};
    for (const [model, values] of Object.entries(models)) {
      const keys = Object.fromEntries(
        emitted.map(({ key }) => [key, values[key.slice(keyPrefix.length).replace(/_notrace$/, '')]]),
      );
      const [state, out] = [join(directory, `${model}.json`), join(directory, `${model}.jsonl`)];
      writeFileSync(state, JSON.stringify({ name: model, keys }));
      const { status } = await patchpoint(['image', build.vmlinux, '--state', state, '--predict', out]);
      expect(status).toBe(0);
      const changed = new Map<bigint, string>();
      for (const line of readFileSync(out, 'utf8').split('\n').filter(Boolean)) {
        const { address, new: word } = JSON.parse(line) as { address: string; new: string };
        changed.set(BigInt(address), word);
      }
      for (const { key, address, target, word, place } of emitted) {
        const now = changed.get(address) ?? word;
        const next = now === nop ? address + 4n : address + BigInt((Number.parseInt(now, 16) & 0x03ffffff) * 4);
        if (now !== nop) expect(next).toBe(target);
        const words = wordsAt(build.vmlinux, next, 2);
        // The wrapper of interrupts is part of a larger function.
        if (place.function.startsWith('dynamic_')) shown[`${key.slice(keyPrefix.length)} ${model}`] = words.join(' ');
      }
    }
    rmSync(directory, { recursive: true });
    const [noReschedule, returns, asks, calls] = [
      '52800000 d65f03c0', // mov w0, #0; ret
      'd65f03c0', // ret
      /^d5384100 (f9400401|b9400800|f9400800)$/, // mrs x0, sp_el0; ldr, of preempt_count
      /^d503233f /, // paciasp
    ];
    for (const model of Object.keys(models)) {
      const runs = (name: string): string => shown[`${name} ${model}`] ?? '';
      expect(runs('cond_resched')).toMatch(models[model]?.cond_resched ? asks : noReschedule);
      expect(runs('might_resched')).toMatch(models[model]?.might_resched ? asks : noReschedule);
      expect(runs('preempt_schedule')).toMatch(models[model]?.preempt_schedule ? asks : returns);
      expect(runs('preempt_schedule_notrace')).toMatch(models[model]?.preempt_schedule ? calls : returns);
    }
  });

  it.each(linked)('are all that is found of their keys in the sources of $name', async (build) => {
    const lines = new Set(emittedSites(build).map(({ key, place }) => `${place.file}:${place.line} ${key}`));
    const session = await openBuild(build);
    const found: string[] = [];
    for (const object of build.objects) {
      const file = object.replace(/\.o$/, '.c');
      for (const { jump, line, removed } of cSitesOf(session.ctx, `${build.source}/${file}`)) {
        if (jump?.object?.startsWith(keyPrefix) && removed === null) found.push(`${file}:${line} ${jump.object}`);
      }
    }
    expect([...new Set(found)].sort()).toEqual([...lines].sort());
  });
});

async function openBuild(build: LinkedObjects): Promise<ReturnType<typeof openSession>> {
  const ignored = (text: string): void => void text;
  const io = { out: ignored, err: ignored, cwd: build.source, color: false, errIsTerminal: false, nowMs: () => 0 };
  const session = openSession({ kernel: build.source, build: build.directory }, [build.source], io);
  session.ctx.workspace.setCParser(await testCParser());
  return session;
}

function emittedSites(build: LinkedObjects): readonly EmittedSite[] {
  const jumps = imageTables(build.vmlinux).jumps.filter(({ key }) => key.startsWith(keyPrefix));
  const chains = chainsAt(
    build,
    jumps.flatMap(({ address, target }) => [address, address + 4n, target]),
  );
  return jumps.map((jump) => {
    const place = chains.get(jump.address)?.find(({ file }) => !jumpHeader.test(file));
    if (place === undefined) throw new Error(`no place of 0x${jump.address.toString(16)}`);
    const [next = [], there = []] = [jump.address + 4n, jump.target].map((address) => chains.get(address));
    return { ...jump, place, next, there };
  });
}

function differences(ours: CSite, emitted: EmittedSite): readonly string[] {
  const { jump } = ours;
  if (jump === null) return ['no jump'];
  const found: string[] = [];
  const linkedKind = emitted.word === nop ? 'nop' : 'b';
  // A branch that is linked goes to the target that the table names.
  const branch = (0x14000000 | (Number(emitted.target - emitted.address) >> 2)) >>> 0;
  if (linkedKind === 'b' && Number.parseInt(emitted.word, 16) !== branch) found.push(`linked ${emitted.word}`);
  if (kindOf(asLinked(ours).stream) !== linkedKind) found.push(`${kindOf([jump.unpatched])}, not ${linkedKind}`);
  if (kindOf([jump.patched]) === linkedKind) found.push(`patched is ${linkedKind} as well`);
  if (jump.branch !== emitted.isBranch) found.push(`branch ${jump.branch}, not ${emitted.isBranch}`);
  if (jump.initial !== ((linkedKind === 'b') !== emitted.isBranch)) found.push(`initial ${jump.initial}`);
  for (const insn of [jump.unpatched, jump.patched]) {
    if (insn.text === 'nop' && insn.word !== Number.parseInt(nop, 16)) found.push('a nop without its word');
  }
  // What is out of line begins at the target.
  const { outOfLine } = jump;
  if (outOfLine?.line != null && !isWithin(emitted.there, outOfLine, emitted.place))
    found.push(`out of line ${outOfLine.line}, emitted ${lineIn(emitted.there, emitted.place)}`);
  // A block in line that only returns has no instruction of its own, but none of the other block follows the site.
  if (outOfLine?.line != null && isWithin(emitted.next, outOfLine, emitted.place)) found.push('the blocks are swapped');
  return found;
}

/** Line of an instruction in the function that holds the site. */
const lineIn = (chain: readonly ImageFrame[], place: ImageFrame): number =>
  chain.find((frame) => frame.function === place.function && frame.file === place.file)?.line ?? 0;

function isWithin(
  chain: readonly ImageFrame[],
  arm: { readonly line: number | null; readonly endLine: number | null },
  place: ImageFrame,
): boolean {
  const line = lineIn(chain, place);
  return arm.line !== null && arm.line <= line && line <= (arm.endLine ?? arm.line);
}

const kindOf = (stream: readonly StreamInsn[] | null): string =>
  stream === null ? '?' : stream.map(({ text }) => text.replace(/^b\s.*$/, 'b')).join('; ');
