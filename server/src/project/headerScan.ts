/** What a header's raw text may define: a list of candidates for who looks a name up, not the compiler's view. */
export interface HeaderScan {
  /** Names with a parameter list and a body. */
  readonly bodies: readonly string[];
  /** Names with a parameter list and no body. */
  readonly prototypes: readonly string[];
  /** Words in the arguments of macro uses at file level, of which a macro can paste names together. */
  readonly pasted: readonly string[];
}

const headPattern = /^(?![#\s/*}{])[^\n;={}]*?\(/gm;
const namePattern = /\b([A-Za-z_]\w*)\s*\(/g;
const wordPattern = /[A-Za-z_]\w*/g;

/** Longest head of a function (return type to closing parenthesis) or macro use that is looked at. */
const maxHead = 8000;

/**
 * Functions that a header's text defines or declares at the beginning of a line, and what macro uses there are given.
 * Conditions are not looked at. Never throws; time is linear.
 */
export function scanHeader(text: string): HeaderScan {
  const bodies = new Set<string>();
  const prototypes = new Set<string>();
  const pasted = new Set<string>();
  headPattern.lastIndex = 0;
  for (let head = headPattern.exec(text); head !== null; head = headPattern.exec(text)) {
    const lineEnd = endOfLine(text, head.index);
    namePattern.lastIndex = head.index;
    for (let match = namePattern.exec(text); match !== null && match.index < lineEnd; match = namePattern.exec(text)) {
      const name = match[1] ?? '';
      const close = closingParen(text, namePattern.lastIndex);
      const after = nextPlain(text, close);
      if (after === '{') bodies.add(name);
      else if (after === ';' && match.index > head.index) prototypes.add(name);
      if (match.index === head.index || after !== ';' || /^[A-Z_]+$/.test(name)) {
        for (const word of text.slice(namePattern.lastIndex, close).match(wordPattern) ?? []) pasted.add(word);
      }
      namePattern.lastIndex = Math.max(namePattern.lastIndex, close);
      if (after === '{' || after === ';') break;
    }
    headPattern.lastIndex = Math.max(headPattern.lastIndex, Math.min(lineEnd, text.length));
  }
  return { bodies: [...bodies], prototypes: [...prototypes], pasted: [...pasted] };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Offset behind the parenthesis that closes the one before `from`. */
function closingParen(text: string, from: number): number {
  let depth = 1;
  const stop = Math.min(text.length, from + maxHead);
  for (let at = from; at < stop; at++) {
    const code = text.charCodeAt(at);
    if (code === 40) depth++;
    else if (code === 41 && --depth === 0) return at + 1;
  }
  return from;
}

/** First character behind an offset that is no blank, no comment and no word of an attribute macro. */
function nextPlain(text: string, from: number): string {
  const rest = text.slice(from, from + 400).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|^#[^\n]*/gm, ' ');
  const match = /^\s*(?:(?:__\w+|[a-z_]+)\s*(?:\([^()]*(?:\([^()]*\))?[^()]*\))?\s*)*([{;])?/.exec(rest);
  return match?.[1] ?? '';
}
