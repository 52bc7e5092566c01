/** Parts of a list of arguments, as written; commas in brackets do not part. */
export function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '(' || character === '[') depth++;
    else if (character === ')' || character === ']') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Arguments of a macro's use, `NAME(a, b)`, without the blanks around them; none where the name stands alone. */
export function argumentsOfUse(use: string): string[] {
  const open = use.indexOf('(');
  if (open < 0) return [];
  const close = use.lastIndexOf(')');
  return splitArguments(use.slice(open + 1, close < 0 ? use.length : close)).map((one) => one.trim());
}
