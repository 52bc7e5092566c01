import { mkdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { runInPage } from './pageScript.ts';
import { poll } from './poll.ts';

export interface ShownLens {
  readonly line: number;
  readonly title: string;
}

export interface ShownHint {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface ShownProblem {
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly code: string;
  readonly line: number;
  readonly column: number;
  /** Other places that belong to it, as their rows tell them. */
  readonly related: readonly string[];
}

interface EditorContent {
  readonly lines: readonly { readonly line: number; readonly text: string }[];
  readonly lenses: readonly (ShownLens & { readonly id: string; readonly at: readonly [number, number] })[];
  readonly hints: readonly ShownHint[];
  readonly squiggles: readonly { readonly line: number; readonly severity: string }[];
}

interface ProblemRow extends Omit<ShownProblem, 'file' | 'related'> {
  readonly index: number;
  readonly path: string | null;
  /** Text of a related place, `null` in other rows. */
  readonly related: string | null;
}

export interface WorkbenchOptions {
  readonly page: Page;
  readonly workspace: string;
  readonly external: readonly string[];
  readonly logs: () => string;
  readonly close: () => Promise<void>;
}

const activeEditor = '.editor-group-container.active .editor-instance .monaco-editor';

type Pattern = string | RegExp;

/** One running VS Code, read and used through its window. Lines and columns are 1-based; only visible lines can be read. */
export class Workbench {
  readonly page: Page;
  /** Requests of the page to anywhere but the server: none is allowed. */
  readonly external: readonly string[];
  readonly logs: () => string;
  readonly close: () => Promise<void>;
  readonly #workspace: string;

  constructor(options: WorkbenchOptions) {
    this.page = options.page;
    this.external = options.external;
    this.logs = options.logs;
    this.close = options.close;
    this.#workspace = options.workspace;
  }

  // ---- reading

  async content(): Promise<EditorContent> {
    return await runInPage(this.page, 'readEditor', activeEditor);
  }

  async text(): Promise<string> {
    return (await this.content()).lines.map(({ text }) => text).join('\n');
  }

  async lenses(): Promise<readonly ShownLens[]> {
    return (await this.content()).lenses.map(({ line, title }) => ({ line, title }));
  }

  async hints(): Promise<readonly ShownHint[]> {
    return (await this.content()).hints;
  }

  async waitForLens(title: Pattern): Promise<ShownLens> {
    const seen = async (): Promise<readonly ShownLens[]> => await this.lenses();
    return await poll(`a lens ${title}`, async () => (await seen()).find((lens) => matches(lens.title, title)), {
      seen,
    });
  }

  async waitForHint(text: Pattern): Promise<ShownHint> {
    const seen = async (): Promise<readonly ShownHint[]> => await this.hints();
    return await poll(`a hint ${text}`, async () => (await seen()).find((hint) => matches(hint.text, text)), { seen });
  }

  async waitForText(text: Pattern): Promise<string> {
    const read = async (): Promise<string> => await this.text();
    return await poll(`text ${text}`, async () => ((await read()).match(text) ? await read() : null), { seen: read });
  }

  async waitForSquiggle(severity: string): Promise<{ readonly line: number; readonly severity: string }> {
    const read = async (): Promise<EditorContent['squiggles']> => (await this.content()).squiggles;
    return await poll(
      `a squiggle of ${severity}`,
      async () => (await read()).find((mark) => mark.severity === severity),
      {
        seen: read,
      },
    );
  }

  // ---- moving and typing

  /** Opens a file of the workspace in the active group. */
  async openFile(file: string): Promise<void> {
    const path = resolve(this.#workspace, file);
    const isOpen = async (): Promise<boolean> => {
      const uri = await this.#editor().getAttribute('data-uri');
      return uri !== null && decodeURIComponent(uri).endsWith(path);
    };
    // The list may still be the history when Enter comes: then it is asked once more.
    await poll(`${file} to open`, async () => {
      await this.#quickInput('Control+p', path);
      const rows = this.page.locator('.quick-input-list .monaco-list-row');
      await rows
        .filter({ hasText: basename(path) })
        .first()
        .waitFor();
      await this.page.keyboard.press('Enter');
      return await poll('the editor', isOpen, { timeoutMs: 4000 }).catch(() => null);
    });
    await this.#editor().locator('.view-line').first().waitFor();
  }

  /** Waits until the active editor's tab has this title. */
  async waitForTab(title: Pattern, timeoutMs?: number): Promise<void> {
    const tab = this.page.locator('.editor-group-container.active .tab.active .monaco-icon-label-container');
    await poll(`a tab ${title}`, async () => matches(await tab.first().innerText(), title), {
      seen: async () => await tab.allInnerTexts(),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  /** The editor that is seen: a group keeps those that it has shown. */
  #editor(): Locator {
    return this.page.locator(`${activeEditor}:visible`).first();
  }

  /** Puts the cursor at a place and scrolls there. Result: the cursor's box on the page. */
  async goTo(line: number, column = 1): Promise<{ readonly x: number; readonly y: number; readonly height: number }> {
    await this.#quickInput('Control+g', `:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    const status = this.page.locator('#status\\.editor\\.selection');
    // The column there counts a tab as several.
    await poll(`the cursor at ${line}:${column}`, async () =>
      (await status.innerText()).startsWith(`Ln ${line}, Col `),
    );
    // The status bar is ahead of the drawn cursor.
    let before = '';
    return await poll('the cursor to rest', async () => {
      const box = await this.#editor().locator('.cursors-layer .cursor').first().boundingBox();
      const now = JSON.stringify(box);
      const rests = now === before;
      before = now;
      return rests ? box : null;
    });
  }

  async insertText(line: number, column: number, text: string): Promise<void> {
    await this.goTo(line, column);
    await this.page.keyboard.insertText(text);
  }

  // ---- hovers, commands, problems

  /** Rests the mouse on the character at a place. Result: the hover's sections. */
  async hoverAt(line: number, column: number, expected?: Pattern): Promise<readonly string[]> {
    await this.hideHover();
    const box = await this.goTo(line, column);
    const x = box.x + 4;
    const y = box.y + box.height / 2;
    let tries = 0;
    return await poll(`a hover at ${line}:${column}`, async () => {
      // A move that came while the editor was laying out is lost.
      if (tries++ % 20 === 0) {
        await this.page.mouse.move(x + 1, y - 1);
        await this.page.mouse.move(x, y);
      }
      const sections = await runInPage<readonly string[] | null>(this.page, 'readHover');
      if (!sections || sections.length === 0 || sections.includes('Loading...')) return null;
      return expected === undefined || sections.some((section) => matches(section, expected)) ? sections : null;
    });
  }

  async hideHover(): Promise<void> {
    await this.page.mouse.move(2, 898);
    if ((await runInPage(this.page, 'readHover')) !== null) await this.page.keyboard.press('Escape');
  }

  /** Runs a command of the palette by its whole title there, such as "Patchpoint: Show Log". */
  async runCommand(title: string): Promise<void> {
    await this.#quickInput('F1', `>${title}`);
    await this.pick(title);
  }

  /** Titles of the rows of the list that is open. */
  async pickLabels(): Promise<readonly string[]> {
    const rows = await this.page.locator('.quick-input-list .monaco-list-row').all();
    // The first name of a row is its label, a second one its detail.
    const labels = await Promise.all(rows.map((row) => row.locator('.label-name').first().innerText()));
    return labels.map((label) => label.replace(/\u00a0/g, ' ').trim());
  }

  /** Types into the list that is open, so that the row is in view, and picks it. */
  async choose(label: string): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await this.page.keyboard.insertText(label);
    await this.pick(label);
  }

  /** Picks a row of the list that is open. */
  async pick(label: string): Promise<void> {
    await poll(`"${label}" in the list`, async () => ((await this.pickLabels()).includes(label) ? true : null), {
      timeoutMs: 10_000,
      seen: async () => await this.pickLabels(),
    });
    // By its label, not by its place: rows that come later move the others.
    const words = label.split(' ').map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const name = this.page.locator('.label-name', { hasText: new RegExp(`^\\s*${words.join('\\s')}\\s*$`) });
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ has: name }).first().click();
  }

  /** Clicks a lens with this title, the one above a line when that is given. */
  async clickLens(title: Pattern, line?: number): Promise<void> {
    // Lenses are replaced whenever the layout changes: click one that is still the same after a moment.
    let before = '';
    const lens = await poll(`a lens ${title} to rest`, async () => {
      const found = (await this.content()).lenses.find(
        (one) => one.id !== '' && matches(one.title, title) && (line === undefined || one.line === line),
      );
      const now = JSON.stringify(found);
      if (found && now === before) return found;
      before = now;
      if (found) await this.page.mouse.move(...found.at);
      await this.page.waitForTimeout(300);
      return null;
    });
    await this.page.mouse.click(...lens.at, { delay: 20 });
  }

  /** Everything in the Problems view. */
  async problems(): Promise<readonly ShownProblem[]> {
    const panel = this.page.locator('.markers-panel');
    if (!(await panel.isVisible())) await this.page.keyboard.press('Control+Shift+m');
    await panel.waitFor();
    await this.page.waitForTimeout(400);
    const rows = await runInPage<readonly ProblemRow[]>(this.page, 'readProblems');
    let file = '';
    const found: ShownProblem[] = [];
    let places: string[] = [];
    for (const { index: _, path, related, ...problem } of rows.toSorted((a, b) => a.index - b.index)) {
      if (path !== null) file = relative(this.#workspace, path);
      else if (related !== null) places.push(related);
      else {
        places = [];
        found.push({ file, ...problem, related: places });
      }
    }
    return found;
  }

  /** Picks an entry of the light bulb's menu at a place. */
  async quickFix(line: number, column: number, title: string): Promise<void> {
    const menu = this.page.locator('.action-widget');
    const entry = menu.locator('.monaco-list-row').filter({ hasText: title }).first();
    const seen = async (): Promise<readonly string[]> => await menu.locator('.monaco-list-row').allInnerTexts();
    await poll(
      `the fix "${title}"`,
      async () => {
        // The menu may have come before the problem was known.
        if (await menu.isVisible()) await this.page.keyboard.press('Escape');
        await this.goTo(line, column);
        await this.page.keyboard.press('Control+.');
        return await entry.waitFor({ timeout: 4000 }).then(
          () => true,
          () => false,
        );
      },
      { seen },
    );
    // By the keyboard: behind the menu lies a block that takes clicks. The first entry has the focus, under a heading.
    for (let at = Number(await entry.getAttribute('data-index')); at > 1; at--) {
      await this.page.keyboard.press('ArrowDown');
    }
    await poll(`"${title}" to have the focus`, async () =>
      /\bfocused\b/.test((await entry.getAttribute('class')) ?? ''),
    );
    await this.page.keyboard.press('Enter');
  }

  /** Rows of the views in the panel, label and description of each. */
  async panelRows(): Promise<readonly string[]> {
    const rows = await this.page.locator('.part.panel .customview-tree .monaco-list-row:visible').all();
    const words = async (row: Locator): Promise<string> => {
      const parts = await row.locator('.label-name, .label-description').allInnerTexts();
      return parts.join(' ').replace(/\s+/g, ' ').trim();
    };
    return await Promise.all(rows.map(words));
  }

  /** The page of the webview that is shown, once it has such an element. */
  async webview(selector: string): Promise<Frame> {
    // A webview is a frame in a frame; the inner one, of this address, gets the extension's page.
    const pages = (): readonly Frame[] => this.page.frames().filter((frame) => frame.url().includes('fake.html'));
    return await poll(
      `a webview with ${selector}`,
      async () => {
        for (const frame of pages()) {
          // A frame may go while it is looked at: the page was made anew.
          const count = await frame
            .locator(selector)
            .count()
            .catch(() => 0);
          if (count > 0) return frame;
        }
        return null;
      },
      { seen: () => this.page.frames().map((frame) => `${frame.name()} ${frame.url()}`) },
    );
  }

  async notifications(): Promise<readonly string[]> {
    return await this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Saves a picture of the window under test-output/. Look at it: text does not tell of a broken layout. */
  async screenshot(name: string): Promise<void> {
    const file = join('test-output', 'e2e', `${name}.png`);
    mkdirSync(dirname(file), { recursive: true });
    await this.page.screenshot({ path: file, animations: 'disabled' });
  }

  /** Opens a quick input with a shortcut and types into it. */
  async #quickInput(shortcut: string, text: string): Promise<void> {
    const input = this.page
      .locator('.quick-input-widget:not([style*="display: none"]) .quick-input-filter input')
      .first();
    await poll('the quick input', async () => {
      await this.page.keyboard.press(shortcut);
      return await input.waitFor({ timeout: 1500 }).then(
        () => true,
        () => false,
      );
    });
    await input.fill(text);
  }
}

function matches(text: string, pattern: Pattern): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
}
