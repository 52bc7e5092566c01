import { blankComments } from '../declarationHead.ts';
import type { TreeKnowledge } from '../treeKnowledge.ts';
import type { Unit } from '../unit.ts';

interface Member {
  readonly name: string;
  readonly type: string;
}

const members = new WeakMap<TreeKnowledge, Map<string, readonly Member[]>>();

/** Members of a struct in their order, as its definition in this file or a header of the tree has them. */
export function membersOf(unit: Unit, knowledge: TreeKnowledge, holder: string): readonly Member[] {
  let all = members.get(knowledge);
  if (all === undefined) {
    all = new Map();
    members.set(knowledge, all);
  }
  const key = `${unit.path} ${holder}`;
  let found = all.get(key);
  if (found === undefined) {
    found = readMembers(unit, knowledge, holder);
    all.set(key, found);
  }
  return found;
}

function readMembers(unit: Unit, knowledge: TreeKnowledge, holder: string): Member[] {
  const paths = [unit.path, ...(knowledge.index?.definitionsOf(holder) ?? []).map((one) => one.path)];
  for (const path of new Set(paths)) {
    const text = path === unit.path ? unit.text : knowledge.textOf(path);
    if (text === undefined) continue;
    const plain = blankComments(text);
    const at = new RegExp(`\\bstruct\\s+${holder}\\s*\\{`).exec(plain);
    if (at === null) continue;
    const open = at.index + at[0].length;
    const end = plain.indexOf('\n}', open);
    const body = plain.slice(open, end < 0 ? plain.indexOf('}', open) : end);
    return body.split(';').flatMap((one) => {
      const type = one.replace(/\s+/g, ' ').trim();
      const name =
        /\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)/.exec(type)?.[1] ??
        /([A-Za-z_]\w*)\s*(?:\[[^\]]*\]|:\s*\d+)*$/.exec(type)?.[1];
      return name === undefined ? [] : [{ name, type }];
    });
  }
  return [];
}
