import type { FunctionClass } from '../../noinstr/classes.ts';
import type { LinePlace } from './linePlace.ts';
import type { Standing } from './noinstrFile.ts';

/** A function on the way, and what can run from it without instrumentation. */
export interface ReachNode {
  readonly name: string;
  /** `indirect`: through a pointer; `unknown`: no definition was found. */
  readonly class: FunctionClass | 'indirect' | 'unknown';
  /** At the call; of the root on entry. */
  readonly standing: Standing;
  /** Where it is defined, as far as that is known. */
  readonly definition: LinePlace | null;
  /** First call of it from the node above; `null` for the root. */
  readonly call: LinePlace | null;
  /** Rule and message of each finding at the call, of the root on its paths. */
  readonly findings: readonly { readonly rule: string; readonly message: string }[];
  /** Why nothing follows, or what is left out; `null` when all is there. */
  readonly note: string | null;
  readonly callees: readonly ReachNode[];
}

/** What a node says beside its name. */
export function reachWords(node: ReachNode): string {
  const standing = { OUT: 'OUT', IN: 'IN', region: 'in a region', '?': 'context not known' }[node.standing];
  const parts = [node.class, standing];
  if (node.findings.length > 0) parts.push(node.findings.map((one) => one.rule).join(', '));
  if (node.note !== null) parts.push(node.note);
  return parts.join(' · ');
}

/** The tree as text, two blanks a level; findings begin with `!`. `display` makes paths short. */
export function reachText(root: ReachNode, display: (path: string) => string): string {
  const lines: string[] = [];
  const add = (node: ReachNode, depth: number): void => {
    const at = node.call ?? node.definition;
    const place = at === null ? '' : `  ${display(at.path)}:${at.line}`;
    const mark = node.findings.length > 0 ? '! ' : '';
    lines.push(`${'  '.repeat(depth)}${mark}${node.name}  [${reachWords(node)}]${place}`);
    for (const callee of node.callees) add(callee, depth + 1);
  };
  add(root, 0);
  return `${lines.join('\n')}\n`;
}
