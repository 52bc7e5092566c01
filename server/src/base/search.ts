/**
 * Index of the first item that is not before what is looked for; the length when all are. `isBefore` holds for the
 * first items of the list and for none behind them. Logarithmic in the length.
 */
export function firstNotBefore<Item>(items: ArrayLike<Item>, isBefore: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
