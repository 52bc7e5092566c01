// White space and comments the way GNU as leaves them before it looks at anything else
// (binutils 2.40, gas/app.c:do_scrub_chars, with the AArch64 tables: `//` and a leading `#` begin a comment,
// `;` separates statements). What is kept matters: macro arguments split on the blanks that survive.

enum State {
  lineStart = 0,
  afterLeadingWhite = 1,
  opcode = 2,
  operands = 3,
  symbol = 9,
  whiteAfterSymbol = 10,
  firstWord = 11,
}

/** Placeholder prefix of open expansion; counts as a symbol character so that GAS rules keep names whole. */
export const placeholderMark = '\ue000';

/** Text with placeholders shown as the parameters they stand for. */
export function readable(text: string): string {
  return text.replaceAll(placeholderMark, '\\');
}

/** Whether a character can be part of a symbol (`is_part_of_name`): letters, digits, `_`, `.`, `$` and non-ASCII. */
export function isSymbolCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 46 ||
    code === 36 ||
    code >= 128
  );
}

/** Whether a character can begin a symbol (`is_name_beginner`). */
export function isNameStartCode(code: number): boolean {
  return isSymbolCode(code) && !(code >= 48 && code <= 57);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 12 || code === 11 || code === 13;
}

/**
 * Statements of one line after scrubbing, without the leading blank and without empty statements.
 * A quote that is not closed runs to the end of the line. Never throws.
 */
export function scrubLine(text: string): string[] {
  const statements: string[] = [];
  let out = '';
  let state: State = State.lineStart;
  let at = 0;
  const flush = (): void => {
    const statement = out.trimEnd();
    if (statement !== '') statements.push(statement);
    out = '';
    state = State.lineStart;
  };
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) {
      while (at < text.length && isBlank(text.charCodeAt(at))) at++;
      const next = at < text.length ? text.charCodeAt(at) : 10;
      if (state === State.lineStart) {
        state = State.afterLeadingWhite;
        continue;
      }
      if (next === 59 || next === 10 || (next === 47 && startsComment(text, at))) continue;
      if ((state === State.opcode || state === State.firstWord) && next === 58) {
        out += ':';
        at++;
        state = State.afterLeadingWhite;
        continue;
      }
      if (state === State.opcode || state === State.firstWord) {
        out += ' ';
        state = State.operands;
      } else if (state === State.symbol) state = State.whiteAfterSymbol;
      continue;
    }
    if (code === 47 && text.charCodeAt(at + 1) === 42) {
      // A comment counts as white space.
      const end = text.indexOf('*/', at + 2);
      const after = end < 0 ? text.length : end + 2;
      text = `${text.slice(0, at)} ${text.slice(after)}`;
      continue;
    }
    if (code === 47 && text.charCodeAt(at + 1) === 47) break;
    if (code === 35 && (state === State.lineStart || state === State.afterLeadingWhite)) break;
    if (code === 59 || code === 10) {
      flush();
      at++;
      continue;
    }
    if (code === 34) {
      if (state === State.whiteAfterSymbol) out += ' ';
      const end = stringEnd(text, at);
      out += text.slice(at, end);
      at = end;
      if (state === State.whiteAfterSymbol || state === State.operands) state = State.symbol;
      else if (state === State.lineStart) state = State.firstWord;
      else if (state === State.afterLeadingWhite) state = State.opcode;
      continue;
    }
    if (code === 39 && at + 1 < text.length) {
      // 'c is the character's value.
      if (state === State.whiteAfterSymbol) out += ' ';
      let value = text.charCodeAt(at + 1);
      at += 2;
      if (value === 92 && at < text.length) value = escapeValue(text.charCodeAt(at++));
      if (text.charCodeAt(at) === 39) at++;
      out += String(value);
      state = state === State.lineStart || state === State.afterLeadingWhite ? State.opcode : State.symbol;
      continue;
    }
    if (code === 58 && (state === State.firstWord || state === State.opcode)) {
      out += ':';
      at++;
      state = State.afterLeadingWhite;
      continue;
    }
    if (isSymbolCode(code)) {
      if (state === State.whiteAfterSymbol) {
        out += ' ';
        state = State.operands;
      }
      if (state === State.operands) state = State.symbol;
      else if (state === State.lineStart) state = State.firstWord;
      else if (state === State.afterLeadingWhite) state = State.opcode;
      const start = at++;
      while (at < text.length && isSymbolCode(text.charCodeAt(at))) at++;
      out += text.slice(start, at);
      continue;
    }
    if (state === State.lineStart) state = State.firstWord;
    else if (state === State.afterLeadingWhite) state = State.opcode;
    else if (state === State.symbol) state = State.operands;
    else if (state === State.whiteAfterSymbol) {
      // A parameter may follow a symbol: keep the blank (the assembler's own guess).
      if (code === 92) out += ' ';
      state = State.operands;
    }
    out += text[at++];
  }
  flush();
  return statements;
}

/** Offset after the closing quote of the string that begins at `at`; the text's length when it is not closed. */
export function stringEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === 92) next++;
    else if (code === 34) return next + 1;
  }
  return text.length;
}

function startsComment(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  return next === 47 || next === 42;
}

function escapeValue(code: number): number {
  switch (code) {
    case 110:
      return 10;
    case 116:
      return 9;
    case 98:
      return 8;
    case 102:
      return 12;
    case 114:
      return 13;
    default:
      return code;
  }
}
