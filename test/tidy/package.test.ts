import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { projectRoot, readProjectFile } from '../support/projectFiles.ts';

it('the .vsix holds exactly the files of the list', () => {
  const listed = execFileSync('npx', ['--no-install', 'vsce', 'ls', '--no-dependencies'], {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const files = listed.split('\n').filter((line) => line !== '');
  const wanted = readProjectFile('test/tidy/packaged.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(files.sort()).toEqual(wanted.sort());
});

it('.vscodeignore is an allow-list', () => {
  const [first, ...rest] = readProjectFile('.vscodeignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('**');
  expect(rest.filter((line) => !line.startsWith('!'))).toEqual([]);
});
