import type { CppMacro } from '../syntax/cpp/model.ts';
import { entryState, type Site } from './pathState.ts';
import { outermostPlace } from './unit.ts';
import type { Walk } from './walk.ts';

const unpaired: ReadonlySet<string> = new Set([
  'noinstr.region-left-open',
  'noinstr.region-underflow',
  'noinstr.region-path-mismatch',
]);

/** Regions that hold nothing which needs one. */
export function findUnneeded(walk: Walk): void {
  if (walk.budget <= 0) return;
  // What a marker that has lost its other one belongs to, nobody can say.
  if (walk.findings.some(({ rule }) => unpaired.has(rule))) return;
  // Where a region is wrong it is that which is told.
  const told = new Set(
    walk.findings
      .filter(({ rule }) => rule.startsWith('noinstr.region-'))
      .flatMap(({ anchor, site, related }) => [anchor?.op, site.op, ...related.map((one) => one.site.op)]),
  );
  for (const [op, site] of walk.seenRegions) {
    if (walk.neededRegions.has(op) || told.has(op) || site.via !== null || holdsMacros(walk, site)) continue;
    walk.findings.push({
      rule: 'noinstr.region-unneeded',
      severity: 'information',
      site,
      anchor: site,
      message: 'nothing in this region needs it: it calls only noinstr and always-inline code; remove both markers',
      subject: walk.root.name,
      related: [],
      ctx: 'unknown',
      replacement: null,
      state: entryState('unknown'),
    });
  }
}

/** Macros that say nothing more in another configuration than they do here. */
const plainMacros: ReadonlySet<string> = new Set([
  'instrumentation_begin',
  'instrumentation_end',
  'READ_ONCE',
  'WRITE_ONCE',
  'likely',
  'unlikely',
  'NULL',
  'true',
  'false',
  'current',
  'barrier',
  'cpu_relax',
]);

/** Whether a region's text uses macros that may stand for more than they expand to here; looked at up to its end. */
function holdsMacros(walk: Walk, site: Site): boolean {
  const { uses } = walk.unit;
  const { file, offset } = outermostPlace(site.op.token);
  if (file !== walk.unit.path) return true;
  const used = uses.find((use) => use.range.start > offset && isMarker(use.macro, 'end'))?.range.start;
  // Without its header the marker is no macro.
  const end = used ?? endAsCall(walk.unit.text, site, offset);
  if (end === null) return true;
  return uses.some((use) => use.range.start > offset && use.range.start < end && !isPlain(use.macro));
}

function isPlain(macro: CppMacro): boolean {
  return plainMacros.has(macro.name) || isMarker(macro, 'begin');
}

/** A marker, or a macro that is another name for one. */
function isMarker({ name, body }: CppMacro, which: 'begin' | 'end'): boolean {
  const marker = `instrumentation_${which}`;
  return name === marker || (body.startsWith(`${marker}(`) && /^\w+ ?\( ?\);?$/.test(body));
}

/** Where the region ends that a marker without a macro begins; `null` where that or what it holds cannot be told. */
function endAsCall(text: string, { op }: Site, offset: number): number | null {
  const at = op.kind === 'call' ? text.indexOf('instrumentation_end', offset) : -1;
  if (at < 0) return null;
  // What only a macro can be says nothing without its header.
  const capitals = [...text.slice(offset, at).matchAll(/\b([A-Z][A-Z0-9_]+)\s*\(/g)];
  return capitals.every(([, name = '']) => plainMacros.has(name)) ? at : null;
}
