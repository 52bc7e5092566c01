import { type ReadBlock, readExpression } from './expressions.ts';
import { stringContent } from './lexer.ts';
import type { CAsmOperand, CAsmStmt } from './model.ts';
import type { TokenReader } from './reader.ts';

/** An `asm` statement at the reader's place, which begins at `at`. */
export function readAsm(reader: TokenReader, at: number, block: ReadBlock): CAsmStmt {
  reader.next();
  let isVolatile = false;
  let isGoto = false;
  while (reader.peek().kind === 'identifier') {
    const word = reader.next().text;
    isVolatile ||= /volatile/.test(word);
    isGoto ||= word === 'goto';
  }
  let template = '';
  const outputs: CAsmOperand[] = [];
  const inputs: CAsmOperand[] = [];
  const clobbers: string[] = [];
  const labels: string[] = [];
  if (reader.take('(')) {
    while (reader.peek().kind === 'string') template += stringContent(reader.next());
    let part = 0;
    while (!reader.atEnd && !reader.is(')')) {
      const before = reader.at;
      if (reader.take(':')) part++;
      else if (part === 1) outputs.push(...readOperand(reader, block));
      else if (part === 2) inputs.push(...readOperand(reader, block));
      else if (part === 3 && reader.peek().kind === 'string') {
        let text = '';
        while (reader.peek().kind === 'string') text += stringContent(reader.next());
        clobbers.push(text);
      } else if (part === 4 && reader.peek().kind === 'identifier') labels.push(reader.next().text);
      else reader.take(',');
      if (reader.at === before) reader.next();
    }
    reader.take(')');
  }
  reader.take(';');
  return { kind: 'asm', template, isVolatile, isGoto, outputs, inputs, clobbers, labels, at, end: reader.lastEnd };
}

function readOperand(reader: TokenReader, block: ReadBlock): CAsmOperand[] {
  if (reader.take(',')) return [];
  const name = reader.is('[') ? reader.skipGroup().trim() : null;
  let constraint = '';
  while (reader.peek().kind === 'string') constraint += stringContent(reader.next());
  if (!reader.take('(')) return [];
  const value = readExpression(reader, block);
  if (!reader.take(')')) {
    reader.skipTo([')', ';']);
    reader.take(')');
  }
  return [{ name, constraint, value }];
}
