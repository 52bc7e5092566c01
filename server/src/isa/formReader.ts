import type { InsnForm } from './formKey.ts';
import { predicateRegId, type RegId, stackPointerId, vectorRegId, zeroRegId } from './registerIds.ts';
import { registerByName } from './registers.ts';

interface RegisterToken {
  /** How the key shows it: `x`, `W`, `sp`, `v.16b`, `p/m`. */
  readonly shape: string;
  readonly id: RegId;
}

/** Mnemonics whose spelling differs between tools. */
const spelling: ReadonlyMap<string, string> = new Map([['clearbhb', 'clrbhb']]);
/** What stands for a mnemonic in the key. */
const mnemonics: ReadonlyMap<string, string> = new Map([
  ...spelling,
  ...'eq ne cs hs cc lo mi pl vs vc hi ls ge lt gt le al nv none any nlast last first nfrst pmore plast tcont tstop'
    .split(' ')
    .flatMap((condition): [string, string][] => [
      [`b.${condition}`, 'b.cc'],
      [`bc.${condition}`, 'bc.cc'],
    ]),
  ...'eq ne cs hs cc lo mi pl vs vc hi ls ge lt gt le al'.split(' ').map((c): [string, string] => [`b${c}`, 'b.cc']),
]);

/** Their last operand is a place, and an address such as `b30` looks like a register. */
const targetMnemonics = wordSet('b bl b.cc bc.cc cbz cbnz tbz tbnz adr adrp');
const conditionMnemonics = wordSet('csel csinc csinv csneg cset csetm cinc cinv cneg ccmp ccmn fcsel fccmp fccmpe');
/** Their first operand is a name of the system, whatever it looks like. */
const operationMnemonics = wordSet(
  'tlbi tlbip dc ic at cfp dvp cpp cosp brb gcspushx gcspopx gcspopcx dmb dsb isb psb tsb bti sb csdb smstart smstop stshh gcsb chkfeat',
);
const prefetchMnemonics = wordSet('prfm prfum prfb prfh prfw prfd rprfm');
const sysMnemonics = wordSet('sys sysl sysp');
const literalMnemonics = wordSet('ldr ldrsw prfm');
/** Zero as an immediate makes another record than the rest. */
const zeroMnemonics = wordSet('movi mvni movz movk movn fmov');
/** Access size in bytes of loads and stores with a scaled and an unscaled opcode; 0: that of the first register. */
const scaledSizes: ReadonlyMap<string, number> = new Map([
  ['ldr', 0],
  ['str', 0],
  ['ldrb', 1],
  ['strb', 1],
  ['ldrsb', 1],
  ['ldrh', 2],
  ['strh', 2],
  ['ldrsh', 2],
  ['ldrsw', 4],
  ['prfm', 8],
]);
const shapeSizes: Readonly<Record<string, number>> = { x: 8, X: 8, w: 4, W: 4, b: 1, h: 2, s: 4, d: 8, q: 16 };
const shiftNames = wordSet('lsl lsr asr ror msl uxtb uxth uxtw uxtx sxtb sxth sxtw sxtx mul');

const matrixName = /^(?:za(?:\d+[hv]?)?(?:\.[bhsdq])?|zt0)$/;

const registerTokens = makeRegisterTokens();

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

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

/** What the key shows for an operand that names something of the system, '' for any other operand. */
function nameShape(mnemonic: string, index: number): string {
  if (index === 0) {
    if (operationMnemonics.has(mnemonic)) return 'op';
    if (prefetchMnemonics.has(mnemonic)) return 'prf';
    return mnemonic === 'msr' || mnemonic === 'msrr' ? 'sr' : '';
  }
  return (mnemonic === 'mrs' && index === 1) || (mnemonic === 'mrrs' && index === 2) ? 'sr' : '';
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

/** Value of an integer literal; NaN for any other expression. Exact below 2^53. */
function integerOf(text: string): number {
  const body = text.trim();
  return body.startsWith('-') ? -Number(body.slice(1)) : Number(body);
}

/**
 * Which opcode `mov reg, #value` is, as assemblers choose: zero, MOVZ, MOVN, then the bitmask ORR.
 * Source: Arm DDI 0487, MOV (wide immediate), MOV (inverted wide immediate), MOV (bitmask immediate).
 */
function moveClass(text: string, shape: string): string {
  const exact = integerOf(text);
  if (Number.isNaN(exact)) return '#';
  if (shape.startsWith('z.')) {
    const scaled = exact % 256 === 0 ? exact / 256 : exact;
    return shape === 'z.b' || (scaled >= -128 && scaled < 128) ? '#' : '#b';
  }
  if (shape !== 'x' && shape !== 'w' && shape !== 'sp' && shape !== 'wsp' && shape !== 'X' && shape !== 'W') return '#';
  if (exact === 0) return '#0';
  if (shape === 'sp' || shape === 'wsp') return '#b';
  const narrow = shape === 'w' || shape === 'W';
  if (Number.isSafeInteger(exact)) {
    const value = narrow && exact < 0 ? exact + 2 ** 32 : exact;
    if (value > 0 && isOneChunk(value)) return '#';
    const inverted = narrow ? 2 ** 32 - 1 - value : -1 - value;
    if (inverted >= 0) return isOneChunk(inverted) ? '#n' : '#b';
    return '#b';
  }
  if (!/^-?(?:0x[0-9a-f]+|\d+)$/i.test(text)) return '#';
  const wide = BigInt.asUintN(64, text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text));
  if (isOneWideChunk(wide)) return '#';
  return isOneWideChunk(BigInt.asUintN(64, ~wide)) ? '#n' : '#b';
}

/** At most one of the 16-bit parts differs from zero. */
function isOneChunk(value: number): boolean {
  let rest = value;
  while (rest >= 65536) {
    if (rest % 65536 !== 0) return false;
    rest /= 65536;
  }
  return true;
}

function isOneWideChunk(value: bigint): boolean {
  let parts = 0;
  for (let rest = value; rest > 0n; rest >>= 16n) if ((rest & 0xffffn) !== 0n) parts++;
  return parts <= 1;
}

function makeRegisterTokens(): ReadonlyMap<string, RegisterToken> {
  const tokens = new Map<string, RegisterToken>();
  const add = (name: string): void => {
    const reg = registerByName(name);
    if (reg === undefined) return;
    const suffix = reg.arrangement === '' ? '' : `.${reg.arrangement}`;
    if (reg.isSp) tokens.set(name, { shape: reg.bank === 'x' ? 'sp' : 'wsp', id: stackPointerId });
    else if (reg.isZero) tokens.set(name, { shape: reg.bank.toUpperCase(), id: zeroRegId });
    else if (reg.bank === 'x' || reg.bank === 'w') tokens.set(name, { shape: reg.bank, id: reg.num });
    else if (reg.bank === 'p') tokens.set(name, { shape: `p${suffix}`, id: predicateRegId(reg.num) });
    else if (reg.bank !== 'za') tokens.set(name, { shape: reg.bank + suffix, id: vectorRegId(reg.num) });
  };
  const suffixes = ['', ...'8b 16b 4h 8h 2s 4s 1d 2d 1q b h s d q 4b 2h'.split(' ').map((one) => `.${one}`)];
  for (const name of ['sp', 'wsp', 'xzr', 'wzr', 'ip0', 'ip1', 'fp', 'lr']) add(name);
  for (let num = 0; num < 32; num++) {
    for (const bank of 'xwbhsdq') add(`${bank}${num}`);
    for (const suffix of suffixes) {
      add(`v${num}${suffix}`);
      add(`z${num}${suffix}`);
      add(`p${num}${suffix}`);
    }
  }
  return tokens;
}
