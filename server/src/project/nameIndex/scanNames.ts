import {
  apostrophe,
  backslash,
  blank,
  classes,
  code,
  digit,
  hash,
  high,
  letter,
  lineEnd,
  newline,
  quote,
  slash,
} from './byteClasses.ts';
import { ConditionStack } from './conditionStack.ts';
import { FileScope } from './fileScope.ts';
import { addLanguageWords, words } from './languageWords.ts';
import { type NameTable, nameHash, nameHashSeed } from './nameTable.ts';
import { kindCode, NumberList, type ScannedFile } from './scannedFile.ts';

/**
 * Reads the names of C and assembly files: one pass over the bytes, of which no text is made. What is in comments and
 * strings is no name. One scanner serves all files of one table.
 */
export class NameScanner {
  readonly #table: NameTable;
  readonly #names = new NumberList();
  readonly #definitions = new NumberList();
  readonly #scope: FileScope;
  /** By the number of a name: which file held it last, counted from 1. */
  #seenIn = new Uint32Array(256);
  #file = 0;

  // The file that is being read.
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #isAssembly = false;
  #at = 0;
  #line = 1;
  /** What an index into the bytes is more than the UTF-16 offset. */
  #shift = 0;
  #conditions = new ConditionStack();
  #isDirective = false;
  /** In a `.macro` of a header. */
  #isMacroBody = false;
  /** Nothing but blanks since the line began. */
  #isLineStart = true;

  /** Adds the language's words to an empty table. */
  constructor(table: NameTable) {
    this.#table = table;
    if (table.size === 0) addLanguageWords(table);
    const underscore = code('_');
    this.#scope = new FileScope(this.#definitions, {
      isAttribute: (name) => table.byteOf(name, 0) === underscore && table.byteOf(name, 1) === underscore,
      isConstant: (name) => name >= 0 && /^[A-Z][A-Z0-9_]*$/.test(table.text(name)),
    });
  }

  /** Names of one file. `bytes` is UTF-8 up to `length`; `isAssembly`: a `.S` file. Never throws. */
  scan(bytes: Uint8Array, length: number, isAssembly: boolean): ScannedFile {
    this.#file++;
    this.#bytes = bytes;
    this.#length = length;
    this.#isAssembly = isAssembly;
    const hasMark = length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#at = this.#shift = hasMark ? 3 : 0;
    this.#line = 1;
    this.#conditions = new ConditionStack();
    this.#isDirective = this.#isMacroBody = false;
    this.#isLineStart = true;
    this.#scope.reset();
    while (this.#at < length) this.#token();
    this.#scope.finish();
    return { names: this.#names.take(), definitions: this.#definitions.take() };
  }

  #token(): void {
    const byte = this.#bytes[this.#at] ?? 0;
    switch (classes[byte]) {
      case letter:
        this.#name();
        break;
      case blank:
        this.#at++;
        return;
      case lineEnd:
        this.#endLine();
        return;
      case backslash:
        this.#at++;
        return;
      case digit:
        this.#number();
        break;
      case slash:
        if (!this.#comment()) break;
        return;
      case quote:
        this.#literal(byte);
        break;
      case apostrophe:
        // In assembly it is an apostrophe more often than a literal.
        if (this.#isAssembly || this.#isMacroBody) this.#at++;
        else this.#literal(byte);
        break;
      case hash:
        this.#hash();
        break;
      case high:
        this.#high(byte);
        this.#at++;
        break;
      default:
        this.#punctuation(byte);
    }
    this.#isLineStart = false;
  }

  get #codes(): boolean {
    return !this.#isDirective && !this.#conditions.isDead && !this.#isMacroBody;
  }

  /** Reads the name at the present place; its number. */
  #read(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = nameHashSeed;
    for (let byte = bytes[at] ?? 0; at < this.#length && (classes[byte] ?? 0) <= digit; byte = bytes[++at] ?? 0) {
      value = nameHash(value, byte);
    }
    this.#at = at;
    return this.#table.intern(bytes, start, at, value);
  }

  #use(name: number): void {
    if (name < words.keywordEnd || this.#conditions.isDead) return;
    if (name >= this.#seenIn.length) {
      const wider = new Uint32Array(Math.max(name + 1, this.#seenIn.length * 2));
      wider.set(this.#seenIn);
      this.#seenIn = wider;
    }
    if (this.#seenIn[name] === this.#file) return;
    this.#seenIn[name] = this.#file;
    this.#names.push(name);
  }

  #name(): void {
    const start = this.#at;
    const name = this.#read();
    this.#use(name);
    if (this.#scope.wantsNames && this.#codes) {
      const isFirstColumn = start === 0 || this.#bytes[start - 1] === newline;
      if (this.#isAssembly && this.#isLineStart && this.#isLabel()) this.#define(name, start, kindCode['asm-symbol']);
      else this.#scope.name(name, start - this.#shift, this.#line, isFirstColumn && !this.#isAssembly);
    }
  }

  #isLabel(): boolean {
    let at = this.#at;
    while (classes[this.#bytes[at] ?? 0] === blank && at < this.#length) at++;
    return this.#bytes[at] === code(':') && at < this.#length;
  }

  #define(name: number, start: number, kind: number): void {
    if (this.#conditions.isDead) return;
    this.#definitions.push(name);
    this.#definitions.push(start - this.#shift);
    this.#definitions.push((this.#line << 8) | kind);
    this.#definitions.push(0);
  }

  #number(): void {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    while (at < this.#length && ((classes[bytes[at] ?? 0] ?? 0) <= digit || bytes[at] === code('.'))) at++;
    this.#at = at;
    if (this.#scope.wantsNames && this.#codes) this.#scope.other();
  }

  #endLine(): void {
    const before = this.#bytes[this.#at - 1] === 13 ? this.#at - 2 : this.#at - 1;
    const isContinued = this.#bytes[before] === code('\\');
    this.#at++;
    this.#line++;
    this.#isLineStart = true;
    if (isContinued) return;
    if (this.#isDirective) this.#scope.directive();
    else if (this.#isAssembly) this.#scope.finish();
    this.#isDirective = false;
  }

  /** Takes the units of a character outside of ASCII into account. */
  #high(byte: number): void {
    // A byte that begins a character counts for a unit (two when there are four bytes), the others for none.
    if (byte < 0xc0) this.#shift++;
    else if (byte >= 0xf0) this.#shift--;
  }

  /** Skips a comment; `false` when there is none, and the slash is read. */
  #comment(): boolean {
    const bytes = this.#bytes;
    const next = bytes[this.#at + 1];
    let at = this.#at + 2;
    if (next === code('*')) {
      for (; at < this.#length; at++) {
        const byte = bytes[at] ?? 0;
        if (byte === code('*')) {
          if (bytes[at + 1] === code('/')) break;
        } else if (byte === newline) this.#line++;
        else if (byte >= 0x80) this.#high(byte);
      }
      this.#at = Math.min(at + 2, this.#length);
      return true;
    }
    if (next === code('/')) {
      for (; at < this.#length; at++) {
        const byte = bytes[at] ?? 0;
        if (byte >= 0x80) this.#high(byte);
        else if (byte === newline) {
          if (bytes[at - 1] !== code('\\')) break;
          this.#line++;
        }
      }
      this.#at = Math.min(at, this.#length);
      return true;
    }
    this.#at++;
    return false;
  }

  /** Skips a literal, at most to the end of its line. */
  #literal(delimiter: number): void {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    for (; at < this.#length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === delimiter) {
        at++;
        break;
      }
      if (byte === newline) break;
      if (byte >= 0x80) this.#high(byte);
      else if (byte === code('\\')) {
        if (bytes[++at] === newline) this.#line++;
      }
    }
    this.#at = Math.min(at, this.#length);
    if (this.#scope.wantsNames && this.#codes) this.#scope.other();
  }

  #punctuation(byte: number): void {
    const at = this.#at++;
    if (byte === code('.') && !this.#isDirective) {
      if (this.#isAssembly || (this.#scope.isDeclaring && this.#isLineStart)) this.#assemblerWord();
      return;
    }
    if (!this.#codes) return;
    const scope = this.#scope;
    if (this.#isAssembly && byte !== code('(') && byte !== code(')') && (byte !== code(',') || scope.isDeclaring)) {
      if (byte === code(';')) scope.finish();
      else scope.other();
      return;
    }
    switch (byte) {
      case code('('):
        scope.open();
        break;
      case code(')'):
        scope.close();
        break;
      case code(','):
        scope.comma();
        break;
      case code(';'):
        scope.semicolon();
        break;
      case code('{'):
        scope.openBrace();
        break;
      case code('}'):
        scope.closeBrace(at === 0 || this.#bytes[at - 1] === newline);
        break;
      case code('['):
        scope.openBracket();
        break;
      case code(']'):
        scope.closeBracket();
        break;
      case code('*'):
        scope.star();
        break;
      case code('='):
        if (this.#bytes[this.#at] === byte) this.#at++;
        else scope.equals();
        break;
      default:
        if (scope.wantsNames) scope.other();
    }
  }

  /** A directive or a local label of the assembler. */
  #assemblerWord(): void {
    if (classes[this.#bytes[this.#at] ?? 0] !== letter || this.#at >= this.#length) return;
    const start = this.#at;
    while (this.#at < this.#length && (classes[this.#bytes[this.#at] ?? 0] ?? 0) <= digit) this.#at++;
    const length = this.#at - start;
    if (length === 5 && this.#isWord(start, 'macro')) {
      this.#blanks();
      if (classes[this.#bytes[this.#at] ?? 0] !== letter || this.#at >= this.#length) return;
      const from = this.#at;
      const name = this.#read();
      this.#use(name);
      this.#define(name, from, kindCode['asm-macro']);
      this.#isMacroBody = !this.#isAssembly;
    } else if (length === 4 && this.#isWord(start, 'endm')) this.#isMacroBody = false;
    if (!this.#isAssembly) this.#scope.junk();
  }

  #isWord(start: number, word: string): boolean {
    for (let at = 0; at < word.length; at++) if (this.#bytes[start + at] !== word.charCodeAt(at)) return false;
    return true;
  }

  #blanks(): void {
    const bytes = this.#bytes;
    while (this.#at < this.#length && classes[bytes[this.#at] ?? 0] === blank) this.#at++;
  }

  #hash(): void {
    this.#at++;
    if (this.#isLineStart && !this.#isDirective) this.#directive();
  }

  #directive(): void {
    this.#isDirective = true;
    this.#blanks();
    const start = this.#at;
    while (this.#at < this.#length && classes[this.#bytes[this.#at] ?? 0] === letter) this.#at++;
    const length = this.#at - start;
    this.#blanks();
    // Words of six hundred thousand lines: none is made a text.
    const is = (word: string): boolean => length === word.length && this.#isWord(start, word);
    if (is('define')) this.#defineMacro();
    else if (is('if')) this.#conditions.open(this.#scope.depth, this.#isZero());
    else if (is('ifdef') || is('ifndef')) this.#conditions.open(this.#scope.depth, false);
    else if (is('else') || is('elif')) this.#scope.setDepth(this.#conditions.next(this.#scope.depth));
    else if (is('endif')) this.#scope.setDepth(this.#conditions.close(this.#scope.depth));
    else if (!is('undef')) this.#skipLine();
  }

  #defineMacro(): void {
    if (classes[this.#bytes[this.#at] ?? 0] !== letter || this.#at >= this.#length) return;
    const from = this.#at;
    const name = this.#read();
    this.#use(name);
    this.#define(name, from, kindCode.macro);
  }

  #isZero(): boolean {
    const next = classes[this.#bytes[this.#at + 1] ?? 0] ?? 0;
    return this.#bytes[this.#at] === code('0') && (next === blank || next === lineEnd);
  }

  #skipLine(): void {
    while (this.#at < this.#length) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte === newline) {
        if (this.#bytes[this.#at - 1] !== code('\\')) return;
        this.#line++;
      } else if (byte >= 0x80) this.#high(byte);
      else if (byte === code('/') && this.#bytes[this.#at + 1] === code('*')) {
        this.#comment();
        continue;
      }
      this.#at++;
    }
  }
}
