/** One rule: its stable id, under which `docs/rules.md` explains it, and what it weighs. */
export interface DiagnosticCode {
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'information';
  readonly title: string;
}

const rule = (id: string, severity: DiagnosticCode['severity'], title: string): DiagnosticCode => ({
  rule: id,
  severity,
  title,
});

/** Every rule, in the order of the documentation. */
export const diagnosticCodes: readonly DiagnosticCode[] = [
  rule('alternative.length-mismatch', 'error', 'The halves of an alternative differ in length'),
  rule('alternative.unterminated', 'error', 'An alternative is opened and never closed'),
  rule('alternative.stray-end', 'error', 'The middle or end of an alternative that nobody opened'),
  rule('alternative.nested', 'error', 'An alternative inside another one'),
  rule('alternative.unknown-cpucap', 'error', 'A cpucap that the tree does not have'),
  rule('alternative.branch-into-replacement', 'error', 'A branch to a label in an out-of-line replacement'),
  rule('alternative.branch-into-original', 'warning', 'A branch into the middle of a patched sequence'),
  rule('alternative.table-entry-in-replacement', 'error', 'A table entry that names an address in a replacement'),
  rule('alternative.pc-relative-literal', 'error', 'ADR or a literal load in a replacement'),
  rule('alternative.simd-literal', 'error', 'A SIMD literal load in a replacement'),
  rule(
    'alternative.branch-out-of-range',
    'warning',
    'A branch in a replacement that may not reach its target once copied',
  ),
  rule('alternative.relocation', 'warning', 'A relocation in a replacement that the patcher does not adjust'),
  rule('alternative.callback-size', 'error', 'A callback alternative with the wrong number of placeholders'),
  rule('alternative.too-long', 'error', 'An alternative longer than its record can say'),
  rule('alternative.section-switch', 'error', 'A section switch inside an alternative'),
  rule('alternative.not-an-instruction', 'warning', 'Data or alignment inside an alternative'),
  rule('alternative.label-clash', 'error', 'A label of the alternative macros defined inside an alternative'),
  rule('alternative.no-effect', 'information', 'An alternative whose halves are the same'),
  rule('assembly.macro', 'error', 'A macro that cannot be expanded as it is written'),
  rule('assembly.conditional', 'error', 'A conditional that is not closed or not opened'),
  rule('assembly.limit', 'warning', 'An expansion that was stopped at a limit'),
];
