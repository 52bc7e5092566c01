import type { Expr, InsnIssue, Operand, ParsedInsn, ParseOptions, RegisterOffset } from './operands.ts';
import { type Reg, registerByName } from './registers.ts';

const shiftNames: ReadonlySet<string> = new Set(
  'lsl lsr asr ror msl uxtb uxth uxtw uxtx sxtb sxth sxtw sxtx mul'.split(' '),
);

const identifierPattern = /[A-Za-z_.$][\w.$]*/y;
const spacePattern = /\s*/y;
const relocPattern = /:\s*([A-Za-z_]\w*)\s*:/y;
const decimalPattern = /^[+-]?(?:0|[1-9][0-9]*)$/;
const prefixedPattern = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]+)$/;
const registerNamePattern = /^[a-z]+[0-9]*(?:\.[0-9]*[a-z])?$/i;

const indexedBanks: ReadonlySet<string> = new Set(['v', 'z', 'p', 'za']);

/** Value of one integer literal as GNU as reads it (leading zero: octal), or null for any other expression. */
function literalValue(text: string): bigint | null {
  if (decimalPattern.test(text)) return BigInt(text.charCodeAt(0) === 43 ? text.slice(1) : text);
  const match = prefixedPattern.exec(text);
  if (match === null) return null;
  const digits = match[2] ?? '0';
  const octal = digits.charCodeAt(1) >= 48 && digits.charCodeAt(1) <= 57;
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return match[1] === '-' ? -value : value;
}

/** Reads one statement from left to right; `operands.ts:parseInsn` is its only user. */
export class OperandReader {
  readonly #text: string;
  readonly #options: ParseOptions;
  readonly #operands: Operand[] = [];
  readonly #issues: InsnIssue[] = [];
  #at = 0;

  constructor(text: string, options: ParseOptions) {
    this.#text = text;
    this.#options = options;
  }

  insn(): ParsedInsn {
    this.#space();
    const mnemonic = this.#identifier().toLowerCase();
    if (mnemonic === '' && this.#at < this.#text.length) this.#issue('an instruction name is missing', this.#at);
    this.#space();
    while (this.#at < this.#text.length) {
      this.#operand();
      this.#space();
      if (this.#at >= this.#text.length) break;
      if (this.#peek() !== ',') {
        this.#bad(this.#at);
        continue;
      }
      this.#at++;
      this.#space();
      if (this.#at >= this.#text.length) this.#issue('an operand is missing after the comma', this.#at - 1);
    }
    return { mnemonic, operands: this.#operands, issues: this.#issues };
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #space(): void {
    spacePattern.lastIndex = this.#at;
    spacePattern.test(this.#text);
    this.#at = spacePattern.lastIndex;
  }

  #identifier(): string {
    identifierPattern.lastIndex = this.#at;
    if (!identifierPattern.test(this.#text)) return '';
    const start = this.#at;
    this.#at = identifierPattern.lastIndex;
    return this.#text.slice(start, this.#at);
  }

  #issue(message: string, start: number): void {
    this.#issues.push({ message, start, end: Math.max(this.#at, start + 1) });
  }

  #bad(start: number, message = 'this operand is not understood'): void {
    if (this.#at === start) this.#at++;
    while (this.#at < this.#text.length && this.#peek() !== ',') this.#at++;
    this.#operands.push({ kind: 'bad', text: this.#text.slice(start, this.#at).trim(), start, end: this.#at });
    this.#issue(message, start);
  }

  #operand(): void {
    const start = this.#at;
    switch (this.#peek()) {
      case ',':
        this.#operands.push({ kind: 'bad', text: '', start, end: start });
        this.#issue('an operand is missing before the comma', start);
        return;
      case '[':
        this.#memory(start);
        return;
      case '{':
        this.#list(start);
        return;
      case '=': {
        this.#at++;
        const expr = this.#expression();
        this.#operands.push({ kind: 'literal', expr, start, end: this.#at });
        return;
      }
      case '#': {
        this.#at++;
        this.#immediate(start, true);
        return;
      }
    }
    const word = this.#identifier();
    if (word === '') {
      this.#immediate(start, false);
      return;
    }
    const wordEnd = this.#at;
    const reg = this.#registerNamed(word);
    if (reg !== undefined) {
      this.#register(start, reg);
      return;
    }
    const isShift = shiftNames.has(word.toLowerCase());
    this.#space();
    if (this.#atEnd()) {
      if (isShift) this.#operands.push({ kind: 'shift', op: word.toLowerCase(), amount: null, start, end: wordEnd });
      else {
        const expr: Expr = { text: word, value: null, reloc: '' };
        this.#operands.push({ kind: 'name', name: word, expr, start, end: wordEnd });
      }
      return;
    }
    if (isShift) {
      if (this.#peek() === '#') this.#at++;
      const amount = this.#expression();
      this.#operands.push({ kind: 'shift', op: word.toLowerCase(), amount, start, end: this.#at });
      return;
    }
    this.#at = start;
    this.#immediate(start, false);
  }

  #atEnd(): boolean {
    return this.#at >= this.#text.length || this.#peek() === ',';
  }

  /** Built-in names win over `.req`, as in GNU as. */
  #registerNamed(word: string): Reg | undefined {
    const builtIn = registerNamePattern.test(word) ? registerByName(word) : undefined;
    const alias = this.#options.registerAlias;
    if (builtIn !== undefined || alias === undefined) return builtIn;
    const dot = word.indexOf('.');
    let name = dot > 0 ? word.slice(0, dot) : word;
    const arrangement = dot > 0 ? word.slice(dot) : '';
    // An alias may stand for another alias; the bound guards against a name that leads back to itself.
    for (let depth = 0; depth < 16; depth++) {
      const target = alias(name);
      if (target === undefined) return undefined;
      const reg = registerByName(target + arrangement);
      if (reg !== undefined) return reg;
      name = target;
    }
    return undefined;
  }

  /** After a register name: element index, predication, writeback mark. */
  #register(start: number, plain: Reg): void {
    const reg = this.#suffixed(plain);
    this.#space();
    const writeback = this.#peek() === '!';
    if (writeback) this.#at++;
    const end = this.#at;
    if (writeback && (reg.bank !== 'x' || reg.num === 31)) this.#issue('writeback is not possible here', start);
    const last = this.#operands[this.#operands.length - 1];
    if (last?.kind === 'mem' && last.mode === 'offset' && last.offset === null && last.offsetReg === null) {
      if (writeback) this.#issue('writeback is not possible here', start);
      this.#operands[this.#operands.length - 1] = {
        ...last,
        mode: 'post',
        offsetReg: { reg, extend: '', amount: null },
        end,
      };
      return;
    }
    this.#operands.push({ kind: 'reg', reg, writeback, start, end });
  }

  #suffixed(plain: Reg): Reg {
    if (this.#peek() === '[') {
      const start = this.#at;
      this.#at++;
      const index = this.#expression();
      this.#expect(']');
      if (!indexedBanks.has(plain.bank)) this.#issue('this register has no elements', start);
      return { ...plain, index };
    }
    if (this.#peek() === '/' && plain.bank === 'p') {
      const letter = this.#text.charAt(this.#at + 1).toLowerCase();
      if (letter === 'm' || letter === 'z') {
        this.#at += 2;
        return { ...plain, predication: letter };
      }
    }
    return plain;
  }

  #expect(character: string): void {
    this.#space();
    if (this.#peek() === character) this.#at++;
    else this.#issue(`'${character}' is missing`, this.#at);
  }

  #immediate(start: number, hash: boolean): void {
    const expr = this.#expression();
    if (expr.text === '') {
      this.#bad(start, 'an operand is missing');
      return;
    }
    const end = this.#at;
    const last = this.#operands[this.#operands.length - 1];
    if (last?.kind === 'mem' && last.mode === 'offset' && last.offset === null && last.offsetReg === null) {
      this.#operands[this.#operands.length - 1] = { ...last, mode: 'post', offset: expr, end };
      return;
    }
    this.#operands.push({ kind: 'imm', expr, hash, start, end });
  }

  /** Text up to a comma or closing bracket on this level, with its relocation operator taken off. */
  #expression(): Expr {
    this.#space();
    if (this.#peek() === '#') this.#at++;
    let reloc = '';
    if (this.#peek() === ':') {
      relocPattern.lastIndex = this.#at;
      const match = relocPattern.exec(this.#text);
      if (match !== null) {
        reloc = (match[1] ?? '').toLowerCase();
        this.#at = relocPattern.lastIndex;
      }
    }
    const start = this.#at;
    let depth = 0;
    let quote = 0;
    const text = this.#text;
    for (; this.#at < text.length; this.#at++) {
      const c = text.charCodeAt(this.#at);
      if (quote !== 0) {
        if (c === 92) this.#at++;
        else if (c === quote) quote = 0;
      } else if (c === 34) quote = c;
      else if (c === 40) depth++;
      else if (c === 41) depth--;
      else if (depth <= 0 && (c === 44 || c === 93 || c === 91 || c === 125)) break;
    }
    if (this.#at > text.length) this.#at = text.length;
    const body = text.slice(start, this.#at).trim();
    return { text: body, value: literalValue(body), reloc };
  }

  #memory(start: number): void {
    this.#at++;
    this.#space();
    const base = this.#registerNamed(this.#identifier());
    if (base === undefined) {
      this.#at = start;
      this.#bad(start, 'a base register is missing');
      return;
    }
    let offset: Expr | null = null;
    let offsetReg: RegisterOffset | null = null;
    let mulVl = false;
    const full = this.#suffixed(base);
    this.#space();
    if (this.#peek() === ',') {
      this.#at++;
      this.#space();
      const offsetStart = this.#at;
      const reg = this.#registerNamed(this.#identifier());
      if (reg !== undefined) offsetReg = this.#extendOf(this.#suffixed(reg));
      else {
        this.#at = offsetStart;
        offset = this.#expression();
        if (this.#peek() === ',') {
          this.#at++;
          const tail = this.#expression().text.toLowerCase().replace(/\s+/g, ' ');
          mulVl = tail === 'mul vl';
          if (!mulVl) this.#issue('only `mul vl` may follow an offset', offsetStart);
        }
      }
    }
    this.#space();
    if (this.#peek() !== ']') {
      this.#at = start;
      this.#bad(start, "']' is missing");
      return;
    }
    this.#at++;
    this.#space();
    const pre = this.#peek() === '!';
    if (pre) this.#at++;
    const mode = pre ? 'pre' : 'offset';
    this.#operands.push({ kind: 'mem', base: full, offset, offsetReg, mulVl, mode, start, end: this.#at });
  }

  #extendOf(reg: Reg): RegisterOffset {
    this.#space();
    if (this.#peek() !== ',') return { reg, extend: '', amount: null };
    this.#at++;
    this.#space();
    const extend = this.#identifier().toLowerCase();
    this.#space();
    const amount = this.#peek() === ']' ? null : this.#expression();
    return { reg, extend, amount };
  }

  /** `{v0.16b-v3.16b}`, `{v0.16b, v1.16b}`, each with an optional `[index]` behind. */
  #list(start: number): void {
    this.#at++;
    const regs: Reg[] = [];
    for (;;) {
      this.#space();
      const named = this.#registerNamed(this.#identifier());
      if (named === undefined) {
        this.#at = start;
        this.#bad(start, 'a register list holds something else than registers');
        return;
      }
      const reg = this.#suffixed(named);
      regs.push(reg);
      this.#space();
      if (this.#peek() === '-') {
        this.#at++;
        this.#space();
        const last = this.#registerNamed(this.#identifier());
        const count = last === undefined ? 0 : (last.num - reg.num + 32) % 32;
        if (
          last === undefined ||
          last.num < reg.num ||
          last.bank !== reg.bank ||
          last.arrangement !== reg.arrangement ||
          count > 3
        ) {
          this.#at = start;
          this.#bad(start, 'this register range is not valid');
          return;
        }
        for (let i = 1; i <= count; i++) regs.push({ ...reg, num: (reg.num + i) % 32 });
        this.#space();
      }
      if (this.#peek() !== ',') break;
      this.#at++;
    }
    if (this.#peek() !== '}') {
      this.#at = start;
      this.#bad(start, "'}' is missing");
      return;
    }
    this.#at++;
    let index: Expr | null = null;
    this.#space();
    if (this.#peek() === '[') {
      this.#at++;
      index = this.#expression();
      this.#expect(']');
    }
    this.#operands.push({ kind: 'list', regs, index, start, end: this.#at });
  }
}
