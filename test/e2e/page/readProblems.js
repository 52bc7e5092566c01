// Runs in the page (see pageScript.ts). Rows of the Problems view that are drawn now; rows with a file's name come first.
() =>
  [...document.querySelectorAll('.markers-panel .monaco-list-rows > .monaco-list-row')].map((row) => {
    const text = (selector) =>
      row
        .querySelector(selector)
        ?.textContent.replace(/\u00a0/g, ' ')
        .trim() ?? '';
    const at = /Ln (\d+), Col (\d+)/.exec(text('.marker-line'));
    const isRelated = row.querySelector('.related-info-resource') !== null;
    return {
      index: Number(row.getAttribute('data-index')),
      path: at || isRelated ? null : (row.querySelector('.monaco-icon-label')?.getAttribute('aria-label') ?? null),
      severity: /\b(error|warning|info)\b/.exec(row.querySelector('.marker-icon')?.className ?? '')?.[1] ?? '',
      message: text('.marker-message'),
      code: text('.marker-code'),
      line: at ? Number(at[1]) : 0,
      column: at ? Number(at[2]) : 0,
      related: isRelated ? row.textContent.replace(/\u00a0/g, ' ').trim() : null,
    };
  });
