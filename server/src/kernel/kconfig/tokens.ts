import type { KconfigMacros } from './macros.ts';

export interface KconfigToken {
  readonly kind: 'word' | 'string' | 'operator';
  readonly text: string;
}

/** Tokens of one logical line, macros expanded. A comment ends the line. (`scripts/kconfig/lexer.l`) */
export function lexKconfigLine(line: string, macros: KconfigMacros): readonly KconfigToken[] {
  const tokens: KconfigToken[] = [];
  let at = 0;
  while (at < line.length) {
    const c = line[at] ?? '';
    if (c === ' ' || c === '\t' || c === '\r') at++;
    else if (c === '#') break;
    else if (c === '"' || c === "'") {
      let text = '';
      at++;
      while (at < line.length && line[at] !== c) {
        if (line[at] === '\\' && at + 1 < line.length) {
          text += line[at + 1];
          at += 2;
        } else if (line[at] === '$' && line[at + 1] === '(') {
          const end = macros.endOfReference(line, at);
          text += macros.expand(line.slice(at, end));
          at = end;
        } else text += line[at++] ?? '';
      }
      at++;
      tokens.push({ kind: 'string', text });
    } else if (isWordCharacter(c) || c === '$') {
      let text = '';
      while (at < line.length) {
        const next = line[at] ?? '';
        if (next === '$' && line[at + 1] === '(') {
          const end = macros.endOfReference(line, at);
          text += macros.expand(line.slice(at, end));
          at = end;
        } else if (isWordCharacter(next)) {
          text += next;
          at++;
        } else break;
      }
      if (text !== '') tokens.push({ kind: 'word', text });
      else if (c === '$' && line[at] === '$') at++;
    } else {
      const two = line.slice(at, at + 2);
      const isTwo = two === '&&' || two === '||' || two === '!=' || two === '<=' || two === '>=';
      tokens.push({ kind: 'operator', text: isTwo ? two : c });
      at += isTwo ? 2 : 1;
    }
  }
  return tokens;
}

function isWordCharacter(c: string): boolean {
  const code = c.charCodeAt(0);
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    c === '_' ||
    c === '-' ||
    c === '/' ||
    c === '.'
  );
}
