import type { CppToken } from '../../syntax/cpp/model.ts';
import type { FlowBuilder } from './builder.ts';
import { constantValue } from './constant.ts';
import { textOf } from './graph.ts';

/** Reads the statements of a statement expression; gives the range of its last expression. */
export type ReadBlock = (flow: FlowBuilder, from: number, to: number) => { from: number; to: number } | null;

/** Operands that are never evaluated: what stands in their parentheses calls nothing. */
const unevaluated: ReadonlySet<string> = new Set([
  'sizeof',
  'typeof',
  '__typeof__',
  '__typeof',
  '_Generic',
  '_Alignof',
  '__alignof__',
  '__builtin_constant_p',
  '__builtin_types_compatible_p',
  '__builtin_offsetof',
  '__builtin_object_size',
  '__builtin_dynamic_object_size',
  '__attribute__',
  '__has_attribute',
]);

const assignments: ReadonlySet<string> = new Set('= += -= *= /= %= &= |= ^= <<= >>='.split(' '));

const typeWords: ReadonlySet<string> = new Set(
  (
    'void int char short long unsigned signed float double _Bool bool struct union enum const volatile typeof __typeof__ ' +
    '__typeof __const __volatile__ __signed__ __int128 __int128_t __uint128_t _Float16'
  ).split(' '),
);

export function isTypeStart(flow: FlowBuilder, at: number): boolean {
  const token = flow.tokens[at];
  return token?.kind === 'identifier' && (typeWords.has(token.text) || flow.isTypeName(token.text));
}

/** Index of a token of the given texts at this level of brackets, or -1. */
export function findAtLevel(
  flow: FlowBuilder,
  from: number,
  to: number,
  wanted: (text: string, at: number) => boolean,
): number {
  for (let at = from; at < to; at++) {
    const token = flow.tokens[at];
    if (token?.kind !== 'punctuator') continue;
    if (wanted(token.text, at)) return at;
    const end = flow.match[at] ?? -1;
    if (end > at && (token.text === '(' || token.text === '[' || token.text === '{')) at = end;
  }
  return -1;
}

/** Parts between separators at this level. */
export function splitAtLevel(
  flow: FlowBuilder,
  from: number,
  to: number,
  separator: string,
): { from: number; to: number }[] {
  const parts: { from: number; to: number }[] = [];
  let start = from;
  for (;;) {
    const at = findAtLevel(flow, start, to, (text) => text === separator);
    if (at < 0) break;
    parts.push({ from: start, to: at });
    start = at + 1;
  }
  if (start < to || parts.length > 0) parts.push({ from: start, to });
  return parts;
}

/** Flow of an expression: its calls and assignments in order, with `&&`, `||` and `?:` as branches. */
export function readExpression(flow: FlowBuilder, from: number, to: number, readBlock: ReadBlock): void {
  for (const part of splitAtLevel(flow, from, to, ',')) readAssignment(flow, part.from, part.to, readBlock);
}

function readAssignment(flow: FlowBuilder, from: number, to: number, readBlock: ReadBlock): void {
  if (from >= to) return;
  const at = findAtLevel(flow, from, to, (text) => text === '?' || assignments.has(text));
  if (at > from && flow.text(at) !== '?') {
    const designator = flow.text(from) === '.' || flow.text(from) === '[';
    if (!designator) readOperands(flow, from, at, readBlock);
    readAssignment(flow, at + 1, to, readBlock);
    const token = flow.tokens[from];
    if (token !== undefined && !designator) {
      const value = flow.text(at) === '=' ? flow.slice(at + 1, to) : null;
      flow.emit({ kind: 'assign', target: textOf(flow.slice(from, at)), value, token });
    }
    return;
  }
  if (at >= 0) {
    readChoice(flow, from, at, to, readBlock);
    return;
  }
  if (findAtLevel(flow, from, to, (text) => text === '&&' || text === '||') > from) {
    const end = flow.place();
    readCondition(flow, from, to, end, end, readBlock);
    flow.current = end;
    return;
  }
  readOperands(flow, from, to, readBlock);
}

function readChoice(flow: FlowBuilder, from: number, question: number, to: number, readBlock: ReadBlock): void {
  let depth = 0;
  const colon = findAtLevel(flow, question + 1, to, (text) => {
    if (text === '?') depth++;
    if (text === ':') depth--;
    return depth < 0;
  });
  const end = flow.place();
  const yes = flow.place();
  const no = flow.place();
  readCondition(flow, from, question, yes, no, readBlock);
  flow.current = yes;
  readExpression(flow, question + 1, colon < 0 ? to : colon, readBlock);
  flow.goTo(end);
  flow.current = no;
  if (colon >= 0) readExpression(flow, colon + 1, to, readBlock);
  flow.goTo(end);
  flow.current = end;
}

/** Flow of a condition, to one place when it holds and to another when not. `&&`, `||`, `!` and constants are followed. */
export function readCondition(
  flow: FlowBuilder,
  start: number,
  stop: number,
  yes: number,
  no: number,
  readBlock: ReadBlock,
): void {
  const { from, to } = unwrap(flow, start, stop);
  const or = findAtLevel(flow, from, to, (text) => text === '?' || text === '||' || assignments.has(text));
  if (or > from && flow.text(or) === '||') {
    const second = flow.place();
    readCondition(flow, from, or, yes, second, readBlock);
    flow.current = second;
    readCondition(flow, or + 1, to, yes, no, readBlock);
    return;
  }
  const and = or < 0 ? findAtLevel(flow, from, to, (text) => text === '&&') : -1;
  if (and > from) {
    const second = flow.place();
    readCondition(flow, from, and, second, no, readBlock);
    flow.current = second;
    readCondition(flow, and + 1, to, yes, no, readBlock);
    return;
  }
  if (flow.text(from) === '!' && or < 0 && isOneOperand(flow, from + 1, to)) {
    flow.note(from);
    readCondition(flow, from + 1, to, no, yes, readBlock);
    return;
  }
  if (flow.text(from) === '(' && flow.text(from + 1) === '{' && flow.match[from] === to - 1) {
    flow.note(from);
    const last = readBlock(flow, from + 2, to - 2);
    if (last !== null) {
      readCondition(flow, last.from, last.to, yes, no, readBlock);
      return;
    }
  }
  readAtom(flow, from, to, yes, no, readBlock);
}

function readAtom(flow: FlowBuilder, from: number, to: number, yes: number, no: number, readBlock: ReadBlock): void {
  const tokens = flow.slice(from, to);
  const value = constantValue(tokens);
  for (let at = from; value !== null && at < to; at++) flow.note(at);
  if (value !== null) {
    flow.goTo(value === 0n ? no : yes);
    return;
  }
  readExpression(flow, from, to, readBlock);
  const token = tokens[0];
  if (flow.current === null || token === undefined) {
    flow.goTo(yes);
    return;
  }
  flow.emit({
    kind: 'branch',
    text: textOf(tokens),
    identifiers: tokens.filter((one) => one.kind === 'identifier').map((one) => one.text),
    calls: tokens
      .filter((one, at) => one.kind === 'identifier' && tokens[at + 1]?.text === '(' && !unevaluated.has(one.text))
      .map((one) => one.text),
    token,
  });
  flow.link(flow.current, yes);
  flow.link(flow.current, no);
  flow.current = null;
}

/** Without parentheses around all of it and without `__builtin_expect`. */
function unwrap(flow: FlowBuilder, start: number, stop: number): { from: number; to: number } {
  let from = start;
  let to = stop;
  for (;;) {
    if (flow.text(from) === '(' && flow.match[from] === to - 1 && flow.text(from + 1) !== '{' && to - from > 2) {
      flow.note(from);
      from++;
      to--;
    } else if (flow.text(from) === '__builtin_expect' && flow.match[from + 1] === to - 1) {
      flow.note(from);
      const comma = findAtLevel(flow, from + 2, to - 1, (text) => text === ',');
      from += 2;
      to = comma < 0 ? to - 1 : comma;
    } else return { from, to };
  }
}

/** Whether a range is one operand, so that a `!` before it negates all of it. */
function isOneOperand(flow: FlowBuilder, from: number, to: number): boolean {
  let at = from;
  while (['!', '~', '*', '&', '-'].includes(flow.text(at))) at++;
  return (
    findAtLevel(
      flow,
      at,
      to,
      (text) => !['(', '[', '.', '->', '{', '++', '--'].includes(text) && !/^[)\]}]$/.test(text),
    ) < 0
  );
}

/** Calls in a range without operators that branch, left to right. */
function readOperands(flow: FlowBuilder, from: number, to: number, readBlock: ReadBlock): void {
  let chain = from;
  for (let at = from; at < to; at++) {
    const token = flow.tokens[at];
    if (token === undefined) return;
    flow.note(at);
    const { text } = token;
    const end = flow.match[at] ?? -1;
    if (token.kind === 'identifier') {
      if (at === from || !['.', '->'].includes(flow.text(at - 1))) chain = at;
      if (unevaluated.has(text)) {
        const close = flow.match[at + 1] ?? -1;
        at = flow.text(at + 1) === '(' && close > at ? close : endOfUnary(flow, at + 1, to);
        continue;
      }
      if (text === '__builtin_choose_expr' && flow.text(at + 1) === '(') {
        at = readChooseExpression(flow, at, readBlock);
        continue;
      }
      if (flow.text(at + 1) === '(' && (flow.match[at + 1] ?? -1) > 0)
        at = readCall(flow, chain, at + 1, readBlock, token);
    } else if (text === '(') {
      if (at > from && isPostfixEnd(flow, at - 1)) {
        at = readCall(flow, chain, at, readBlock, token);
        continue;
      }
      chain = at;
      if (end < 0 || end >= to) continue;
      if (flow.text(at + 1) === '{') {
        const last = readBlock(flow, at + 2, end - 1);
        if (last !== null) readExpression(flow, last.from, last.to, readBlock);
      } else if (!isTypeStart(flow, at + 1)) readExpression(flow, at + 1, end, readBlock);
      at = end;
      // A cast: what follows is no call of what stands in the parentheses.
      if (isTypeStart(flow, chain + 1)) chain = at + 1;
      else if (flow.text(at + 1) === '(') at = readCall(flow, chain, at + 1, readBlock, token);
    } else if (text === '[' || text === '{') {
      if (end < 0 || end >= to) continue;
      readExpression(flow, at + 1, end, readBlock);
      at = end;
    } else if (text === '++' || text === '--') {
      const target = flow.tokens[at - 1]?.kind === 'identifier' ? textOf(flow.slice(chain, at)) : flow.text(at + 1);
      flow.emit({ kind: 'assign', target, value: null, token });
    } else if (text !== '.' && text !== '->' && text !== ')') chain = at + 1;
  }
}

/** Index of the last token of an operand without parentheses around it, as `sizeof` takes one. */
function endOfUnary(flow: FlowBuilder, from: number, to: number): number {
  let at = from;
  while (at < to && ['!', '~', '*', '&', '-', '+', '++', '--'].includes(flow.text(at))) at++;
  if (at >= to) return from - 1;
  for (;;) {
    const next = flow.text(at + 1);
    const end = flow.match[at + 1] ?? -1;
    if ((next === '(' || next === '[') && end > at && end < to) at = end;
    else if ((next === '.' || next === '->') && at + 2 < to) at += 2;
    else return at;
  }
}

function isPostfixEnd(flow: FlowBuilder, at: number): boolean {
  const token = flow.tokens[at];
  return token?.text === ']' || (token?.kind === 'identifier' && !typeWords.has(token.text) && token.text !== 'return');
}

/** `__builtin_choose_expr(c, a, b)`: only the chosen one is evaluated. Gives the index of its last token. */
function readChooseExpression(flow: FlowBuilder, at: number, readBlock: ReadBlock): number {
  const end = flow.match[at + 1] ?? -1;
  if (end < 0) return at;
  const [condition, yes, no] = splitAtLevel(flow, at + 2, end, ',');
  const value = condition === undefined ? null : constantValue(flow.slice(condition.from, condition.to));
  if (value !== 0n && yes !== undefined) readExpression(flow, yes.from, yes.to, readBlock);
  if ((value === null || value === 0n) && no !== undefined) readExpression(flow, no.from, no.to, readBlock);
  return end;
}

/** A call whose parentheses open at `open`. Gives the index of its last token. */
function readCall(flow: FlowBuilder, chain: number, open: number, readBlock: ReadBlock, token: CppToken): number {
  const end = flow.match[open] ?? -1;
  if (end < 0) return open;
  const args = splitAtLevel(flow, open + 1, end, ',');
  for (const arg of args) readAssignment(flow, arg.from, arg.to, readBlock);
  const callee = calleeName(flow, chain, open);
  flow.emit({
    kind: 'call',
    callee,
    text: textOf(flow.slice(chain, open)),
    args: args.map((arg) => flow.slice(arg.from, arg.to)),
    token,
    assigned: flow.text(chain - 1) === '=',
    guards: flow.guards,
  });
  return end;
}

/** `name` for `name(` and `(name)(`; `null` for members, indices and everything computed. */
function calleeName(flow: FlowBuilder, chain: number, open: number): string | null {
  let from = chain;
  let to = open;
  while (flow.text(from) === '(' && flow.match[from] === to - 1) {
    from++;
    to--;
  }
  const token = flow.tokens[from];
  return to - from === 1 && token?.kind === 'identifier' ? token.text : null;
}
