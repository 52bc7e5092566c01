import { join } from 'node:path';
import { type Command, flagOption, UsageError } from '../command.ts';

/** `patchpoint lsp --stdio`: the language server for any editor. The server is a bundle of its own, next to this one. */
export const lspCommand: Command = {
  name: 'lsp',
  summary: 'Start the language server (for editors).',
  usage: '--stdio',
  options: [flagOption('stdio', 'speak the protocol on standard input and output')],
  run: async ({ values }) => {
    if (values.stdio !== true) throw new UsageError('say --stdio: no other transport is offered');
    const server: unknown = require(join(__dirname, 'server', 'main.node.cjs'));
    if (!isServerModule(server)) throw new UsageError('the server bundle next to this file is damaged; build again');
    return await server.serveStdio();
  },
};

interface ServerModule {
  /** Resolves with the exit status when the client has gone. */
  readonly serveStdio: () => Promise<0 | 1>;
}

function isServerModule(value: unknown): value is ServerModule {
  return typeof value === 'object' && value !== null && 'serveStdio' in value && typeof value.serveStdio === 'function';
}
