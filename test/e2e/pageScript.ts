import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

type PageFunction = 'readEditor' | 'readHover' | 'readProblems' | 'addExtension';

/**
 * Runs one of the functions in page/ inside the browser. They are plain JavaScript, because the project's types
 * know no DOM: nothing in it runs in a page.
 */
export async function runInPage<T>(page: Page, name: PageFunction, argument?: unknown): Promise<T> {
  return await page.evaluate<T>(call(name, argument));
}

/** The same for code that has to run before the page's own. */
export async function runBeforePage(page: Page, name: PageFunction, argument: unknown): Promise<void> {
  await page.addInitScript({ content: call(name, argument) });
}

function call(name: PageFunction, argument: unknown): string {
  const source = readFileSync(new URL(`page/${name}.js`, import.meta.url), 'utf8');
  const code = source.replace(/^(\/\/.*\n)+/, '').replace(/;\s*$/, '');
  return `(${code})(${JSON.stringify(argument) ?? ''})`;
}
