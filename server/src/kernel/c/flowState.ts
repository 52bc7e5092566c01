import type { CExpr, CStmt } from '../../syntax/cflow/model.ts';
import { joinValues, unknownValue, type Value } from './values.ts';

/** Which way of a site's branch a path is on. */
export interface PathCondition {
  readonly event: number;
  readonly taken: boolean;
}

/** What is known at a point of a function; `reachable` is false behind a jump and in code that never runs. */
export interface FlowState {
  reachable: boolean;
  variables: Map<string, Value>;
  condition: PathCondition | null;
}

export function copyState(state: FlowState): FlowState {
  return { reachable: state.reachable, variables: new Map(state.variables), condition: state.condition };
}

/** State after two ways of reaching a point. */
export function joinStates(left: FlowState, right: FlowState): FlowState {
  if (!left.reachable) return copyState(right);
  if (!right.reachable) return copyState(left);
  const variables = new Map<string, Value>();
  for (const [name, value] of left.variables) {
    variables.set(name, joinValues(value, right.variables.get(name) ?? unknownValue));
  }
  const same = left.condition?.event === right.condition?.event && left.condition?.taken === right.condition?.taken;
  return { reachable: true, variables, condition: same ? left.condition : null };
}

/** Names that a statement or expression can give another value. */
export function assignedNames(node: CStmt | CExpr | null, into = new Set<string>()): Set<string> {
  if (node === null) return into;
  const all = (nodes: readonly (CStmt | CExpr | null)[]): void => {
    for (const one of nodes) assignedNames(one, into);
  };
  switch (node.kind) {
    case 'assign':
      if (node.left.kind === 'name') into.add(node.left.name);
      all([node.left, node.right]);
      break;
    case 'unary':
      if ((node.op === '++' || node.op === '--' || node.op === '&') && node.operand.kind === 'name') {
        into.add(node.operand.name);
      }
      all([node.operand]);
      break;
    case 'declare':
      into.add(node.name);
      all([node.init]);
      break;
    case 'binary':
      all([node.left, node.right]);
      break;
    case 'call':
      all([node.callee, ...node.args]);
      break;
    case 'conditional':
      all([node.condition, node.whenTrue, node.whenFalse]);
      break;
    case 'cast':
    case 'member':
      all([node.operand]);
      break;
    case 'index':
      all([node.operand, node.index]);
      break;
    case 'list':
      all(node.items);
      break;
    case 'block':
      all(node.body);
      break;
    case 'expr':
      all([node.value]);
      break;
    case 'if':
      all([node.condition, node.then, node.otherwise]);
      break;
    case 'switch':
      all([node.on, node.body]);
      break;
    case 'loop':
      all([...node.init, node.condition, node.step, node.body]);
      break;
    case 'return':
      all([node.value]);
      break;
    case 'asm':
      for (const { value } of node.outputs) {
        if (value.kind === 'name') into.add(value.name);
        all([value]);
      }
      break;
    default:
      break;
  }
  return into;
}

/** `case` labels of a switch's own body. */
export function caseLabels(
  node: CStmt,
  into: Extract<CStmt, { kind: 'case' }>[] = [],
): Extract<CStmt, { kind: 'case' }>[] {
  if (node.kind === 'case') into.push(node);
  else if (node.kind === 'block') for (const one of node.body) caseLabels(one, into);
  else if (node.kind === 'if') {
    caseLabels(node.then, into);
    if (node.otherwise !== null) caseLabels(node.otherwise, into);
  } else if (node.kind === 'loop') caseLabels(node.body, into);
  return into;
}
