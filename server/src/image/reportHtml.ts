import type { ImageFigures } from './compareImages.ts';
import { imagePlace } from './imagePlace.ts';
import type { ImageSites } from './imageSites.ts';
import type { KernelImage } from './kernelImage.ts';

/** Columns of the map of the code. */
const nBuckets = 240;
const mapWidth = 960;
const mapHeight = 90;
const maxRows = 40;

interface Layer {
  readonly name: string;
  readonly color: string;
  readonly places: readonly bigint[];
}

/** A report about an image as one HTML page that loads nothing: tables, and plots of where the patch sites are. */
export function imageReport(image: KernelImage, sites: ImageSites, { summary, economics }: ImageFigures): string {
  const layers: readonly Layer[] = [
    { name: 'alternatives', color: '#c2410c', places: sites.alternatives.map(({ original }) => original) },
    {
      name: 'replacements',
      color: '#7c3aed',
      places: sites.alternatives.filter((one) => !one.isCallback).map((one) => one.replacement),
    },
    { name: 'static keys', color: '#0369a1', places: sites.jumps.map(({ code }) => code) },
    { name: 'ftrace', color: '#15803d', places: (sites.ftrace?.sites ?? []).map(({ patch }) => patch) },
  ];
  const { alternatives, jumps, ftrace } = summary;
  const title = summary.image.replace(/^.*[/\\]/, '');
  const facts: readonly (readonly [string, string])[] = [
    ['image', summary.image],
    ['release', summary.release ?? 'not told by the image'],
    ['build id', summary.buildId ?? 'none'],
    ['compiler', summary.compiler ?? 'not told by the image'],
    [
      'alternatives',
      `${grouped(alternatives.entries)} records, ${grouped(alternatives.bytes.replacements)} bytes of replacements`,
    ],
    ['static keys', `${grouped(jumps.entries)} entries of ${grouped(jumps.keys)} keys`],
    ['ftrace', `${grouped(ftrace.sites)} functions${ftrace.layout === null ? '' : `, layout ${ftrace.layout}`}`],
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Patch sites of ${escaped(title)}</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .8rem .15rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.note { text-align: left; } td.note { white-space: normal; opacity: .75; }
thead th { border-bottom: 1px solid color-mix(in srgb, currentColor 40%, transparent); }
.bar { display: inline-block; height: .7em; background: #c2410c; } svg { width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; } .axis { stroke: currentColor; stroke-opacity: .4; }
@media (prefers-color-scheme: dark) { rect, .bar { filter: brightness(1.5); } }
</style></head><body>
<h1>Patch sites of ${escaped(title)}</h1>
<table>${facts.map(([name, value]) => `<tr><td>${escaped(name)}</td><td class="note">${escaped(value)}</td></tr>`).join('')}</table>
<h2>Where they are</h2>
<p>Sites in each part of the code, from the lowest address to the highest; every plot has its own scale.</p>
${codeMaps(image, layers)}
<h2>Bytes</h2>
${table(
  ['', 'count', 'in the file', 'after init', ''],
  economics.mechanisms.map((row) => [
    row.name,
    grouped(row.count),
    grouped(row.file),
    grouped(row.afterInit),
    row.what,
  ]),
)}
<h2>By cpucap</h2>
${bars(alternatives.byCpucap)}
<h2>By callback</h2>
${bars(alternatives.callbacks)}
<h2>By static key</h2>
${bars(jumps.byKey)}
<h2>Static keys that tell about the machine</h2>
${table(
  ['key', 'entries', 'file now', 'as alternative', 'after init now', 'as alternative', ''],
  economics.keyMoves.map(({ key, entries, now, asAlternative, verdict }) => [
    key,
    grouped(entries),
    grouped(now.file),
    verdict.couldBeAlternative === 'yes' ? grouped(asAlternative.file) : 'must stay',
    grouped(now.afterInit),
    verdict.couldBeAlternative === 'yes' ? grouped(asAlternative.afterInit) : 'must stay',
    verdict.why,
  ]),
)}
<h2>The shared NOP callback</h2>
<p>${grouped(economics.nopCallback.used.records)} records use it and do without ${grouped(economics.nopCallback.used.savedBytes)} bytes of replacements;
${grouped(economics.nopCallback.possible.records)} more could, which saves ${grouped(economics.nopCallback.possible.savedBytes)} bytes.</p>
</body></html>
`;
}

/** One plot for each kind: how many sites each equal part of the code holds. */
function codeMaps(image: KernelImage, layers: readonly Layer[]): string {
  const code = image.sections.filter(({ executable, sizeBytes }) => executable && sizeBytes > 0);
  const total = code.reduce((sizes, { sizeBytes }) => sizes + sizeBytes, 0);
  if (total === 0) return '<p>The image has no code.</p>';
  const starts = new Map<bigint, number>();
  let before = 0;
  for (const { address, sizeBytes } of code) {
    starts.set(address, before);
    before += sizeBytes;
  }
  const bucketOf = (address: bigint): number => {
    const section = image.sectionAt(address);
    const start = section === undefined ? undefined : starts.get(section.address);
    if (section === undefined || start === undefined) return -1;
    return Math.min(nBuckets - 1, Math.floor(((start + Number(address - section.address)) / total) * nBuckets));
  };
  const bounds = code
    .filter(({ sizeBytes }) => sizeBytes / total > 0.01)
    .map(({ address, name }) => ({
      name,
      x: ((starts.get(address) ?? 0) / total) * mapWidth,
      at: imagePlace(image, address),
    }));
  return layers
    .filter(({ places }) => places.length > 0)
    .map(({ name, color, places }) => {
      const counts = new Array<number>(nBuckets).fill(0);
      for (const address of places) {
        const bucket = bucketOf(address);
        if (bucket >= 0) counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      const most = Math.max(1, ...counts);
      const width = mapWidth / nBuckets;
      const columns = counts.map((count, bucket) => {
        const height = (count / most) * mapHeight;
        return count === 0
          ? ''
          : `<rect x="${(bucket * width).toFixed(1)}" y="${(mapHeight + 14 - height).toFixed(1)}" width="${(width - 0.5).toFixed(1)}" height="${height.toFixed(1)}" fill="${color}"><title>${count}</title></rect>`;
      });
      const marks = bounds.map(({ x, name: part, at }) => {
        const place = x > mapWidth * 0.8 ? `x="${mapWidth}" text-anchor="end"` : `x="${x.toFixed(1)}"`;
        return `<text ${place} y="${mapHeight + 28}">${escaped(part)} ${at.address ?? ''}</text>`;
      });
      const title = `${name}: ${grouped(places.length)}, at most ${grouped(most)} in ${grouped(Math.round(total / nBuckets))} bytes of code`;
      return `<svg viewBox="0 0 ${mapWidth} ${mapHeight + 34}" role="img" aria-label="${escaped(title)}"><text x="0" y="11">${escaped(title)}</text>${columns.join('')}<line class="axis" x1="0" x2="${mapWidth}" y1="${mapHeight + 14}" y2="${mapHeight + 14}"/>${marks.join('')}</svg>`;
    })
    .join('\n');
}

function bars(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const most = Math.max(1, ...rows.map(([, count]) => count));
  const shown = rows
    .slice(0, maxRows)
    .map(
      ([name, count]) =>
        `<tr><td>${escaped(name)}</td><td>${grouped(count)}</td><td class="note"><span class="bar" style="width:${((count / most) * 24).toFixed(2)}rem"></span></td></tr>`,
    );
  const rest = rows.length - shown.length;
  return `<table>${shown.join('')}</table>${rest > 0 ? `<p>and ${grouped(rest)} more</p>` : ''}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string, column: number): string =>
    `<td${column === head.length - 1 && column > 0 ? ' class="note"' : ''}>${escaped(text)}</td>`;
  if (rows.length === 0) return '<p>None.</p>';
  return `<table><thead><tr>${head.map((text) => `<th>${escaped(text)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map(cell).join('')}</tr>`)
    .join('')}</tbody></table>`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
