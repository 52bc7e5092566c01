import { diagnostics, type Finding } from '../features/diagnostics.ts';
import { asmConcernsNoinstr } from '../features/noinstr/asmFindings.ts';
import { noinstrFindings } from '../features/noinstr/noinstrFindings.ts';
import { fileConcernsNoinstr, keptNoinstr, prepareNames } from '../features/noinstr/openNoinstr.ts';
import { isLeftOut } from '../noinstr/built.ts';
import type { Policy } from '../noinstr/walk.ts';
import type { Session } from './session.ts';

/**
 * Findings of all rules in one file. The names of the tree are read once the first file needs them. A C file that the
 * configuration leaves out is only looked at when it was named. `policy` `null`: the rules on noinstr code are not asked
 * for, and nothing is read for them.
 */
export function findingsOf(
  session: Session,
  path: string,
  policy: Policy | null,
  isNamed: boolean,
): readonly Finding[] {
  const { ctx } = session;
  const isC = path.endsWith('.c');
  const tree = ctx.workspace.treeFor(path);
  const isIdle = !isNamed && tree !== null && isLeftOut(tree, path);
  const found = isC && isIdle ? [] : diagnostics(ctx, path);
  if (policy === null) return found;
  const isConcerned = concerns(session, path);
  if (!isC && !isConcerned) return found;
  if (tree === null || isIdle) return found;
  if (isConcerned) prepareNames(ctx.workspace, tree);
  return [...found, ...noinstrFindings(ctx, path, policy)];
}

/** Whether a file can concern the rules on noinstr code. */
export function concerns(session: Session, path: string): boolean {
  const text = session.ctx.workspace.textOf(path);
  if (text === undefined) return false;
  return fileConcernsNoinstr(session.ctx.workspace, path, text) || asmConcernsNoinstr(session.ctx, path);
}

/** What to say of a file that was just checked and whose headers are not all there; `null` when they are. */
export function missingHeaderNote(session: Session, path: string): string | null {
  const missing = keptNoinstr(session.ctx.workspace, path)?.analysis.unit.missingWords ?? [];
  if (missing.length === 0) return null;
  const words = missing.map(({ word }) => word).join(', ');
  const headers = [...new Set(missing.map(({ header }) => header))].join(', ');
  return `${session.display(path)}: nothing it includes defines ${words} (${headers}); taken as the kernel defines them`;
}
