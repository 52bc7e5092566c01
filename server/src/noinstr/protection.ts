import type { Callee } from './resolve.ts';
import type { Walk } from './walk.ts';

/** Which instrumentation an attribute or a makefile keeps away from a function that is not noinstr. */
export interface Protection {
  /** Without a trace site. */
  readonly notrace: boolean;
  readonly nokprobe: boolean;
}

/**
 * Sections whose text takes no probe: `kernel/kprobes.c:populate_kprobe_blacklist`, and on arm64
 * `arch/arm64/kernel/probes/kprobes.c:arch_populate_kprobe_blacklist`.
 */
const unprobed: ReadonlySet<string> = new Set(['.kprobes.text', '.irqentry.text']);

/** What is kept away from a called function. */
export function protectionOf(walk: Walk, name: string, target: Callee): Protection {
  const nokprobe = walk.isNokprobe(name);
  if (target.kind === 'function') {
    const { declared, notrace } = target.fn;
    return { notrace, nokprobe: nokprobe || declared.sections.some((section) => unprobed.has(section)) };
  }
  return { notrace: target.kind === 'outside' && target.outside.notrace, nokprobe };
}
