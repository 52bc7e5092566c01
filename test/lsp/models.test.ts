import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelSteps } from '../../server/src/lsp/protocol.ts';
import { projectRoot } from '../support/projectFiles.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';

const folder = `${projectRoot}/examples`;
const path = `${folder}/arch/arm64/kernel/entry-common.c`;
const text = readFileSync(path, 'utf8');
const line = text.slice(0, text.indexOf('el1_irq_handler')).split('\n').length + 1;

describe('models over the protocol', () => {
  let client: ServerClient;
  let uri: string;
  beforeAll(async () => {
    client = await startServer({ transport: 'ipc', folder, initializationOptions: { status: true } });
    uri = client.open(path, text);
  });
  afterAll(async () => await client.close());

  const ask = async (wish: object): Promise<ModelSteps> =>
    await client.connection.sendRequest<ModelSteps>('patchpoint/modelSteps', wish);

  it('there is a choice of scenarios', async () => {
    const choices = await client.connection.sendRequest<{ trampolines: unknown[] }>('patchpoint/modelChoices', null);
    expect(choices.trampolines).toHaveLength(7);
  });

  it('a function is followed from its place', async () => {
    const position = { line, character: 1 };
    const wish = { model: 'function', uri, position, from: 'idle', tracking: 'active', path: 0 };
    const { steps, title, problem } = await ask(wish);
    expect(problem).toBeNull();
    expect(title).toContain('el1_irq_handler()');
    const entered = steps.find((step) => step.step === 'ct_irq_enter()');
    expect(entered?.place?.uri).toBe(uri);
    expect(text.split('\n')[entered?.place?.range.start.line ?? 0]).toContain('ct_irq_enter');
    expect(await ask({ ...wish, position: { line: 1, character: 0 } })).toEqual({
      problem: 'no noinstr function is here',
    });
  });

  it('a scenario, and steps of one own', async () => {
    expect((await ask({ model: 'context', scenario: 'idle', tracking: 'off' })).steps.length).toBeGreaterThan(8);
    const own = { model: 'trampolines', scenario: 0, steps: 'run tramp, irq, nmi', protocol: 'flag-per-cpu' };
    expect((await ask(own)).steps.map((step) => step.step)).toEqual(['run tramp', 'irq', 'nmi']);
    expect(await ask({ ...own, steps: 'dance' })).toHaveProperty('problem');
  });

  it('any editor gets the steps as text', async () => {
    const answer = await client.connection.sendRequest<ModelSteps>('workspace/executeCommand', {
      command: 'patchpoint.server.contextSteps',
      arguments: [uri, { line, character: 1 }],
    });
    expect(answer.text).toContain('Context tracking, el1_irq_handler() in entry-common.c');
  });
});
