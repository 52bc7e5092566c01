/** Text before a name at file scope that belongs to its declaration, comments blanked, and the parameter list after it. */
export function declarationHead(text: string, offset: number): { readonly before: string; readonly after: string } {
  const from = Math.max(0, offset - 600);
  const blanked = blankComments(text.slice(from, Math.min(text.length, offset + 1500)));
  const at = offset - from;
  const start = Math.max(
    blanked.lastIndexOf(';', at),
    blanked.lastIndexOf('}', at),
    blanked.lastIndexOf('{', at),
    lastDirective(blanked, at),
  );
  const open = blanked.indexOf('(', at);
  let depth = 0;
  let end = open;
  for (; end >= 0 && end < blanked.length; end++) {
    if (blanked[end] === '(') depth++;
    else if (blanked[end] === ')' && --depth === 0) break;
  }
  const brace = blanked.indexOf('{', end);
  const semicolon = blanked.indexOf(';', end);
  const stop = Math.min(brace < 0 ? blanked.length : brace, semicolon < 0 ? blanked.length : semicolon);
  return { before: blanked.slice(start + 1, at), after: blanked.slice(end + 1, stop) };
}

/** End of the last line before `at` that is a directive of the preprocessor. */
function lastDirective(text: string, at: number): number {
  for (let line = text.lastIndexOf('\n', at); line > 0; line = text.lastIndexOf('\n', line - 1)) {
    const start = text.lastIndexOf('\n', line - 1) + 1;
    if (/^\s*#/.test(text.slice(start, line))) return line;
  }
  return -1;
}

/** Comments and strings as blanks of the same length; text in strings of section names stays. */
export function blankComments(text: string): string {
  if (text.length < minKept) return blanked(text);
  const known = blankedTexts.get(text) ?? blanked(text);
  blankedTexts.delete(text);
  blankedTexts.set(text, known);
  const [oldest] = blankedTexts.keys();
  if (blankedTexts.size > maxKept && oldest !== undefined) blankedTexts.delete(oldest);
  return known;
}

/** Whole files: the same ones are asked for after every keystroke. */
const blankedTexts = new Map<string, string>();
const minKept = 4000;
const maxKept = 40;

function blanked(text: string): string {
  return text.replace(/\/\*[\s\S]*?(\*\/|$)|\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
}
