/** What a planted text expects: `LINE RULE` for each rule in the `// rule, rule` that ends a line, lines from 1. */
export function plantedRules(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const rules = /\/\/ ([\w, -]+)$/.exec(line)?.[1]?.split(', ') ?? [];
    return rules.map((rule) => `${index + 1} ${rule}`);
  });
}
