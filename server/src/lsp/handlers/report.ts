import { treeStatus } from '../../features/treeStatus.ts';
import { featureContext, type ServerState } from '../serverState.ts';
import { onClientRequest } from './request.ts';

export function registerReport(server: ServerState): void {
  onClientRequest(server, 'patchpoint/report', (_params, token) => ({ text: report(server, token) }));
}

/** What a bug report needs and no source text: versions, tree, changed settings, counts, last errors. */
function report(server: ServerState, token: { readonly isCancellationRequested: boolean }): string {
  const { host, client, settings, documents, logger } = server;
  const first = documents.paths()[0] ?? server.folders[0] ?? null;
  const tree = treeStatus(featureContext(server, first, token), first);
  const rows: readonly (readonly [string, string])[] = [
    ['Patchpoint', host.version],
    ['platform', host.platform],
    ['client', client.name],
    ['kernel', tree ? `${tree.version ?? 'unknown version'}, ${tree.configSource}` : 'no tree'],
    ['build directory', tree?.buildDirectory ?? 'none'],
    ['machine state', server.machineState],
    ['open documents', String(documents.paths().length)],
    ['index', server.index.statusOf(first)?.detail ?? 'none'],
    ['settings changed', JSON.stringify(settings.changed)],
  ];
  const table = rows.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`).join('\n');
  const problems = [...settings.issues, ...(tree?.problems ?? []), ...logger.lastErrors()];
  const list = problems.length === 0 ? 'none' : problems.map((problem) => `- ${problem}`).join('\n');
  return `| | |\n|---|---|\n${table}\n\nProblems and last errors:\n\n${list}\n`;
}
