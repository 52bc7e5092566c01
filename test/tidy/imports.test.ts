import { expect, it } from 'vitest';
import { projectFiles, readProjectFile } from '../support/projectFiles.ts';

/** Which folders of `server/src` a folder may import from; itself always. The arrows of docs/architecture.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  base: [],
  syntax: ['base'],
  isa: ['base'],
  kernel: ['base', 'syntax', 'isa'],
  patch: ['base', 'kernel', 'isa'],
  cost: ['base', 'isa'],
  image: ['base', 'isa', 'kernel', 'patch'],
  project: ['base', 'kernel', 'syntax', 'isa'],
  noinstr: ['base', 'project', 'kernel', 'syntax', 'isa', 'image'],
  features: ['base', 'project', 'noinstr', 'patch', 'cost', 'kernel', 'syntax', 'isa', 'image'],
  node: ['base', 'project', 'cost', 'image', 'syntax', 'isa'],
  lsp: ['base', 'features', 'project', 'cost', 'kernel', 'node', 'image', 'syntax', 'isa'],
  cli: ['base', 'features', 'project', 'noinstr', 'cost', 'kernel', 'node', 'image', 'isa'],
};

/** Folders that may know a process: everything else runs in a browser worker as well. */
const nodeFolders: ReadonlySet<string> = new Set(['node', 'cli']);
/** Files of `lsp` that belong to one host. */
const hostFiles: ReadonlySet<string> = new Set(['server/src/lsp/main.node.ts']);

interface Import {
  readonly file: string;
  readonly spec: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): readonly Import[] {
  const text = readProjectFile(file);
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gms);
  const dynamic = text.matchAll(/\b(?:import|require)\(\s*'([^']+)'\s*\)/g);
  return [
    ...[...found].map((match) => ({ file, spec: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...[...dynamic].map((match) => ({ file, spec: match[1] ?? '', typeOnly: false })),
  ];
}

function layerOf(file: string): string {
  return file.split('/')[2] ?? '';
}

/** Path from the root that a relative import means. */
function target({ file, spec }: Import): string {
  return new URL(spec, `file:///${file}`).pathname.slice(1);
}

const serverImports = projectFiles('server/src', '.ts').flatMap(importsOf);
const clientImports = projectFiles('client/src', '.ts').flatMap(importsOf);
const shown = ({ file, spec }: Import): string => `${file} imports ${spec}`;

it('layers of the server import only along the arrows', () => {
  const wrong = serverImports
    // Data files are nobody's layer.
    .filter((one) => one.spec.startsWith('.') && !target(one).startsWith('server/data/'))
    .filter((one) => {
      const from = layerOf(one.file);
      const to = layerOf(target(one));
      return from !== to && !(allowed[from] ?? []).includes(to);
    });
  expect(wrong.map(shown)).toEqual([]);
});

it('every folder of the server has its arrows', () => {
  const folders = new Set(projectFiles('server/src', '.ts').map(layerOf));
  expect([...folders].filter((folder) => !(folder in allowed))).toEqual([]);
});

it('only node/, cli/ and the Node entry know Node', () => {
  const wrong = serverImports
    .filter(({ spec }) => spec.startsWith('node:') || spec.includes('/node/'))
    .filter(({ file }) => !nodeFolders.has(layerOf(file)) && !hostFiles.has(file));
  expect(wrong.map(shown)).toEqual([]);
});

it('only lsp/ knows the protocol library, and nothing in the server knows VS Code', () => {
  const wrong = serverImports.filter(({ file, spec }) => {
    if (spec === 'vscode' || spec.startsWith('vscode-languageclient')) return true;
    return spec.startsWith('vscode-') && layerOf(file) !== 'lsp';
  });
  expect(wrong.map(shown)).toEqual([]);
});

it('packages that the server imports are the declared ones', () => {
  const { dependencies } = JSON.parse(readProjectFile('package.json'));
  const packages = [...serverImports, ...clientImports]
    .filter(({ spec }) => !spec.startsWith('.') && !spec.startsWith('node:') && spec !== 'vscode')
    .filter(({ spec }) => !(/^(@[^/]+\/)?[^/]+/.exec(spec)?.[0] ?? '' in dependencies));
  expect(packages.map(shown)).toEqual([]);
});

it('the client takes from the server only the types of its protocol', () => {
  const wrong = clientImports.filter((one) => {
    if (!one.spec.startsWith('.')) return false;
    const to = target(one);
    return !to.startsWith('client/') && !(to === 'server/src/lsp/protocol.ts' && one.typeOnly);
  });
  expect(wrong.map(shown)).toEqual([]);
});

it('the web client and the web server know no Node', () => {
  const wrong = clientImports.filter(
    ({ file, spec }) => file !== 'client/src/extension.ts' && (spec.startsWith('node:') || spec.endsWith('/node')),
  );
  expect(wrong.map(shown)).toEqual([]);
});
