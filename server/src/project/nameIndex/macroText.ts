/** A macro of the preprocessor as it is written. */
export interface WrittenMacro {
  /** `null`: it takes no arguments. */
  readonly parameters: readonly string[] | null;
  /** Without comments and continuation marks; lines are kept. */
  readonly body: string;
}

const maxBodyLength = 40_000;

/** Reads the `#define` whose name begins at an offset. Total: what is half-typed gives what there is. */
export function readMacro(text: string, offset: number): WrittenMacro {
  const nameEnd = /^\w*/.exec(text.slice(offset, offset + 200))?.[0].length ?? 0;
  const lines: string[] = [];
  let at = offset + nameEnd;
  const limit = Math.min(text.length, at + maxBodyLength);
  while (at < limit) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
    at = end < 0 ? text.length : end + 1;
    if (!line.endsWith('\\')) {
      lines.push(line);
      break;
    }
    lines.push(line.slice(0, -1));
  }
  const whole = withoutComments(lines.join('\n'));
  if (!whole.startsWith('(')) return { parameters: null, body: whole };
  const close = whole.indexOf(')');
  if (close < 0) return { parameters: null, body: '' };
  const parameters = whole
    .slice(1, close)
    .split(',')
    .map((parameter) => parameter.trim());
  return {
    parameters: parameters.length === 1 && parameters[0] === '' ? [] : parameters,
    body: whole.slice(close + 1),
  };
}

function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g, (match) =>
    match.startsWith('"') ? match : ' ',
  );
}

/** Arguments between the parenthesis at an index and the one that closes it, as written; `null` when none does. */
export function readArguments(text: string, open: number): readonly string[] | null {
  const found: string[] = [];
  let depth = 0;
  let start = open + 1;
  const limit = Math.min(text.length, open + maxBodyLength);
  for (let at = open; at < limit; at++) {
    const character = text[at];
    if (character === '"' || character === "'") at = endOfLiteral(text, at, character);
    else if (character === '(' || character === '[' || character === '{') depth++;
    else if (character === ')' || character === ']' || character === '}') {
      if (--depth > 0) continue;
      found.push(text.slice(start, at).trim());
      return found;
    } else if (character === ',' && depth === 1) {
      found.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return null;
}

function endOfLiteral(text: string, start: number, delimiter: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === delimiter || text[at] === '\n') return at;
  }
  return text.length;
}
