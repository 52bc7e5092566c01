// `lint` on kernels as released, where nothing is to be found, and on the same files with a mistake planted at every
// alternative, where that mistake is.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagnostics } from '../../server/src/features/diagnostics.ts';
import { siteRecords } from '../../server/src/features/siteList.ts';
import { mustSkip } from '../support/optional.ts';
import { patchpoint } from '../support/runCli.ts';
import { assemblyFiles, type KernelBuild, kernelBuilds, openKernel } from './kernelBuilds.ts';
import { plantMistakes, writtenConstructs } from './plantedMistakes.ts';

const { builds, missing } = kernelBuilds();
const isSkipped = mustSkip('lint on released kernels', missing);
const wholeBuilds = builds.filter((build) => !build.name.endsWith('-rest'));

describe.skipIf(isSkipped)('lint', () => {
  for (const evidence of ['build', 'config', 'tree'] as const) {
    it.each(wholeBuilds)(`finds nothing in the source of $name, known from the ${evidence}`, async (build) => {
      const files = assemblyFiles(build);
      const given = {
        build: ['--build', build.directory],
        config: ['--config', `${build.directory}/.config`],
        tree: [],
      }[evidence];
      const { status, out } = await patchpoint([
        'lint',
        ...files,
        '--kernel',
        build.source,
        ...given,
        // What those rules find upstream is real: docs/upstream-findings.md, noinstr.oracle.test.ts.
        '--no-rule',
        'noinstr',
        '--format',
        'jsonl',
      ]);
      expect(out).toBe('');
      expect(status).toBe(0);
      expect(files.length).toBeGreaterThan(70);
    });
  }

  const sources = wholeBuilds.filter((one, at) => wholeBuilds.findIndex((other) => other.source === one.source) === at);
  it.each(sources)('finds each mistake planted in Linux $version, at its line', ({ source, version }) => {
    const planted: Planted = {
      misses: [],
      elsewhere: [],
      harmless: [],
      constructs: new Set(),
      nMistakes: 0,
      nFound: 0,
    };
    for (const build of wholeBuilds.filter((one) => one.source === source)) plantEverywhere(build, planted);
    const { misses, elsewhere, harmless, constructs, nFound, nMistakes } = planted;
    process.stderr.write(
      `\nLinux ${version}: ${nFound} of ${nMistakes} mistakes at ${constructs.size} alternatives found\n`,
    );
    expect(misses).toEqual([]);
    expect(harmless).toEqual([]);
    expect(elsewhere).toEqual([]);
    expect(constructs.size).toBeGreaterThan(30);
  });
});

interface Planted {
  /** Mistakes that no rule found where they are. */
  readonly misses: string[];
  /** Findings away from the mistake. */
  readonly elsewhere: string[];
  /** Findings on a change that is none. */
  readonly harmless: string[];
  /** Constructs that are done: `file:line`. */
  readonly constructs: Set<string>;
  nMistakes: number;
  nFound: number;
}

/**
 * What cannot be told of a macro that no file invokes: macros may open and close an alternative in pairs, and only
 * an invocation shows that one of a pair is missing.
 */
const needsInvocation: ReadonlySet<string> = new Set(['delete the opener', 'write the end twice']);

/** Plants mistakes at every alternative that the build's configuration has and that is not done yet. */
function plantEverywhere(build: KernelBuild, planted: Planted): void {
  const { ctx } = openKernel(build);
  const { workspace } = ctx;
  const files = assemblyFiles(build);
  // The files whose sites come from a construct, by its `file:line`.
  const active = new Map<string, Set<string>>();
  for (const file of files) {
    for (const definitions of file.endsWith('.S') ? [false, true] : [true]) {
      for (const { written } of siteRecords(ctx, file, { definitions })) {
        const key = `${build.source}/${written.file}:${written.line}`;
        active.set(key, (active.get(key) ?? new Set()).add(file));
      }
    }
  }
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    for (const construct of writtenConstructs(text)) {
      const key = `${file}:${construct.openLine}`;
      const views = active.get(key);
      if (views === undefined || planted.constructs.has(key)) continue;
      planted.constructs.add(key);
      // A macro of a header is also looked at in one file that invokes it.
      const invoking = [...views].find((view) => view.endsWith('.S'));
      const seenFrom = new Set([file, invoking ?? file]);
      for (const mistake of plantMistakes(text, construct)) {
        if (invoking === undefined && needsInvocation.has(mistake.kind)) continue;
        workspace.changeDocument(file, mistake.text, planted.nMistakes);
        const findings = [...seenFrom].flatMap((view) => diagnostics(ctx, view));
        const isHere = (one: { path: string; line: number }): boolean =>
          one.path === file && one.line >= mistake.from - 1 && one.line <= mistake.to + 1;
        const what = `${relative(build.source, key)}: ${mistake.kind}`;
        const shown = (found: typeof findings): string =>
          found.map((one) => `${relative(build.source, one.path)}:${one.line} ${one.rule}`).join(', ');
        if (mistake.rules.length === 0) {
          if (findings.length > 0) planted.harmless.push(`${what}: ${shown(findings)}`);
          continue;
        }
        planted.nMistakes++;
        const isMeant = (one: (typeof findings)[number]): boolean =>
          mistake.rules.includes(one.rule) && (mistake.statement === null || one.line === mistake.statement);
        if (findings.some((one) => isHere(one) && isMeant(one))) planted.nFound++;
        else planted.misses.push(`${what}: ${shown(findings)}`);
        const others = findings.filter((one) => !isHere(one));
        if (others.length > 0) planted.elsewhere.push(`${what}: ${shown(others)}`);
      }
      workspace.closeDocument(file);
    }
  }
}
