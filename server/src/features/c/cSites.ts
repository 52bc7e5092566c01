import { throwIfCancelled } from '../../base/cancellation.ts';
import { basename, dirname } from '../../base/path.ts';
import { AsmSiteReader } from '../../kernel/c/asmSites.ts';
import type { CSite } from '../../kernel/c/cSite.ts';
import type { FunctionSource } from '../../kernel/c/functionSource.ts';
import type { FunctionWalk, SiteEvent } from '../../kernel/c/walkModel.ts';
import type { CpucapTable } from '../../kernel/cpucaps.ts';
import type { ChainFrame } from '../../kernel/patchSite.ts';
import type { CUnit } from '../../project/cUnit.ts';
import { type ScopeSet, variantKey } from '../../project/inlineScope.ts';
import type { CFunction } from '../../syntax/c/cModel.ts';
import { StatementCache } from '../../syntax/gas/statement.ts';
import type { FeatureContext } from '../featureContext.ts';
import { callerArguments } from './callerArguments.ts';
import { foldedFunctions } from './foldedFunctions.ts';
import { joinUndecided, jumpModel } from './jumpSites.ts';
import { constructAt, macroFrames } from './siteOrigin.ts';
import { staticCallModel } from './staticCallSites.ts';

export type { CSite } from '../../kernel/c/cSite.ts';

const known = new WeakMap<CUnit, readonly CSite[]>();
/** What was found before an analysis was broken off: the next one goes on from there. */
const ofFunctions = new WeakMap<FunctionSource, readonly CSite[]>();
const readers = new WeakMap<CpucapTable, AsmSiteReader>();

/**
 * Patch sites of a C file or header in source order, one for each place and kind of site; equal ones are counted.
 * Sites that this configuration removes are in it with `removed` set. Empty while the C parser is not loaded, and for
 * files that cannot be read. Throws only `CancelledError`.
 */
export function cSitesOf(ctx: FeatureContext, path: string, object: string | null = null): readonly CSite[] {
  const unit = siteUnit(ctx, path, object);
  if (unit === null || unit.tree === null) return [];
  const before = known.get(unit);
  if (before !== undefined) return before;
  const scopes = ctx.workspace.inlineScopes.for(unit);
  let sites = collectSites(ctx, unit, unit.tree.cpucaps, scopes);
  if (object === null) sites = [...sites, ...sitesOfVariants(ctx, unit, sites)].sort(byPlace);
  known.set(unit, sites);
  return sites;
}

/** Sites that only other objects of the same file have: code of the hypervisor that is compiled twice. */
function sitesOfVariants(ctx: FeatureContext, unit: CUnit, sites: readonly CSite[]): readonly CSite[] {
  const seen = new Set([variantKey(unit.context)]);
  const keys = new Set(sites.map(placeKey));
  const found: CSite[] = [];
  for (const context of unit.tree?.cCompileContexts(unit.path) ?? []) {
    const variant = variantKey(context);
    if (seen.has(variant)) continue;
    seen.add(variant);
    for (const site of cSitesOf(ctx, unit.path, context.object)) {
      const key = placeKey(site);
      if (keys.has(key) || site.removed !== null) continue;
      keys.add(key);
      found.push({ ...site, object: context.object });
    }
  }
  return found;
}

const byPlace = (left: CSite, right: CSite): number => left.range.start - right.range.start;
const placeKey = (site: CSite): string => `${site.range.start} ${outcomeKey(site)} ${site.removed ?? ''}`;

/** Files beside a header that are looked at to find one that gives its macros a meaning. */
const maxIncluders = 3;

/**
 * The unit that a file's sites are read from. A header that is only a list of macro uses (`SCHED_FEAT(…)`) is read
 * as part of a file beside it that includes it and makes functions of them.
 */
function siteUnit(ctx: FeatureContext, path: string, object: string | null): CUnit | null {
  const unit = ctx.workspace.cUnit(path, ctx.cancellation, object);
  if (unit?.tree == null || !path.endsWith('.h') || unit.functions.length > 0) return unit;
  if (!/^[A-Za-z_]\w* ?\(/m.test(unit.expanded.text)) return unit;
  const include = new RegExp(`^\\s*#\\s*include\\s*"${basename(path).replace(/[.+]/g, '\\$&')}"`, 'm');
  let left = maxIncluders;
  for (const { name } of unit.tree.files.list(dirname(path))) {
    const file = `${dirname(path)}/${name}`;
    if (!/\.[ch]$/.test(name) || file === path || !include.test(ctx.workspace.textOf(file) ?? '')) continue;
    const inside = ctx.workspace.cUnit(path, ctx.cancellation, object, file);
    if (inside !== null && inside.functions.length > 0) return inside;
    if (--left === 0) break;
  }
  return unit;
}

function collectSites(ctx: FeatureContext, unit: CUnit, cpucaps: CpucapTable, scopes: ScopeSet): readonly CSite[] {
  const { cancellation } = ctx;
  let reader = readers.get(cpucaps);
  if (reader === undefined) {
    reader = new AsmSiteReader(cpucaps, new StatementCache());
    readers.set(cpucaps, reader);
  }
  const sites: CSite[] = [];
  const withSites = new Map<CFunction, FunctionSource>();
  const sources = scopes.functionsOf(unit, cancellation);
  for (const fn of unit.functions) {
    throwIfCancelled(cancellation);
    const source = sources.get(fn);
    if (source === undefined) continue;
    let made = ofFunctions.get(source);
    if (made === undefined) {
      const walk = scopes.walker.walk(source);
      const maker = new SiteMaker(unit, scopes, reader, fn, source);
      made = maker.make(walk);
      if (made.some(isLeftToCallers)) made = withCallers(ctx, unit, source, made, maker, scopes);
      ofFunctions.set(source, made);
    }
    if (made.length > 0) withSites.set(fn, source);
    sites.push(...made);
  }
  const folded = foldedFunctions(unit, withSites, (fn) => scopes.walker.bodyOf(fn));
  const inFolded = new Map([...folded].map(([fn, into]) => [fn.name, into]));
  const marked = sites.map((site) => {
    const foldedInto = inFolded.get(site.functionName);
    return foldedInto === undefined ? site : { ...site, foldedInto };
  });
  return [...uniqueSites(marked)].sort(byPlace);
}

/** What the site depends on is an argument of the function that it is in. */
function isLeftToCallers({ alternative, jump }: CSite): boolean {
  return alternative?.cpucap.number === null || (jump !== null && jump.key === null);
}

/** Sites of an inline function with what its callers give it in place of what it leaves to them, where there are some. */
function withCallers(
  ctx: FeatureContext,
  unit: CUnit,
  source: FunctionSource,
  made: readonly CSite[],
  maker: SiteMaker,
  scopes: ScopeSet,
): readonly CSite[] {
  if (!source.isInline) return made;
  const found = callerArguments(ctx, unit, source.name).flatMap((args) => {
    const text = `{ ${source.name}(${args}); }`;
    const caller = { ...source, name: '', text, from: 0, to: text.length, parameters: [], section: null };
    const walk = scopes.walker.walk(caller);
    const events = walk.events
      .filter(({ calls }) => calls[0]?.callee === source)
      .map((event) => ({ ...event, calls: event.calls.slice(1) }));
    return maker.make({ ...walk, events, removed: [] }).filter((site) => !isLeftToCallers(site));
  });
  return found.length === 0 ? made : uniqueSites([...made.filter((site) => !isLeftToCallers(site)), ...found]);
}

const asking = new WeakMap<FunctionSource, boolean>();

/** Sites of one function. */
class SiteMaker {
  readonly #unit: CUnit;
  readonly #scopes: ScopeSet;
  readonly #reader: AsmSiteReader;
  readonly #fn: CFunction;
  readonly #source: FunctionSource;
  readonly #section: string;

  constructor(unit: CUnit, scopes: ScopeSet, reader: AsmSiteReader, fn: CFunction, source: FunctionSource) {
    this.#unit = unit;
    this.#scopes = scopes;
    this.#reader = reader;
    this.#fn = fn;
    this.#source = source;
    this.#section = fn.section ?? '.text';
  }

  make(walk: FunctionWalk): readonly CSite[] {
    const made = walk.events.flatMap((event) => this.#sitesOf(event, null));
    const places = new Set(made.map(({ range }) => range.start));
    for (const { callee, events } of walk.removed) {
      const reason = `${callee.name}() is constant in this configuration: nothing is emitted`;
      const removed = events.flatMap((event) => this.#sitesOf(event, reason));
      // A key's test is in it with both its instructions; what a constant argument leaves out is no configuration's doing.
      made.push(...removed.filter(({ alternative, range }) => alternative !== null && !places.has(range.start)));
    }
    const sites = grouped(joinUndecided(made));
    return walk.isPartial
      ? sites.map((site) => ({
          ...site,
          issues: [...site.issues, 'the function is too large to be followed to its end'],
        }))
      : sites;
  }

  /**
   * The event as a function of this file has it that the code is written in: a call of an inline function of the
   * same file is no place of its own, unless it asks a question that the caller acts on.
   */
  #atItsPlace(event: SiteEvent): { readonly event: SiteEvent; readonly source: FunctionSource } {
    let source = this.#source;
    let { calls } = event;
    for (;;) {
      const [first] = calls;
      if (first === undefined || first.callee.text !== this.#unit.expanded.text || this.#asks(first.callee)) break;
      source = first.callee;
      calls = calls.slice(1);
    }
    return calls === event.calls ? { event, source } : { event: { ...event, calls, arms: null }, source };
  }

  /** Whether a function's value is what a site decides. */
  #asks(fn: FunctionSource): boolean {
    let asks = asking.get(fn);
    if (asks === undefined) {
      asks = this.#scopes.walker.walk(fn).value.kind === 'choice';
      asking.set(fn, asks);
    }
    return asks;
  }

  #sitesOf(reached: SiteEvent, removed: string | null): CSite[] {
    const { event, source } = this.#atItsPlace(reached);
    if (removed !== null && source !== this.#source) return [];
    const { expanded, lines } = this.#unit;
    const at = event.calls[0]?.at ?? event.at;
    const end = event.calls.length > 0 ? at + 1 : event.end;
    const origin = expanded.originAt(at);
    if (origin === null) return [];
    const range = expanded.rangeInMain(at, end);
    const outermost = expanded.toMain(at);
    const start = lines.positionAt(outermost.start);
    const callee = event.calls[0]?.callee.name ?? (event.kind === 'asm' ? 'asm' : 'static_call');
    const inline = event.calls.length === 0 && event.asm !== null ? recordText(expanded.text, event) : null;
    const construct = constructAt(expanded, inline ?? at, callee);
    const chain = this.#chain(event);
    const holderLine = this.#scopes.lineOf(event.holder, event.at);
    const written =
      event.holder === source || holderLine === null
        ? { file: this.#unit.path, line: this.#lineOf(event.holder, event.at) }
        : { file: event.holder.file, line: holderLine };
    const optional = event.calls.filter(({ callee }) => !callee.isAlwaysInline).map(({ callee }) => callee.name);
    const base = {
      path: this.#unit.path,
      range: { start: outermost.start, end: Math.max(outermost.end, range.end) },
      line: start.line,
      column: start.column,
      endLine: lines.positionAt(Math.max(outermost.end, range.end)).line,
      functionName: source === this.#source ? this.#fn.name : source.name,
      construct,
      chain,
      written,
      count: 1,
      alternative: null,
      jump: null,
      staticCall: null,
      removed,
      object: null,
      ...(optional.length > 0 ? { ifInlined: optional } : {}),
      section: this.#section,
      issues: [] as readonly string[],
    };
    if (event.staticCall !== null) {
      const staticCall = staticCallModel(event.staticCall, this.#unit, written);
      return [{ ...base, kind: 'static-call', staticCall }];
    }
    const { alternatives, jumps } = this.#reader.read(event, this.#section, written);
    return [
      ...alternatives.map(
        (alternative): CSite => ({
          ...base,
          kind: alternative.kind,
          alternative: {
            ...alternative,
            file: this.#unit.path,
            line: base.line,
            endLine: base.endLine,
            construct,
            chain,
          },
          issues: alternative.issues,
        }),
      ),
      ...jumps.map(
        (entry): CSite => ({
          ...base,
          kind: 'jump',
          jump: jumpModel(entry, event, source, (offset) => expanded.originAt(offset)?.line ?? null),
        }),
      ),
    ];
  }

  /** Macros and inline functions from the place to what emits, outermost first. */
  #chain(event: SiteEvent): ChainFrame[] {
    const { expanded } = this.#unit;
    const [first, ...inner] = event.calls;
    const at = first?.at ?? event.at;
    const chain = macroFrames(this.#unit, at);
    if (first !== undefined) {
      chain.push({
        name: first.callee.name,
        file: this.#unit.path,
        line: expanded.originAt(at)?.line ?? this.#fn.line,
      });
    }
    for (const { caller, at: offset, callee } of inner) {
      chain.push({ name: callee.name, file: caller.file, line: this.#lineOf(caller, offset) });
    }
    return chain;
  }

  #lineOf(fn: FunctionSource, offset: number): number {
    if (fn.text === this.#unit.expanded.text) return this.#unit.expanded.originAt(offset)?.line ?? 1;
    return this.#scopes.lineOf(fn, offset) ?? 1;
  }
}

/** Sites without those that say the same of the same place. */
function uniqueSites(sites: readonly CSite[]): readonly CSite[] {
  const keys = new Set<string>();
  return sites.filter((site) => {
    const key = placeKey(site);
    return !keys.has(key) && keys.add(key);
  });
}

/** Offset of the text that makes a record in an asm statement that is written out: its macro is what the reader wrote. */
function recordText(text: string, event: SiteEvent): number | null {
  const found = /\.altinstructions|__jump_table/.exec(text.slice(event.at, event.end));
  return found === null ? null : event.at + found.index;
}

/** One site for equal ones of the same place. */
function grouped(sites: readonly CSite[]): CSite[] {
  const byKey = new Map<string, CSite>();
  for (const site of sites) {
    const key = [site.range.start, site.range.end, site.construct, site.removed ?? '', outcomeKey(site)].join('\0');
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? site : { ...before, count: before.count + 1 });
  }
  return [...byKey.values()];
}

function outcomeKey({ kind, alternative, jump, staticCall }: CSite): string {
  if (alternative !== null) {
    const texts = [...alternative.original, { text: '|' }, ...alternative.replacement].map(({ text }) => text);
    return [kind, alternative.cpucap.text, alternative.callback ?? '', ...texts].join('\x01');
  }
  if (jump !== null) return [kind, jump.key ?? jump.reason, jump.branch, jump.initial].join('\x01');
  return `${kind}\x01${staticCall?.key ?? ''}`;
}
