/** An open `#if`. */
interface Condition {
  /** Open braces before it. */
  readonly depth: number;
  /** Open braces behind its first branch that somebody compiles; -1 before that. */
  firstDepth: number;
  /** `#if 0`: compiled by nobody. */
  isDead: boolean;
}

/**
 * Conditions of the preprocessor for a reader who looks at both branches: braces count as if only the first branch were
 * there. Functions give the depth that holds behind the directive.
 */
export class ConditionStack {
  readonly #open: Condition[] = [];

  /** Whether nobody compiles what is read. */
  get isDead(): boolean {
    return this.#open.at(-1)?.isDead === true;
  }

  open(depth: number, isDead: boolean): void {
    this.#open.push({ depth, firstDepth: -1, isDead: isDead || this.isDead });
  }

  next(depth: number): number {
    const condition = this.#open.at(-1);
    if (condition === undefined) return depth;
    if (condition.firstDepth < 0 && !condition.isDead) condition.firstDepth = depth;
    condition.isDead = this.#open.at(-2)?.isDead === true;
    return condition.depth;
  }

  close(depth: number): number {
    const condition = this.#open.pop();
    return condition === undefined || condition.firstDepth < 0 ? depth : condition.firstDepth;
  }
}
