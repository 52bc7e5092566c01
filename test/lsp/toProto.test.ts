import { describe, expect, it } from 'vitest';
import { LineIndex } from '../../server/src/base/text.ts';
import { toOffset, toPosition, toSemanticTokens } from '../../server/src/lsp/toProto.ts';

const text = 'one\r\n\ttwo😀x\nlast';
const lines = new LineIndex(text);
const file = { text, lines };

describe('positions', () => {
  it('are 0-based and count UTF-16 units', () => {
    expect(toPosition(lines, text.indexOf('x'))).toEqual({ line: 1, character: 6 });
    expect(toOffset(file, { line: 1, character: 6 })).toBe(text.indexOf('x'));
  });

  it('behind the end of a line are its end, without the line break', () => {
    expect(toOffset(file, { line: 0, character: 99 })).toBe(3);
    expect(toOffset(file, { line: 99, character: 99 })).toBe(text.length);
  });
});

describe('semantic tokens', () => {
  it('are relative to the one before', () => {
    const tokens = [
      { start: 0, length: 3, type: 2, modifiers: 0 },
      { start: text.indexOf('two'), length: 3, type: 1, modifiers: 4 },
      { start: text.indexOf('x'), length: 1, type: 0, modifiers: 0 },
    ];
    expect(toSemanticTokens(tokens, lines)).toEqual([0, 0, 3, 2, 0, 1, 1, 3, 1, 4, 0, 5, 1, 0, 0]);
  });
});
