import { scanHeader } from './headerScan.ts';

/** Words of a name that are too common to tell a header by. */
const shortestFragment = 3;
/** Headers that are read in search of one name. */
const maxCandidates = 6;
/** A piece that is given to macros in more headers than this tells nothing. */
const maxSharing = 6;

/** Headers of which only the raw text was looked at. */
export class UnreadHeaders {
  readonly #paths = new Set<string>();
  readonly #bodies = new Map<string, string[]>();
  readonly #prototypes = new Set<string>();
  readonly #pasted = new Map<string, string[]>();
  /** Names that were looked for; a header that comes later opens the question again. */
  readonly #asked = new Set<string>();

  add(path: string, text: string): void {
    const { bodies, prototypes, pasted } = scanHeader(text);
    this.#paths.add(path);
    this.#asked.clear();
    for (const name of bodies) add(this.#bodies, name, path);
    for (const name of prototypes) this.#prototypes.add(name);
    for (const word of pasted) add(this.#pasted, word, path);
  }

  delete(path: string): void {
    this.#paths.delete(path);
  }

  declare(name: string): void {
    this.#prototypes.add(name);
  }

  /** Headers with a function of this name and a body. */
  definersOf(name: string): readonly string[] {
    const written = this.#bodies.get(name);
    return written === undefined ? [] : written.filter((path) => this.#paths.has(path));
  }

  /** Headers in which a macro may make a function of this name, of pieces that it is given; the likeliest first. */
  makersOf(name: string): readonly string[] {
    if (this.#paths.size === 0 || this.#prototypes.has(name) || this.#asked.has(name)) return [];
    this.#asked.add(name);
    const found = new Set<string>();
    for (const fragment of fragmentsOf(name)) {
      const paths = (this.#pasted.get(fragment) ?? []).filter((path) => this.#paths.has(path));
      if (paths.length > maxSharing) continue;
      for (const path of paths) found.add(path);
      if (found.size >= maxCandidates) break;
    }
    return [...found].slice(0, maxCandidates);
  }

  /** Headers that may declare a variable; by a piece of its name where a macro may have made it. */
  mentioning(name: string, texts: ReadonlyMap<string, string>): readonly string[] {
    if (this.#paths.size === 0 || this.#asked.has(`=${name}`)) return [];
    this.#asked.add(`=${name}`);
    const holding = (piece: string): string[] =>
      [...this.#paths].filter((path) => new RegExp(`\\b${piece}\\b`).test(texts.get(path) ?? ''));
    const whole = holding(name);
    if (whole.length > 0 || !name.startsWith('__')) return whole.slice(0, maxCandidates);
    for (const fragment of fragmentsOf(name)) {
      const found = holding(fragment);
      if (found.length > 0 && found.length <= maxSharing) return found;
    }
    return [];
  }

  structsOf(tag: string, texts: ReadonlyMap<string, string>): readonly string[] {
    if (this.#paths.size === 0 || this.#asked.has(`{${tag}`)) return [];
    this.#asked.add(`{${tag}`);
    const pattern = new RegExp(`\\b(?:struct|union)\\s+${tag}\\b[^;(){}=]*\\{`);
    return [...this.#paths].filter((path) => {
      const text = texts.get(path) ?? '';
      return text.includes(tag) && pattern.test(text);
    });
  }
}

export function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** Pieces of a name that a macro's argument can have given, longest first. */
export function fragmentsOf(name: string): string[] {
  const words = name.split('_');
  const found = new Set<string>();
  for (let length = words.length; length > 0; length--) {
    for (let from = 0; from + length <= words.length; from++) {
      const piece = words.slice(from, from + length).join('_');
      if (piece.length >= shortestFragment && piece !== name) found.add(piece);
    }
  }
  return [...found];
}
