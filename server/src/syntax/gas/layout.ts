import type { Bucket, GasResult, GasStatement } from './model.ts';

/**
 * Offset in its section of each statement, once all subsections lie one after the other in number order
 * (binutils 2.40, gas/write.c:chain_frchains_together). `null` from the first place on whose size source cannot
 * tell. Never throws.
 */
export class SectionLayout {
  readonly #buckets: ReadonlyMap<string, readonly Bucket[]>;
  readonly #offsets = new Map<string, Map<GasStatement, number>>();

  constructor(result: GasResult) {
    const buckets = new Map<string, Bucket[]>();
    for (const bucket of result.buckets) {
      const known = buckets.get(bucket.section);
      if (known === undefined) buckets.set(bucket.section, [bucket]);
      else known.push(bucket);
    }
    for (const list of buckets.values()) list.sort((left, right) => left.subsection - right.subsection);
    this.#buckets = buckets;
  }

  /** Offset in bytes from the start of the statement's section; `null` when source cannot tell. */
  offsetOf(statement: GasStatement): number | null {
    return this.#section(statement.bucket.section).get(statement) ?? null;
  }

  #section(name: string): Map<GasStatement, number> {
    const done = this.#offsets.get(name);
    if (done !== undefined) return done;
    const offsets = new Map<GasStatement, number>();
    this.#offsets.set(name, offsets);
    let offset = 0;
    for (const bucket of this.#buckets.get(name) ?? []) {
      for (const statement of bucket.statements) {
        offsets.set(statement, offset);
        const { alignBytes } = statement;
        const size = alignBytes === null ? statement.sizeBytes : (alignBytes - (offset % alignBytes)) % alignBytes;
        if (size === null) return offsets;
        offset += size;
      }
    }
    return offsets;
  }
}
