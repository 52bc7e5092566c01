/** Calls that are followed from a function to the handler of a parameter. */
const maxSteps = 3;

/** Makers of kernel parameters and what their handlers are (include/linux/init.h, moduleparam.h, v6.1 to v6.12). */
const makers =
  /^[ \t]*(early_param|__setup|__setup_param|core_param_cb|module_param_cb|core_param|module_param|module_param_call|device_param_cb)\s*\(([^;]*?)\)\s*;/gm;

/**
 * The kernel parameter whose handler is a function, or calls it, in one file; the text is that of the command line,
 * `preempt=`. `null` when the file shows none.
 */
export function bootParameterOf(
  text: string,
  functionName: string,
): { readonly text: string; readonly offset: number } | null {
  const found = [...text.matchAll(makers)];
  if (found.length === 0) return null;
  let names = new Set([functionName]);
  for (let step = 0; step < maxSteps; step++) {
    for (const match of found) {
      const [, , content = ''] = match;
      const words = content.split(/\W+/);
      if (!words.some((word) => names.has(word))) continue;
      const quoted = /"([^"]*)"/.exec(content)?.[1];
      const name = quoted ?? /^\s*(\w+)/.exec(content)?.[1];
      if (name === undefined) continue;
      return { text: name.endsWith('=') ? name : `${name}=`, offset: match.index };
    }
    names = callersOf(text, names);
    if (names.size === 0) return null;
  }
  return null;
}

/** Functions of the file whose bodies name one of these, and structures that hold one as an operation. */
function callersOf(text: string, names: ReadonlySet<string>): Set<string> {
  const callers = new Set<string>();
  for (const name of names) {
    for (const match of text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))) {
      const holder = holderOf(text, match.index);
      if (holder !== null && !names.has(holder)) callers.add(holder);
    }
  }
  return callers;
}

/** Name in the last line before an offset that begins a definition at the margin. */
function holderOf(text: string, offset: number): string | null {
  const before = text.slice(Math.max(0, offset - 20_000), offset);
  const open = before.lastIndexOf('\n{');
  const close = before.lastIndexOf('\n}');
  const structure = /(?:^|\n)(?:static\s+)?(?:const\s+)?struct\s+\w+\s+(\w+)\s*=\s*\{[^}]*$/.exec(before.slice(-600));
  if (structure?.[1] !== undefined) return structure[1];
  if (open < 0 || close > open) return null;
  const head = before.slice(Math.max(0, before.lastIndexOf('\n}', open), before.lastIndexOf('\n\n', open)), open);
  return /(\w+)\s*\([^()]*\)\s*$/.exec(head)?.[1] ?? null;
}
