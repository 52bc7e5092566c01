import type { LineIndex } from '../../base/text.ts';

/**
 * Whether a comment `patchpoint: allow RULE -- reason` on the line of a finding or the line above silences it.
 * Without a reason it does not, nor with the word that the code action puts in its place.
 */
export function suppressedAt(
  text: string,
  lines: LineIndex | undefined,
  finding: { readonly rule: string; readonly line: number },
): boolean {
  if (lines === undefined) return false;
  for (const line of [finding.line, finding.line - 1]) {
    if (line < 1) continue;
    const { start, end } = lines.lineRange(line, text);
    // Behind code, a comment speaks of that code.
    if (line !== finding.line && !/^\s*(\/\*|\/\/|\*)/.test(text.slice(start, end))) continue;
    const rule = /patchpoint:\s*allow\s+([\w.-]+)\s+--\s*(?!\*\/|REASON\b)\S/.exec(text.slice(start, end))?.[1];
    if (rule !== undefined && (rule === finding.rule || finding.rule.startsWith(`${rule}.`))) return true;
  }
  return false;
}
