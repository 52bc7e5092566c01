/**
 * How well a name fits a query whose letters it holds in order, letter case ignored: the higher the better; `null`
 * when it does not hold them. Letters that follow each other, begin a part of the name (after `_` or `.`) or begin
 * the name count more, and short names win over long ones.
 */
export function fuzzyScore(query: string, name: string): number | null {
  const wanted = query.replace(/\s+/g, '').toLowerCase();
  if (wanted === '') return 0;
  const text = name.toLowerCase();
  if (text === wanted) return 1000;
  const whole = text.indexOf(wanted);
  if (whole >= 0) return (whole === 0 ? 600 : isPartStart(text, whole) ? 500 : 400) - name.length;
  let at = -1;
  let score = 0;
  for (const letter of wanted) {
    const next = nextMatch(text, letter, at);
    if (next < 0) return null;
    if (next === at + 1) score += 8;
    else if (isPartStart(text, next)) score += 6;
    else score += 1;
    at = next;
  }
  return score - name.length;
}

/** Next place of a letter: beside the last one, else at the beginning of a part, else anywhere. */
function nextMatch(text: string, letter: string, last: number): number {
  const any = text.indexOf(letter, last + 1);
  if (any < 0 || any === last + 1) return any;
  for (let at = any; at >= 0; at = text.indexOf(letter, at + 1)) if (isPartStart(text, at)) return at;
  return any;
}

function isPartStart(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text[at - 1];
  return before === '_' || before === '.';
}
