import type { Name, Names } from './macroTable.ts';
import { Flag, Kind, type SourceRef, Tok } from './token.ts';

export type CppLanguage = 'asm' | 'c';

// Character classes of the first 128 code units: 1 starts a name, 2 is a digit.
const classes = new Uint8Array(128);
for (let c = 0; c < 26; c++) {
  classes[65 + c] = 1;
  classes[97 + c] = 1;
}
classes[95] = 1;
for (let c = 48; c < 58; c++) classes[c] = 2;

// What a punctuation character is alone, with `=` after it, and twice.
const singles: { readonly [code: number]: number } = {
  33: Kind.not,
  35: Kind.hash,
  37: Kind.percent,
  38: Kind.and,
  40: Kind.openParen,
  41: Kind.closeParen,
  42: Kind.star,
  43: Kind.plus,
  44: Kind.comma,
  45: Kind.minus,
  46: Kind.dot,
  47: Kind.slash,
  58: Kind.colon,
  59: Kind.semicolon,
  60: Kind.less,
  61: Kind.equal,
  62: Kind.greater,
  63: Kind.question,
  64: Kind.at,
  91: Kind.bracket,
  93: Kind.bracket,
  94: Kind.xor,
  123: Kind.bracket,
  124: Kind.or,
  125: Kind.bracket,
  126: Kind.tilde,
};
const withAssign: { readonly [code: number]: number } = {
  33: Kind.notEqual,
  60: Kind.lessEqual,
  61: Kind.equalEqual,
  62: Kind.greaterEqual,
};
const doubled: { readonly [code: number]: number } = {
  38: Kind.andAnd,
  43: Kind.plusPlus,
  45: Kind.minusMinus,
  124: Kind.orOr,
};

/**
 * Makes preprocessing tokens from `text[pos, end)`, one logical line (or any text) without backslash-newlines.
 * Total: whatever forms no token is one of kind `other`. White space and comments become a flag.
 * Rules: GNU cpp manual, "Tokenization", and GCC 12's behavior in assembler mode, where a quote that is not
 * closed takes the rest of the line and `$` is no letter.
 */
export class Lexer {
  readonly #text: string;
  readonly #end: number;
  readonly #ref: SourceRef;
  readonly #names: Names;
  readonly #asm: boolean;
  /** Where a position of the text stands in the file. */
  readonly #place: (position: number) => number;
  pos: number;

  constructor(
    text: string,
    from: number,
    end: number,
    ref: SourceRef,
    names: Names,
    language: CppLanguage,
    place: (position: number) => number,
  ) {
    this.#text = text;
    this.pos = from;
    this.#end = end;
    this.#ref = ref;
    this.#names = names;
    this.#asm = language === 'asm';
    this.#place = place;
  }

  /** Next token, `null` at the end. `flags` are added to it. */
  next(added = 0): Tok | null {
    let flags = added;
    const text = this.#text;
    const end = this.#end;
    let p = this.pos;
    let c = 0;
    for (; p < end; p++) {
      c = text.charCodeAt(p);
      if (c === 32 || (c <= 13 && (c >= 9 || c === 0))) {
        flags |= Flag.previousWhite;
        continue;
      }
      if (c !== 47) break;
      const d = p + 1 < end ? text.charCodeAt(p + 1) : 0;
      if (d === 42) {
        const close = text.indexOf('*/', p + 2);
        p = close < 0 || close + 2 > end ? end - 1 : close + 1;
        flags |= Flag.previousWhite;
      } else if (d === 47) {
        p = end;
        flags |= Flag.previousWhite;
      } else break;
    }
    if (p >= end) {
      this.pos = end;
      return null;
    }
    const start = p;
    const kind = c < 128 ? (classes[c] ?? 0) : 0;
    if (kind === 1) {
      const quote = this.#prefixedQuote(start);
      if (quote >= 0) return this.#literal(start, quote, flags);
      return this.#identifier(start, flags);
    }
    if (kind === 2 || (c === 46 && this.#isDigit(p + 1))) return this.#number(start, flags);
    if (c === 34 || c === 39) return this.#literal(start, start, flags);
    if (c >= 128) {
      if (!this.#asm) return this.#identifier(start, flags);
      const width = (text.codePointAt(p) ?? 0) > 0xffff ? 2 : 1;
      return this.#make(Kind.other, flags, start, Math.min(end, p + width));
    }
    if (c === 36 && !this.#asm) return this.#identifier(start, flags);
    return this.#operator(start, c, flags);
  }

  #make(type: number, flags: number, start: number, end: number): Tok {
    this.pos = end;
    return new Tok(type, flags, this.#text.slice(start, end), null, this.#ref, this.#place(start));
  }

  #isDigit(at: number): boolean {
    const c = at < this.#end ? this.#text.charCodeAt(at) : 0;
    return c >= 48 && c <= 57;
  }

  #identifier(start: number, flags: number): Tok {
    const text = this.#text;
    const end = this.#end;
    let p = start;
    for (; p < end; p++) {
      const c = text.charCodeAt(p);
      if (c < 128 ? (classes[c] ?? 0) === 0 && (c !== 36 || this.#asm) : this.#asm) break;
    }
    this.pos = p;
    const spelling = text.slice(start, p);
    const name: Name = this.#names.get(this.#asm ? spelling : asciiSpelling(spelling));
    return new Tok(Kind.name, flags, name.text, name, this.#ref, this.#place(start));
  }

  #number(start: number, flags: number): Tok {
    const text = this.#text;
    const end = this.#end;
    let p = start + 1;
    for (; p < end; p++) {
      const c = text.charCodeAt(p);
      if (c < 128 && classes[c] !== 0) continue;
      if (c === 46) continue;
      if (c === 43 || c === 45) {
        const before = text.charCodeAt(p - 1) | 32;
        if (before === 101 || before === 112) continue;
      }
      if (!this.#asm && (c >= 128 || c === 36)) continue;
      break;
    }
    return this.#make(Kind.number, flags, start, p);
  }

  /** Position of the quote of `L"x"`, `u8"x"` and the like in C, else negative. */
  #prefixedQuote(start: number): number {
    const text = this.#text;
    const c = text.charCodeAt(start);
    if (c !== 76 && (this.#asm || (c !== 117 && c !== 85))) return -1;
    let p = start + 1;
    if (c === 117 && text.charCodeAt(p) === 56) {
      p++;
      return p < this.#end && text.charCodeAt(p) === 34 ? p : -1;
    }
    if (p >= this.#end) return -1;
    const d = text.charCodeAt(p);
    return d === 34 || d === 39 ? p : -1;
  }

  #literal(start: number, quoteAt: number, flags: number): Tok {
    const text = this.#text;
    const end = this.#end;
    const quote = text.charCodeAt(quoteAt);
    let p = quoteAt + 1;
    for (; p < end; p++) {
      const c = text.charCodeAt(p);
      if (c === 92) p++;
      else if (c === quote) {
        return this.#make(quote === 34 ? Kind.string : Kind.character, flags, start, p + 1);
      }
    }
    let stop = end;
    while (stop > quoteAt + 1 && text.charCodeAt(stop - 1) === 13) stop--;
    const tok = this.#make(Kind.other, flags, start, stop);
    this.pos = end;
    return tok;
  }

  #operator(start: number, c: number, flags: number): Tok {
    const text = this.#text;
    const d = start + 1 < this.#end ? text.charCodeAt(start + 1) : 0;
    const e = start + 2 < this.#end ? text.charCodeAt(start + 2) : 0;
    let type: number = singles[c] ?? Kind.other;
    let length = 1;
    if (c === 37 && !this.#asm) {
      const digraph = this.#percent(start, d, flags);
      if (digraph !== null) return digraph;
    }
    if (type <= Kind.xor) {
      if ((c === 60 || c === 62) && d === c) {
        type = e === 61 ? Kind.compoundAssign : c === 60 ? Kind.shiftLeft : Kind.shiftRight;
        length = e === 61 ? 3 : 2;
      } else if (d === 61) {
        type = withAssign[c] ?? Kind.compoundAssign;
        length = 2;
      } else if (d === c && doubled[c] !== undefined) {
        type = doubled[c] ?? type;
        length = 2;
      } else if (c === 45 && d === 62) {
        type = Kind.arrow;
        length = 2;
      } else if (c === 60 && !this.#asm && (d === 58 || d === 37)) {
        type = Kind.bracket;
        length = 2;
      }
    } else if (c === 35 && d === 35) {
      type = Kind.paste;
      length = 2;
    } else if (c === 46 && d === 46 && e === 46) {
      type = Kind.ellipsis;
      length = 3;
    } else if (c === 58 && !this.#asm && (d === 58 || d === 62)) {
      type = d === 58 ? Kind.scope : Kind.bracket;
      length = 2;
    }
    return this.#make(type, flags, start, start + length);
  }

  /** Digraphs of C that start with `%`. */
  #percent(start: number, d: number, flags: number): Tok | null {
    if (this.#asm) return null;
    if (d === 62) return this.#make(Kind.bracket, flags, start, start + 2);
    if (d !== 58) return null;
    if (start + 4 <= this.#end && this.#text.startsWith('%:', start + 2)) {
      return this.#make(Kind.paste, flags | Flag.digraph, start, start + 4);
    }
    return this.#make(Kind.hash, flags | Flag.digraph, start, start + 2);
  }
}

/** GCC prints the letters of C names outside ASCII as universal character names. */
function asciiSpelling(spelling: string): string {
  let plain = true;
  for (let i = 0; i < spelling.length && plain; i++) plain = spelling.charCodeAt(i) < 128;
  if (plain) return spelling;
  let out = '';
  for (const ch of spelling) {
    const code = ch.codePointAt(0) ?? 0;
    out += code < 128 ? ch : `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return out;
}
