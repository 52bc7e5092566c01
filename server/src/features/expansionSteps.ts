import { dataWords, displayText } from '../kernel/insnText.ts';
import type { ReadLine } from '../kernel/streamWords.ts';
import type { CppLine } from '../syntax/cpp/model.ts';
import { withArguments } from '../syntax/gas/macroText.ts';
import type { Bucket, Frame, GasResult } from '../syntax/gas/model.ts';
import { scrubLine } from '../syntax/gas/scrub.ts';
import { parseStatement } from '../syntax/gas/statement.ts';

/** One line of an expansion shown one level at a time: a statement, or an invocation with its own expansion. */
export type ExpansionStep =
  | { readonly kind: 'statement'; readonly text: string; readonly isLabel: boolean; readonly section: string }
  | { readonly kind: 'invocation'; readonly text: string; readonly frame: Frame };

/**
 * What one expansion emits itself, with the expansions in it as single steps, in order. Texts are as the macro's body
 * has them, arguments filled in: names of constants and cpucaps say more than their numbers.
 */
export function expansionSteps(gas: GasResult, frame: Frame, readLine: ReadLine): ExpansionStep[] {
  const children = childFrames(gas, frame);
  const steps: ExpansionStep[] = [];
  let next = 0;
  let seq = frame.seqStart;
  while (seq < frame.seqEnd || next < children.length) {
    const child = children[next];
    if (child !== undefined && child.seqStart <= seq) {
      const text = writtenText(child.invocation, child.callSource, frame, readLine);
      steps.push({ kind: 'invocation', text, frame: child });
      seq = Math.max(seq, child.seqEnd);
      next++;
      continue;
    }
    const statement = gas.statements[seq++];
    if (statement === undefined || seq > frame.seqEnd) break;
    const isLabel = statement.kind === 'label';
    steps.push({
      kind: 'statement',
      text: isLabel ? statement.text : writtenText(statement.text, statement.source, frame, readLine),
      isLabel,
      section: statement.bucket.section,
    });
  }
  return steps;
}

/**
 * A statement as it is written in the body that `frame` expands (`null`: in the file), arguments filled in; as it was
 * emitted where its line holds more than the one.
 */
export function writtenText(emitted: string, source: CppLine, frame: Frame | null, readLine: ReadLine): string {
  const shown = displayText(emitted);
  const line = (readLine(source.file, source.line) ?? '').replace(/\/\*.*?\*\//g, ' ');
  if ((frame !== null && frame.kind !== 'macro') || /\\$/.test(line) || scrubLine(source.text).length !== 1)
    return shown;
  const [only, ...others] = scrubLine(withArguments(line, frame));
  // A use of the preprocessor that goes on in the next line is not all of it.
  const isWhole = only !== undefined && only.split('(').length === only.split(')').length;
  // Optional arguments at the end may have been empty.
  return isWhole && others.length === 0 ? displayText(parseStatement(only).body).replace(/(,\s*)+$/, '') : shown;
}

function childFrames(gas: GasResult, frame: Frame): Frame[] {
  const children: Frame[] = [];
  // Frames are listed in order of invocation, so a frame's own come after it and before its next sibling.
  let low = gas.frames.indexOf(frame) + 1;
  if (low === 0) return children;
  for (; low < gas.frames.length; low++) {
    const other = gas.frames[low];
    if (other === undefined || other.depth <= frame.depth) break;
    if (other.parent === frame) children.push(other);
  }
  return children;
}

/**
 * Instructions and labels that an expansion puts in line, through all levels; `null` when there are more than `limit`.
 * Out-of-line replacements and table entries are left out.
 */
export function inlineExpansion(gas: GasResult, frame: Frame, limit: number): string[] | null {
  const statements = gas.statements.slice(frame.seqStart, frame.seqEnd);
  const code = statements.filter((one) => one.kind === 'insn' || one.op === '.inst');
  const lowest = code.reduce<Bucket | null>(
    (best, { bucket }) => (best === null || bucket.subsection < best.subsection ? bucket : best),
    null,
  );
  const lines: string[] = [];
  for (const statement of statements) {
    if (statement.bucket !== lowest) continue;
    if (statement.kind === 'label') lines.push(displayText(statement.text));
    else if (statement.kind === 'insn') lines.push(`\t${displayText(statement.text)}`);
    else if (statement.kind === 'data') lines.push(...dataWords(gas, statement).map(({ text }) => `\t${text}`));
    if (lines.length > limit) return null;
  }
  return lines;
}
