/**
 * Whether tests that need a tool have to be skipped. Says so once, with the reason (which names the command that
 * helps). With `PATCHPOINT_REQUIRE_ALL` set, as in .ci/run, a missing tool is a failure instead.
 */
export function mustSkip(what: string, missing: string | null): boolean {
  if (missing === null) return false;
  if (process.env.PATCHPOINT_REQUIRE_ALL) throw new Error(`${what}: ${missing}`);
  process.stderr.write(`\nskipped: ${what}: ${missing}\n`);
  return true;
}
