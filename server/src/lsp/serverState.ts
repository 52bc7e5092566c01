import type { Connection, Disposable } from 'vscode-languageserver';
import type { Cancellation } from '../base/cancellation.ts';
import { joinPath } from '../base/path.ts';
import type { FeatureContext, SiteView } from '../features/featureContext.ts';
import { findState } from '../features/stateChoices.ts';
import { isPreemptionModel, type MachineState } from '../kernel/machineStates.ts';
import type { Workspace } from '../project/workspace.ts';
import type { BuiltImages } from './builtImages.ts';
import type { CAnalysis } from './cAnalysis.ts';
import type { ClientFeatures } from './clientFeatures.ts';
import type { ConnectionLogger } from './connectionLogger.ts';
import { coreInForce, type NamedCore } from './coreInForce.ts';
import type { CostState } from './costState.ts';
import type { ServerHost } from './host.ts';
import type { Indexing } from './indexing.ts';
import type { NoinstrCheck } from './noinstrCheck.ts';
import type { OpenDocuments } from './openDocuments.ts';
import type { OpenedImages } from './openedImages.ts';
import type { ParsedSettings, Settings } from './settings.ts';
import type { Sliced } from './sliced.ts';

/** Everything that a running server knows. One object, passed to every handler. */
export interface ServerState {
  readonly connection: Connection;
  readonly host: ServerHost;
  readonly logger: ConnectionLogger;
  readonly workspace: Workspace;
  readonly documents: OpenDocuments;
  /** Chosen view by path; absent means `both`. */
  readonly views: Map<string, SiteView>;
  /** Patched documents that a client has asked for: its spelling of the URI, and the file shown. */
  readonly shownPatched: Map<string, string>;
  client: ClientFeatures;
  /** Settings of the window, and of each workspace folder, whose own go before them. */
  settings: ParsedSettings;
  folderSettings: ReadonlyMap<string, ParsedSettings>;
  /** The last question for settings that is under way. */
  settingsPull: symbol | null;
  /** Workspace folders as engine paths. */
  folders: readonly string[];
  /** Folder of the server's data files as the client named it (`initializationOptions.assets`). */
  assets: string | null;
  /** Folder in which things are kept from one run to the next, as the client named it (`initializationOptions.storage`). */
  storage: string | null;
  /** Name of the chosen machine state; it may be one that a tree does not know, then nothing is patched. */
  machineState: string;
  /** Static keys that were switched by hand; they go before the machine state's. */
  readonly keys: Map<string, boolean>;
  /** Preemption model that was chosen; `null`: that of the machine state. */
  preemption: string | null;
  /** Name of the core that was chosen, or `auto`; `null`: the setting decides. */
  core: string | null;
  readonly cost: CostState;
  /** The image whose sites are listed and disassembled. */
  readonly openedImages: OpenedImages;
  /** Analysis of C files, beside the requests. */
  readonly c: CAnalysis;
  /** The client has nobody else for C (`initializationOptions.allOfC`). */
  allOfC: boolean;
  /** Index of names of each tree, beside the requests. */
  readonly index: Indexing;
  /** Long work beside the requests. */
  readonly sliced: Sliced;
  /** Findings in noinstr code of files that are not open. */
  readonly noinstr: NoinstrCheck;
  /** Built images of the trees, beside the requests. */
  readonly images: BuiltImages;
  /** Document that was asked about last, as the client spells it: what a command without arguments means. */
  lastUri: string | null;
  /** What the client watches for us: the build directories that settings name, and how to end it. */
  watched: { readonly outside: readonly string[]; readonly registration: Disposable } | null;
  /** Checks every open document again. */
  readonly checkAll: () => void;
}

export function viewOf(server: ServerState, path: string): SiteView {
  return server.views.get(path) ?? 'both';
}

/** What features need, for a file (or for the whole workspace). */
export function featureContext(server: ServerState, path: string | null, cancellation: Cancellation): FeatureContext {
  const { workspace } = server;
  const state = stateOf(server, path);
  const cost = server.cost.loaded(coreOf(server, path).name);
  return {
    workspace,
    state,
    cancellation,
    cost,
    costInHover: settingsOf(server, path).costHover,
    allOfC: server.allOfC,
    image: server.images.loaded(path),
    cFiles: server.c.files,
    link: (file, line) => `${uriOf(server, file)}#L${line}`,
  };
}

/** The chosen machine state as the tree of a file knows it. */
export function stateOf(server: ServerState, path: string | null): MachineState {
  const state = findState(server.workspace, path, server.machineState, stateFiles(server, path));
  const { keys, preemption } = server;
  return {
    ...state,
    ...(isPreemptionModel(preemption) ? { preempt: preemption } : {}),
    ...(keys.size === 0 ? {} : { keys: { ...state.keys, ...Object.fromEntries(keys) } }),
  };
}

/** The core whose cost is shown for a file. */
export function coreOf(server: ServerState, path: string | null): NamedCore {
  return coreInForce(server.core, settingsOf(server, path).costCore, stateOf(server, path));
}

/** URI of a path as the client spells it. */
export function uriOf(server: ServerState, path: string): string {
  return server.documents.uri(path) ?? server.host.toUri(path);
}

/** The innermost workspace folder that holds a path, else the first one. */
export function folderOf(server: ServerState, path: string | null): string | null {
  const inside = server.folders.filter((folder) => path === folder || path?.startsWith(`${folder}/`) === true);
  return inside.sort((left, right) => right.length - left.length)[0] ?? server.folders[0] ?? null;
}

/** Settings in force for a file. */
export function settingsOf(server: ServerState, path: string | null): Settings {
  const folder = folderOf(server, path);
  return ((folder === null ? undefined : server.folderSettings.get(folder)) ?? server.settings).value;
}

/** State files of the settings as paths. */
export function stateFiles(server: ServerState, path: string | null): readonly string[] {
  const folder = folderOf(server, path);
  return settingsOf(server, path).stateFiles.map((file) => settingPath(folder, file));
}

/** A path of the settings of a workspace folder, which is `${workspaceFolder}` and what relative paths start from. */
export function settingPath(workspaceFolder: string | null, path: string): string {
  const folder = workspaceFolder ?? '/';
  const expanded = path.replaceAll('\\', '/').replaceAll(`\${workspaceFolder}`, folder);
  return joinPath(folder, /^[A-Za-z]:\//.test(expanded) ? `/${expanded}` : expanded);
}
