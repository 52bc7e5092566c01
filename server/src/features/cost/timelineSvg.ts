import type { TimelineInsn } from './timeline.ts';

const rowHeight = 20;
const top = 58;
const charWidth = 7.3;
const widestCycle = 16;
const widestChart = 960;
const legendWidth = 4 * 96;

/**
 * A timeline as a standalone SVG document: instructions down, cycles across. Colors follow the editor's theme through
 * its CSS variables and have fallbacks. Each row is an element of its own that can take the focus and reads out what
 * it shows.
 */
export function timelineSvg(title: string, caption: string, insns: readonly TimelineInsn[]): string {
  const cycles = Math.max(1, ...insns.map((insn) => insn.retired + 1));
  const cycleWidth = Math.max(2, Math.min(widestCycle, widestChart / cycles));
  const left = 40 + Math.min(60, Math.max(...insns.map((insn) => insn.text.length))) * charWidth;
  // Title, caption and legend must not be cut off where the chart is short.
  const texts = Math.max(title.length * 8.2, caption.length * 6.8, legendWidth);
  const width = Math.ceil(Math.max(left + cycles * cycleWidth + 20, texts + 24));
  const height = top + insns.length * rowHeight + 52;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="timeline-title timeline-caption">`,
    `<title id="timeline-title">${escapeXml(title)}</title>`,
    `<desc id="timeline-caption">${escapeXml(caption)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="head" x="12" y="20">${escapeXml(title)}</text>`,
    `<text class="note" x="12" y="38">${escapeXml(caption)}</text>`,
    grid(cycles, cycleWidth, left, insns.length),
    ...insns.map((insn, index) => row(insn, index, cycleWidth, left)),
    legend(top + insns.length * rowHeight + 22),
    '</svg>',
  ];
  return parts.join('\n');
}

const style = [
  '.ground{fill:var(--vscode-editor-background,#fff)}',
  'text{font:12px var(--vscode-editor-font-family,monospace);fill:var(--vscode-editor-foreground,#222)}',
  '.head{font-weight:bold;font-size:13px}',
  '.note,.tick{fill:var(--vscode-descriptionForeground,#666);font-size:11px}',
  '.line{stroke:var(--vscode-editorIndentGuide-background1,#ddd);stroke-width:1}',
  '.wait{fill:none;stroke:var(--vscode-charts-yellow,#b58900);stroke-width:1.5}',
  '.run{fill:var(--vscode-charts-blue,#1a85ff)}',
  '.done{stroke:var(--vscode-descriptionForeground,#888);stroke-width:1.5;stroke-dasharray:2 2}',
  '.end{fill:var(--vscode-charts-green,#388a34)}',
  '.start{fill:var(--vscode-charts-purple,#652d90)}',
  '.critical .run{fill:var(--vscode-charts-red,#d1242f)}',
  '.critical text.code{font-weight:bold}',
  '.site .band{fill:var(--vscode-editor-selectionBackground,#cfe3ff);opacity:.5}',
  '.band{fill:transparent}',
  'g.row:focus{outline:none}',
  'g.row:focus .band{fill:none;stroke:var(--vscode-focusBorder,#0078d4);stroke-width:2;opacity:1}',
].join('');

function grid(cycles: number, cycleWidth: number, left: number, rows: number): string {
  const step = cycles * cycleWidth > 300 && cycleWidth >= 8 ? 5 : Math.max(5, Math.ceil(cycles / 20 / 5) * 5);
  const out: string[] = [];
  for (let cycle = 0; cycle <= cycles; cycle += step) {
    const x = round(left + cycle * cycleWidth);
    out.push(`<line class="line" x1="${x}" x2="${x}" y1="${top - 4}" y2="${top + rows * rowHeight}"/>`);
    out.push(`<text class="tick" x="${x + 2}" y="${top - 6}">${cycle}</text>`);
  }
  return out.join('\n');
}

function row(insn: TimelineInsn, index: number, cycleWidth: number, left: number): string {
  const y = top + index * rowHeight;
  const middle = y + rowHeight / 2;
  const x = (cycle: number): number => round(left + cycle * cycleWidth);
  const classes = ['row', ...(insn.critical === null ? [] : ['critical']), ...(insn.isSite ? ['site'] : [])].join(' ');
  const text = insn.text.length > 60 ? `${insn.text.slice(0, 59)}…` : insn.text;
  const label = [
    `${index + 1}: ${insn.text}`,
    `dispatched in cycle ${insn.dispatched}, issued ${insn.issued}, executed ${insn.executed}, retired ${insn.retired}`,
    ...(insn.isSite ? ['part of the site'] : []),
    ...(insn.critical === null ? [] : [`on the critical path: ${insn.critical}`]),
  ].join('; ');
  const bar = (from: number, to: number, shape: (x: number, width: number) => string): string =>
    to > from ? shape(x(from), round((to - from) * cycleWidth)) : '';
  const parts = [
    `<g class="${classes}" data-index="${index}" tabindex="0" role="listitem" aria-label="${escapeXml(label)}">`,
    `<title>${escapeXml(label)}</title>`,
    `<rect class="band" x="4" y="${y + 1}" width="${round(left + (insn.retired + 1) * cycleWidth)}" height="${rowHeight - 2}" rx="2"/>`,
    `<text class="tick" x="8" y="${middle + 4}">${insn.critical === null ? '' : '*'}${index + 1}</text>`,
    `<text class="code" x="36" y="${middle + 4}">${escapeXml(text)}</text>`,
    bar(
      insn.dispatched,
      insn.issued,
      (at, width) => `<rect class="wait" x="${at}" y="${middle - 3}" width="${width}" height="6"/>`,
    ),
    bar(
      insn.issued,
      insn.executed,
      (at, width) => `<rect class="run" x="${at}" y="${middle - 6}" width="${width}" height="12" rx="1"/>`,
    ),
    bar(
      insn.executed,
      insn.retired,
      (at, width) => `<line class="done" x1="${at}" x2="${at + width}" y1="${middle}" y2="${middle}"/>`,
    ),
    `<rect class="start" x="${x(insn.dispatched)}" y="${middle - 6}" width="3" height="12"/>`,
    `<rect class="end" x="${x(insn.retired)}" y="${middle - 6}" width="${Math.max(2, round(cycleWidth / 4))}" height="12"/>`,
    '</g>',
  ];
  return parts.filter((part) => part !== '').join('');
}

function legend(y: number): string {
  const entries: readonly [string, string][] = [
    ['start', 'dispatched'],
    ['wait', 'waits'],
    ['run', 'executes'],
    ['end', 'retired'],
  ];
  const items = entries.map(([kind, text], index) => {
    const x = 12 + index * 96;
    return `<rect class="${kind}" x="${x}" y="${y - 9}" width="12" height="9"/><text class="note" x="${x + 17}" y="${y}">${text}</text>`;
  });
  const more = `<text class="note" x="12" y="${y + 18}">* and red: critical path · shaded: the site</text>`;
  return [...items, more].join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
