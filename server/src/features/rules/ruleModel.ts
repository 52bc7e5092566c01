import type { CpucapTable } from '../../kernel/cpucaps.ts';
import type { AlternativeSite } from '../../kernel/patchSite.ts';
import type { CppLine } from '../../syntax/cpp/model.ts';
import type { GasResult } from '../../syntax/gas/model.ts';
import type { ConstructGrammar } from './constructs.ts';

/** A finding before it has a range: the line a person wrote and, where one is meant, the word on it. */
export interface RawFinding {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  /** Word to underline; the line's text when it is `null` or not on the line. */
  readonly word: string | null;
  readonly message: string;
  readonly related: readonly RawRelated[];
  /** Line of the analyzed file that leads here when `file` is another one. */
  readonly outermost: { readonly file: string; readonly line: number };
}

export interface RawRelated {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What rules look at: one expansion, its sites and the grammar of the constructs that made them. */
export interface RuleInput {
  readonly gas: GasResult;
  readonly sites: readonly AlternativeSite[];
  readonly cpucaps: CpucapTable | null;
  readonly grammar: ConstructGrammar;
}

/** A finding at a line of source. */
export function findingAt(
  rule: string,
  source: Pick<CppLine, 'file' | 'line'>,
  outermost: Pick<CppLine, 'file' | 'line'>,
  message: string,
  extra: { word?: string | null; endLine?: number; related?: readonly RawRelated[] } = {},
): RawFinding {
  return {
    rule,
    file: source.file,
    line: source.line,
    endLine: extra.endLine ?? source.line,
    word: extra.word ?? null,
    message,
    related: extra.related ?? [],
    outermost: { file: outermost.file, line: outermost.line },
  };
}

/** A finding at the construct that makes a site. */
export function findingAtSite(
  rule: string,
  site: AlternativeSite,
  message: string,
  extra: { word?: string | null; related?: readonly RawRelated[] } = {},
): RawFinding {
  const { written } = site;
  return findingAt(
    rule,
    { file: written.file, line: written.openLine },
    { file: site.file, line: site.line },
    message,
    { endLine: written.endLine, word: extra.word ?? null, related: [...(extra.related ?? []), ...chainRelated(site)] },
  );
}

/** The invocation that led to a site written inside a macro. */
function chainRelated(site: AlternativeSite): RawRelated[] {
  const first = site.chain[0];
  return first === undefined
    ? []
    : [{ file: first.file, line: first.line, message: `expanded from \`${first.name}' here` }];
}

/** `1 instruction`, `3 instructions`. */
export function countInsns(bytes: number): string {
  const count = bytes / 4;
  if (!Number.isInteger(count)) return `${bytes} bytes`;
  return count === 1 ? '1 instruction' : `${count} instructions`;
}
