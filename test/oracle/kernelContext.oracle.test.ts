import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { parseDotConfig } from '../../server/src/kernel/kconfig/dotConfig.ts';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';
import { openKernelTree } from '../../server/src/project/kernelTree.ts';
import { mustSkip } from '../support/optional.ts';
import { coreCpucapsRecord } from './coreCpucapsRecord.ts';
import { kernelBuilds, noBuild } from './kernelBuilds.ts';

// What kbuild itself made is the judge of everything we make from the tree's text alone.
const { builds, missing } = kernelBuilds();
const isSkipped = mustSkip('kernel context against a real build', missing);
const wholeBuilds = builds.filter((each) => !each.name.endsWith('-rest'));

// Without builds one skipped suite stands for them: a file without any would count as broken.
const judged = wholeBuilds.length > 0 ? wholeBuilds : [noBuild];

describe.skipIf(isSkipped).each(judged)('kernel context of $name', (each) => {
  const { source: root, directory: build } = each;
  const isDefconfig = each.options.length === 0;
  const files = createNodeFileSource();
  const generated = `${root}/.patchpoint-generated`;
  const built = () => openKernelTree(files, root, { buildDir: build, logger: silentLogger });
  /** The tree as if nothing were built, with the build's configuration or the evaluated defconfig. */
  const bare = (configFile?: string) =>
    openKernelTree(files, root, { buildDir: '/nonexistent', configFile, logger: silentLogger });

  const itIsDefconfig = isDefconfig ? it : () => undefined;
  itIsDefconfig('the defconfig evaluates to the .config of make defconfig', () => {
    const real = parseDotConfig(readFileSync(`${build}/.config`, 'utf8')).values;
    const mine = bare().config.values();
    const isOfToolchain = (name: string): boolean =>
      /^(CC_VERSION_TEXT|RUSTC?_|HAVE_RUST|GCC_VERSION|(AS|LD)_VERSION)/.test(name);
    const different = [...new Set([...real.keys(), ...mine.keys()])]
      .filter((name) => real.get(name) !== mine.get(name) && !isOfToolchain(name))
      .map((name) => `${name}: real ${real.get(name)}, ours ${mine.get(name)}`);
    expect(different).toEqual([]);
  });

  it('generated headers define what the build’s define', () => {
    const tree = bare(`${build}/.config`);
    const folders = ['arch/arm64/include/generated/asm', 'arch/arm64/include/generated/uapi/asm', 'include/generated'];
    // Made by a compiler, or of no use to the preprocessor.
    const isOurs = (name: string): boolean =>
      /\.h$/.test(name) &&
      !/^(asm-offsets|vdso.*-offsets|bounds|compile|package|timeconst|syscall_table_\d+)\.h$/.test(name);
    for (const folder of folders) {
      for (const name of readdirSync(`${build}/${folder}`).filter(isOurs)) {
        // A wrapper of a header that the tree does not have: nothing can include it.
        const wrapped = /asm-generic\/([\w.-]+)/.exec(readFileSync(`${build}/${folder}/${name}`, 'utf8'))?.[1];
        if (
          wrapped &&
          !existsSync(`${root}/include/asm-generic/${wrapped}`) &&
          !existsSync(`${root}/include/uapi/asm-generic/${wrapped}`)
        )
          continue;
        const real = defines(readFileSync(`${build}/${folder}/${name}`, 'utf8'));
        const mine = defines(tree.virtualFile(`${generated}/${folder}/${name}`) ?? `missing ${folder}/${name}`);
        expect(mine, `${folder}/${name}`).toEqual(real);
      }
    }
  });

  it('cpucaps of the list are those of the build', () => {
    const numbers = (tree: ReturnType<typeof built>): readonly string[] =>
      tree.cpucaps.caps.map((cap) => `${cap.number} ${cap.name}`);
    expect(numbers(bare())).toEqual(numbers(built()));
  });

  it('makefiles give the options of every recorded assembly command', () => {
    const tree = built();
    const withoutBuild = bare(`${build}/.config`);
    let nCompared = 0;
    for (const path of recordedSources(build)) {
      const source = existsSync(`${root}/${path}`) ? `${root}/${path}` : null;
      if (source === null) continue;
      for (const recorded of tree.compileContexts(source)) {
        if (recorded.evidence.kind !== 'cmd' || recorded.options.language !== 'asm') continue;
        const made = withoutBuild.compileContexts(source).find((context) => context.object === recorded.object);
        const plain = (context: typeof recorded | undefined): unknown => ({
          paths: [
            ...new Set(context?.options.includePaths.map((each) => each.replace(build, 'B').replace(generated, 'B'))),
          ],
          forced: context?.options.forcedIncludes,
          defines: context?.options.defines,
        });
        expect(plain(made), recorded.object).toEqual(plain(recorded));
        nCompared++;
      }
    }
    expect(nCompared).toBeGreaterThan(20);
  });

  it('every cpucap of the tree has a meaning', () => {
    const tree = built();
    const unknown = tree.cpucaps.caps.filter((cap) => tree.cpucapMeaning(cap.name).meaning?.scope == null);
    expect(unknown.map((cap) => cap.name)).toEqual([]);
  });

  const itIsRecorded = isDefconfig && /\b6\.12\./.test(bare().version.text) ? it : () => undefined;
  itIsRecorded('recorded cpucaps of cores are what this tree derives', () => {
    const file = new URL('../../server/data/kernel/coreCpucaps.json', import.meta.url);
    const now = coreCpucapsRecord(built());
    if (process.env.UPDATE_CORE_CPUCAPS) writeFileSync(file, now);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(now));
  });
});

/** `#define` and `#include` lines of a header, spaces and include guards aside. */
function defines(text: string): readonly string[] {
  return [...text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/^[ \t]*#[ \t]*(define|include)[ \t]+(.*)$/gm)]
    .map((match) => `${match[1]} ${match[2]?.trim().replace(/\s+/g, ' ')}`)
    .filter((line) => !/^define _\w+$/.test(line))
    .sort();
}

/** Sources of `.o.cmd` files below `arch/arm64`, relative to the tree. */
function recordedSources(directory: string): readonly string[] {
  return readdirSync(`${directory}/arch/arm64`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|\/)\.[\w-]+\.o\.cmd$/.test(name))
    .map((name) => `arch/arm64/${name.replace(/\.([\w-]+)\.o\.cmd$/, '$1.S')}`)
    .sort();
}
