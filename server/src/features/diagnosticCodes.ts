export interface DiagnosticCode {
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'information';
  readonly title: string;
  readonly docsAnchor: string;
}

export const diagnosticCodes: readonly DiagnosticCode[] = [];
