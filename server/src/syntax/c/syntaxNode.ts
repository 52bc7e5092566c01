/** A node of a C syntax tree: plain data, valid for as long as somebody holds it. Offsets are those of the text. */
export interface CNode {
  /** `call_expression`, `identifier`, `ERROR`, or the text of a token such as `;`. */
  readonly type: string;
  /** A node of the grammar, not a mere token. */
  readonly named: boolean;
  /** The parser put it in: nothing of it is in the text. */
  readonly missing: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  /** Name of the field it is in its parent, such as `function` or `condition`. */
  readonly field: string | null;
  readonly parent: CNode | null;
  readonly children: readonly CNode[];
}

/** The first child that is this field of a node, `null` when there is none. */
export function childOf(node: CNode, field: string): CNode | null {
  return node.children.find((child) => child.field === field) ?? null;
}

/** Children that are nodes of the grammar, comments left out. */
export function namedChildren(node: CNode): readonly CNode[] {
  return node.children.filter((child) => child.named && child.type !== 'comment');
}

/** A node and all below it, in the order of the text. */
export function* nodesBelow(node: CNode): Generator<CNode> {
  const stack: CNode[] = [node];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    yield at;
    for (let i = at.children.length - 1; i >= 0; i--) {
      const child = at.children[i];
      if (child !== undefined) stack.push(child);
    }
  }
}

/** The innermost node that holds a range. */
export function nodeAt(root: CNode, start: number, end = start): CNode {
  let at = root;
  for (;;) {
    const inner = at.children.find((child) => child.startIndex <= start && end <= child.endIndex && !child.missing);
    if (inner === undefined) return at;
    at = inner;
  }
}

/** Errors of a tree: `ERROR` nodes and tokens that had to be put in. */
export function nErrors(node: CNode): number {
  let count = 0;
  for (const at of nodesBelow(node)) if (at.type === 'ERROR' || at.missing) count++;
  return count;
}
