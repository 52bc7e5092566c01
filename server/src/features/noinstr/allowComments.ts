import type { LineIndex } from '../../base/text.ts';

/** What a comment `patchpoint: allow RULE -- reason` says. */
export interface AllowComment {
  readonly rule: string;
  readonly reason: string;
}

/**
 * Whether a comment `patchpoint: allow RULE -- reason` on the line of a finding or the line above silences it.
 * Without a reason it does not, nor with the word that the code action puts in its place.
 */
export function suppressedAt(
  text: string,
  lines: LineIndex | undefined,
  finding: { readonly rule: string; readonly line: number },
): boolean {
  return commentsFor(text, lines, finding.line).some(
    ({ rule }) => rule === finding.rule || finding.rule.startsWith(`${rule}.`),
  );
}

/** The comment that speaks of rules on noinstr code at an offset; `null` where there is none. */
export function allowComment(text: string, lines: LineIndex | undefined, offset: number): AllowComment | null {
  const comments = lines === undefined ? [] : commentsFor(text, lines, lines.lineAt(offset));
  return comments.find(({ rule }) => rule.startsWith('noinstr')) ?? null;
}

function commentsFor(text: string, lines: LineIndex | undefined, at: number): readonly AllowComment[] {
  if (lines === undefined) return [];
  const found: AllowComment[] = [];
  for (const line of [at, at - 1]) {
    if (line < 1) continue;
    const { start, end } = lines.lineRange(line, text);
    const written = text.slice(start, end);
    // Behind code, a comment speaks of that code.
    if (line !== at && !/^\s*(\/\*|\/\/|\*)/.test(written)) continue;
    const [, rule, reason] =
      /patchpoint:\s*allow\s+([\w.-]+)\s+--\s*((?!\*\/|REASON\b)\S.*?)\s*(?:\*\/|$)/.exec(written) ?? [];
    if (rule !== undefined && reason !== undefined) found.push({ rule, reason });
  }
  return found;
}
