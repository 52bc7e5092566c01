import type { ChainFrame } from '../../kernel/patchSite.ts';
import type { CUnit } from '../../project/cUnit.ts';
import type { ExpandedText } from '../../syntax/c/expandedText.ts';

/**
 * What the reader wrote at a place of the expanded text: the innermost macro whose use stands in the file itself
 * (`static_branch_unlikely` in `WARN_ON(static_branch_unlikely(&key))`), else the called function's own name.
 */
export function constructAt(expanded: ExpandedText, at: number, callee: string): string {
  if (expanded.spelledInMain(at) !== null) return callee;
  const { chain } = expanded.originAt(at) ?? { chain: [] };
  const [outermost] = chain;
  if (outermost === undefined) return callee;
  const { start, end } = expanded.toMain(at);
  // A macro in an argument is written there, one in a macro's body is not.
  const written = chain.filter(({ file, offset }) => file === expanded.path && offset >= start && offset < end);
  return (written[written.length - 1] ?? outermost).name;
}

/** Macro uses that the text at a place came through, outermost first, with the line where each is written. */
export function macroFrames(unit: CUnit, at: number): ChainFrame[] {
  const { expanded, lines } = unit;
  if (expanded.spelledInMain(at) !== null) return [];
  const origin = expanded.originAt(at);
  if (origin === null) return [];
  return origin.chain.map(({ name, file, offset }, index) => ({
    name,
    file,
    line: file === unit.path ? lines.lineAt(offset) : lineOfBody(origin.chain[index - 1]?.macro.line),
  }));
}

/** A macro used in another's body: the line of that macro's definition. */
function lineOfBody(line: number | undefined): number {
  return line ?? 1;
}
