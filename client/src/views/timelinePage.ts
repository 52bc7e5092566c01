import type { Timeline } from '../../../server/src/lsp/protocol.ts';
import { timelineScript } from './timelineScript.ts';

/** One tab of the page. */
export interface ShownTimeline {
  /** What it shows: a stream's name. */
  readonly label: string;
  readonly timeline: Timeline;
}

/** What the page tells: `timeline` and `insn` are indices. */
export type PageMessage =
  | { readonly kind: 'save'; readonly timeline: number }
  | { readonly kind: 'text'; readonly timeline: number }
  | { readonly kind: 'source'; readonly timeline: number; readonly insn: number };

export function isPageMessage(value: unknown): value is PageMessage {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('timeline' in value)) return false;
  if (typeof value.timeline !== 'number') return false;
  if (value.kind === 'source') return 'insn' in value && typeof value.insn === 'number';
  return value.kind === 'save' || value.kind === 'text';
}

/**
 * The page of the timeline view. Nothing is loaded: pictures, style and script are in it, and only what carries the
 * nonce is in force. The pictures are made by the server, which escapes every text in them.
 */
export function timelinePage(shown: readonly ShownTimeline[], nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const choices = shown.map(
    ({ label }, index) =>
      `<label><input type="radio" name="stream" value="${index}"${index === 0 ? ' checked' : ''}> ${escapeHtml(label)}</label>`,
  );
  const picker = shown.length < 2 ? '' : `<fieldset><legend>Stream</legend>${choices.join('')}</fieldset>`;
  const sections = shown.map(({ timeline }, index) => {
    const svg = timeline.svg.replaceAll('<style>', `<style nonce="${nonce}">`);
    return `<section data-timeline="${index}"${index === 0 ? '' : ' hidden'}>
<div class="picture">${svg}</div>
<details><summary>The same as text</summary><pre tabindex="0">${escapeHtml(timeline.text)}</pre></details>
</section>`;
  });
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Pipeline timeline</title>
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<header>${picker}<button type="button" data-kind="save">Save as SVG…</button><button type="button" data-kind="text">Show as text</button>
<p>A model, not a measurement. Arrow keys move between instructions, Enter goes to the source.</p></header>
<main>${sections.join('\n')}</main>
<script nonce="${nonce}">${timelineScript}</script>
</body>
</html>
`;
}

const pageStyle = `
body { padding: 0 12px 12px; }
header { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 8px 0; }
header p { flex-basis: 100%; margin: 0; color: var(--vscode-descriptionForeground); }
fieldset { border: none; margin: 0 8px 0 0; padding: 0; display: flex; gap: 12px; }
legend { float: left; padding: 0; margin-right: 12px; }
label { display: inline-flex; align-items: center; gap: 4px; }
input { accent-color: var(--vscode-focusBorder); }
input:focus-visible, summary:focus-visible, pre:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
button { font: inherit; padding: 4px 10px; border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px;
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); cursor: pointer; }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.picture { overflow-x: auto; }
.picture svg { display: block; }
.picture g.row { cursor: pointer; }
details { margin-top: 8px; }
pre { overflow-x: auto; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
[hidden] { display: none; }
`;

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
