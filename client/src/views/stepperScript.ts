/**
 * Script of the stepper's page, as text: it runs in the webview, where there is a DOM, which the rest of the client
 * knows nothing of. One step of the table can be reached with Tab, the arrows move between them.
 */
export const stepperScript = `
const vscode = acquireVsCodeApi();
const rows = [...document.querySelectorAll('tr.step')];
const states = [...document.querySelectorAll('section.state')];
const first = Number(document.body.dataset.first);
const same = vscode.getState()?.title === document.body.dataset.title;
let current = same ? (vscode.getState()?.step ?? first) : first;

function reach(index, focus) {
  current = Math.max(0, Math.min(rows.length - 1, index));
  for (const [at, row] of rows.entries()) {
    row.setAttribute('tabindex', at === current ? '0' : '-1');
    row.setAttribute('aria-selected', String(at === current));
  }
  for (const [at, state] of states.entries()) state.hidden = at !== current;
  document.getElementById('position').textContent = 'Step ' + (current + 1) + ' of ' + rows.length;
  document.getElementById('back').disabled = current === 0;
  document.getElementById('forward').disabled = current === rows.length - 1;
  rows[current]?.scrollIntoView({ block: 'nearest' });
  if (focus) rows[current]?.focus();
  vscode.setState({ title: document.body.dataset.title, step: current });
}

for (const [at, row] of rows.entries()) {
  row.addEventListener('focus', () => { if (current !== at) reach(at, false); });
  row.addEventListener('click', () => reach(at, true));
  row.addEventListener('dblclick', () => vscode.postMessage({ kind: 'source', step: at }));
  row.addEventListener('keydown', (event) => {
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) reach(to, true);
    else if (event.key === 'Enter') vscode.postMessage({ kind: 'source', step: at });
    else return;
    event.preventDefault();
  });
}
document.getElementById('back').addEventListener('click', () => reach(current - 1, false));
document.getElementById('forward').addEventListener('click', () => reach(current + 1, false));
for (const button of document.querySelectorAll('button[data-kind]')) {
  button.addEventListener('click', () => vscode.postMessage({ kind: button.dataset.kind }));
}
for (const select of document.querySelectorAll('select')) {
  select.addEventListener('change', () => vscode.postMessage({ kind: 'choose', name: select.name, value: select.value }));
}
reach(current, false);
const enter = () => {
  if (document.hasFocus() && document.activeElement === document.body) rows[current]?.focus();
};
window.addEventListener('focus', enter);
enter();
`;
