import type { FeatureContext } from '../featureContext.ts';
import type { CFile } from './cFile.ts';

/** A place that changes a key or a static call. */
export interface KeySwitch {
  readonly functionName: string | null;
  readonly path: string;
  readonly line: number;
  /** `enable`, `disable`, `inc`, `dec`, `update`. */
  readonly does: string;
}

/** What a tree says of a key or a static call beside its definition. */
export interface KeyFacts {
  readonly switchers: readonly KeySwitch[];
  /** Places that ask, in this file or (`isWhole`) in the whole tree. */
  readonly nUses: number;
  /** Kernel parameter whose handler changes it. */
  readonly parameter: { readonly text: string; readonly path: string; readonly line: number } | null;
  /** The whole tree was looked at, not only this file. */
  readonly isWhole: boolean;
  /** Why not. */
  readonly reason: string | null;
}

/** Functions and macros that change a key or a static call (include/linux/jump_label.h, static_call.h, v6.1 to v6.12). */
const switchCall =
  /\b(?:static_(?:branch|key)_(?:slow_)?(enable|disable|inc|dec)\w*|static_call_(update)\w*)\s*\(\s*&?\s*([\w.>\-[\]]+)/g;

/** Facts on a key or static call, from its file alone. */
export function keyFacts(
  _ctx: FeatureContext,
  file: CFile,
  name: string,
  _kind: 'static-key' | 'static-call',
): KeyFacts {
  const switchers: KeySwitch[] = [];
  for (const match of file.text.matchAll(switchCall)) {
    const does = match[1] ?? match[2] ?? '';
    if (objectOf(match[3] ?? '') !== name) continue;
    const line = file.lines.lineAt(match.index);
    const holder = file.functions.find(({ range }) => range.start <= match.index && match.index < range.end);
    switchers.push({ functionName: holder?.name ?? null, path: file.path, line, does });
  }
  const nUses = file.sites.filter(({ jump, staticCall }) => jump?.object === name || staticCall?.call === name).length;
  return { switchers, nUses, parameter: null, isWhole: false, reason: null };
}

/** The object that an expression such as `per_type[2]` or `demo_probe.key` is in. */
function objectOf(text: string): string {
  return /^\w+/.exec(text)?.[0] ?? '';
}
