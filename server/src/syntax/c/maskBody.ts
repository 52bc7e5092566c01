import type { RawMasks } from './rawMasks.ts';
import { RawKind } from './rawTokens.ts';

const statementWords: ReadonlySet<string> = new Set('if while for switch return case do else goto'.split(' '));
const asmWords: ReadonlySet<string> = new Set(['asm', '__asm__', '__asm']);
const aggregateWords: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);

/** Masks what the grammar does not know in the tokens of a body or of an initializer. */
export function maskBody(masks: RawMasks, from: number, to: number): void {
  let isStart = true;
  for (let at = from; at < to; at++) {
    const kind = masks.kind(at);
    if (kind !== RawKind.name) {
      if (kind === 38) maskLabelAddress(masks, at);
      const isLabel = kind === 58 && masks.kind(at - 1) === RawKind.name;
      isStart = kind === 59 || kind === 123 || kind === 125 || isLabel;
      continue;
    }
    const word = masks.word(at);
    const close = masks.kind(at + 1) === 40 ? Math.min(masks.close(at + 1), to) : -1;
    if (asmWords.has(word)) {
      at = maskAsm(masks, at, to);
      isStart = false;
    } else if (close > 0 && masks.isTypeof(word)) {
      masks.replace(at, close, 'int');
      at = close;
      isStart = false;
    } else if (word === 'goto' && masks.kind(at + 1) === 42) {
      masks.replace(at, at, '');
      isStart = false;
    } else if (close > 0 && !masks.isKeyword(word)) {
      const before = masks.word(at - 1);
      if ((before === 'static' || before === 'extern') && masks.kind(close + 1) === 59) {
        // `static DECLARE_WORK(…);`
        masks.mask(at, close, 'int v', 'variable');
        at = close;
        isStart = false;
      } else if (isStart && maskLoop(masks, at, close)) {
        // The statement under it begins here.
        at = close;
        isStart = true;
      } else {
        maskTypeArguments(masks, at + 1, close);
        isStart = false;
      }
    } else if (word === 'case') {
      maskCaseRange(masks, at, to);
      isStart = false;
    } else if (statementWords.has(word)) {
      isStart = word === 'else' || word === 'do';
    } else {
      if (!masks.isKeyword(word) && isLocalAttribute(masks, at)) masks.mask(at, close > 0 ? close : at, '', null);
      isStart = false;
    }
  }
}

/** `for_each_thing(…) {` or a macro that is a statement without `;`. */
function maskLoop(masks: RawMasks, at: number, close: number): boolean {
  const after = masks.kind(close + 1);
  const goesOn = after === 123 || (after === RawKind.name && masks.firsts(close + 1) === 1);
  if (!goesOn) return false;
  masks.mask(at, close, 'if(0)', 'statement');
  return true;
}

/** An attribute macro among the words of a local declaration or a cast: `int x __maybe_unused;`, `(void __user *)`. */
function isLocalAttribute(masks: RawMasks, at: number): boolean {
  if (masks.isQualifier(at)) return true;
  if (!masks.spelling(at).startsWith('__') || masks.kind(at - 1) !== RawKind.name) return false;
  const before = masks.word(at - 1);
  const after = masks.kind(at + 1);
  if (statementWords.has(before) || aggregateWords.has(before) || masks.isTypeWord(before)) return false;
  return after === 59 || after === 61 || after === 44;
}

/** Arguments that are types become numbers: `container_of(p, struct a, b)`. */
function maskTypeArguments(masks: RawMasks, open: number, close: number): void {
  if (masks.word(open - 1) === 'offsetof') {
    // The grammar knows it with a plain member: what follows the member is blanked.
    let comma = open + 1;
    while (comma < close && masks.kind(comma) !== 44) comma++;
    if (comma + 2 < close) masks.replace(comma + 2, close - 1, '');
    return;
  }
  let isFirst = true;
  for (let at = open + 1; at < close; at++) {
    const word = masks.word(at);
    const begins = isFirst && word !== '';
    isFirst = masks.kind(at) === 44;
    const kind = masks.kind(at);
    if (kind === 40 || kind === 91 || kind === 123) {
      at = masks.close(at);
      continue;
    }
    if (!begins) continue;
    const isType = aggregateWords.has(word) || masks.isTypeWord(word) || word === 'const' || word === 'volatile';
    let end = at;
    while (end + 1 < close && masks.kind(end + 1) !== 44) {
      const next = masks.kind(end + 1);
      end = next === 40 || next === 91 || next === 123 ? masks.close(end + 1) : end + 1;
    }
    const isPointer = masks.kind(end) === 42 && end > at;
    if ((isType || isPointer) && end < close && masks.kind(at + 1) !== 40) {
      masks.replace(at, end, '0');
      at = end;
    }
  }
}

/** `case 1 ... 5:` becomes `case 1:`. */
function maskCaseRange(masks: RawMasks, at: number, to: number): void {
  let dots = -1;
  for (let next = at + 1; next < to && next < at + 40; next++) {
    const kind = masks.kind(next);
    if (kind === 46 && masks.kind(next + 1) === 46 && masks.end(next) === masks.start(next + 1) && dots < 0)
      dots = next;
    else if (kind === 59 || kind === 123) return;
    else if (kind === 58) {
      if (dots >= 0) masks.replace(dots, next - 1, '');
      return;
    }
  }
}

/** `&&label` */
function maskLabelAddress(masks: RawMasks, at: number): void {
  if (masks.kind(at + 1) !== 38 || masks.end(at) !== masks.start(at + 1) || masks.kind(at + 2) !== RawKind.name) return;
  const before = masks.kind(at - 1);
  if (before === 40 || before === 44 || before === 61 || before === 123) masks.replace(at, at, '');
}

/** An `asm` statement: a template with macros in it becomes a literal; index of its last token. */
function maskAsm(masks: RawMasks, at: number, to: number): number {
  let open = at + 1;
  while (masks.kind(open) === RawKind.name) {
    if (masks.word(open) === 'inline' || masks.word(open) === '__inline__') masks.replace(open, open, '');
    open++;
  }
  if (masks.kind(open) !== 40) return at;
  const close = Math.min(masks.close(open), to);
  let end = open + 1;
  let hasNames = false;
  while (end < close && masks.kind(end) !== 58) {
    const kind = masks.kind(end);
    if (kind !== 3) hasNames = true;
    end = kind === 40 ? masks.close(end) + 1 : end + 1;
  }
  if (hasNames && end > open + 1) masks.replace(open + 1, end - 1, '""');
  return close;
}
