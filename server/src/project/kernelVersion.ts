/** Version of a tree from its top-level Makefile. */
export interface KernelVersion {
  readonly version: number;
  readonly patchlevel: number;
  readonly sublevel: number;
  readonly extraversion: string;
  /** `6.12.117-rc1`; empty when the Makefile gives no version. */
  readonly text: string;
}

/** Version from the first lines of the top-level `Makefile`; zeros and an empty text when they are absent. */
export function parseKernelVersion(makefile: string): KernelVersion {
  const value = (name: string): string => new RegExp(`^${name}[ \\t]*=[ \\t]*(\\S*)`, 'm').exec(makefile)?.[1] ?? '';
  const number = (name: string): number => Number.parseInt(value(name), 10) || 0;
  const version = number('VERSION');
  const patchlevel = number('PATCHLEVEL');
  const sublevel = number('SUBLEVEL');
  const extraversion = value('EXTRAVERSION');
  const text = value('VERSION') === '' ? '' : `${version}.${patchlevel}.${sublevel}${extraversion}`;
  return { version, patchlevel, sublevel, extraversion, text };
}
