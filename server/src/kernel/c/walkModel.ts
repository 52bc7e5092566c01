import type { CAsmStmt } from '../../syntax/cflow/model.ts';
import type { FunctionSource } from './functionSource.ts';
import type { Value } from './values.ts';

/** Sections whose records make a site. */
export const recordSections = /\.altinstructions|__jump_table/;

/** A call whose code the compiler puts where it stands. */
export interface CallStep {
  readonly caller: FunctionSource;
  /** Offset of the call in the caller's text. */
  readonly at: number;
  readonly callee: FunctionSource;
}

export interface AsmOperand {
  readonly name: string | null;
  readonly constraint: string;
  readonly isOutput: boolean;
  readonly value: Value;
}

/** An `asm` statement, or a call through a static call's key, that is reached when a function runs. */
export interface SiteEvent {
  readonly kind: 'asm' | 'static-call';
  /** Function whose text holds it, and the offset there. */
  readonly holder: FunctionSource;
  readonly at: number;
  readonly end: number;
  /** Inline calls from the function that was asked for down to the holder, outermost first. */
  readonly calls: readonly CallStep[];
  readonly asm: CAsmStmt | null;
  readonly operands: readonly AsmOperand[];
  /** Key of a static call and whether a missing function is replaced. */
  readonly staticCall: { readonly key: string; readonly orElse: boolean } | null;
  /** Blocks of the function that was asked for which the site chooses between. */
  readonly arms: SiteArms | null;
}

/** Ranges of text in the function that was asked for; `null` where nothing is written. */
export interface SiteArms {
  readonly taken: { readonly when: boolean; readonly range: TextSpan | null };
  readonly other: { readonly when: boolean; readonly range: TextSpan | null };
}

export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** A call that would make a site, but for a condition that is constant in this configuration. */
export interface RemovedCall {
  readonly at: number;
  readonly end: number;
  readonly callee: FunctionSource;
  /** What it makes when its conditions are not looked at. */
  readonly events: readonly SiteEvent[];
}

/** What running a function can come by. */
export interface FunctionWalk {
  readonly events: readonly SiteEvent[];
  readonly value: Value;
  readonly removed: readonly RemovedCall[];
  /** The walk ended early: what is said may lack sites. */
  readonly isPartial: boolean;
}

/** Events as seen from a caller: each with the call in front. */
export function underCall(events: readonly SiteEvent[], step: SiteEvent['calls'][number]): SiteEvent[] {
  return events.map((event) => ({ ...event, calls: [step, ...event.calls], arms: null }));
}
