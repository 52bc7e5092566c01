// One state machine over the tokens of a file: its parts share the tokens of the declaration that is being read, and are
// of no use apart, which is why this file is long.

import { words } from './languageWords.ts';
import { argumentShift, declarationFlag, kindCode, maxArgument, type NumberList, staticFlag } from './scannedFile.ts';

/** Tokens of a statement that are no names. */
const openParen = -1;
const closeParen = -2;
const comma = -3;
const body = -4;
const star = -5;
const bracket = -6;
const other = -7;

/** More tokens than a declaration has: what comes after is not looked at, but for the parentheses. */
const maxTokens = 256;
/** Tokens of one argument list that are kept. */
const maxGroupTokens = 64;

/** What names look like, by their numbers. */
export interface WordLooks {
  /** `__read_mostly`. */
  readonly isAttribute: (name: number) => boolean;
  /** `MIGRATE_REASON`. */
  readonly isConstant: (name: number) => boolean;
}

type Context = 'none' | 'function' | 'type' | 'initializer';

/**
 * What a C file defines at file scope, from its tokens outside of comments, strings and preprocessor lines. Nothing is
 * expanded and both sides of every condition are read, so this is a list of candidates for who looks a name up, not
 * the compiler's view; a declaration that it cannot read is left out.
 */
export class FileScope {
  readonly #definitions: NumberList;
  readonly #tokens = new Int32Array(maxTokens);
  readonly #offsets = new Int32Array(maxTokens);
  readonly #lines = new Int32Array(maxTokens);
  #count = 0;
  #parens = 0;
  #brackets = 0;
  #groupTokens = 0;
  #inInitializer = false;
  #isJunk = false;
  #expectsEnumerator = false;
  /** `enum` was read, its brace was not. */
  #isEnumeration = false;
  /** Depth inside of the innermost enumeration's braces; 0: in none. */
  #enumDepth = 0;
  #context: Context = 'none';
  #depth = 0;

  readonly #words: WordLooks;

  constructor(definitions: NumberList, looks: WordLooks) {
    this.#definitions = definitions;
    this.#words = looks;
  }

  /** Open braces, that of the body first. */
  get depth(): number {
    return this.#depth;
  }

  /** Whether a name can matter here. */
  get wantsNames(): boolean {
    return this.#depth === 0 || this.#context === 'type';
  }

  /** Whether a declaration may begin or go on here, outside of parentheses and initializers. */
  get isDeclaring(): boolean {
    return this.#depth === 0 && this.#parens === 0 && !this.#inInitializer;
  }

  /** A condition's branches open the same braces, whichever is read. */
  setDepth(depth: number): void {
    if (depth === this.#depth) return;
    if (depth === 0 && this.#context === 'function') this.#statement();
    this.#depth = depth;
  }

  reset(): void {
    this.#statement();
    this.#depth = 0;
    this.#context = 'none';
    this.#enumDepth = 0;
    this.#isEnumeration = this.#expectsEnumerator = false;
  }

  /** A name at depth 0, or anywhere in an enumeration. */
  name(number: number, offset: number, line: number, isFirstColumn: boolean): void {
    if (this.#depth > 0) {
      if (number === words.enum) this.#isEnumeration = true;
      else if (this.#expectsEnumerator && this.#depth === this.#enumDepth) {
        this.#expectsEnumerator = false;
        if (number >= words.end) this.#define(number, offset, line, kindCode.enumerator);
      }
      return;
    }
    if (this.#inInitializer || this.#brackets > 0) return;
    if (isFirstColumn && this.#parens > 0) {
      // Conditions around a parenthesis made the count wrong.
      if (number < words.keywordEnd) this.#statement();
    } else if (isFirstColumn && this.#count > 0) {
      // `MODULE_LICENSE("…")` and its like have no semicolon everywhere, and what begins a line begins a declaration.
      if (this.#isJunk) this.#statement();
      else if (this.#isInvocation()) this.#endInvocation();
      else if (this.#count === 1 && this.#words.isConstant(this.#tokens[0] ?? other)) this.#statement();
    }
    this.#push(number, offset, line);
  }

  open(): void {
    if (this.#depth > 0) {
      this.#parens++;
      return;
    }
    if (!this.#inInitializer && this.#brackets === 0) {
      if (this.#parens === 0) {
        this.#groupTokens = 0;
        this.#push(openParen, 0, 0);
      } else this.#push(other, 0, 0);
    }
    this.#parens++;
  }

  close(): void {
    if (this.#parens > 0) this.#parens--;
    if (this.#depth > 0 || this.#inInitializer || this.#brackets > 0) return;
    if (this.#parens === 0) this.#push(closeParen, 0, 0);
  }

  openBracket(): void {
    if (this.#depth > 0 || this.#inInitializer) return;
    if (this.#brackets++ === 0) this.#push(bracket, 0, 0);
  }

  closeBracket(): void {
    if (this.#depth === 0 && this.#brackets > 0) this.#brackets--;
  }

  comma(): void {
    if (this.#depth > 0) {
      if (this.#depth === this.#enumDepth && this.#parens === 0) this.#expectsEnumerator = true;
      return;
    }
    if (this.#parens > 0) {
      if (this.#parens === 1 && !this.#inInitializer && this.#brackets === 0) this.#push(comma, 0, 0);
      return;
    }
    if (this.#inInitializer) this.#inInitializer = false;
    else this.#declarators();
    // The next declarator has the same type.
    this.#count = Math.min(this.#count, 3);
  }

  star(): void {
    if (this.#depth === 0 && !this.#inInitializer && this.#brackets === 0) this.#push(star, 0, 0);
  }

  /** Any other token: a number, a string, an operator. */
  other(): void {
    if (this.#depth === 0 && !this.#inInitializer && this.#brackets === 0) this.#push(other, 0, 0);
  }

  equals(): void {
    if (this.#depth > 0 || this.#parens > 0 || this.#brackets > 0 || this.#inInitializer) return;
    this.#declarators();
    this.#inInitializer = true;
  }

  semicolon(): void {
    // The arguments of a macro can be statements.
    this.#isEnumeration = false;
    if (this.#depth > 0 || this.#parens > 0) return;
    if (!this.#inInitializer) this.#declarators();
    this.#statement();
  }

  openBrace(): void {
    if (this.#depth > 0) {
      this.#depth++;
      if (this.#isEnumeration && this.#context === 'type') this.#openEnumeration();
      return;
    }
    if (this.#parens > 0) return;
    this.#brackets = 0;
    if (this.#count === 2 && this.#tokens[0] === words.extern && this.#tokens[1] === other) {
      // extern "C": what is inside is at file scope. Its closing brace finds nothing open.
      this.#statement();
      return;
    }
    this.#depth = 1;
    this.#isEnumeration = false;
    this.#context = this.#inInitializer ? 'initializer' : this.#opened();
    this.#parens = 0;
    if (this.#isEnumeration) this.#openEnumeration();
  }

  #openEnumeration(): void {
    this.#isEnumeration = false;
    this.#enumDepth = this.#depth;
    this.#expectsEnumerator = true;
    this.#parens = 0;
  }

  /** `isFirstColumn`: nothing of the kernel's that is inside of a body ends there, whatever conditions did to the count. */
  closeBrace(isFirstColumn: boolean): void {
    if (this.#depth === 0) {
      if (isFirstColumn && this.#parens > 0) this.#statement();
      return;
    }
    if (this.#depth <= this.#enumDepth) {
      this.#enumDepth = 0;
      this.#expectsEnumerator = false;
    }
    // `}, {` in an array of structures.
    this.#depth = isFirstColumn && !this.#inInitializer ? 0 : this.#depth - 1;
    if (this.#depth > 0) return;
    this.#parens = 0;
    if (this.#context === 'function') this.#statement();
    else if (!this.#inInitializer) this.#push(body, 0, 0);
    this.#context = 'none';
  }

  /** A directive of the assembler, or something else that no declaration holds. */
  junk(): void {
    if (this.isDeclaring) this.#isJunk = true;
  }

  /** A preprocessor line: junk ends there at the latest. */
  directive(): void {
    if (this.#depth === 0 && (this.#isJunk || this.#isLoneNames())) this.#statement();
  }

  /** Macros alone on their lines, which make what nobody can see here. */
  #isLoneNames(): boolean {
    if (this.#count === 0 || this.#count > 4) return false;
    for (let at = 0; at < this.#count; at++) if ((this.#tokens[at] ?? other) < words.end) return false;
    return true;
  }

  finish(): void {
    if (this.#depth === 0 && this.#isInvocation()) this.#endInvocation();
    this.reset();
  }

  #statement(): void {
    this.#count = 0;
    this.#parens = 0;
    this.#brackets = 0;
    this.#inInitializer = false;
    this.#isJunk = false;
  }

  #push(token: number, offset: number, line: number): void {
    if (this.#parens > 0 && token !== closeParen && ++this.#groupTokens > maxGroupTokens) return;
    if (this.#count >= maxTokens) return;
    this.#tokens[this.#count] = token;
    this.#offsets[this.#count] = offset;
    this.#lines[this.#count++] = line;
  }

  #define(number: number, offset: number, line: number, kind: number, maker = 0): void {
    this.#definitions.push(number);
    this.#definitions.push(offset);
    this.#definitions.push((line << 8) | kind);
    this.#definitions.push(maker);
  }

  #defineAt(at: number, kind: number, maker = 0): void {
    const number = this.#tokens[at] ?? 0;
    if (number < words.keywordEnd) return;
    this.#define(number, this.#offsets[at] ?? 0, this.#lines[at] ?? 0, kind, maker);
  }

  #has(word: number): boolean {
    for (let at = 0; at < this.#count && this.#tokens[at] !== openParen; at++)
      if (this.#tokens[at] === word) return true;
    return false;
  }

  /** Index behind the parenthesis that closes the one at an index. */
  #behindGroup(at: number): number {
    let index = at + 1;
    while (index < this.#count && this.#tokens[index] !== closeParen) index++;
    return index + 1;
  }

  #isAttribute(number: number): boolean {
    return number >= words.keywordEnd && number < words.end;
  }

  /** Whether the statement so far is `word(…)`, storage words before it aside: the use of a macro. */
  #isInvocation(): boolean {
    const at = this.#invoked();
    return at >= 0 && this.#behindGroup(at + 1) === this.#count;
  }

  /** Index of the macro's name when the statement begins with the use of one; -1 otherwise. */
  #invoked(): number {
    let at = 0;
    while (at < this.#count && isStorage(this.#tokens[at] ?? other)) at++;
    const number = this.#tokens[at] ?? other;
    if (at >= this.#count || number < words.keywordEnd || this.#isAttribute(number)) return -1;
    const isUse = this.#tokens[at + 1] === openParen && !this.#isPointer(at + 1) && !this.#isPrefix(at + 1);
    return isUse ? at : -1;
  }

  #endInvocation(): void {
    this.#invocation(this.#invoked());
    this.#statement();
  }

  /** Notes the arguments that are single names: the macro's text says which of them it defines. */
  #invocation(at: number): void {
    const maker = this.#tokens[at] ?? 0;
    let argument = 0;
    for (let index = at + 2; index < this.#count && argument <= maxArgument; index++) {
      const token = this.#tokens[index];
      if (token === closeParen) return;
      if (token === comma) {
        argument++;
        continue;
      }
      const before = this.#tokens[index - 1];
      const after = this.#tokens[index + 1];
      if ((before !== openParen && before !== comma) || (after !== closeParen && after !== comma)) continue;
      if ((token ?? other) >= words.end) this.#defineAt(index, kindCode.made, maker | (argument << argumentShift));
    }
  }

  /** What a brace at file scope opens. */
  #opened(): Context {
    const last = this.#count - 1;
    const tag = this.#tokens[last] ?? other;
    const before = this.#tokens[last - 1] ?? other;
    if (isTag(tag) || (isTag(before) && tag >= 0)) {
      if (!isTag(tag)) this.#defineAt(last, kindCode.type);
      this.#isEnumeration = tag === words.enum || before === words.enum;
      return 'type';
    }
    const invoked = this.#invoked();
    if (invoked >= 0) {
      this.#invocation(invoked);
      return 'function';
    }
    const at = this.#declarator();
    if (at < 0) return this.#count === 0 ? 'function' : 'initializer';
    this.#defineAt(at, this.#functionKind());
    return 'function';
  }

  #functionKind(): number {
    const flags = this.#has(words.static) ? staticFlag : 0;
    for (let at = 0; at < this.#count && this.#tokens[at] !== openParen; at++) {
      const token = this.#tokens[at] ?? other;
      if (token >= words.inline && token < words.inlineEnd) return kindCode['inline-function'] | flags;
    }
    return kindCode.function | flags;
  }

  /** Index of the name before the first parenthesis that is that of parameters; -1 when there is none. */
  #declarator(): number {
    for (let at = 1; at < this.#count; at++) {
      if (this.#tokens[at] !== openParen) continue;
      const name = this.#tokens[at - 1] ?? other;
      // `typeof(x) f(…)`, `__aligned(8)`: no parameters.
      const behind = this.#behindGroup(at);
      if (name >= words.end && !this.#isPointer(at) && !this.#isPrefix(at)) return at - 1;
      at = behind - 1;
    }
    return -1;
  }

  /** Whether a parenthesis is that of `u32 (*name)(…)`. */
  #isPointer(at: number): boolean {
    return this.#tokens[at + 1] === star && this.#tokens[this.#behindGroup(at)] === openParen;
  }

  /** Whether a parenthesis is followed by a type and another name with one: `MACRO(1, 2) void f(…)`. */
  #isPrefix(at: number): boolean {
    let names = 0;
    for (let index = this.#behindGroup(at); index < this.#count; index++) {
      const token = this.#tokens[index] ?? other;
      if (token === openParen) return names >= 2;
      if (token >= 0) names++;
      else if (token !== star) return false;
    }
    return false;
  }

  /** The end of a declarator without a body: `;`, `=` or a comma. */
  #declarators(): void {
    if (this.#count === 0 || this.#isJunk) return;
    if (this.#tokens[0] === words.typedef) {
      this.#typedef();
      return;
    }
    const invoked = this.#invoked();
    if (invoked >= 0 && this.#isOnlyAttributes(this.#behindGroup(invoked + 1))) {
      this.#invocation(invoked);
      return;
    }
    const at = this.#declarator();
    const flags = this.#has(words.static) ? staticFlag : 0;
    if (at > 0) {
      this.#defineAt(at, this.#functionKind() | declarationFlag);
      return;
    }
    const variable = this.#variable();
    const isExtern = this.#has(words.extern) ? declarationFlag : 0;
    if (variable >= 0) this.#defineAt(variable, kindCode.variable | flags | isExtern);
  }

  /** Whether what follows an invocation belongs to it (`DEFINE_PER_CPU(int, x) __aligned(8)`), and no declarator begins. */
  #isOnlyAttributes(from: number): boolean {
    for (let at = from; at < this.#count; at++) {
      const token = this.#tokens[at] ?? other;
      if (token === openParen) at = this.#behindGroup(at) - 1;
      else if (token < 0 || !this.#words.isAttribute(token)) return false;
    }
    return true;
  }

  #typedef(): void {
    let name = -1;
    for (let at = 1; at < this.#count; at++) {
      const token = this.#tokens[at] ?? other;
      if (token === openParen) {
        if (this.#isAttribute(this.#tokens[at - 1] ?? other)) {
          at = this.#behindGroup(at) - 1;
          continue;
        }
        // `typedef int (*name)(…)` or `typedef int name(…)`.
        const isNested = this.#tokens[at + 1] === star || this.#tokens[this.#behindGroup(at)] === openParen;
        if (isNested) name = this.#nameIn(at);
        break;
      }
      if (token >= words.end) name = at;
    }
    if (name >= 0) this.#defineAt(name, kindCode.type);
  }

  /** Index of the last name in the parentheses that open at an index. */
  #nameIn(at: number): number {
    let name = -1;
    const end = this.#behindGroup(at) - 1;
    for (let index = at + 1; index < end; index++) if ((this.#tokens[index] ?? other) >= words.end) name = index;
    return name;
  }

  /** Index of the name that a declaration without parameters gives; -1 when it gives none. */
  #variable(): number {
    let first = -1;
    let plain = -1;
    let seen = 0;
    for (let at = 0; at < this.#count; at++) {
      const token = this.#tokens[at] ?? other;
      if (token === body) {
        seen = 1;
        first = plain = -1;
      } else if (token === openParen) {
        // `int (*name)(…)`.
        const isDeclarator = this.#tokens[at + 1] === star && !this.#isAttribute(this.#tokens[at - 1] ?? other);
        if (isDeclarator) return this.#nameIn(at);
        at = this.#behindGroup(at) - 1;
      } else if (token === words.typeof && !this.#has(words.extern)) {
        // Where it is `extern`, it says once more what is known (`EXPORT_SYMBOL`).
        seen++;
      } else if (token >= 0 && !isStorage(token) && !this.#isAttribute(token)) {
        // The first one is the type.
        if (seen++ === 0 || token < words.end || isTag(this.#tokens[at - 1] ?? other)) continue;
        if (first < 0) first = at;
        if (!this.#words.isAttribute(token)) plain = at;
      }
    }
    // Attributes may follow the name, and begin with two underscores (`__read_mostly`).
    return plain >= 0 ? plain : first;
  }
}

const isStorage = (token: number): boolean => token >= words.tagEnd && token < words.storageEnd;
const isTag = (token: number): boolean => token >= words.struct && token < words.tagEnd;
