import type { PathState, Site } from './pathState.ts';
import { isAllowed } from './report.ts';
import type { Walk } from './walk.ts';

/** Notes the key of a static branch that noinstr code tests where no instrumentation is allowed. */
export function checkStaticKey(walk: Walk, site: Site, state: PathState): void {
  if (walk.silent > 0 || !walk.checksCalls || isAllowed(walk, state)) return;
  const { op } = site;
  const text =
    op.kind === 'use'
      ? walk.hints.useText(op.expansion)
      : op.kind === 'call'
        ? `(${op.args.map((arg) => arg.map((token) => token.text).join('')).join(',')})`
        : '';
  const key = /\(\s*&?\s*\(?\s*&?\s*([A-Za-z_]\w*)\s*(\[[^\]]*\])?/.exec(text);
  const name = key?.[1];
  if (name === undefined) return;
  walk.keys.push({ name, index: key?.[2] ?? null, site, state });
}
