import type { JumpEntryModel } from '../../kernel/c/asmSites.ts';
import type { ArmPlace, CSite, JumpModel, KeyOwner } from '../../kernel/c/cSite.ts';
import type { FunctionSource } from '../../kernel/c/functionSource.ts';
import { offsetOfPath } from '../../kernel/c/layout.ts';
import { resolveType, typeOf } from '../../kernel/c/typeOf.ts';
import type { AddressValue } from '../../kernel/c/values.ts';
import type { SiteArms, SiteEvent } from '../../kernel/c/walkModel.ts';
import type { StreamInsn } from '../../kernel/patchSite.ts';
import { parseExpression } from '../../syntax/cflow/statements.ts';

const nopWord = 0xd503201f;

/**
 * A `__jump_table` entry of C code. The instruction is `b` when the key's state and the entry's branch bit differ,
 * else `nop` (include/linux/jump_label.h, "static_branch" table, v6.12).
 */
export function jumpModel(
  entry: JumpEntryModel,
  event: SiteEvent,
  root: FunctionSource,
  lineAt: (offset: number) => number | null,
): JumpModel {
  const { key: address, label, insn, isBranch } = entry;
  const branch = address === null ? addedBit(entry.keyText) : (address.addBytes & 1n) === 1n;
  const key = address === null || address.isLocal ? null : keyName(address, root);
  const target = label ?? 'the other block';
  const other: StreamInsn = isBranch
    ? { ...insn, text: 'nop', word: nopWord, wordReason: null, relocation: null }
    : { ...insn, text: `b ${target}`, word: null, wordReason: 'the distance to the label is the compiler’s choice' };
  const arms = event.arms;
  return {
    key,
    symbol: address === null || address.isLocal ? null : keySymbol(address, root),
    reason:
      key === null
        ? `the key is ${entry.keyText === '' ? 'a parameter' : entry.keyText}, which the caller gives`
        : null,
    object: address === null || address.isLocal ? null : address.object,
    owner: address === null ? 'key' : ownerOf(address, root),
    branch,
    initial: branch === null ? null : isBranch !== branch,
    unpatched: insn,
    patched: other,
    label,
    outOfLine: arms === null ? null : armPlace(arms.taken, lineAt),
    inLine: arms === null ? null : armPlace(arms.other, lineAt),
  };
}

/** Lowest bit of what a template adds to a key that is not known: `%c0 + 1`. */
function addedBit(keyText: string): boolean | null {
  const added = /\+\s*(\d+)$/.exec(keyText)?.[1];
  return added === undefined ? null : Number(added) % 2 === 1;
}

function armPlace(arm: SiteArms['taken'], lineAt: (offset: number) => number | null): ArmPlace {
  const { when, range } = arm;
  return {
    when,
    line: range === null ? null : lineAt(range.start),
    endLine: range === null ? null : lineAt(Math.max(range.start, range.end - 1)),
  };
}

/** Name of a key as the source has it; the member that a typed key wraps is left out. */
function keyName({ object, path }: AddressValue, root: FunctionSource): string {
  if (!path.endsWith('.key')) return `${object}${path}`;
  const outer = path.slice(0, -'.key'.length);
  const type = typeOfPath(object, outer, root);
  return type !== null && /\bstruct static_key_(true|false)\b/.test(type) ? `${object}${outer}` : `${object}${path}`;
}

/** `symbol+0xOFFSET` of a key; the branch bit is not part of it. */
function keySymbol({ object, path }: AddressValue, root: FunctionSource): string | null {
  const type = localType(root, object) ?? root.scope.variableType(object);
  const offset = path === '' ? 0 : type === null ? null : offsetOfPath(type, path, root.scope);
  if (offset === null) return null;
  return offset === 0 ? object : `${object}+0x${offset.toString(16)}`;
}

function typeOfPath(object: string, path: string, root: FunctionSource): string | null {
  const types = { scope: root.scope, local: (name: string) => localType(root, name) };
  return resolveType(typeOf(parseExpression(`${object}${path}`), types), types);
}

/** Type of a static variable that the function's own text declares. */
function localType(root: FunctionSource, name: string): string | null {
  const body = root.text.slice(root.from, root.to);
  const match = new RegExp(
    `\\bstatic\\s+((?:[\\w\\s]|__attribute__\\(\\((?:[^()]|\\([^()]*\\))*\\)\\))*?)\\b${name}\\b`,
  ).exec(body);
  return match?.[1] ?? null;
}

function ownerOf({ object }: AddressValue, root: FunctionSource): KeyOwner {
  const type = localType(root, object) ?? root.scope.variableType(object) ?? '';
  if (/\bstruct tracepoint\b/.test(type) || /^__tracepoint_/.test(object)) return 'tracepoint';
  if (/\bstruct _ddebug\b/.test(type)) return 'dynamic-debug';
  if (/^security_hook_active_/.test(object)) return 'lsm-hook';
  return 'key';
}

/**
 * The type of a key that is not known leaves both instructions of `static_branch_*` open: such a pair becomes one
 * site whose initial state is unknown.
 */
export function joinUndecided(sites: readonly CSite[]): CSite[] {
  const out: CSite[] = [];
  for (const site of sites) {
    const before = out[out.length - 1];
    if (
      site.jump !== null &&
      before?.jump?.key === site.jump.key &&
      before?.jump !== null &&
      before !== undefined &&
      site.jump.key !== null &&
      before.range.start === site.range.start &&
      before.jump.branch === site.jump.branch &&
      before.jump.initial !== site.jump.initial &&
      before.construct === site.construct
    ) {
      out[out.length - 1] = {
        ...before,
        jump: { ...before.jump, initial: null },
        issues: [...before.issues, 'the type of the key is not known: which instruction is emitted depends on it'],
      };
    } else out.push(site);
  }
  return out;
}
