// What masks the statements of a body is in maskBody.ts, the writing over and its notes in rawMasks.ts.
import type { TextRange } from '../../base/text.ts';
import { maskBody } from './maskBody.ts';
import { RawMasks } from './rawMasks.ts';
import { keptTokens, matchRaw, readRawTokens } from './rawTokens.ts';

/** A macro use that was written over. */
export interface MaskedMacro {
  readonly range: TextRange;
  readonly name: string;
  /** Arguments as written; `null` for a name alone. */
  readonly args: readonly string[] | null;
  /** It stands for a whole definition: what `{` or `=` follows belongs to it. */
  readonly makes: 'function' | 'variable' | 'statement' | null;
}

/** The raw text with all that the grammar does not know written over; offsets are those of the text. */
export interface MaskedText {
  readonly text: string;
  readonly macros: readonly MaskedMacro[];
  /** Declarations at file scope, in order: what the outline is made of. */
  readonly masks: RawMasks;
}

/**
 * Masks what only the preprocessor would explain: attribute macros, macros in the place of declarations and loops, types
 * as arguments, directive lines. Nothing is looked up: form and place of a word decide. Total; linear.
 */
export function maskMacros(text: string): MaskedText {
  const tokens = readRawTokens(text);
  const kept = keptTokens(tokens);
  const masks = new RawMasks(text, tokens, kept, matchRaw(tokens, kept));
  for (const { start, end } of tokens.directives) masks.blank(start, end);
  for (let at = 0; at < tokens.count; at++) {
    if (kept[at] === 1) continue;
    let to = at;
    while (to + 1 < tokens.count && kept[to + 1] !== 1) to++;
    masks.blank(tokens.starts[at] ?? 0, tokens.ends[to] ?? 0);
    at = to;
  }
  for (let at = masks.next(-1); at < tokens.count; ) at = Math.max(maskDeclaration(masks, at), masks.next(at));
  return { text: masks.result(), macros: masks.macros, masks };
}

const storage: ReadonlySet<string> = new Set(
  'static extern inline __inline __inline__ const volatile register typedef __extension__ __const __volatile__'.split(
    ' ',
  ),
);

/** Masks one declaration at file scope; index behind it. */
function maskDeclaration(masks: RawMasks, from: number): number {
  let at = from;
  const words: number[] = [];
  let hasType = false;
  let afterDeclarator = false;
  while (at < masks.count) {
    const kind = masks.kind(at);
    const word = masks.word(at);
    if (kind === 59 || kind === 125) {
      masks.maskSpecifiers(words, hasType, !afterDeclarator);
      if (!afterDeclarator && words.length > 1 && kind === 59) masks.noteVariable(from, words, at);
      return at + 1;
    }
    if (kind === 44) {
      masks.maskSpecifiers(words, hasType, !afterDeclarator);
      words.length = 0;
      hasType = true;
      at++;
      continue;
    }
    if (kind === 61) {
      masks.maskSpecifiers(words, hasType, true);
      const end = masks.statementEnd(at);
      maskBody(masks, at, end);
      masks.noteVariable(from, words, end);
      return end + 1;
    }
    if (kind === 123) {
      const close = masks.close(at);
      if (afterDeclarator) {
        masks.maskSpecifiers(words, hasType, false);
        maskBody(masks, at + 1, close);
        masks.noteFunction(from, words, close);
        return close + 1;
      }
      return close + 1;
    }
    if (word === 'struct' || word === 'union' || word === 'enum') {
      hasType = true;
      at = maskAggregate(masks, at);
      continue;
    }
    if (word !== '' && masks.isAttribute(word)) {
      at = masks.kind(at + 1) === 40 ? masks.close(at + 1) + 1 : at + 1;
      continue;
    }
    if (word !== '' && masks.kind(at + 1) === 40) {
      const close = masks.close(at + 1);
      const after = masks.kind(close + 1);
      const isAlone = !hasType && words.every((index) => storage.has(masks.word(index)));
      if (masks.isTypeof(word)) {
        masks.replace(at, close, 'int');
        hasType = true;
        at = close + 1;
      } else if (afterDeclarator || isBehindName(masks, words, at, close, hasType)) {
        masks.mask(at, close, '', null);
        at = close + 1;
      } else if (isAlone && !masks.isKeyword(word)) {
        const next = maskMade(masks, from, at, close);
        if (next !== null) return next;
        at = close + 1;
      } else if (after === 1 && !masks.startsDefinition(close + 1) && masks.kind(at + 2) !== 42) {
        // `static __printf(1, 2) int name(…)`: words go on behind it.
        if (masks.kind(close + 2) === 40 || masks.kind(close + 2) === 1 || masks.kind(close + 2) === 42) {
          // Of two such words the one with underscores is the attribute.
          const isAttribute = word.startsWith('__') && !masks.word(close + 1).startsWith('__');
          if (!isAttribute && masks.leadsToBody(close + 1)) {
            words.push(at);
            afterDeclarator = true;
            masks.maskParameters(at + 1, close);
          } else masks.mask(at, close, '', null);
        } else {
          words.push(at);
          afterDeclarator = true;
          masks.maskParameters(at + 1, close);
        }
        at = close + 1;
      } else {
        words.push(at);
        afterDeclarator = true;
        masks.maskParameters(at + 1, close);
        at = close + 1;
      }
      continue;
    }
    if (word !== '') {
      if (afterDeclarator && !masks.isKeyword(word)) masks.mask(at, at, '', null);
      else if (!afterDeclarator) {
        if (masks.isTypeWord(word)) hasType = true;
        words.push(at);
      }
      at++;
      continue;
    }
    if (kind === 40) {
      masks.maskParameters(at, masks.close(at));
      afterDeclarator = true;
      at = masks.close(at) + 1;
      continue;
    }
    if (kind === 91) {
      at = masks.close(at) + 1;
      // `name[] __initconst = …`
      while (masks.kind(at) === 1 && !masks.isAttribute(masks.word(at))) {
        const end = masks.kind(at + 1) === 40 ? masks.close(at + 1) : at;
        masks.mask(at, end, '', null);
        at = end + 1;
      }
      continue;
    }
    at++;
  }
  return at;
}

/** An attribute macro behind a variable's name: `int limit __aligned(8) = 3;` */
function isBehindName(masks: RawMasks, words: readonly number[], at: number, close: number, hasType: boolean): boolean {
  const after = masks.kind(close + 1);
  if (after !== 61 && after !== 59 && after !== 44) return false;
  const names = words.filter((index) => !masks.isKeyword(masks.word(index)));
  if (names.length < (hasType ? 1 : 2) || names[names.length - 1] !== at - 1) return false;
  return after === 61 || masks.word(at).startsWith('__');
}

/** `struct name { … }`: members are masked; index behind the body or the tag. */
function maskAggregate(masks: RawMasks, at: number): number {
  const isEnum = masks.word(at) === 'enum';
  const keyword = at;
  at++;
  while (masks.kind(at) === 1 && masks.isAttribute(masks.word(at))) at = masks.close(at + 1) + 1;
  const tag = masks.kind(at) === 1 ? at : -1;
  if (tag >= 0) at++;
  while (masks.kind(at) === 1 && masks.kind(at + 1) === 123) {
    masks.mask(at, at, '', null);
    at++;
  }
  if (masks.kind(at) !== 123) return at;
  const close = masks.close(at);
  masks.noteType(keyword, tag, close);
  if (!isEnum)
    for (let member = at + 1; member < close; ) member = Math.max(maskMember(masks, member, close), member + 1);
  return close + 1;
}

/** One member of a structure; index behind its `;`. */
function maskMember(masks: RawMasks, from: number, limit: number): number {
  let at = from;
  const words: number[] = [];
  let hasType = false;
  while (at < limit) {
    const kind = masks.kind(at);
    const word = masks.word(at);
    if (kind === 59) {
      masks.maskSpecifiers(words, hasType, true);
      return at + 1;
    }
    if (word === 'struct' || word === 'union' || word === 'enum') {
      hasType = true;
      at = maskAggregate(masks, at);
    } else if (word !== '' && masks.isAttribute(word)) {
      at = masks.kind(at + 1) === 40 ? masks.close(at + 1) + 1 : at + 1;
    } else if (word !== '' && masks.kind(at + 1) === 40 && !masks.isKeyword(word)) {
      const close = masks.close(at + 1);
      if (masks.isTypeof(word)) {
        masks.replace(at, close, 'int');
        hasType = true;
      } else if (words.length === 0 && !hasType) {
        // A member made by a macro; without `;` behind it the macro brings its own.
        const brings = masks.kind(close + 1) !== 59;
        masks.mask(at, close, brings ? '' : 'int v', 'variable');
        if (brings) return close + 1;
      } else if (masks.kind(at + 2) === 42) {
        words.push(at);
      } else masks.mask(at, close, '', null);
      at = close + 1;
    } else if (word !== '') {
      if (masks.isTypeWord(word)) hasType = true;
      words.push(at);
      at++;
    } else if (kind === 44) {
      masks.maskSpecifiers(words, hasType, true);
      words.length = 0;
      hasType = true;
      at++;
    } else if (kind === 58) {
      while (at < limit && masks.kind(at) !== 59 && masks.kind(at) !== 44) at++;
    } else if (kind === 40) {
      masks.maskParameters(at, masks.close(at));
      at = masks.close(at) + 1;
    } else if (kind === 91) at = masks.close(at) + 1;
    else at++;
  }
  return at;
}

/** A macro use where a declaration should be, alone or behind `static`; index behind what it makes, or `null`. */
function maskMade(masks: RawMasks, from: number, at: number, close: number): number | null {
  let next = close + 1;
  const first = next;
  // Attributes behind it: `DEFINE_PER_CPU(…) ____cacheline_aligned;`
  while (masks.kind(next) === 1 && masks.firsts(next) !== 1 && !masks.isKeyword(masks.word(next))) {
    next = masks.kind(next + 1) === 40 ? masks.close(next + 1) + 1 : next + 1;
  }
  const kind = masks.kind(next);
  if (kind === 123) {
    masks.mask(at, next - 1, 'int f()', 'function', close);
    const end = masks.close(next);
    maskBody(masks, next + 1, end);
    masks.noteMade('function', from, at, end);
    return end + 1;
  }
  if (kind === 61 || kind === 91) {
    const end = masks.statementEnd(next);
    masks.mask(at, next - 1, 'int v', 'variable', close);
    maskBody(masks, next, end);
    masks.noteMade('variable', from, at, end);
    return end + 1;
  }
  if (kind === 59 && next < masks.count) {
    masks.mask(at, next - 1, 'int v', 'variable', close);
    masks.noteMade('variable', from, at, next);
    return next + 1;
  }
  if (masks.firsts(first) === 1 || first >= masks.count) {
    masks.maskStatement(from, at, close);
    masks.noteMade('statement', from, at, close);
    return close + 1;
  }
  return null;
}
