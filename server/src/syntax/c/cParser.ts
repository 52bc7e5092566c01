import { Language, Parser, type Tree, type TreeCursor } from 'web-tree-sitter';
import type { CNode } from './syntaxNode.ts';

/** One change of a text, in UTF-16 offsets. */
export interface TextEdit {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** A tree that the parser keeps, for parsing again after edits. Its memory is the parser's: `delete` gives it back. */
export interface CTree {
  /** The tree as plain nodes; below a node for which `enter` answers `false` nothing is read. */
  nodes(enter?: (type: string, depth: number) => boolean): CNode;
  delete(): void;
}

/** Parser of C: synchronous, never throws on any text. */
export interface CParser {
  /**
   * Parses a text. With `previous` (a tree of the text before `edits`, which is used up) only what changed is parsed.
   */
  parse(text: string, previous?: CTree, edits?: readonly TextEdit[]): CTree;
  /** Plain nodes of a piece of C, each offset moved by `shift`. */
  syntaxOf(text: string, shift: number): CNode;
}

/** Nodes deeper than this are not read: a stack of thousands is no program. */
const maxDepth = 2000;

/**
 * Loads tree-sitter (`core`: `web-tree-sitter.wasm`) and its C grammar (`tree-sitter-c.wasm`) from their bytes; once per
 * process is enough. Rejects when they are broken or of versions that do not fit.
 */
export async function loadCParser(wasm: { readonly core: Uint8Array; readonly grammar: Uint8Array }): Promise<CParser> {
  // Without `locateFile` the place of the script is asked for, which a bundle does not have.
  const options = { wasmBinary: wasm.core, locateFile: (name: string): string => name };
  await Parser.init(options as Parameters<typeof Parser.init>[0]);
  const language = await Language.load(wasm.grammar);
  const parser = new Parser();
  parser.setLanguage(language);
  const parse = (text: string, previous: Tree | null): Tree => {
    const tree = parser.parse(text, previous);
    if (tree === null) throw new Error('the parser has no language');
    return tree;
  };
  return {
    parse: (text, previous, edits = []) => {
      const before = previous instanceof KeptTree ? previous : null;
      for (const edit of edits) before?.edit(edit, text);
      const tree = parse(text, before?.tree ?? null);
      before?.delete();
      return new KeptTree(tree, language, text);
    },
    syntaxOf: (text, shift) => {
      const tree = parse(text, null);
      const root = toNodes(tree, language, shift, () => true);
      tree.delete();
      return root;
    },
  };
}

class KeptTree implements CTree {
  readonly tree: Tree;
  readonly #language: Language;
  readonly #text: string;

  constructor(tree: Tree, language: Language, text: string) {
    this.tree = tree;
    this.#language = language;
    this.#text = text;
  }

  nodes(enter: (type: string, depth: number) => boolean = () => true): CNode {
    return toNodes(this.tree, this.#language, 0, enter);
  }

  edit({ start, oldEnd, newEnd }: TextEdit, newText: string): void {
    this.tree.edit({
      startIndex: start,
      oldEndIndex: oldEnd,
      newEndIndex: newEnd,
      startPosition: pointOf(newText, start),
      oldEndPosition: pointOf(this.#text, oldEnd),
      newEndPosition: pointOf(newText, newEnd),
    } as Parameters<Tree['edit']>[0]);
  }

  delete(): void {
    this.tree.delete();
  }
}

function pointOf(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    start = at + 1;
  }
  return { row, column: offset - start };
}

interface Building {
  type: string;
  named: boolean;
  missing: boolean;
  startIndex: number;
  endIndex: number;
  field: string | null;
  parent: Building | null;
  children: Building[];
}

function toNodes(
  tree: Tree,
  language: Language,
  shift: number,
  enter: (type: string, depth: number) => boolean,
): CNode {
  const cursor = tree.walk();
  const make = (parent: Building | null): Building => {
    const fieldId = parent === null ? 0 : cursor.currentFieldId;
    return {
      type: language.types[cursor.nodeTypeId] ?? 'ERROR',
      named: cursor.nodeIsNamed,
      missing: cursor.nodeIsMissing,
      startIndex: cursor.startIndex + shift,
      endIndex: cursor.endIndex + shift,
      field: fieldId === 0 ? null : (language.fields[fieldId] ?? null),
      parent,
      children: [],
    };
  };
  const root = make(null);
  let depth = 0;
  let at = root;
  for (;;) {
    if (depth < maxDepth && enter(at.type, depth) && cursor.gotoFirstChild()) {
      const child = make(at);
      at.children.push(child);
      at = child;
      depth++;
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent() || at.parent === null) return finish(cursor, root);
      at = at.parent;
      depth--;
    }
    if (at.parent === null) return finish(cursor, root);
    const sibling = make(at.parent);
    at.parent.children.push(sibling);
    at = sibling;
  }
}

function finish(cursor: TreeCursor, root: CNode): CNode {
  cursor.delete();
  return root;
}
