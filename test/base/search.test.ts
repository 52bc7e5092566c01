import { expect, it } from 'vitest';
import { firstNotBefore } from '../../server/src/base/search.ts';

it('finds the first item that is not before a value, in arrays and typed arrays of every length', () => {
  for (let length = 0; length < 9; length++) {
    const items = Array.from({ length }, (_, index) => index * 2);
    for (let value = -1; value <= 2 * length; value++) {
      const found = items.findIndex((item) => item >= value);
      const expected = found < 0 ? length : found;
      expect(firstNotBefore(items, (item) => item < value)).toBe(expected);
      expect(firstNotBefore(Float64Array.from(items), (item) => item < value)).toBe(expected);
    }
  }
});

it('goes to the first of equal items', () => {
  expect(firstNotBefore([1, 3, 3, 3, 4], (item) => item < 3)).toBe(1);
  expect(firstNotBefore([1, 3, 3, 3, 4], (item) => item <= 3)).toBe(4);
});
