import { openerOf } from '../absentText.ts';
import type { HoverText } from '../hover.ts';
import type { CFile } from './cFile.ts';

/** Why a line is not compiled, with the condition that removes it; `null` where it is, and on blank lines. */
export function inactiveText(file: CFile, offset: number): HoverText | null {
  const removed = file.inactive.find((range) => range.start <= offset && offset < range.end);
  if (removed === undefined) return null;
  const line = file.lines.lineAt(offset);
  const { start, end } = file.lines.lineRange(line, file.text);
  const content = file.text.slice(start, end);
  if (content.trim() === '') return null;
  const directiveLine = file.lines.lineAt(removed.start) - 1;
  const opened = file.lines.lineRange(directiveLine, file.text);
  const directive = file.text.slice(opened.start, opened.end).trim();
  const opener = /^#\s*el/.test(directive) ? openerOf(file, directiveLine) : null;
  const of = opener === null ? '' : `, a branch of \`${opener.text}\` in line ${opener.line},`;
  const source = file.tree === null ? '' : `  \nConfiguration: ${file.tree.config.source.text}.`;
  return {
    range: { start: start + content.length - content.trimStart().length, end: start + content.trimEnd().length },
    markdown: `**Not compiled**: \`${directive}\` in line ${directiveLine}${of} is not taken.${source}`,
  };
}
