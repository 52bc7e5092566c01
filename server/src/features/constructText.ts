import type { AlternativeSite } from '../kernel/patchSite.ts';
import type { Workspace } from '../project/workspace.ts';

/**
 * Configuration symbol that a construct carries as an argument (`ALTERNATIVE(old, new, cap, CONFIG_X)`), read from
 * the text as it is written because the preprocessor leaves only its value; `null` when there is none.
 */
export function constructConfig(workspace: Workspace, site: AlternativeSite): string | null {
  const { file, openLine } = site.written;
  return configNamedAt(workspace, file, openLine, site.construct);
}

/** The same for the construct of a name that is invoked at a line; `null` for the name: the first invocation there. */
export function configNamedAt(
  workspace: Workspace,
  file: string,
  line: number,
  construct: string | null,
): string | null {
  const text = workspace.textOf(file);
  const lines = workspace.lineIndexOf(file);
  if (text === undefined || lines === undefined) return null;
  const { start, end } = lines.lineRange(line, text);
  const content = text.slice(start, end);
  const name = construct ?? /[A-Za-z_]\w*(?=\s*\(|\s)/.exec(content)?.[0] ?? '';
  const at = content.indexOf(name);
  if (at < 0) return null;
  return /\bCONFIG_\w+/.exec(invocationText(text, start + at + name.length, end))?.[0] ?? null;
}

/** Text of an invocation's arguments: up to its closing parenthesis, or to the end of its (continued) line. */
function invocationText(text: string, from: number, lineEnd: number): string {
  const open = text.slice(from, lineEnd).match(/^\s*\(/);
  if (open !== null) {
    let depth = 0;
    for (let at = from; at < text.length && at < from + 2000; at++) {
      if (text[at] === '(') depth++;
      else if (text[at] === ')' && --depth === 0) return text.slice(from, at);
    }
  }
  let end = lineEnd;
  while (text[end - 1] === '\\' && end < text.length) {
    const next = text.indexOf('\n', end + 1);
    end = next < 0 ? text.length : next;
  }
  const statement = text.slice(from, end);
  const separator = statement.search(/;|\/\//);
  return separator < 0 ? statement : statement.slice(0, separator);
}
