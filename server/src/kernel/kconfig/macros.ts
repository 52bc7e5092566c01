import type { Toolchain } from './toolchain.ts';

/** The macro language of Kconfig files (`Documentation/kbuild/kconfig-macro-language.rst`). */
export interface KconfigMacros {
  /** `NAME = text`, `:=` or `+=`. */
  assign(name: string, operator: '=' | ':=' | '+=', text: string): void;
  /** Text with every `$(…)` replaced. */
  expand(text: string): string;
  /** End (exclusive) of the macro reference whose `$` is at `at`. */
  endOfReference(text: string, at: number): number;
}

const maxDepth = 40;

/** Macros with `environment` as the outer variables; programs are answered by `toolchain`, never run. */
export function createMacros(environment: Readonly<Record<string, string>>, toolchain: Toolchain): KconfigMacros {
  const variables = new Map<string, { value: string; isRecursive: boolean }>();

  const expand = (text: string, args: readonly string[], depth: number): string => {
    if (!text.includes('$') || depth > maxDepth) return text;
    let out = '';
    let at = 0;
    for (;;) {
      const dollar = text.indexOf('$', at);
      if (dollar < 0) return out + text.slice(at);
      out += text.slice(at, dollar);
      if (text[dollar + 1] !== '(') {
        out += '$';
        at = dollar + 1;
        continue;
      }
      const end = endOfReference(text, dollar);
      out += reference(text.slice(dollar + 2, end - 1), args, depth + 1);
      at = end;
    }
  };

  const reference = (inside: string, args: readonly string[], depth: number): string => {
    const parts = splitTop(inside);
    const name = expand(parts[0] ?? '', args, depth);
    if (/^\d+$/.test(name)) return args[Number(name)] ?? '';
    const values = parts.map((part, index) => (index === 0 ? name : expand(part, args, depth)));
    const answer = parts.length > 1 || !variables.has(name) ? toolchain.call(name, values.slice(1)) : null;
    if (answer !== null) return answer;
    switch (name) {
      case 'shell':
        return toolchain.shell(values.slice(1).join(','));
      case 'error-if':
      case 'warning-if':
      case 'info':
        return '';
      case 'filename':
      case 'lineno':
        return '';
    }
    const variable = variables.get(name);
    if (variable) return variable.isRecursive ? expand(variable.value, values, depth) : variable.value;
    return environment[name] ?? '';
  };

  return {
    expand: (text) => expand(text, [], 0),
    endOfReference,
    assign: (name, operator, text) => {
      const before = variables.get(name);
      if (operator === '+=' && before) {
        const added = before.isRecursive ? text : expand(text, [], 0);
        variables.set(name, { ...before, value: `${before.value} ${added}` });
      } else {
        const isRecursive = operator !== ':=';
        variables.set(name, { value: isRecursive ? text : expand(text, [], 0), isRecursive });
      }
    },
  };
}

function endOfReference(text: string, at: number): number {
  let depth = 0;
  for (let index = at + 1; index < text.length; index++) {
    if (text[index] === '(') depth++;
    else if (text[index] === ')' && --depth === 0) return index + 1;
  }
  return text.length;
}

/** Splits at commas outside of brackets; the parts keep their spaces, as Kconfig does. */
function splitTop(text: string): string[] {
  if (!text.includes(',')) return [text];
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ',' && depth === 0) {
      out.push(text.slice(start, at));
      start = at + 1;
    }
  }
  out.push(text.slice(start));
  return out;
}
