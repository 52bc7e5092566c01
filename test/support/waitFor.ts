type Probed<T> = T | undefined | null | false;

/** Waits until `probe` gives something and returns that; fails with `what` after ten seconds. */
export async function waitFor<T>(what: string, probe: () => Probed<T> | Promise<Probed<T>>): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited 10 s for ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
