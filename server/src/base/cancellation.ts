/** Asked at loop heads of long work; `true` means the answer is no longer wanted. */
export interface Cancellation {
  readonly isCancellationRequested: boolean;
}

export const neverCancelled: Cancellation = { isCancellationRequested: false };

/** Thrown by long work that saw its cancellation; the request wrapper turns it into the protocol's answer. */
export class CancelledError extends Error {
  constructor() {
    super('cancelled');
    this.name = 'CancelledError';
  }
}

/** Throws `CancelledError` when the work is no longer wanted. */
export function throwIfCancelled(token: Cancellation): void {
  if (token.isCancellationRequested) throw new CancelledError();
}
