/** A statement that is the whole body of an `if`, `else` or loop, without braces around it. */
export interface BareBody {
  /** Where the opening brace goes: behind the head's last word. */
  readonly open: number;
  /** Indentation of the head. */
  readonly indent: string;
}

/**
 * The head of a statement that begins on the line at `lineStart`, when that statement stands without braces behind it; `null`
 * where another statement can be put beside it, `inside` where the line goes on with a statement.
 */
export function bareBodyAt(text: string, lineStart: number): BareBody | 'inside' | null {
  let end = lineStart;
  for (;;) {
    const before = text.slice(0, end).trimEnd();
    const comment = before.endsWith('*/') ? before.lastIndexOf('/*') : -1;
    const start = before.lastIndexOf('\n') + 1;
    const line = /^\s*(#|\/\/)/.test(before.slice(start)) ? start : -1;
    const next = comment >= 0 ? comment : line;
    if (next < 0) {
      end = before.length;
      break;
    }
    end = next;
  }
  if (end === 0 || /[;{}:]/.test(text[end - 1] ?? '')) return null;
  const head = text.slice(Math.max(0, end - 4), end);
  return head.endsWith(')') || /\b(else|do)$/.test(head) ? { open: end, indent: headIndent(text, end) } : 'inside';
}

/** Indentation of the line that a head begins on: its condition can go over several. */
function headIndent(text: string, end: number): string {
  let depth = 0;
  for (let at = end - 1; at >= 0; at--) {
    if (text[at] === ')') depth++;
    else if (text[at] === '(') depth--;
    else if (text[at] === '\n' && depth <= 0) return /^[ \t]*/.exec(text.slice(at + 1, end))?.[0] ?? '';
  }
  return '';
}
