/** Values by name without `CONFIG_`, as a `.config` writes them: `y`, `m`, a number, or a quoted string. */
export type ConfigValues = ReadonlyMap<string, string>;

/**
 * Values of a `.config` or defconfig. `unset` are the names of `# CONFIG_X is not set` lines (and `CONFIG_X=n`);
 * a later line wins over an earlier one, as in `scripts/kconfig/confdata.c:conf_read_simple`.
 */
export function parseDotConfig(text: string): { values: ConfigValues; unset: ReadonlySet<string> } {
  const values = new Map<string, string>();
  const unset = new Set<string>();
  for (const line of text.split('\n')) {
    const set = /^CONFIG_(\w+)=(.*?)\r?$/.exec(line);
    const name = set?.[1] ?? /^# CONFIG_(\w+) is not set\b/.exec(line)?.[1];
    if (name === undefined) continue;
    if (set && set[2] !== 'n') {
      values.set(name, set[2] ?? '');
      unset.delete(name);
    } else {
      values.delete(name);
      unset.add(name);
    }
  }
  return { values, unset };
}

/** A value as text: quotes and their escapes removed from a string, the others unchanged. */
export function unquoteConfigValue(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined).replace(/\\(.)/g, '$1');
}

/** `include/generated/autoconf.h` of the values (`scripts/kconfig/confdata.c:print_symbol_for_c`). */
export function renderAutoconf(values: ConfigValues): string {
  const lines = ['/* Made from the configuration by Patchpoint; kbuild writes its own when it builds. */'];
  for (const [name, value] of values) {
    if (value === 'y') lines.push(`#define CONFIG_${name} 1`);
    else if (value === 'm') lines.push(`#define CONFIG_${name}_MODULE 1`);
    else lines.push(`#define CONFIG_${name} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}
