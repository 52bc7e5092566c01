import type { GasResult } from './model.ts';

/**
 * The statements as a flat file: no macros, no conditionals, no repetition. GNU as makes the same section
 * contents and relocations of it as of the source. One statement a line, instructions and directives indented.
 */
export function flatten(result: GasResult): string {
  const lines: string[] = [];
  for (const statement of result.statements) {
    if (statement.op === '.warning') continue;
    lines.push(statement.kind === 'label' || statement.kind === 'assignment' ? statement.text : `\t${statement.text}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
