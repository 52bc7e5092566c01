import { silentLogger } from '../../server/src/base/logger.ts';
import type { CUnit } from '../../server/src/project/cUnit.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import type { CCall, CFunction } from '../../server/src/syntax/c/cModel.ts';
import { testCParser } from './cParser.ts';
import { smallTree } from './smallTree.ts';

/** A workspace over a small tree of our own with C files; the parser is loaded. */
export async function cWorkspace(files: Readonly<Record<string, string>>): Promise<Workspace> {
  return new Workspace({
    files: smallTree({ 'include/linux/compiler_types.h': '', 'include/linux/kconfig.h': '', ...files }),
    logger: silentLogger,
    settings: { kernelRoot: null, buildDirectory: null, configFile: null },
    cParser: await testCParser(),
  });
}

/** A file of such a tree as a unit; the first one unless named. */
export async function cUnitOf(files: Readonly<Record<string, string>>, path?: string): Promise<CUnit> {
  const unit = (await cWorkspace(files)).cUnit(`/k/${path ?? Object.keys(files)[0]}`);
  if (unit === null) throw new Error('no unit');
  return unit;
}

/** Unit of one text. */
export async function cUnitOfText(text: string): Promise<CUnit> {
  return await cUnitOf({ 'kernel/demo.c': text });
}

/** One line for a function: where, how it is declared, what made it. */
export function renderFunction(fn: CFunction): string {
  const head = [fn.storage, fn.inline === 'none' ? null : fn.inline, fn.section].filter((word) => word !== null);
  const parameters = fn.parameters.map(({ name, type }) => `${type} ${name ?? '-'}`).join(', ');
  const made = fn.madeBy.length > 0 ? ` made by ${fn.madeBy.map((frame) => frame.name).join(' > ')}` : '';
  const written = fn.written.length > 0 ? ` written ${fn.written.join(' ')}` : '';
  return `${fn.line}-${fn.endLine} ${[...head, fn.returnType, fn.name].join(' ')}(${parameters})${written}${made}`;
}

/** One line for a call: callee, arguments, the text it stands for in the file, the macros it came through. */
export function renderCall(unit: CUnit, call: CCall): string {
  const { start, end } = call.mainRange;
  const chain = call.origin.chain.map((frame) => frame.name).join(' > ');
  const written = unit.text.slice(start, end).replace(/\s+/g, ' ');
  return `${call.callee ?? `<${call.calleeText}>`}(${call.argumentTexts.join(' | ')}) at ${written}${chain === '' ? '' : ` via ${chain}`}`;
}
