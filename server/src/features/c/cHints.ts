import type { TextRange } from '../../base/text.ts';
import type { FeatureContext, SiteView } from '../featureContext.ts';
import type { Hint } from '../inlayHints.ts';
import { insnLabel, shorten, streamLine } from '../streamText.ts';
import type { CFile } from './cFile.ts';
import type { CSite } from './cSites.ts';
import { openCFile } from './openCFile.ts';
import { bothLabel, isTold, isToldRemoved, streamLabel, triggerLabel } from './siteLabel.ts';
import { linkedStream, otherStream } from './siteOutcome.ts';
import { outcomeInView } from './stateQuestion.ts';

/** The editor cuts hints off after 43 characters, blanks around them included. */
const maxLabel = 38;
/** Sites of one line that its hint tells. */
const maxSitesOfPlace = 2;

/** Hints of the asked range, in order: behind each line with sites, what their states have there. */
export function cHints(
  ctx: FeatureContext,
  path: string,
  range: TextRange,
  options: { readonly view: SiteView },
): readonly Hint[] {
  const file = openCFile(ctx, path);
  if (file === null) return [];
  const places = new Map<number, CSite[]>();
  for (const site of file.sites) {
    if (site.range.end < range.start || site.range.start > range.end || !hasHint(file, site)) continue;
    const offset = lineEnd(file, site.range.end);
    if (offset < range.start || offset > range.end) continue;
    const known = places.get(offset);
    if (known === undefined) places.set(offset, [site]);
    else known.push(site);
  }
  return [...places]
    .sort(([left], [right]) => left - right)
    .map(([offset, sites]) => placeHint(ctx, file, offset, sites, options.view));
}

/** Behind what is written in a line: in the middle of it a hint tears names from their arguments. */
function lineEnd(file: CFile, offset: number): number {
  const { start, end } = file.lines.lineRange(file.lines.lineAt(offset), file.text);
  return start + file.text.slice(start, end).trimEnd().length;
}

/** Tests that the configuration removes have one as well: the code looks as if it asked. */
function hasHint(file: CFile, site: CSite): boolean {
  return isTold(file, site) || isToldRemoved(file, site);
}

function placeHint(ctx: FeatureContext, file: CFile, offset: number, sites: readonly CSite[], view: SiteView): Hint {
  const all = counted(sites.map((site) => ({ label: siteLabel(ctx, file, site, view), times: site.count })));
  const labels = all.slice(0, maxSitesOfPlace).map(({ label, times }) => (times > 1 ? `${label} ×${times}` : label));
  if (all.length > maxSitesOfPlace) labels.push(`+${all.length - maxSitesOfPlace}`);
  return {
    offset,
    label: shorten(labels.join(' · '), maxLabel),
    tooltip: sites.slice(0, 4).map(tooltip).join('\n\n'),
    kind: 'other-state',
  };
}

/** Equal labels once, with their number. */
function counted(
  labels: readonly { readonly label: string; readonly times: number }[],
): readonly { readonly label: string; readonly times: number }[] {
  const byLabel = new Map<string, number>();
  for (const { label, times } of labels) byLabel.set(label, (byLabel.get(label) ?? 0) + times);
  return [...byLabel].map(([label, times]) => ({ label, times }));
}

function siteLabel(ctx: FeatureContext, file: CFile, site: CSite, view: SiteView): string {
  if (site.removed !== null) return '= false';
  if (site.staticCall !== null) return 'load; blr';
  if (view === 'both') return bothLabels(site);
  const { stream } = outcomeInView(ctx, file, site, view);
  return stream === null ? 'not known' : streamLabel(site, stream);
}

/** Short streams in full, long ones by their size, the patched one in full where there is room. */
function bothLabels(site: CSite): string {
  const other = otherStream(site);
  const full = other === null ? null : `${streamLabel(site, linkedStream(site))} ⇄ ${streamLabel(site, other)}`;
  if (full !== null && full.length <= maxLabel) return full;
  const patched = other === null ? '' : `⇄ ${streamLabel(site, other)}`;
  return patched !== '' && patched.length <= maxLabel ? patched : bothLabel(site);
}

function tooltip(site: CSite): string {
  const what = `**${site.construct}** \`${triggerLabel(site)}\``;
  if (site.removed !== null) return `${what}: ${site.removed}.`;
  const other = otherStream(site);
  if (other === null) return what;
  const listing = other.map((insn) => `\t${insnLabel(insn)}`).join('\n');
  return other.length > 1
    ? `${what}, in the other state:\n\n\`\`\`arm64-kernel-asm\n${listing}\n\`\`\``
    : `${what}: \`${streamLine(linkedStream(site))}\` as linked, \`${streamLine(other)}\` in the other state`;
}
