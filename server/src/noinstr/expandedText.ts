import type { CppMacro } from '../syntax/cpp/model.ts';
import { argumentsOfUse } from './argumentText.ts';

const maxDepth = 6;

/**
 * A short expression with what `##` joins joined, and with the macros in it replaced: those that take arguments, and the
 * others outside of an index, where constants keep their names.
 */
export function expandedText(text: string, macroNamed: (name: string) => CppMacro | null): string {
  return expanded(joined(text), macroNamed, 0);
}

function expanded(text: string, macroNamed: (name: string) => CppMacro | null, depth: number): string {
  if (depth > maxDepth) return text;
  const again = (inner: string): string => expanded(inner, macroNamed, depth + 1);
  let result = '';
  let at = 0;
  for (const { 0: name, index } of text.matchAll(/(?<![.\w])[A-Za-z_]\w*/g)) {
    if (index < at) continue;
    const macro = macroNamed(name);
    const rest = text.slice(index + name.length);
    const { parameters } = macro ?? { parameters: null };
    const length = parameters === null ? 0 : argumentsLength(rest);
    const isIndex = text.lastIndexOf('[', index) > text.lastIndexOf(']', index);
    if (macro === null || macro.variadic || (parameters === null ? isIndex : length === 0)) continue;
    const args = argumentsOfUse(`${name}${rest.slice(0, length)}`);
    result += `${text.slice(at, index)}${again(substituted(macro, args, again))}`;
    at = index + name.length + length;
  }
  return result + text.slice(at);
}

/** A macro's body with its arguments: as written beside `##`, expanded elsewhere. */
function substituted(
  { body, parameters }: CppMacro,
  args: readonly string[],
  expand: (text: string) => string,
): string {
  const replaced = body.replace(/[A-Za-z_]\w*/g, (word, at: number) => {
    const arg = args[parameters?.indexOf(word) ?? -1];
    if (arg === undefined) return word;
    const isPasted = /##\s*$/.test(body.slice(0, at)) || /^\s*##/.test(body.slice(at + word.length));
    return isPasted ? arg.trim() : expand(arg.trim());
  });
  return joined(replaced);
}

function joined(text: string): string {
  return text.replace(/\s*##\s*/g, '');
}

/** Length of the arguments with their parentheses at the beginning of a text; 0 where there are none. */
function argumentsLength(text: string): number {
  const open = /^\s*\(/.exec(text);
  let depth = 0;
  for (let at = open === null ? text.length : 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at + 1;
  }
  return 0;
}
