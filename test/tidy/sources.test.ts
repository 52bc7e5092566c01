import { describe, expect, it } from 'vitest';
import { projectFiles, readProjectFile } from '../support/projectFiles.ts';

const softLimitLines = 400;
const hardLimitLines = 600;
const handlerLimitLines = 40;

const sources = [...projectFiles('server/src', '.ts'), ...projectFiles('client/src', '.ts')];
const lines = (file: string): readonly string[] => readProjectFile(file).split('\n');
const isGenerated = (file: string): boolean => /generated/i.test(lines(file).slice(0, 3).join('\n'));

describe('sizes', () => {
  it(`no source is over ${hardLimitLines} lines`, () => {
    const long = sources.filter((file) => !isGenerated(file) && lines(file).length > hardLimitLines);
    expect(long.map((file) => `${file}: ${lines(file).length}`)).toEqual([]);
  });

  it(`a source over ${softLimitLines} lines says why in its header`, () => {
    const long = sources.filter((file) => !isGenerated(file) && lines(file).length > softLimitLines);
    expect(long.filter((file) => !/^(\/\/|\/\*)/.test(readProjectFile(file)))).toEqual([]);
  });

  it('extension.ts is under 100 lines', () => {
    expect(lines('client/src/extension.ts').length).toBeLessThan(100);
  });

  it(`a handler is short: the work is in features/`, () => {
    // executeCommand.ts is a table of commands; patchedDocument.ts answers two requests that share one function.
    const exempt = new Set(['executeCommand.ts', 'patchedDocument.ts', 'machineState.ts', 'report.ts']);
    const long = projectFiles('server/src/lsp/handlers', '.ts').filter(
      (file) => !exempt.has(file.split('/').at(-1) ?? '') && lines(file).length > handlerLimitLines,
    );
    expect(long).toEqual([]);
  });
});

describe('names', () => {
  it('files are lowerCamelCase and say what they hold', () => {
    const wrong = sources.filter((file) => {
      const name = file.split('/').at(-1) ?? '';
      return !/^[a-z][A-Za-z0-9]*(\.[a-z]+)*\.ts$/.test(name) || /^(utils|helpers|misc|types|index)\.ts$/.test(name);
    });
    expect(wrong).toEqual([]);
  });
});

describe('habits', () => {
  const code = (file: string): string => readProjectFile(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

  it('no default exports', () => {
    expect(sources.filter((file) => /^export default/m.test(code(file)))).toEqual([]);
  });

  it('no console in the server: a logger is passed in', () => {
    const server = projectFiles('server/src', '.ts');
    // The logger of the connection is handed the protocol's console.
    const wrong = server.filter((file) => !file.endsWith('connectionLogger.ts') && /\bconsole\.\w+\(/.test(code(file)));
    expect(wrong).toEqual([]);
  });

  it('no empty catch', () => {
    expect(sources.filter((file) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(readProjectFile(file)))).toEqual([]);
  });

  it('no test is switched off or narrowed', () => {
    const tests = projectFiles('test', '.test.ts').filter((file) => file !== 'test/tidy/sources.test.ts');
    expect(tests.filter((file) => /\b(it|test|describe)\.(only|skip|todo)\(/.test(readProjectFile(file)))).toEqual([]);
  });
});

describe('folders', () => {
  it('each folder of the server has a README of at most 30 lines', () => {
    const folders = new Set(projectFiles('server/src', '.ts').map((file) => file.split('/').slice(0, 3).join('/')));
    const readmes = new Set(projectFiles('server/src', 'README.md'));
    const missing = [...folders].filter((folder) => !readmes.has(`${folder}/README.md`));
    expect(missing).toEqual([]);
    expect([...readmes].filter((file) => lines(file).length > 31)).toEqual([]);
  });
});
