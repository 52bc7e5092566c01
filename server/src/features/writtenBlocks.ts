import type { AlternativeSite } from '../kernel/patchSite.ts';
import type { AssemblyAnalysis, OpenExpansion } from '../project/assemblyAnalysis.ts';

/** A construct as it stands in the text of one file, and the sites it makes. */
export interface WrittenBlock {
  readonly construct: string;
  readonly openLine: number;
  readonly dividerLine: number | null;
  readonly endLine: number;
  /** What to show at the block: arguments left as names when it stands in a macro. */
  readonly site: AlternativeSite;
  /** Macro whose body holds the block, `null` at file level. */
  readonly macro: OpenExpansion | null;
  /** Sites that the file's own statements make of the block. */
  readonly expansions: readonly AlternativeSite[];
}

/** A line of the file that invokes a macro of another file with sites in it. */
export interface WrapperLine {
  readonly line: number;
  /** Name of the macro that the line invokes. */
  readonly name: string;
  readonly sites: readonly AlternativeSite[];
  /** Macro of this file in whose body the line stands, `null` at file level. */
  readonly macro: OpenExpansion | null;
}

export interface WrittenSites {
  /** In order of their first line. */
  readonly blocks: readonly WrittenBlock[];
  readonly wrappers: readonly WrapperLine[];
}

const known = new WeakMap<AssemblyAnalysis, WrittenSites>();

/** Blocks and wrapper lines of the analyzed file, each place once however often macros repeat it. */
export function writtenSites(analysis: AssemblyAnalysis): WrittenSites {
  let sites = known.get(analysis);
  if (sites === undefined) {
    sites = collect(analysis);
    known.set(analysis, sites);
  }
  return sites;
}

/** The block whose lines hold a line; the innermost where a line of one belongs to several. */
export function blockAt(sites: WrittenSites, line: number): WrittenBlock | null {
  let best: WrittenBlock | null = null;
  for (const block of sites.blocks) {
    if (block.openLine > line) break;
    if (line <= block.endLine && (best === null || block.openLine > best.openLine)) best = block;
  }
  return best;
}

function collect(analysis: AssemblyAnalysis): WrittenSites {
  const { path } = analysis;
  const blocks = new Map<
    string,
    { site: AlternativeSite; macro: OpenExpansion | null; expansions: AlternativeSite[] }
  >();
  const wrappers = new Map<
    string,
    { line: number; name: string; sites: AlternativeSite[]; macro: OpenExpansion | null }
  >();
  const occurrences = new Map<string, number>();

  const addBlock = (site: AlternativeSite, macro: OpenExpansion | null, expansion: boolean, scope: string): void => {
    // Two constructs can stand on one line; the same place in another expansion is the same block.
    const place = `${site.written.openLine}:${site.construct}:${site.cpucap.text}`;
    const nth = occurrences.get(`${scope}\0${place}`) ?? 0;
    occurrences.set(`${scope}\0${place}`, nth + 1);
    const key = `${place}:${nth}`;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, { site, macro, expansions: expansion ? [site] : [] });
    else if (expansion) block.expansions.push(site);
  };
  const addWrapper = (line: number, name: string, site: AlternativeSite, macro: OpenExpansion | null): void => {
    const key = `${line}:${name}`;
    const wrapper = wrappers.get(key);
    if (wrapper === undefined) wrappers.set(key, { line, name, sites: [site], macro });
    else if (wrapper.macro === macro) wrapper.sites.push(site);
  };

  for (const expansion of analysis.openExpansions()) {
    for (const site of expansion.sites) {
      // The first step of the chain is the macro itself; what follows is invoked in its body.
      const [, next] = site.chain;
      if (site.written.file === path && site.chain.length === 1) addBlock(site, expansion, false, expansion.macro.name);
      else if (next !== undefined && next.file === path && !definesHere(analysis, next.name)) {
        addWrapper(next.line, next.name, site, expansion);
      }
    }
  }
  analysis.sites.forEach((site, index) => {
    const [first] = site.chain;
    if (site.written.file === path) addBlock(site, null, true, first === undefined ? '' : scopeOf(site, index));
    if (first !== undefined && site.file === path && !definesHere(analysis, first.name)) {
      addWrapper(site.line, first.name, site, null);
    }
  });
  return {
    blocks: [...blocks.values()]
      .map(({ site, macro, expansions }) => ({
        construct: site.construct,
        openLine: site.written.openLine,
        dividerLine: site.written.dividerLine,
        endLine: site.written.endLine,
        site,
        macro,
        expansions,
      }))
      .sort((left, right) => left.openLine - right.openLine),
    wrappers: [...wrappers.values()].sort((left, right) => left.line - right.line),
  };
}

/** Sites of one expansion share the frame of their innermost macro; that tells expansions of a place apart. */
function scopeOf(site: AlternativeSite, index: number): string {
  const frame = site.record.frame;
  return frame === null ? String(index) : `${frame.seqStart}:${frame.depth}`;
}

function definesHere(analysis: AssemblyAnalysis, macroName: string): boolean {
  const definitions = analysis.gas.macros.get(macroName.toLowerCase());
  return definitions?.some((macro) => macro.source.file === analysis.path) ?? false;
}
