import { type DiagnosticCode, diagnosticCodes } from './diagnosticCodes.ts';
import { noinstrCodes } from './noinstr/noinstrCodes.ts';

/** Every rule that `lint` and the Problems view know: those on assembly, then those on code without instrumentation. */
export const allRules: readonly DiagnosticCode[] = [...diagnosticCodes, ...noinstrCodes];
