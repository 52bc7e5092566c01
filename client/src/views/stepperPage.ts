import type { ModelStep, ModelSteps } from '../../../server/src/lsp/protocol.ts';
import { stepperScript } from './stepperScript.ts';

/** A choice above the table. */
export interface StepperChoice {
  readonly name: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly value: string;
}

/** What the page tells. */
export type StepperMessage =
  | { readonly kind: 'text' }
  | { readonly kind: 'source'; readonly step: number }
  | { readonly kind: 'choose'; readonly name: string; readonly value: string };

export function isStepperMessage(value: unknown): value is StepperMessage {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'source') return 'step' in value && typeof value.step === 'number';
  if (value.kind === 'choose') {
    return 'name' in value && typeof value.name === 'string' && 'value' in value && typeof value.value === 'string';
  }
  return value.kind === 'text';
}

/** The page of the stepper. Nothing is loaded: style and script are in it, and only what carries the nonce is in force. */
export function stepperPage(shown: ModelSteps, choices: readonly StepperChoice[], nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const { title, about, columns, checks, steps, notes } = shown;
  const first = Math.max(
    0,
    steps.findIndex((step) => step.isHere),
  );
  const head = ['#', 'step', ...columns].map((word) => `<th scope="col">${escapeHtml(word)}</th>`);
  const checkHead = checks.map(({ id, text }) => `<th scope="col" title="${escapeHtml(text)}">${escapeHtml(id)}</th>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body data-title="${escapeHtml(title)}" data-first="${first}">
<header>
<h1>${escapeHtml(title)}</h1>
${about.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
<div class="bar">${choices.map(choiceHtml).join('')}</div>
<div class="bar"><button type="button" id="back">Step back</button><button type="button" id="forward">Step forward</button>
<button type="button" data-kind="text">Show as text</button><span id="position" role="status"></span></div>
</header>
<main>
<div class="table" role="region" aria-label="Steps" tabindex="-1"><table>
<thead><tr>${[...head, ...checkHead].join('')}</tr></thead>
<tbody>${rowsHtml(shown)}</tbody>
</table></div>
<div class="now">${steps.map((step, at) => stateHtml(step, at, checks)).join('\n')}</div>
</main>
<footer><dl>${checks.map((check, at) => checkHtml(check, steps, at)).join('')}</dl>
${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}</footer>
<script nonce="${nonce}">${stepperScript}</script>
</body>
</html>
`;
}

function choiceHtml({ name, label, options, value }: StepperChoice): string {
  const items = options.map(
    (one) =>
      `<option value="${escapeHtml(one.value)}"${one.value === value ? ' selected' : ''}>${escapeHtml(one.text)}</option>`,
  );
  return `<label>${escapeHtml(label)} <select name="${escapeHtml(name)}">${items.join('')}</select></label>`;
}

function rowsHtml({ columns, checks, steps }: ModelSteps): string {
  const width = columns.length + checks.length + 2;
  return steps
    .map((step, at) => {
      const group = step.group !== null && step.group !== (steps[at - 1]?.group ?? null);
      const header = group
        ? `<tr class="group"><th colspan="${width}" scope="rowgroup">${escapeHtml(step.group ?? '')}</th></tr>`
        : '';
      const classes = ['step', ...(step.isHere ? ['here'] : []), ...(step.problems.length > 0 ? ['wrong'] : [])];
      const cells = step.cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
      const ticks = step.ticks.map((tick) => `<td class="${tickClass(tick)}">${tickText(tick)}</td>`).join('');
      const name = `${'<span class="in"></span>'.repeat(step.indent)}${escapeHtml(step.step)}`;
      return `${header}<tr class="${classes.join(' ')}" tabindex="-1"><td>${at + 1}</td><th scope="row">${name}</th>${cells}${ticks}</tr>`;
    })
    .join('\n');
}

function stateHtml(step: ModelStep, at: number, checks: ModelSteps['checks']): string {
  const facts = step.picture.map(
    ({ name, value, marked }) =>
      `<div${marked ? ' class="marked"' : ''}><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const ticks = checks.map(({ id, text }, index) => {
    const tick = step.ticks[index] ?? null;
    return `<span class="${tickClass(tick)}" title="${escapeHtml(text)}">${tickText(tick)} ${escapeHtml(id)}</span>`;
  });
  const problems = step.problems.map((problem) => `<p class="problem">${escapeHtml(problem)}</p>`);
  return `<section class="state" hidden aria-label="State after step ${at + 1}"><h2>${escapeHtml(step.step)}</h2>${problems.join('')}<dl>${facts.join('')}</dl><p class="ticks">${ticks.join(' ')}</p></section>`;
}

function checkHtml({ id, text }: ModelSteps['checks'][number], steps: readonly ModelStep[], at: number): string {
  const ticks = steps.map((step) => step.ticks[at]);
  const whole = ticks.includes(false) ? false : ticks.includes(true) ? true : null;
  return `<div><dt class="${tickClass(whole)}">${tickText(whole)} ${escapeHtml(id)}</dt><dd>${escapeHtml(text)}</dd></div>`;
}

function tickText(tick: boolean | null): string {
  return tick === null ? '–' : tick ? '✓' : '✗';
}

function tickClass(tick: boolean | null): string {
  return tick === null ? 'none' : tick ? 'kept' : 'broken';
}

const pageStyle = `
body { padding: 0 12px 12px; }
h1 { font-size: 1.2em; margin: 12px 0 4px; }
h2 { font-size: 1em; margin: 0 0 6px; font-family: var(--vscode-editor-font-family); }
header p, footer p { margin: 2px 0; color: var(--vscode-descriptionForeground); }
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 8px 0 0; }
main { margin-top: 10px; }
.ticks { display: flex; flex-wrap: wrap; gap: 4px 12px; margin: 8px 4px 0; }
label { display: inline-flex; align-items: center; gap: 4px; }
select { font: inherit; max-width: 28em; padding: 2px 4px; color: var(--vscode-dropdown-foreground);
  background: var(--vscode-dropdown-background); border: 1px solid var(--vscode-dropdown-border, transparent); }
button { font: inherit; padding: 4px 10px; border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px;
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); cursor: pointer; }
button:hover:enabled { background: var(--vscode-button-secondaryHoverBackground); }
button:disabled { opacity: 0.5; cursor: default; }
:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
main { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.table { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
thead th { position: sticky; top: 0; background: var(--vscode-editor-background); font-weight: normal;
  color: var(--vscode-descriptionForeground); }
th, td { padding: 2px 8px 2px 0; text-align: left; white-space: pre; }
td:first-child { padding-left: 4px; text-align: right; color: var(--vscode-descriptionForeground); }
th[scope=row], .group th { font-weight: normal; }
.group th { padding-left: 28px; color: var(--vscode-descriptionForeground); }
.in { display: inline-block; width: 1.5em; }
tr.step { cursor: pointer; }
tr.step:hover { background: var(--vscode-list-hoverBackground); }
tr.step[aria-selected=true] { background: var(--vscode-list-inactiveSelectionBackground);
  color: var(--vscode-list-inactiveSelectionForeground, inherit); }
tr.step:focus { background: var(--vscode-list-activeSelectionBackground); color: var(--vscode-list-activeSelectionForeground); }
tr.step:focus td { color: inherit; }
tr.here th[scope=row] { font-weight: bold; }
.wrong th[scope=row], .broken, .problem { color: var(--vscode-errorForeground); }
.kept { color: var(--vscode-testing-iconPassed, var(--vscode-charts-green)); }
.none { color: var(--vscode-descriptionForeground); }
.now { flex: 1 1 18em; max-width: 32em; position: sticky; top: 0; }
.state { border: 1px solid var(--vscode-panel-border); border-radius: 3px; padding: 8px 10px; }
.state dl { margin: 0; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
.state dl div { display: flex; gap: 8px; padding: 1px 4px; }
.state dt { flex: 0 0 10em; color: var(--vscode-descriptionForeground); }
.state dd { margin: 0; }
.state .marked { background: var(--vscode-inputValidation-warningBackground); }
footer { margin-top: 12px; }
footer dl { margin: 0 0 8px; }
footer dl div { display: flex; gap: 8px; }
footer dt { flex: 0 0 3.5em; }
footer dd { margin: 0; }
[hidden] { display: none; }
`;

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
