/** Something about an image that a person should know: what is wrong and where, in one sentence. */
export interface ImageIssue {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** A value as far as it could be read, and what was wrong on the way. */
export interface ImageResult<T> {
  readonly value: T;
  readonly issues: readonly ImageIssue[];
}

/** Collects issues; after a bounded number the rest is counted, so that a hostile file cannot fill memory. */
export interface IssueList {
  readonly issues: readonly ImageIssue[];
  error(message: string): void;
  warn(message: string): void;
}

const maxIssues = 100;

export function createIssueList(): IssueList {
  const issues: ImageIssue[] = [];
  const add = (severity: ImageIssue['severity'], message: string): void => {
    if (issues.length < maxIssues) issues.push({ severity, message });
    else if (issues.length === maxIssues) {
      issues.push({ severity: 'warning', message: `more than ${maxIssues} problems; the rest is not listed` });
    }
  };
  return {
    issues,
    error: (message) => add('error', message),
    warn: (message) => add('warning', message),
  };
}
