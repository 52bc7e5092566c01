const stepMs = 100;

/** Calls `probe` until it returns something, and then returns that. Fails with what was seen last. */
export async function poll<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly seen?: () => unknown } = {},
): Promise<NonNullable<T>> {
  const { timeoutMs = 20_000, seen } = options;
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > end) {
      const last = seen ? `; last seen: ${JSON.stringify(await seen(), null, 1)}` : '';
      throw new Error(`waited ${timeoutMs} ms for ${what}${last}`);
    }
    await new Promise((resume) => setTimeout(resume, stepMs));
  }
}
