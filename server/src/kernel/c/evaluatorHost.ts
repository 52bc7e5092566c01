import type { CExpr, CStmt } from '../../syntax/cflow/model.ts';
import type { FlowState } from './flowState.ts';
import type { FunctionSource } from './functionSource.ts';
import type { SiteWalker } from './siteWalker.ts';
import type { Value } from './values.ts';

/** What evaluating an expression needs from the function that is being followed. */
export interface EvaluatorHost {
  readonly walker: SiteWalker;
  readonly fn: FunctionSource;
  readonly depth: number;
  /** The function that was asked for, not one that it calls. */
  readonly isRoot: boolean;
  /** Both ways of every condition, constant ones too. */
  readonly blind: boolean;
  state(): FlowState;
  setState(state: FlowState): void;
  runBlock(body: readonly CStmt[]): Value;
  noteArms(condition: Value, whenTrue: CExpr, whenFalse: CExpr): void;
}
