import { valueOption } from './command.ts';
import type { Session } from './session.ts';

export const objectOption = valueOption('object', 'NAME', 'object to show where a file becomes several, such as nvhe');

/** Whether a file becomes the object that `--object` names by its variant (`nvhe`) or path; without the option always. */
export function becomes(session: Session, path: string, object: string | null): boolean {
  return object === null || objectsOf(session, path).some((one) => one.object === object || one.variant === object);
}

/** The objects of a file for a message: `arch/arm64/kvm/hyp/entry.o, arch/arm64/kvm/hyp/entry.nvhe.o`. */
export function objectNames(session: Session, path: string): string {
  return objectsOf(session, path)
    .map((one) => one.object)
    .join(', ');
}

function objectsOf({ ctx }: Session, path: string) {
  return ctx.workspace.treeFor(path)?.compileContexts(path) ?? [];
}
