import type { FeatureContext } from '../features/featureContext.ts';
import { defaultScope } from '../project/nameIndex/indexBuild.ts';

type CostInHover = NonNullable<FeatureContext['costInHover']>;

/** One setting as the manifest declares it; `test/tidy` requires `package.json` to equal this table. */
export interface SettingRow {
  readonly key: `patchpoint.${string}`;
  readonly type: 'string' | 'boolean' | 'array';
  readonly default: string | boolean | readonly string[];
  readonly scope: 'machine-overridable' | 'resource' | 'window';
  readonly description: string;
  readonly enum?: readonly string[];
}

/** Every setting, in the order that the settings editor shows. */
export const settingsTable: readonly SettingRow[] = [
  {
    key: 'patchpoint.kernel.root',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description: 'Kernel source tree. Empty: the tree is found upwards from each file.',
  },
  {
    key: 'patchpoint.kernel.buildDirectory',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description:
      'Build directory (the `O=` of its make), which gives `.config` and the generated headers. Empty: the tree itself if it was built, else a directory beside it whose `source` link leads to it.',
  },
  {
    key: 'patchpoint.kernel.configFile',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description:
      'A kernel `.config` that decides `CONFIG_*`. Empty: that of the build directory, else the arm64 defconfig.',
  },
  {
    key: 'patchpoint.machineStates.files',
    type: 'array',
    default: [],
    scope: 'machine-overridable',
    description: 'State files (JSON) that are offered beside the built-in machine states.',
  },
  {
    key: 'patchpoint.codeLens.functions',
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Show a lens above each function or macro that has patch sites.',
  },
  {
    key: 'patchpoint.codeLens.sites',
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Show a lens above each alternative with its cpucap and both sizes.',
  },
  {
    key: 'patchpoint.inlayHints.otherState',
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Show, behind each line of an alternative, the instruction that the other state has there.',
  },
  {
    key: 'patchpoint.inlayHints.expansions',
    type: 'boolean',
    default: false,
    scope: 'resource',
    description: 'Show, behind a macro, the instructions that it expands to.',
  },
  {
    key: 'patchpoint.fadeOtherStream',
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Fade the lines that do not run in the chosen view.',
  },
  {
    key: 'patchpoint.fadeInactive',
    type: 'string',
    default: 'auto',
    scope: 'resource',
    description:
      'Fade the lines of C files that the configuration leaves out. `auto`: unless the extension of clangd is there, which does the same for its own configuration.',
    enum: ['auto', 'on', 'off'],
  },
  {
    key: 'patchpoint.diagnostics.enabled',
    type: 'boolean',
    default: true,
    scope: 'resource',
    description: 'Report mistakes in alternatives.',
  },
  {
    key: 'patchpoint.diagnostics.disabledRules',
    type: 'array',
    default: [],
    scope: 'resource',
    description: 'Rules that are not reported, such as `alternative.length-mismatch`. A prefix turns off a group.',
  },
  {
    key: 'patchpoint.cost.core',
    type: 'string',
    default: 'auto',
    scope: 'resource',
    description:
      'Core whose model gives the cost of patch sites, such as `neoverse-n1`. `auto`: the core of the chosen machine state where there is a model for it, else Neoverse N1.',
  },
  {
    key: 'patchpoint.cost.hover',
    type: 'string',
    default: 'line',
    scope: 'resource',
    description: 'What a hover says about the cost of both streams, by the model of the chosen core.',
    enum: ['line', 'table', 'off'],
  },
  {
    key: 'patchpoint.codeLens.cost',
    type: 'boolean',
    default: false,
    scope: 'resource',
    description: 'Show a lens above each function with its cost by the model of the chosen core.',
  },
  {
    key: 'patchpoint.cost.llvmMcaPath',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description:
      'Path of `llvm-mca`, for a second opinion with **Patchpoint: Ask llvm-mca**. Empty: it is never started.',
  },
  {
    key: 'patchpoint.image.path',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description:
      'Built `vmlinux` whose words hovers show beside the source. Empty: that of the build directory. Needs `#patchpoint.image.symbolizerPath#`.',
  },
  {
    key: 'patchpoint.image.symbolizerPath',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description:
      'Path of `llvm-symbolizer` or `addr2line`, which is asked for the lines of the sites of a built image. Empty: it is never started, and no image is read.',
  },
  {
    key: 'patchpoint.index.enabled',
    type: 'boolean',
    default: true,
    scope: 'resource',
    description:
      'Keep an index of the names of the kernel tree, for what is defined, used and switched elsewhere. It is built in the background.',
  },
  {
    key: 'patchpoint.index.folders',
    type: 'array',
    default: defaultScope.folders,
    scope: 'resource',
    description: 'Folders of the tree that are in the index. The folders of open files are added to them.',
  },
  {
    key: 'patchpoint.noinstr.policy',
    type: 'string',
    default: 'context',
    scope: 'resource',
    description:
      'What makes a call from noinstr code legal. `context`: an instrumentation region, or that RCU watches at that point. `strict`: a region only, as objtool has it. `off`: noinstr code is not checked.',
    enum: ['context', 'strict', 'off'],
  },
  {
    key: 'patchpoint.noinstr.contextHints',
    type: 'boolean',
    default: false,
    scope: 'resource',
    description: 'Show along a noinstr function where RCU watches (`IN`), where not (`OUT`), and where regions are.',
  },
  {
    key: 'patchpoint.noinstr.checkTree',
    type: 'boolean',
    default: false,
    scope: 'resource',
    description:
      'Check all noinstr code of the tree in the background, once the index of names is there, and keep its findings current. Off: open files are checked, and the tree when the command "Check noinstr Code of the Tree" asks for it.',
  },
  {
    key: 'patchpoint.trace.server',
    type: 'string',
    default: 'off',
    scope: 'window',
    description: 'Log the messages between the editor and the language server.',
    enum: ['off', 'messages', 'verbose'],
  },
];

/** The settings as the server uses them. Paths are as the user wrote them. */
export interface Settings {
  readonly kernelRoot: string | null;
  readonly buildDirectory: string | null;
  readonly configFile: string | null;
  readonly stateFiles: readonly string[];
  readonly lensFunctions: boolean;
  readonly lensSites: boolean;
  readonly hintsOtherState: boolean;
  readonly hintsExpansions: boolean;
  readonly fadeOtherStream: boolean;
  /** `auto` is for the client to decide: it knows who else fades. */
  readonly fadeInactive: 'auto' | 'on' | 'off';
  readonly diagnosticsEnabled: boolean;
  readonly noinstrContextHints: boolean;
  readonly noinstrCheckTree: boolean;
  readonly noinstrPolicy: 'context' | 'strict' | 'off';
  readonly disabledRules: readonly string[];
  /** Name of a core, or `auto`. */
  readonly costCore: string;
  readonly costHover: CostInHover;
  readonly lensCost: boolean;
  readonly llvmMcaPath: string | null;
  readonly imagePath: string | null;
  readonly symbolizerPath: string | null;
  readonly indexEnabled: boolean;
  /** Relative to the root of the tree, without a slash at the end. */
  readonly indexFolders: readonly string[];
}

export interface ParsedSettings {
  readonly value: Settings;
  /** Settings of the wrong type, each as a sentence; their defaults are used. */
  readonly issues: readonly string[];
  /** Keys whose value is not the default, with the value: for a bug report. */
  readonly changed: Readonly<Record<string, unknown>>;
}

/** Reads the nested object under `patchpoint`. Total: a missing or wrong value becomes the default of the table. */
export function parseSettings(section: unknown): ParsedSettings {
  const issues: string[] = [];
  const changed: Record<string, unknown> = {};
  const read = (key: SettingRow['key']): SettingRow['default'] => {
    const row = settingsTable.find((candidate) => candidate.key === key);
    if (!row) return '';
    const value = nested(section, key);
    if (value === undefined || value === null) return row.default;
    if (!hasType(value, row.type)) {
      issues.push(`${key} should be of type ${row.type}; its default is used`);
      return row.default;
    }
    if (row.enum && !row.enum.includes(String(value))) {
      issues.push(`${key} should be one of ${row.enum.join(', ')}; its default is used`);
      return row.default;
    }
    if (JSON.stringify(value) !== JSON.stringify(row.default)) changed[key] = value;
    return value;
  };
  const flag = (key: SettingRow['key']): boolean => read(key) === true;
  const path = (key: SettingRow['key']): string | null => {
    const value = read(key);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const list = (key: SettingRow['key']): readonly string[] => {
    const value = read(key);
    return typeof value === 'object' ? value : [];
  };
  const value: Settings = {
    kernelRoot: path('patchpoint.kernel.root'),
    buildDirectory: path('patchpoint.kernel.buildDirectory'),
    configFile: path('patchpoint.kernel.configFile'),
    stateFiles: list('patchpoint.machineStates.files'),
    lensFunctions: flag('patchpoint.codeLens.functions'),
    lensSites: flag('patchpoint.codeLens.sites'),
    hintsOtherState: flag('patchpoint.inlayHints.otherState'),
    hintsExpansions: flag('patchpoint.inlayHints.expansions'),
    fadeOtherStream: flag('patchpoint.fadeOtherStream'),
    fadeInactive: fading(read('patchpoint.fadeInactive')),
    diagnosticsEnabled: flag('patchpoint.diagnostics.enabled'),
    noinstrContextHints: flag('patchpoint.noinstr.contextHints'),
    noinstrCheckTree: flag('patchpoint.noinstr.checkTree'),
    noinstrPolicy: noinstrPolicy(read('patchpoint.noinstr.policy')),
    disabledRules: list('patchpoint.diagnostics.disabledRules'),
    costCore: path('patchpoint.cost.core') ?? 'auto',
    costHover: costInHover(read('patchpoint.cost.hover')),
    lensCost: flag('patchpoint.codeLens.cost'),
    llvmMcaPath: path('patchpoint.cost.llvmMcaPath'),
    imagePath: path('patchpoint.image.path'),
    symbolizerPath: path('patchpoint.image.symbolizerPath'),
    indexEnabled: flag('patchpoint.index.enabled'),
    indexFolders: list('patchpoint.index.folders').map((folder) => folder.replace(/^\.?\/+|\/+$/g, '')),
  };
  return { value, issues, changed };
}

/** Value at `patchpoint.a.b` of a nested object, or under the flat key `a.b`, which some editors send. */
function nested(section: unknown, key: string): unknown {
  const parts = key.split('.').slice(1);
  const flat = property(section, parts.join('.'));
  return flat ?? parts.reduce<unknown>((at, part) => property(at, part), section);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function fading(value: SettingRow['default']): Settings['fadeInactive'] {
  return value === 'on' || value === 'off' ? value : 'auto';
}

function noinstrPolicy(value: unknown): Settings['noinstrPolicy'] {
  return value === 'strict' || value === 'off' ? value : 'context';
}

function costInHover(value: SettingRow['default']): CostInHover {
  return value === 'off' || value === 'table' ? value : 'line';
}

function hasType(value: unknown, type: SettingRow['type']): value is SettingRow['default'] {
  if (type === 'array') return Array.isArray(value) && value.every((item) => typeof item === 'string');
  return typeof value === type;
}
