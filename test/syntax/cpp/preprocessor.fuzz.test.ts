import { expect, test } from 'vitest';
import { CppCache } from '../../../server/src/syntax/cpp/preprocessor.ts';
import { randomFrom, readCases, renderAll, run } from './cppCases.ts';

// Any text is normal input: no throw, no hang, and a cache that has seen all the others changes nothing.

const limits = { tokens: 20_000, includeDepth: 10 };

test('every prefix of every case', { timeout: 60_000 }, () => {
  const cache = new CppCache();
  for (const { input } of readCases()) {
    for (let end = 0; end <= input.length; end++) run({ '/main.S': input.slice(0, end) }, { limits }, cache);
  }
});

test('random deletions, doublings and moves', () => {
  const random = randomFrom(1);
  const all = readCases();
  const cache = new CppCache();
  for (let round = 0; round < 1500; round++) {
    let text = (all[random(all.length)]?.input ?? '') + (all[random(all.length)]?.input ?? '');
    for (let edits = 1 + random(6); edits > 0 && text !== ''; edits--) {
      const at = random(text.length);
      const piece = text.slice(at, at + 1 + random(12));
      const rest = text.slice(0, at) + text.slice(at + piece.length);
      const to = random(rest.length + 1);
      text = edits % 2 === 0 ? rest : rest.slice(0, to) + piece + rest.slice(to);
    }
    const files = { '/main.S': text };
    const shared = renderAll(run(files, { limits }, cache));
    if (round % 10 === 0) expect(shared).toBe(renderAll(run(files, { limits })));
  }
});
