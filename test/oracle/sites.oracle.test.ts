// `sites` of each `.S` file against `.altinstructions` of the object that the kernel's own build made of it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Session } from '../../server/src/cli/session.ts';
import { type SiteRecord, siteRecords } from '../../server/src/features/siteList.ts';
import { objectDifferences, readElf } from '../support/elf.ts';
import { mustSkip } from '../support/optional.ts';
import { type AltInstruction, altInstructions, cpucapNames } from './altInstructions.ts';
import { openCrossTools, type PlacedStatement } from './crossTools.ts';
import { type KernelBuild, type KernelObject, kernelBuilds, kernelObjects, openKernel } from './kernelBuilds.ts';

const { builds, missing } = kernelBuilds();
const nop = 'd503201f';

/** What both sides say about a site, as one line for people. */
const lineOf = (
  place: { readonly section: string; readonly offset: string },
  trigger: { readonly cpucap: string; readonly callback: string | null },
  original: readonly string[],
  replaced: readonly string[],
): string => {
  const after = trigger.callback === null ? `-> ${replaced.join(' ')}` : `callback ${trigger.callback}`;
  return `${place.section}+${place.offset} ${trigger.cpucap}: ${original.join(' ')} ${after}`;
};

function objectLine(entry: AltInstruction, names: ReadonlyMap<number, string>): string {
  const cpucap = names.get(entry.cpucap) ?? `number ${entry.cpucap}`;
  const place = { section: entry.section, offset: `0x${entry.offset.toString(16)}` };
  return lineOf(place, { cpucap, callback: entry.callback }, entry.original, entry.replaced);
}

function siteLine(site: SiteRecord): string {
  const words = (insns: SiteRecord['unpatched']): string[] => insns.map((insn) => insn.word ?? `? ${insn.reason}`);
  const trigger = { cpucap: site.trigger.cpucap ?? '?', callback: site.trigger.callback ?? null };
  const place = { section: site.section, offset: site.offset ?? '?' };
  return lineOf(place, trigger, words(site.unpatched), words(site.replacement));
}

const sitesOf = (session: Session, build: KernelBuild, { file, object }: KernelObject): readonly SiteRecord[] =>
  siteRecords(session.ctx, `${build.source}/${file}`, { definitions: false, object });

describe.skipIf(mustSkip('sites against the objects of kernel builds', missing))('sites', () => {
  const tools = openCrossTools();
  afterAll(() => tools.dispose());

  it.each(builds)('are the records of .altinstructions of $name, in their order', (build) => {
    const session = openKernel(build);
    const names = cpucapNames(build);
    let nSites = 0;
    const wrong: string[] = [];
    for (const one of kernelObjects(build)) {
      const real = altInstructions(readElf(`${build.directory}/${one.object}`)).map((entry) =>
        objectLine(entry, names),
      );
      const ours = sitesOf(session, build, one).map(siteLine);
      nSites += real.length;
      if (real.length !== ours.length) wrong.push(`${one.object}: ${real.length} records, ${ours.length} sites`);
      real.forEach((line, index) => {
        if (ours[index] !== line) wrong.push(`${one.object}: record ${line}\n  site   ${ours[index]}`);
      });
    }
    expect(wrong).toEqual([]);
    if (!build.name.endsWith('-rest')) expect(nSites).toBeGreaterThan(100);
  });

  // Each word of the original sequence must be made by a statement between `line` and `endLine` of the site; each word
  // of the replacement too, where it is written out. (In one macro, or as the NOPs that `alternative_else_nop_endif`
  // adds, it lies in a subsection in which no statement of the file begins.)
  it.each(builds)('have the lines of the statements that make their code in $name', (build) => {
    const session = openKernel(build);
    let nChecked = 0;
    const wrong: string[] = [];
    for (const one of kernelObjects(build)) {
      const sites = sitesOf(session, build, one);
      if (sites.length === 0) continue;
      const { elf, statements } = tools.placedStatements(build, one);
      expect(objectDifferences(readElf(`${build.directory}/${one.object}`), elf)).toEqual([]);
      altInstructions(elf).forEach((entry, index) => {
        const site = sites[index];
        if (site === undefined) return;
        const isWithin = ({ file, line }: PlacedStatement): boolean =>
          file === site.file && line >= site.line && line <= site.endLine;
        const check = (offset: number, isMaker: (makers: readonly PlacedStatement[]) => boolean): void => {
          const makers = makersOf(statements, entry.section, offset);
          nChecked++;
          if (isMaker(makers)) return;
          const place = `${entry.section}+0x${offset.toString(16)}`;
          const lines = makers.map(({ file, line }) => `${file}:${line}`).join(' ');
          wrong.push(`${one.object}: ${place} is of ${lines}, not of ${site.file}:${site.line}-${site.endLine}`);
        };
        entry.original.forEach((_, word) => {
          check(entry.offset + word * 4, (makers) => makers.slice(-1).some(isWithin));
        });
        const { replacement } = entry;
        const isWritten = statements.some((statement) => isWithin(statement) && statement.line > site.line);
        if (replacement === null || !isWritten || entry.replaced.every((word) => word === nop)) return;
        // What ends the section's main part begins where its subsection does.
        entry.replaced.forEach((_, word) => {
          check(replacement.offset + word * 4, (makers) => makers.some(isWithin));
        });
      });
    }
    expect(wrong).toEqual([]);
    if (!build.name.endsWith('-rest')) expect(nChecked).toBeGreaterThan(500);
  });

  it.each(builds)('are the same sites without $name, from its .config alone', (build) => {
    const [built, bare] = [openKernel(build), openKernel(build, 'config')];
    // Words and offsets hang on generated numbers that a compiler makes (asm-offsets.h).
    const brief = (site: SiteRecord): string =>
      `${site.file}:${site.line}-${site.endLine} ${site.construct} ${site.trigger.cpucap} ${site.trigger.callback} ${site.section} ${site.unpatched.length} ${site.replacement.length}`;
    const wrong: string[] = [];
    for (const one of kernelObjects(build)) {
      const [real, ours] = [sitesOf(built, build, one).map(brief), sitesOf(bare, build, one).map(brief)];
      if (real.join('\n') !== ours.join('\n'))
        wrong.push(`${one.object}: ${real.length} sites, ${ours.length} without`);
    }
    expect(wrong).toEqual([]);
  });

  it.each(builds.filter((build) => !build.name.endsWith('-rest') && recordPath(build) !== null))(
    'of $name are those of the record',
    (build) => {
      const path = recordPath(build) ?? '';
      const now = recordText(build);
      if (process.env.UPDATE_RECORDS) writeFileSync(path, now);
      const kept = readFileSync(path, 'utf8');
      const kernelOf = (text: string): string => /^# kernel: (.*)$/m.exec(text)?.[1] ?? '';
      if (kernelOf(kept) !== kernelOf(now)) {
        process.stderr.write(`\nskipped: the record is of Linux ${kernelOf(kept)}, the tree is ${kernelOf(now)}\n`);
        return;
      }
      expect(now).toBe(kept);
    },
  );

  function recordText(build: KernelBuild): string {
    const session = openKernel(build);
    const out: string[] = [];
    let count = 0;
    for (const one of kernelObjects(build)) {
      const sites = sitesOf(session, build, one);
      if (sites.length > 0) out.push('', one.object);
      for (const site of sites) out.push(`  ${site.line}-${site.endLine} ${siteLine(site)}`);
      count += sites.length;
    }
    const options = build.options.length === 0 ? '' : ` with scripts/config ${build.options.join(' ')}`;
    return [
      '# Alternatives of arch/arm64/**/*.S: first and last line of the outermost statement, section and offset, cpucap,',
      '# words as linked, words of the replacement before the kernel moves them. Equal to .altinstructions of the objects.',
      '# generator: UPDATE_RECORDS=1 npx vitest run --project oracle test/oracle/sites.oracle.test.ts',
      `# kernel: ${build.version}`,
      `# configuration: arm64 defconfig${options}`,
      `# tools: ${build.compiler}`,
      `# count: ${count}`,
      ...out,
      '',
    ].join('\n');
  }
});

/** The statement that made the word at an offset, last, after those that begin at the same place and make nothing. */
function makersOf(statements: readonly PlacedStatement[], section: string, offset: number): readonly PlacedStatement[] {
  let best: PlacedStatement[] = [];
  for (const statement of statements) {
    if (statement.section !== section || statement.offset > offset) continue;
    const before = best[0]?.offset ?? -1;
    if (statement.offset > before) best = [statement];
    else if (statement.offset === before) best.push(statement);
  }
  return best;
}

/** Records are kept of the setup's own builds; `null` for any other kernel. */
function recordPath(build: KernelBuild): string | null {
  const path = new URL(`./records/alternatives-${build.name}.txt`, import.meta.url).pathname;
  return existsSync(path) || (process.env.UPDATE_RECORDS && /^6\./.test(build.name)) ? path : null;
}
