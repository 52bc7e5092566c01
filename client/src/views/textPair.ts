import * as vscode from 'vscode';

const scheme = 'patchpoint-image';
const language = 'arm64-kernel-asm';
const maxTexts = 40;
export interface TitledText {
  readonly title: string;
  readonly text: string;
}

/** Shows two texts with the same lines side by side, differences marked, at a 0-based line. */
export type ShowTextPair = (left: TitledText, right: TitledText, line: number) => Promise<void>;

export function createTextPairs(context: vscode.ExtensionContext): ShowTextPair {
  const texts = new Map<string, string>();
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
    }),
  );
  /** A URI of its own for every text: what it shows never changes. */
  const open = async ({ title, text }: TitledText): Promise<vscode.Uri> => {
    const uri = vscode.Uri.from({ scheme, path: `/${title.replace(/[/\\?#%]/g, ' ')}`, query: hash(text) });
    texts.set(uri.toString(), text);
    const oldest = texts.keys().next();
    if (texts.size > maxTexts && oldest.done !== true) texts.delete(oldest.value);
    await vscode.languages.setTextDocumentLanguage(await vscode.workspace.openTextDocument(uri), language);
    return uri;
  };
  return async (left, right, line) => {
    const [before, after] = [await open(left), await open(right)];
    const title = `${left.title} ↔ ${right.title.replace(/^.*\((.*)\)$/, '$1')}`;
    const selection = new vscode.Range(line, 0, line, 0);
    await vscode.commands.executeCommand('vscode.diff', before, after, title, { preview: true, selection });
  };
}

function hash(text: string): string {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (value * 31 + text.charCodeAt(at)) | 0;
  return (value >>> 0).toString(16);
}
