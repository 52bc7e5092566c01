/** Random numbers that are the same in every run (mulberry32). */
export interface SeededRandom {
  /** Whole number from 0 to `below` - 1; 0 when there is nothing to choose. */
  below(limit: number): number;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  return {
    below: (limit) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return limit <= 0 ? 0 : ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
    },
  };
}

/** A text as it looks in the middle of somebody's work, and how it came about. */
export interface BrokenText {
  readonly how: string;
  readonly text: string;
}

/** Prefixes up to the end of every `step`-th line, beginning with the `first`-th, and one up to a random offset after each. */
export function* prefixes(text: string, first: number, step: number, random: SeededRandom): Generator<BrokenText> {
  const lineEnds: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineEnds.push(at + 1);
  for (let index = first; index < lineEnds.length; index += step) {
    const end = lineEnds[index] ?? text.length;
    yield { how: `the first ${end} characters`, text: text.slice(0, end) };
    const inside = random.below(text.length);
    yield { how: `the first ${inside} characters`, text: text.slice(0, inside) };
  }
}

/** The text without some of it, with a piece of it twice, or with a character that opens something. */
export function* edits(text: string, count: number, random: SeededRandom): Generator<BrokenText> {
  const openers = [
    '"',
    "'",
    '/*',
    '(',
    '\\',
    '\\@',
    '#',
    '#if 0\n',
    '.macro x\n',
    '.rept 9\n',
    '.if 1\n',
    '\0',
    '\ud800',
  ];
  for (let index = 0; index < count; index++) {
    const from = random.below(text.length);
    const length = 1 + random.below(index % 2 === 0 ? 4 : 400);
    const to = Math.min(text.length, from + length);
    const kind = random.below(3);
    if (kind === 0) yield { how: `without ${from} to ${to}`, text: text.slice(0, from) + text.slice(to) };
    else if (kind === 1) yield { how: `with ${from} to ${to} twice`, text: text.slice(0, to) + text.slice(from) };
    else {
      const opener = openers[random.below(openers.length)] ?? '"';
      yield { how: `with ${JSON.stringify(opener)} at ${from}`, text: text.slice(0, from) + opener + text.slice(from) };
    }
  }
}
