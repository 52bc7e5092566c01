import type { Steps } from './steps.ts';

/** Measures named pieces of work that run one inside the other. Passed in; `noTracer` only does the work. */
export interface Tracer {
  readonly span: <T>(name: string, work: () => T) => T;
}

/** Work in steps as spans of one name, one for each step. */
export function* spanSteps<R>(tracer: Tracer, name: string, steps: Steps<R>): Steps<R> {
  for (;;) {
    const step = tracer.span(name, () => steps.next());
    if (step.done === true) return step.value;
    yield;
  }
}

export const noTracer: Tracer = { span: (_name, work) => work() };

interface Span {
  readonly name: string;
  readonly startedMs: number;
  readonly children: Finished[];
}

interface Finished {
  readonly name: string;
  readonly ms: number;
  readonly children: readonly Finished[];
}

/**
 * A tracer that says where the time went, from a wish such as `*>10`: a tree for each outermost piece of work whose
 * name fits the pattern (`*` is any text) and that took longer than so many milliseconds. `null` for no wish.
 */
export function createTracer(
  wish: string | undefined,
  host: { readonly nowMs: () => number; readonly say: (tree: string) => void },
): Tracer | null {
  const [, pattern = '', least = '0'] = /^([^>]+)(?:>([0-9.]+))?$/.exec(wish?.trim() ?? '') ?? [];
  if (pattern === '') return null;
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const fits = new RegExp(`^${parts.join('.*')}$`);
  const leastMs = Number(least);
  const open: Span[] = [];
  const finish = (span: Span): void => {
    open.pop();
    const { name, startedMs, children } = span;
    const finished = { name, ms: host.nowMs() - startedMs, children };
    const parent = open[open.length - 1];
    if (parent !== undefined) parent.children.push(finished);
    else if (finished.ms >= leastMs && fits.test(name)) host.say(treeText(finished, 0));
  };
  return {
    span: (name, work) => {
      const span: Span = { name, startedMs: host.nowMs(), children: [] };
      open.push(span);
      try {
        return work();
      } finally {
        finish(span);
      }
    },
  };
}

/** One line for each piece, those inside it indented; pieces of the same name side by side are counted. */
function treeText({ name, ms, children }: Finished, depth: number, count = 1): string {
  const times = count === 1 ? '' : ` (${count} times)`;
  const lines = [`${'  '.repeat(depth)}${ms.toFixed(1).padStart(8)} ms  ${name}${times}`];
  const byName = new Map<string, Finished[]>();
  for (const child of children) byName.set(child.name, [...(byName.get(child.name) ?? []), child]);
  for (const [childName, same] of byName) {
    const whole = { name: childName, ms: same.reduce((sum, one) => sum + one.ms, 0) };
    lines.push(treeText({ ...whole, children: same.flatMap((one) => one.children) }, depth + 1, same.length));
  }
  return lines.join('\n');
}
