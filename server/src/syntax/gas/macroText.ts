// Macro text as GNU as handles it (binutils 2.40, gas/macro.c): formals, actuals and the substitution in a body.

import type { Frame, MacroParameter } from './model.ts';
import { isNameStartCode, isSymbolCode, readable } from './scrub.ts';

const blank = (code: number): boolean => code === 32 || code === 9;

function skipBlanks(text: string, at: number): number {
  while (at < text.length && blank(text.charCodeAt(at))) at++;
  return at;
}

function skipComma(text: string, at: number): number {
  at = skipBlanks(text, at);
  if (text.charCodeAt(at) === 44) at++;
  return skipBlanks(text, at);
}

function symbolEnd(text: string, at: number): number {
  if (at >= text.length || !isNameStartCode(text.charCodeAt(at))) return at;
  at++;
  while (at < text.length && isSymbolCode(text.charCodeAt(at))) at++;
  return at;
}

/** ISSEP of gas/macro.c: what ends the look-ahead for a keyword argument. */
function separates(code: number): boolean {
  return code === 32 || code === 9 || code === 44 || code === 34 || code === 59 || code === 41 || code === 40;
}

/** How arguments are read after `.altmacro`: `%expression` becomes its value, `<text>` is a string. */
export interface AlternateSyntax {
  /** Value of the expression at `start`, as decimal text, and the offset after it; `null` when it has none. */
  evaluate(text: string, start: number): { value: string; end: number } | null;
}

/** A `<string>` of the alternate syntax: brackets nest, `!` takes the next character as it is. */
function readAngleString(text: string, at: number): { value: string; end: number } {
  let value = '';
  let depth = 0;
  at++;
  while (at < text.length && (text[at] !== '>' || depth > 0)) {
    if (text[at] === '!') at++;
    else if (text[at] === '>') depth--;
    else if (text[at] === '<') depth++;
    value += text[at++] ?? '';
  }
  return { value, end: at + 1 };
}

/** A quoted string with its quotes removed; a doubled or escaped quote stands for one. */
function readString(text: string, at: number): { value: string; end: number } {
  let value = '';
  while (at < text.length && (text[at] === '"' || text[at] === "'")) {
    const quote = text[at++];
    let escaped = false;
    while (at < text.length) {
      escaped = text[at - 1] === '\\' ? !escaped : false;
      if (escaped && text[at] === quote) {
        value += quote;
        at++;
        continue;
      }
      if (text[at] === quote) {
        at++;
        if (at >= text.length || text[at] !== quote) break;
      }
      value += text[at++];
    }
  }
  return { value, end: at };
}

/** One argument (`get_any_string`): a string without its quotes, or text up to a comma or a top-level blank. */
function readArgument(
  text: string,
  at: number,
  alternate: AlternateSyntax | null = null,
): { value: string; end: number } {
  at = skipBlanks(text, at);
  if (at >= text.length) return { value: '', end: at };
  if (alternate !== null) {
    if (text[at] === '%') {
      const evaluated = alternate.evaluate(text, at + 1);
      if (evaluated !== null) return evaluated;
    }
    if (text[at] === '<') return readAngleString(text, at);
    if (text[at] === '"' || text[at] === "'") {
      const { value, end } = readString(text, at);
      return { value: `"${value}"`, end };
    }
  }
  if (text[at] === '"') return readString(text, at);
  const start = at;
  const open: string[] = [];
  while (at < text.length) {
    const char = text[at];
    if (char === ',' || (open.length === 0 && (char === ' ' || char === '\t'))) break;
    if (char === '<' && alternate !== null) break;
    if (char === '"' || char === "'") {
      const end = text.indexOf(char, at + 1);
      if (end < 0) return { value: text.slice(start), end: text.length };
      at = end + 1;
      continue;
    }
    if (char === '(' || char === '[') open.push(char);
    else if (char === ')' && open[open.length - 1] === '(') open.pop();
    else if (char === ']' && open[open.length - 1] === '[') open.pop();
    at++;
  }
  return { value: text.slice(start, at), end: at };
}

/** Values of an `.irp` list. An absent list gives one empty value, as the assembler does. */
export function readIrpValues(text: string, alternate: AlternateSyntax | null = null): string[] {
  let at = skipBlanks(text, 0);
  if (at >= text.length) return [''];
  const values: string[] = [];
  while (at < text.length) {
    const { value, end } = readArgument(text, at, alternate);
    values.push(value);
    const next = skipComma(text, end);
    if (next === at) break;
    at = next;
  }
  return values;
}

/** Characters of an `.irpc` list, quotes removed. */
export function readIrpcValues(text: string): string[] {
  const trimmed = text.trim();
  const bare = trimmed.startsWith('"') ? readString(trimmed, 0).value : trimmed;
  return bare === '' ? [''] : [...bare].filter((char) => char !== ' ' && char !== ',');
}

/** Name and formals of a `.macro` line (the text after `.macro`); problems are in `issues`. */
export function readMacroHeader(text: string): { name: string; parameters: MacroParameter[]; issues: string[] } {
  const issues: string[] = [];
  const start = skipBlanks(text, 0);
  let at = symbolEnd(text, start);
  const name = text.slice(start, at);
  if (name === '') return { name: '', parameters: [], issues: ['.macro without a name'] };
  at = skipComma(text, at);
  const bracketed = text[at] === '(';
  if (bracketed) at = skipBlanks(text, at + 1);
  const parameters: MacroParameter[] = [];
  while (at < text.length && !(bracketed && text[at] === ')')) {
    const end = symbolEnd(text, at);
    if (end === at) {
      issues.push(`cannot read the parameters of macro \`${name}' at \`${text.slice(at)}'`);
      break;
    }
    const parameter = text.slice(at, end);
    let kind: MacroParameter['kind'] = 'plain';
    let defaultText = '';
    at = skipBlanks(text, end);
    if (text[at] === ':') {
      const from = skipBlanks(text, at + 1);
      const to = symbolEnd(text, from);
      const qualifier = text.slice(from, to).toLowerCase();
      if (qualifier === 'req') kind = 'required';
      else if (qualifier === 'vararg') kind = 'vararg';
      else issues.push(`\`${qualifier}' is not a valid parameter qualifier for \`${parameter}' in macro \`${name}'`);
      at = skipBlanks(text, to);
    }
    if (text[at] === '=') {
      const value = readArgument(text, at + 1);
      defaultText = value.value;
      at = value.end;
    }
    if (parameters.some((other) => other.name === parameter)) {
      issues.push(`a parameter named \`${parameter}' already exists for macro \`${name}'`);
    } else {
      parameters.push({ name: parameter, kind, defaultText });
    }
    at = skipComma(text, at);
  }
  return { name, parameters, issues };
}

/** Arguments of an invocation by parameter, defaults filled in. The text is what follows the macro's name. */
export function readActuals(
  macroName: string,
  parameters: readonly MacroParameter[],
  text: string,
  alternate: AlternateSyntax | null = null,
): { actuals: string[]; issues: string[] } {
  const actuals: string[] = parameters.map(() => '');
  const issues: string[] = [];
  let positional = 0;
  let keyword = false;
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    let scan = at;
    while (scan < text.length && !separates(text.charCodeAt(scan)) && text[scan] !== '=') scan++;
    const before = at;
    if (scan < text.length && text[scan] === '=' && alternate === null) {
      keyword = true;
      const end = symbolEnd(text, at);
      const name = text.slice(at, end);
      if (text[end] !== '=') {
        issues.push(`cannot read the arguments of macro \`${macroName}' at \`${text.slice(at)}'`);
        break;
      }
      const index = parameters.findIndex((parameter) => parameter.name === name);
      const value = readArgument(text, end + 1);
      at = value.end;
      if (index < 0) issues.push(`parameter named \`${name}' does not exist for macro \`${macroName}'`);
      else actuals[index] = value.value;
    } else {
      if (keyword) {
        issues.push(`macro \`${macroName}' mixes positional and keyword arguments`);
        break;
      }
      const parameter = parameters[positional];
      if (parameter === undefined) {
        issues.push(`too many positional arguments for macro \`${macroName}'`);
        break;
      }
      if (parameter.kind === 'vararg') {
        actuals[positional] = text.slice(at);
        at = text.length;
      } else {
        const value = readArgument(text, at, alternate);
        actuals[positional] = value.value;
        at = value.end;
      }
      positional++;
    }
    at = skipComma(text, at);
    if (at === before) {
      issues.push(`cannot read the arguments of macro \`${macroName}' at \`${text.slice(at)}'`);
      break;
    }
  }
  parameters.forEach((parameter, index) => {
    if (actuals[index] !== '') return;
    if (parameter.kind === 'required') {
      issues.push(`missing value for required parameter \`${parameter.name}' of macro \`${macroName}'`);
    }
    actuals[index] = parameter.defaultText;
  });
  return { actuals, issues };
}

/** A body statement cut at its parameters: text, the index of a parameter, or `invocationNumber` for `\@`. */
export type BodyPart = string | number;
const invocationNumber = -1;

/**
 * Cuts one body statement (`macro_expand_body`). `parameters` maps names, as written, to their index.
 * After `.altmacro` a parameter's bare name is replaced too.
 */
export function compileBody(
  text: string,
  parameters: ReadonlyMap<string, number>,
  alternate = false,
): readonly BodyPart[] {
  if (!alternate && !text.includes('\\') && !text.includes('&')) return [text];
  const parts: BodyPart[] = [];
  let literal = '';
  const push = (part: BodyPart): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(part);
  };
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    if (char === '&') {
      const end = symbolEnd(text, at + 1);
      const name = text.slice(at + 1, end);
      const index = parameters.get(name);
      const closed = text[end] === '&';
      if (index !== undefined) push(index);
      else literal += `&${name}${closed ? '&' : ''}`;
      at = closed ? end + 1 : end;
      continue;
    }
    if (alternate && isNameStartCode(text.charCodeAt(at))) {
      const end = symbolEnd(text, at);
      const index = parameters.get(text.slice(at, end));
      if (index === undefined) literal += text.slice(at, end);
      else push(index);
      at = end;
      continue;
    }
    if (char !== '\\') {
      literal += char;
      at++;
      continue;
    }
    at++;
    const next = text[at];
    if (next === '(') {
      const end = text.indexOf(')', at);
      literal += text.slice(at + 1, end < 0 ? text.length : end);
      at = end < 0 ? text.length : end + 1;
    } else if (next === '@') {
      push(invocationNumber);
      at++;
    } else if (next === '&') {
      literal += '\\&';
      at++;
    } else {
      const end = symbolEnd(text, at);
      const name = text.slice(at, end);
      const index = parameters.get(name);
      if (index === undefined) literal += `\\${name}`;
      else push(index);
      at = end;
      if (text[at] === "'") at++;
    }
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

/** Body text with actuals put in; `number` is what `\@` stands for. */
export function substitute(parts: readonly BodyPart[], actuals: readonly string[], number: number): string {
  if (parts.length === 1 && typeof parts[0] === 'string') return parts[0];
  let out = '';
  for (const part of parts) {
    if (typeof part === 'string') out += part;
    else out += part === invocationNumber ? String(number) : (actuals[part] ?? '');
  }
  return out;
}

/** Text as it is written in the body that `frame` expands, with the arguments of that expansion filled in, for people. */
export function withArguments(text: string, frame: Frame | null): string {
  let at = frame;
  while (at !== null && at.macro === null) at = at.parent;
  if (at === null || at.macro === null) return text;
  const names = new Map(at.macro.parameters.map(({ name }, index) => [name, index]));
  return readable(substitute(compileBody(text, names), at.actuals, at.number));
}
