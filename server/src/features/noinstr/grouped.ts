import { type PlacedFinding, placeOf } from '../../noinstr/place.ts';

/** Above this many functions a finding in a shared helper is told once, at the helper. */
const maxCallers = 5;

/** Findings with those that many functions reach through one helper told once there, the functions as related places. */
export function grouped(findings: readonly PlacedFinding[]): PlacedFinding[] {
  const byHelper = new Map<string, PlacedFinding[]>();
  for (const one of findings) {
    const key = helperKey(one);
    if (key === null) continue;
    const list = byHelper.get(key);
    if (list === undefined) byHelper.set(key, [one]);
    else list.push(one);
  }
  const done = new Set<PlacedFinding>();
  const made: PlacedFinding[] = [];
  for (const list of byHelper.values()) {
    const callers = new Set(list.map((one) => one.caller));
    const [first] = list;
    const site = first?.finding?.site;
    if (callers.size <= maxCallers || first === undefined || site === undefined) continue;
    for (const one of list) done.add(one);
    made.push({
      ...first,
      ...placeOf(site),
      severity: list.some((one) => one.severity === 'error') ? 'error' : first.severity,
      message: `${first.message} (reached from ${callers.size} noinstr functions)`,
      caller: site.fn.name,
      related: list.map((one) => ({
        file: one.file,
        offset: one.offset,
        length: one.length,
        message: `from ${one.caller}()`,
      })),
    });
  }
  return [...findings.filter((one) => !done.has(one)), ...made];
}

/** Rule and place of what is wrong, when it stands in a function that was walked into. */
function helperKey({ finding, rule, subject }: PlacedFinding): string | null {
  if (finding === null || finding.anchor !== null || finding.site.via === null) return null;
  const { file, offset } = placeOf(finding.site);
  return `${rule}\0${subject}\0${file}\0${offset}`;
}
