import type { AlternativeSite } from '../kernel/patchSite.ts';
import type { Workspace } from '../project/workspace.ts';

/**
 * Configuration symbol that a construct carries as an argument (`ALTERNATIVE(old, new, cap, CONFIG_X)`), read from
 * the text as it is written because the preprocessor leaves only its value; `null` when there is none.
 */
export function constructConfig(workspace: Workspace, site: AlternativeSite): string | null {
  const text = workspace.textOf(site.written.file);
  const lines = workspace.lineIndexOf(site.written.file);
  if (text === undefined || lines === undefined) return null;
  const { start, end } = lines.lineRange(site.written.openLine, text);
  const at = text.slice(start, end).indexOf(site.construct);
  if (at < 0) return null;
  return /\bCONFIG_\w+/.exec(invocationText(text, start + at + site.construct.length, end))?.[0] ?? null;
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
