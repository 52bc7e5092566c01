import { bundledCostData } from '../cost/bundledCostData.ts';
import { TableCache } from '../cost/records.ts';
import { type CostContext, openCost } from '../features/cost/costContext.ts';

/** Tables of the cores whose cost was asked for: read at the first use, kept from then on. */
export class CostState {
  readonly #cache = new TableCache(bundledCostData);
  readonly #loaded = new Map<string, CostContext>();

  /** The core's tables if they are there; never waits. */
  loaded(core: string): CostContext | null {
    return this.#loaded.get(core) ?? null;
  }

  /** Rejects for a name that is not known. */
  async open(core: string): Promise<CostContext> {
    const known = this.#loaded.get(core) ?? (await openCost(this.#cache, core));
    this.#loaded.set(core, known);
    return known;
  }
}
