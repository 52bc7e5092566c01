/**
 * Work in steps: whoever runs it may do something else after each one, or leave it there. What is worked on may have
 * changed by the next step; each generator says what that means for it.
 */
export type Steps<R> = Generator<undefined, R>;

/** Runs work to its end in one go. */
export function finish<R>(steps: Steps<R>): R {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
