import type { ArmPlace, CSite } from '../../kernel/c/cSite.ts';
import type { CFile } from './cFile.ts';
import { isBranch, type SiteOutcome } from './siteOutcome.ts';

/** Lines of a block, 1-based, both included. */
export interface IdleBlock {
  readonly first: number;
  readonly last: number;
}

/**
 * The block that a test of a key leaves out when it has this outcome: with a branch what is in line, with a NOP what is
 * out of line. Only whole lines below the test's own; `null` where another part of the condition can still let it run.
 */
export function idleBlock(file: CFile, site: CSite, { stream }: SiteOutcome): IdleBlock | null {
  const [insn] = stream ?? [];
  if (site.jump === null || insn === undefined || site.count > 1) return null;
  const arm = isBranch(insn) ? site.jump.inLine : site.jump.outOfLine;
  if (arm === null || arm.line === null) return null;
  const end = arm.endLine ?? arm.line;
  if (end <= site.endLine || canRunAnyway(file, site, arm)) return null;
  // The line of the test and lines with nothing but the block's own brackets belong to both ways.
  let first = Math.max(arm.line, site.endLine + 1);
  let last = end;
  while (first < last && /^[\s{}]*(else)?[\s{]*$/.test(lineText(file, first))) first++;
  if (/^\s*\}/.test(lineText(file, last)) && last > first) last--;
  else if (/^\s*\}/.test(lineText(file, last))) return null;
  return { first, last };
}

/** `a || b` runs its block without `a`, `a && b` its `else` with `a`; what a negated bracket does is not worked out. */
function canRunAnyway(file: CFile, site: CSite, arm: ArmPlace): boolean {
  const start = arm.line ?? site.line;
  const before = `${lineText(file, start - 1)} ${lineText(file, start)}`;
  const isElse = start > site.endLine && /\belse\b(?!\s+if\b)/.test(before);
  const lastOfCondition = isElse ? site.endLine : Math.max(site.endLine, start - 1);
  let condition = '';
  for (let line = site.line; line <= lastOfCondition; line++) condition += ` ${lineText(file, line)}`;
  if (/!\s*\((?:[^()]|\([^()]*\))*(?:&&|\|\|)/.test(condition)) return true;
  return condition.includes(isElse ? '&&' : '||');
}

function lineText(file: CFile, line: number): string {
  const { start, end } = file.lines.lineRange(line, file.text);
  return file.text.slice(start, end);
}
