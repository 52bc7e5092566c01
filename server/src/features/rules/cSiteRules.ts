// Rules about the alternatives that inline assembly of C makes.

import type { CSite } from '../../kernel/c/cSite.ts';
import type { CpucapTable } from '../../kernel/cpucaps.ts';
import type { RawFinding } from './ruleModel.ts';
import { checkCpucap, checkHalves } from './streamRules.ts';

/**
 * Findings of the alternatives of a C file or header, each where its `asm` statement, or the macro that makes one, is
 * written. What an inline function of another file makes is told there.
 */
export function checkCSites(sites: readonly CSite[], path: string, cpucaps: CpucapTable | null): RawFinding[] {
  const findings: RawFinding[] = [];
  for (const { alternative, removed, written } of sites) {
    if (alternative === null || removed !== null || written.file !== path) continue;
    checkCpucap(cpucaps, alternative, findings);
    findings.push(...checkHalves(alternative));
  }
  return findings;
}

/** Whether a C text can hold assembly of its own: spelled out, or by the kernel's macros. */
export function mayHoldAsm(text: string): boolean {
  return /\b(?:asm|__asm__|__asm)\b|ALTERNATIVE/.test(text);
}

/** Whether a text after preprocessing adds records to the table of alternatives. */
export function makesAlternatives(expanded: string): boolean {
  return expanded.includes('.altinstructions');
}
