import type { TextRange } from '../../base/text.ts';
import type { Lens, ResolvedLens } from '../codeLens.ts';
import type { FeatureContext, SiteView } from '../featureContext.ts';
import type { CFile, CFunctionPlace, CKeyPlace } from './cFile.ts';
import type { CSite } from './cSites.ts';
import { keyFacts } from './keyFacts.ts';
import { openCFile } from './openCFile.ts';
import { bothLabel, isTold, streamLabel, triggerLabel } from './siteLabel.ts';
import { outcomeInView } from './stateQuestion.ts';

/** Lenses name their place by its first character, behind a letter for their kind. */
const marks = { function: 'F', site: 'S', key: 'K' } as const;

/** Sites of one line that its lens tells. */
const maxTold = 2;

/** Lenses of a C file: at functions with sites, at lines with sites that are told, at definitions of keys. */
export function cLenses(
  ctx: FeatureContext,
  path: string,
  options: { readonly functions: boolean; readonly sites: boolean },
): readonly Lens[] {
  const file = openCFile(ctx, path);
  if (file === null) return [];
  const lenses: Lens[] = [];
  const add = (kind: keyof typeof marks, { start, end }: TextRange): void => {
    lenses.push({ kind: kind === 'site' ? 'site' : 'function', key: `${marks[kind]}${start}`, range: { start, end } });
  };
  if (options.functions) {
    for (const one of functionsWithSites(file)) add('function', one.nameRange);
    for (const key of file.keys) add('key', key.nameRange);
  }
  if (options.sites) for (const [first] of toldByLine(file).values()) if (first !== undefined) add('site', first.range);
  return lenses.sort((left, right) => left.range.start - right.range.start);
}

/** Whether a lens is one of `cLenses`. */
export function isCLens(key: string): boolean {
  return /^[FSK]\d+$/.test(key);
}

/** Title and action; `null` when it is no longer there. */
export function resolveCLens(ctx: FeatureContext, path: string, key: string, view: SiteView): ResolvedLens | null {
  const file = openCFile(ctx, path);
  if (file === null) return null;
  const start = Number(key.slice(1));
  switch (key[0]) {
    case marks.function: {
      const found = file.functions.find((one) => one.nameRange.start === start);
      return found === undefined ? null : functionLens(file, found);
    }
    case marks.key: {
      const found = file.keys.find((one) => one.nameRange.start === start);
      return found === undefined ? null : keyLens(ctx, file, found);
    }
    default: {
      const line = file.lines.lineAt(start);
      const sites = toldByLine(file).get(line) ?? [];
      return sites.length === 0 ? null : siteLens(ctx, file, sites, view);
    }
  }
}

function functionLens(file: CFile, place: CFunctionPlace): ResolvedLens {
  return {
    title: countText(sitesOf(file, place)),
    tooltip: 'Show this file as the chosen machine state leaves it',
    action: { kind: 'show-patched', path: file.path },
  };
}

function keyLens(ctx: FeatureContext, file: CFile, key: CKeyPlace): ResolvedLens {
  const { nUses, switchers, isWhole } = keyFacts(ctx, file, key.name);
  const where = isWhole ? '' : ' in this file';
  const uses = count(nUses, key.kind === 'static-key' ? 'site' : 'call');
  const changes =
    switchers.length === 0
      ? ''
      : ` · ${key.kind === 'static-key' ? 'switched' : 'set'} in ${count(switchers.length, 'place')}`;
  return {
    title: `${uses}${where}${changes}`,
    tooltip: 'Show the places that use or change it',
    action: { kind: 'show-references', path: file.path, offset: key.nameRange.start },
  };
}

function siteLens(ctx: FeatureContext, file: CFile, sites: readonly CSite[], view: SiteView): ResolvedLens {
  const groups = new Map<string, CSite[]>();
  for (const site of sites) {
    const label = `${bothLabel(site)}${shown(ctx, file, site, view)}`;
    const known = groups.get(label);
    if (known === undefined) groups.set(label, [site]);
    else known.push(site);
  }
  const all = [...groups].flatMap(([label, alike]) =>
    alike.length > maxTold
      ? [`${alike.length} ${alike.every(({ jump }) => jump === null) ? 'cpucaps' : 'keys'}: ${label}`]
      : alike.map((site) => `${triggerLabel(site)}: ${label}${site.count > 1 ? ` ×${site.count}` : ''}`),
  );
  const told = all.slice(0, maxTold);
  if (all.length > maxTold) told.push(`${all.length - maxTold} more`);
  return {
    title: told.join('  |  '),
    tooltip: 'Show the unpatched stream, the patched one, or both',
    action: { kind: 'cycle-view', path: file.path },
  };
}

function shown(ctx: FeatureContext, file: CFile, site: CSite, view: SiteView): string {
  if (view === 'both') return '';
  if (view === 'unpatched') return ' · unpatched shown';
  const { stream } = outcomeInView(ctx, file, site, view);
  const label =
    stream === null ? 'not known' : stream.length === 1 ? streamLabel(site, stream) : count(stream.length, 'insn');
  return ` · ${label} in ${ctx.state.name}`;
}

/** Functions with at least one site, in order. */
function functionsWithSites(file: CFile): readonly CFunctionPlace[] {
  return file.functions.filter((one) => sitesOf(file, one).length > 0);
}

function sitesOf(file: CFile, { range }: CFunctionPlace): readonly CSite[] {
  return file.sites.filter(
    (site) => site.removed === null && site.range.start >= range.start && site.range.end <= range.end,
  );
}

function toldByLine(file: CFile): ReadonlyMap<number, readonly CSite[]> {
  const byLine = new Map<number, CSite[]>();
  for (const site of file.sites) {
    if (!isTold(file, site)) continue;
    const known = byLine.get(site.line);
    if (known === undefined) byLine.set(site.line, [site]);
    else known.push(site);
  }
  return byLine;
}

/** `3 jumps · 2 alternatives · 1 callback · 1 static call`. */
function countText(sites: readonly CSite[]): string {
  const of = (kind: CSite['kind']): number =>
    sites.reduce((sum, site) => sum + (site.kind === kind ? site.count : 0), 0);
  const parts = [
    [of('jump'), 'jump'],
    [of('alternative'), 'alternative'],
    [of('callback-alternative'), 'callback'],
    [of('static-call'), 'static call'],
  ] as const;
  return parts.flatMap(([n, name]) => (n === 0 ? [] : [count(n, name)])).join(' · ');
}

function count(n: number, name: string): string {
  return `${n} ${name}${n === 1 ? '' : 's'}`;
}
