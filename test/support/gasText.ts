import type { CppLine } from '../../server/src/syntax/cpp/model.ts';
import { assemble } from '../../server/src/syntax/gas/assembler.ts';
import type { GasResult } from '../../server/src/syntax/gas/model.ts';
import { StatementCache } from '../../server/src/syntax/gas/statement.ts';

/** Lines as the preprocessor hands them on, from text without directives of its own. */
export function cppLines(text: string, file = '/test.S'): CppLine[] {
  return text
    .split('\n')
    .map((line, index) => ({ text: line, file, line: index + 1, tokens: [], columns: [] }))
    .filter((line) => line.text.trim() !== '');
}

/** The macro layer's result for text. */
export function assembleText(text: string): GasResult {
  return assemble(cppLines(text), { cache: new StatementCache() });
}

/** Flat statements for people, one a line, then the issues as `! kind: message (line)`. */
export function flatText(text: string): string {
  const result = assembleText(text);
  const issues = result.issues.map((issue) => `! ${issue.kind}: ${issue.message} (line ${issue.source.line})`);
  return [flatten(result).trimEnd().replaceAll('\t', '  '), ...issues].filter((part) => part !== '').join('\n');
}

/** The statements as a flat file, one a line. */
function flatten(result: GasResult): string {
  const lines = result.statements.map(({ kind, text }) =>
    kind === 'label' || kind === 'assignment' ? text : `\t${text}`,
  );
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
