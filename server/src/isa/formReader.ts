// Over 400 lines: one pass over the text with one cursor, which its parts share.
import type { InsnForm } from './formKey.ts';
import {
  conditionMnemonics,
  integerOf,
  literalMnemonics,
  matrixName,
  mnemonics,
  moveClass,
  nameShape,
  type RegisterToken,
  registerTokens,
  scaledSizes,
  shapeSizes,
  shiftNames,
  spelling,
  sysMnemonics,
  targetMnemonics,
  zeroMnemonics,
} from './formShapes.ts';
import { type RegId, stackPointerId, vectorRegId } from './registerIds.ts';

/** Reads one instruction from left to right into its key; `formKey.ts:insnForm` is its only user. */
export class FormReader {
  readonly #text: string;
  readonly #end: number;
  #at = 0;
  #key = '';
  #detail = '';
  #target: string | null = null;
  #problem: string | null = null;
  #firstShape = '';
  #mnemonic = '';
  readonly #regs: RegId[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#end = contentEnd(text);
  }

  form(): InsnForm {
    this.#space();
    const written = this.#word().toLowerCase();
    if (written === '') this.#fail(this.#at < this.#end ? 'an instruction name is missing' : 'the line is empty');
    this.#mnemonic = mnemonics.get(written) ?? written;
    this.#key = this.#mnemonic;
    this.#space();
    this.#operands();
    return {
      key: this.#key,
      mnemonic: spelling.get(written) ?? written,
      regs: this.#regs,
      detail: this.#detail,
      target: this.#target,
      problem: this.#problem,
    };
  }

  #operands(): void {
    const targetAt = targetMnemonics.has(this.#mnemonic) ? this.#lastOperandStart() : -1;
    for (let index = 0; this.#at < this.#end; index++) {
      this.#key += index === 0 ? ' ' : ',';
      const start = this.#at;
      if (start === targetAt) {
        this.#key += '@';
        this.#target = this.#text.slice(start, this.#end);
        this.#at = this.#end;
        return;
      }
      const before = this.#key.length;
      this.#operand(index);
      if (index === 0) this.#firstShape = this.#key.slice(before);
      // A shift by zero is no shift.
      else if (this.#key.length === before) this.#key = this.#key.slice(0, -1);
      this.#space();
      if (this.#at >= this.#end) return;
      if (this.#code() !== comma) {
        // `psb csync`, `smstart sm`: anything else here is no instruction.
        this.#fail(`'${this.#text.slice(this.#at, this.#end).trim()}' is not understood`);
        return;
      }
      this.#at++;
      this.#space();
      if (this.#at >= this.#end) this.#fail('an operand is missing after the comma');
    }
  }

  #operand(index: number): void {
    const mnemonic = this.#mnemonic;
    const name = nameShape(mnemonic, index);
    const code = this.#code();
    if (name !== '') this.#name(name);
    else if (literalMnemonics.has(mnemonic) && index === 1 && code !== openBracket) {
      this.#key += '@';
      const start = this.#at;
      this.#at = this.#expressionEnd();
      this.#target = this.#text.slice(start, this.#at).trim();
    } else if (code === openBracket) this.#memory();
    else if (code === openBrace) this.#list();
    else if (code === hash || !isWordStart(code)) this.#immediate(index);
    else this.#wordOperand(index);
  }

  #wordOperand(index: number): void {
    const start = this.#at;
    const word = this.#word().toLowerCase();
    const token = registerTokens.get(word);
    if (token !== undefined) {
      this.#register(token);
      return;
    }
    if (shiftNames.has(word)) {
      this.#shift(word, false);
      return;
    }
    if (word.startsWith('z') && matrixName.test(word)) {
      this.#matrix(word);
      return;
    }
    if (conditionMnemonics.has(this.#mnemonic) && this.#at >= this.#end) {
      this.#key += 'cc';
      this.#detail = word;
      return;
    }
    if (sysMnemonics.has(this.#mnemonic) && /^c\d+$/.test(word)) {
      this.#key += 'c';
      this.#detail += `${this.#detail === '' ? '' : ' '}${word}`;
      return;
    }
    if (word === 'all') {
      this.#key += word;
      return;
    }
    // A symbol or another predicate pattern stands for a number.
    this.#at = start;
    this.#immediate(index);
  }

  #register(token: RegisterToken): void {
    this.#regs.push(token.id);
    this.#key += token.shape;
    const code = this.#code();
    if (code === openBracket) this.#lane();
    else if (code === slash) {
      const letter = this.#text.charAt(this.#at + 1).toLowerCase();
      this.#key += `/${letter}`;
      this.#at += 2;
    }
    this.#space();
    if (this.#code() === bang) {
      this.#key += '!';
      this.#at++;
    }
  }

  /** `[3]` behind a register or a list. Lane 0 may cost less than another one. */
  #lane(): void {
    this.#at++;
    const end = this.#expressionEnd();
    const zero = /^\s*#?\s*(?:0x)?0+\s*$/i.test(this.#text.slice(this.#at, end));
    this.#key += zero ? '[0]' : '[]';
    this.#at = end;
    if (this.#code() === closeBracket) this.#at++;
    else this.#fail("']' is missing");
  }

  /** `za[w12, 0]`, `za0h.b[w13, 4]`, `zt0`: tiles and slices differ by element size alone. */
  #matrix(word: string): void {
    this.#key += word.replace(/\d+(?=[hv.]|$)/, '');
    if (this.#code() !== openBracket) return;
    this.#at++;
    this.#space();
    const token = registerTokens.get(this.#word().toLowerCase());
    if (token !== undefined) this.#regs.push(token.id);
    while (this.#code() !== 0 && this.#code() !== closeBracket) this.#at++;
    if (this.#code() === closeBracket) this.#at++;
    else this.#fail("']' is missing");
    this.#key += '[w,#]';
  }

  /** A system name in the place of an operand, or the number that stands for it. */
  #name(shape: string): void {
    const start = this.#at;
    const end = this.#expressionEnd();
    this.#at = end;
    this.#detail = this.#text.slice(start, end).trim().toLowerCase();
    if (this.#detail.startsWith('#')) this.#detail = this.#detail.slice(1);
    // The variants that wait for fewer accesses are another opcode.
    this.#key += this.#mnemonic === 'dsb' && this.#detail.endsWith('nxs') ? 'nxs' : shape;
  }

  #immediate(index: number): void {
    const start = this.#at;
    const end = this.#expressionEnd();
    if (end === start) {
      this.#fail(`'${this.#text.slice(start, this.#end).trim()}' is not understood`);
      this.#at = this.#end;
      return;
    }
    this.#at = end;
    const text = this.#text;
    const from = text.charCodeAt(start) === hash ? start + 1 : start;
    switch (this.#mnemonic) {
      case 'mov':
        this.#key += moveClass(text.slice(from, end).trim(), this.#firstShape);
        return;
      case 'hint':
      case 'sys':
      case 'sysl':
        this.#key += '#';
        this.#detail += `${this.#detail === '' ? '' : ' '}${text.slice(from, end).trim().toLowerCase()}`;
        return;
    }
    if (index > 0 && zeroMnemonics.has(this.#mnemonic)) {
      this.#key += Number(text.slice(from, end)) === 0 ? '#0' : '#';
      return;
    }
    this.#key += '#';
  }

  /** `lsl #3`, `uxtw`: amounts up to 4 may be cheap, each may be another record. */
  #shift(name: string, inMemory: boolean): void {
    this.#space();
    const start = this.#at;
    const end = this.#expressionEnd();
    this.#at = end;
    if (end === start) {
      this.#key += name;
      return;
    }
    const from = this.#text.charCodeAt(start) === hash ? start + 1 : start;
    const amount = Number(this.#text.slice(from, end));
    if (name === 'mul') this.#key += amount === 2 || amount === 4 ? 'mul#' : 'mul#+';
    else if (amount === 0 && !inMemory && name === 'lsl') return;
    else if (amount === 0 && !inMemory && isExtend(name)) this.#key += name;
    else this.#key += `${name}#${amount >= 0 && amount <= 4 ? amount : '+'}`;
  }

  #memory(): void {
    this.#at++;
    this.#space();
    const base = registerTokens.get(this.#word().toLowerCase());
    if (base === undefined) {
      this.#fail('a base register is missing');
      this.#at = this.#end;
      return;
    }
    this.#regs.push(base.id);
    let inner = base.id === stackPointerId ? 'x' : base.shape;
    let offset = -1;
    let offsetEnd = -1;
    this.#space();
    if (this.#code() === comma) {
      this.#at++;
      this.#space();
      const start = this.#at;
      const token = isWordStart(this.#code()) ? registerTokens.get(this.#word().toLowerCase()) : undefined;
      if (token === undefined) {
        this.#at = start;
        offset = start;
        offsetEnd = this.#expressionEnd();
        this.#at = offsetEnd;
        if (this.#code() === comma) {
          // `mul vl`
          this.#at++;
          this.#at = this.#expressionEnd();
        }
      } else {
        this.#regs.push(token.id);
        inner += `,${token.shape}`;
        this.#space();
        if (this.#code() === comma) {
          this.#at++;
          this.#space();
          const before = this.#key;
          this.#key = '';
          this.#shift(this.#word().toLowerCase(), true);
          inner += `,${this.#key}`;
          this.#key = before;
        }
      }
    }
    this.#space();
    if (this.#code() !== closeBracket) {
      this.#fail("']' is missing");
      this.#at = this.#end;
      return;
    }
    this.#at++;
    this.#space();
    if (this.#code() === bang) {
      this.#at++;
      this.#key += `[${inner}${offset >= 0 ? ',#' : ''}]!`;
      return;
    }
    this.#key += `[${inner}${offset >= 0 && this.#isUnscaled(offset, offsetEnd) ? ',#u' : ''}]`;
  }

  /** True when only the unscaled opcode can hold the offset: negative, unaligned or too large. */
  #isUnscaled(start: number, end: number): boolean {
    const fixed = scaledSizes.get(this.#mnemonic);
    if (fixed === undefined) return false;
    const size = fixed === 0 ? shapeSizes[this.#firstShape] : fixed;
    if (size === undefined) return false;
    const from = this.#text.charCodeAt(start) === hash ? start + 1 : start;
    const value = integerOf(this.#text.slice(from, end));
    return !Number.isNaN(value) && (value < 0 || value % size !== 0 || value > 4095 * size);
  }

  /** `{v0.16b-v3.16b}` and `{v0.16b, v1.16b, ...}` are the same. */
  #list(): void {
    this.#at++;
    let shape = '';
    let count = 0;
    for (;;) {
      this.#space();
      const word = this.#word().toLowerCase();
      const token = registerTokens.get(word);
      if (token === undefined && matrixName.test(word)) {
        const before = this.#key;
        this.#matrix(word);
        shape ||= this.#key.slice(before.length);
        this.#key = before;
        count++;
        this.#space();
        if (this.#code() !== comma) break;
        this.#at++;
        continue;
      }
      if (token === undefined) {
        this.#fail('a register list holds something else than registers');
        this.#at = this.#end;
        return;
      }
      shape ||= token.shape;
      this.#regs.push(token.id);
      count++;
      this.#space();
      if (this.#code() === minus) {
        this.#at++;
        this.#space();
        const last = registerTokens.get(this.#word().toLowerCase());
        const length = last === undefined ? 0 : (last.id - token.id + 32) % 32;
        if (last === undefined || last.shape !== token.shape || length > 3) {
          this.#fail('this register range is not valid');
          this.#at = this.#end;
          return;
        }
        for (let i = 1; i <= length; i++) this.#regs.push(vectorRegId((token.id - vectorRegId(0) + i) % 32));
        count += length;
        this.#space();
      }
      if (this.#code() !== comma) break;
      this.#at++;
    }
    if (this.#code() !== closeBrace) {
      this.#fail("'}' is missing");
      this.#at = this.#end;
      return;
    }
    this.#at++;
    this.#key += count === 1 ? `{${shape}}` : `{${shape}*${count}}`;
    this.#space();
    if (this.#code() === openBracket) this.#lane();
  }

  #fail(problem: string): void {
    this.#problem ??= problem;
  }

  #code(): number {
    return this.#at < this.#end ? this.#text.charCodeAt(this.#at) : 0;
  }

  #space(): void {
    while (this.#at < this.#end) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 9) return;
      this.#at++;
    }
  }

  #word(): string {
    const start = this.#at;
    if (!isWordStart(this.#code())) return '';
    while (this.#at < this.#end && isWordPart(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** End of an expression: a comma or closing bracket outside parentheses. */
  #expressionEnd(): number {
    let depth = 0;
    let at = this.#at;
    for (; at < this.#end; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === openParen) depth++;
      else if (code === closeParen) depth--;
      else if (depth <= 0 && (code === comma || code === closeBracket || code === closeBrace)) break;
    }
    return at;
  }

  #lastOperandStart(): number {
    let at = this.#text.lastIndexOf(',', this.#end - 1) + 1;
    if (at <= this.#at) return this.#at;
    while (at < this.#end && (this.#text.charCodeAt(at) === 32 || this.#text.charCodeAt(at) === 9)) at++;
    return at;
  }
}

const comma = 44;
const hash = 35;
const minus = 45;
const slash = 47;
const bang = 33;
const openParen = 40;
const closeParen = 41;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 46 || code === 36;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || (code >= 48 && code <= 57);
}

function isExtend(name: string): boolean {
  return name.startsWith('uxt') || name.startsWith('sxt');
}

/** Where the instruction ends: before a comment, a `<symbol>` note of objdump, trailing blanks. */
function contentEnd(text: string): number {
  let end = text.length;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if ((code === slash && (text.charCodeAt(at + 1) === slash || text.charCodeAt(at + 1) === 42)) || code === 59)
      end = at;
    else if (code === 60 && at > 0 && text.charCodeAt(at - 1) <= 32) end = at;
    else if (code === 10 || code === 13) end = at;
  }
  while (end > 0 && text.charCodeAt(end - 1) <= 32) end--;
  return end;
}
