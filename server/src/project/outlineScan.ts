import { OutlineBuilder } from './outlineBuilder.ts';
import type { SourceLanguage, SourceOutline } from './outlineModel.ts';
import { PreprocessorLines } from './outlinePreprocessor.ts';
import { readStatements } from './outlineStatements.ts';

/** Scans one text. Total and linear: whatever fits nothing is passed over. */
export function scanOutline(text: string, language: SourceLanguage): SourceOutline {
  const builder = new OutlineBuilder(text);
  const preprocessor = new PreprocessorLines(builder, language);
  while (!builder.isDone) {
    builder.skipBlank();
    if (builder.isDone) break;
    const next = builder.peek();
    if (next === 10) builder.at++;
    else if (next === 35) preprocessor.readDirective();
    else if (preprocessor.isAssembly()) readStatements(builder);
    else readC(builder);
  }
  const { tokens, parameterUses, blocks, defines, definitions, statements, includes } = builder;
  return { text, tokens, parameterUses, blocks, defines, definitions, statements, includes };
}

/** A line of C: its identifiers. */
function readC(builder: OutlineBuilder): void {
  while (!builder.isLineEnd) {
    builder.skipBlank();
    if (builder.isLineEnd) return;
    const next = builder.peek();
    if (next === 34) builder.string();
    else if (next === 39) builder.character();
    else {
      const start = builder.at;
      while (isCWord(builder.peek())) builder.at++;
      if (builder.at === start) builder.at++;
      else if (next < 48 || next > 57) builder.add('c-word', start, builder.at);
    }
  }
}

function isCWord(value: number): boolean {
  return (value >= 97 && value <= 122) || (value >= 65 && value <= 90) || (value >= 48 && value <= 57) || value === 95;
}
