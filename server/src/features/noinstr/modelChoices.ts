import { contextScenarios } from '../../noinstr/models/contextRun.ts';
import { type StartMode, startModes } from '../../noinstr/models/contextState.ts';
import { type Protocol, protocols } from '../../noinstr/models/trampolineModel.ts';
import { trampolineScenarios } from '../../noinstr/models/trampolineRun.ts';
import { protocolText } from './trampolineTable.ts';

/** What there is to step through, and how it can be asked for. */
export interface ModelChoices {
  readonly trampolines: readonly { readonly number: number; readonly title: string }[];
  readonly protocols: readonly { readonly name: Protocol; readonly text: string }[];
  readonly contexts: readonly { readonly name: string; readonly title: string }[];
  /** Where a function can be entered from. */
  readonly starts: readonly StartMode[];
}

/** Scenarios, protocols and starts of both models, in the order to show them in. */
export function modelChoices(): ModelChoices {
  return {
    trampolines: trampolineScenarios.map(({ number, title }) => ({ number, title })),
    protocols: protocols.map((name) => ({ name, text: protocolText[name] })),
    contexts: contextScenarios.map(({ name, title }) => ({ name, title })),
    starts: startModes,
  };
}
