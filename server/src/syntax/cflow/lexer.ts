/** One token of preprocessed C: offsets are UTF-16 offsets into the text that was read. */
export interface CToken {
  readonly kind: 'identifier' | 'number' | 'string' | 'character' | 'punctuator' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const pattern =
  /([A-Za-z_$][\w$]*)|((?:\.?[0-9])(?:[eEpP][+-]|[\w.])*)|("(?:\\[\s\S]|[^"\\\n])*"?)|('(?:\\[\s\S]|[^'\\\n])*'?)|(\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|##|[^\s\w])/g;

/** Tokens of preprocessed text between two offsets, ended by one of kind `end`. Comments and `#` lines are skipped. */
export function lexC(text: string, from = 0, to = text.length): CToken[] {
  const tokens: CToken[] = [];
  pattern.lastIndex = from;
  for (;;) {
    const match = pattern.exec(text);
    if (match === null || match.index >= to) break;
    const start = match.index;
    const spelled = match[0];
    if (spelled === '/' && text[start + 1] === '/') {
      const end = text.indexOf('\n', start);
      pattern.lastIndex = end < 0 ? text.length : end;
      continue;
    }
    if (spelled === '/' && text[start + 1] === '*') {
      const end = text.indexOf('*/', start + 2);
      pattern.lastIndex = end < 0 ? text.length : end + 2;
      continue;
    }
    const kind =
      match[1] !== undefined
        ? 'identifier'
        : match[2] !== undefined
          ? 'number'
          : match[3] !== undefined
            ? 'string'
            : match[4] !== undefined
              ? 'character'
              : 'punctuator';
    tokens.push({ kind, text: spelled, start, end: start + spelled.length });
  }
  tokens.push({ kind: 'end', text: '', start: to, end: to });
  return tokens;
}

/** Value of an integer or character constant, or `null` (a floating one). */
export function constantValue(token: CToken): bigint | null {
  if (token.kind === 'character') {
    const code = unescapeC(token.text.slice(1, -1)).charCodeAt(0);
    return Number.isNaN(code) ? null : BigInt(code);
  }
  const digits = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)[uUlL]*$/.exec(token.text)?.[1];
  if (digits === undefined) return null;
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  return /^0[0-9]/.test(digits) ? null : BigInt(digits);
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  v: '\v',
  f: '\f',
  b: '\b',
  a: '\x07',
};

/** Characters that the inside of a string constant stands for. */
export function unescapeC(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(x[0-9a-fA-F]+|[0-7]{1,3}|\r?\n|[\s\S])/g, (_whole, code: string) => {
    if (code.endsWith('\n')) return '';
    if (code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return simpleEscapes[code] ?? code;
  });
}

/** Content of a string constant, without its quotes. */
export function stringContent(token: CToken): string {
  const end = token.text.length > 1 && token.text.endsWith('"') ? -1 : undefined;
  return unescapeC(token.text.slice(1, end));
}
