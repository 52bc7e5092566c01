/**
 * Script of the timeline's page, as text: it runs in the webview, where there is a DOM, which the rest of the client
 * knows nothing of. One instruction of a picture can be reached with Tab, the arrows move between them.
 */
export const timelineScript = `
const vscode = acquireVsCodeApi();
const sections = [...document.querySelectorAll('section')];
const radios = [...document.querySelectorAll('input[name=stream]')];
let current = Math.min(vscode.getState()?.timeline ?? 0, sections.length - 1);
let insn = vscode.getState()?.insn ?? 0;

const rowsOf = (section) => [...section.querySelectorAll('g.row')];
const remember = () => vscode.setState({ timeline: current, insn });

function show(index) {
  current = index;
  for (const [at, section] of sections.entries()) section.hidden = at !== index;
  for (const [at, radio] of radios.entries()) radio.checked = at === index;
  remember();
}

function reach(rows, index, focus) {
  insn = Math.max(0, Math.min(rows.length - 1, index));
  for (const [at, row] of rows.entries()) row.setAttribute('tabindex', at === insn ? '0' : '-1');
  if (focus) rows[insn]?.focus();
  remember();
}

for (const [index, section] of sections.entries()) {
  const picture = section.querySelector('svg');
  // A picture hides its parts from screen readers; here they are a list that can be walked through.
  picture.setAttribute('role', 'list');
  picture.setAttribute('aria-label', picture.querySelector('title')?.textContent ?? 'timeline');
  picture.removeAttribute('aria-labelledby');
  const rows = rowsOf(section);
  reach(rows, insn, false);
  for (const [at, row] of rows.entries()) {
    row.addEventListener('focus', () => { if (insn !== at) reach(rows, at, false); });
    row.addEventListener('click', () => reach(rows, at, true));
    row.addEventListener('dblclick', () => vscode.postMessage({ kind: 'source', timeline: index, insn: at }));
    row.addEventListener('keydown', (event) => {
      const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: rows.length - 1 }[event.key];
      if (to !== undefined) reach(rows, to, true);
      else if (event.key === 'Enter') vscode.postMessage({ kind: 'source', timeline: index, insn: at });
      else return;
      event.preventDefault();
    });
  }
}
for (const [index, radio] of radios.entries()) radio.addEventListener('change', () => show(index));
for (const button of document.querySelectorAll('button')) {
  button.addEventListener('click', () => vscode.postMessage({ kind: button.dataset.kind, timeline: current }));
}
show(Math.max(0, current));
// Where nothing of the page has the focus yet, the instruction that was reached last gets it.
const enter = () => {
  if (document.hasFocus() && document.activeElement === document.body) rowsOf(sections[current])[insn]?.focus();
};
window.addEventListener('focus', enter);
enter();
`;
