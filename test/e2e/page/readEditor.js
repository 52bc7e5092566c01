// Runs in the page (see pageScript.ts). What the active editor shows: visible lines with their hints, lenses and
// squiggles. Class names are VS Code's own; the same from 1.93 to 1.139 as far as used here.
async (selector) => {
  const clean = (text) => text.replace(/\u00a0/g, ' ').replace(/[\u200a-\u200d\ufeff]/g, '');
  const top = (element) => Number.parseInt(element.style.top, 10);

  const read = () => {
    // A group keeps the editors it has shown; only one is seen.
    const editor = [...document.querySelectorAll(selector)].find((one) => one.checkVisibility());
    if (!editor) return { lines: [], lenses: [], hints: [], squiggles: [] };
    // Rows of the margin, of the text and of decorations share their "top"; only the margin has line numbers.
    const numberAt = new Map();
    for (const number of editor.querySelectorAll('.margin-view-overlays .line-numbers')) {
      numberAt.set(top(number.parentElement), Number(number.textContent));
    }
    const tops = [...numberAt.keys()].sort((a, b) => a - b);
    const lineAt = (y) => numberAt.get(tops.filter((t) => t <= y).at(-1));

    const lines = [];
    const hints = [];
    for (const row of [...editor.querySelectorAll('.view-lines .view-line')].sort((a, b) => top(a) - top(b))) {
      const line = lineAt(top(row));
      if (line === undefined) continue;
      let text = '';
      let hint = null;
      // A hint is injected text: spans with a generated "dyn-rule-" class. Its padding is such a span with nothing in it.
      for (const span of row.querySelectorAll(':scope > span > span')) {
        const part = clean(span.textContent);
        if (!/\bdyn-rule-/.test(span.className)) {
          text += part;
          hint = null;
        } else if (part.trim() === '') hint = null;
        else if (hint) hint.text += part;
        else {
          hint = { line, column: text.length + 1, text: part };
          hints.push(hint);
        }
      }
      const same = lines.find((entry) => entry.line === line);
      if (same) same.text += text;
      else lines.push({ line, text });
    }

    const lenses = [];
    for (const lens of editor.querySelectorAll('.codelens-decoration')) {
      if (getComputedStyle(lens).display === 'none') continue;
      // It sits in a gap above its line.
      const line = numberAt.get(tops.find((t) => t >= top(lens)));
      if (line === undefined) continue;
      for (const part of lens.children) {
        const title = clean(part.textContent).trim();
        const box = part.getBoundingClientRect();
        // A lens has an id once it has its command and so can be clicked.
        const at = [box.x + box.width / 2, box.y + box.height / 2];
        if (title && title !== '|') lenses.push({ line, title, id: part.id, at });
      }
    }
    const squiggles = [...editor.querySelectorAll('.view-overlays [class*="squiggly-"]')].map((mark) => ({
      line: lineAt(top(mark.parentElement)),
      severity: /squiggly-(\w+)/.exec(mark.className)[1],
    }));
    for (const list of [lenses, squiggles]) list.sort((a, b) => a.line - b.line);
    return { lines, lenses, hints, squiggles };
  };

  // Drawn one after the other: wait until nothing moves.
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  let seen = read();
  for (let round = 0; round < 20; round++) {
    await frame();
    const again = read();
    if (JSON.stringify(again) === JSON.stringify(seen)) break;
    seen = again;
  }
  return seen;
};
