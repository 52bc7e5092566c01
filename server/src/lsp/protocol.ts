// What Patchpoint adds to the Language Server Protocol. Described in docs/protocol.md, which a test ties to
// this file. Types only: the client imports them with `import type`.

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export type SiteView = 'unpatched' | 'patched' | 'both';

/** Which stream a patched document shows: as linked, as the chosen machine runs it, or as a named one does. */
export type PatchedOf = 'unpatched' | 'chosen' | { readonly state: string };

/** What the client may send as `initializationOptions`; everything may be absent. */
export interface InitializationOptions {
  /** Values of `patchpoint.*`, nested, for clients without `workspace/configuration`. */
  readonly settings?: unknown;
  /** Name of the machine state that was chosen last in this workspace. */
  readonly machineState?: string;
  /** Preemption model that was chosen last in this workspace. */
  readonly preemption?: string;
  /** Name of the core that was chosen last in this workspace; absent: the setting decides. */
  readonly core?: string;
  /** URI of the folder that holds `wasm/`, for a server that cannot tell where its own script lies (a wrapped worker). */
  readonly assets?: string;
  /** No other language server answers for C: navigation and symbols of all its names are wanted, not only of ours. */
  readonly allOfC?: boolean;
  /** Folder of the file system in which an index of the tree is kept for the next time; absent: it is made anew. */
  readonly storage?: string;
  /** The client answers the requests of the server: `patchpoint/readFiles` and those of ranges. */
  readonly readFiles?: boolean;
  /** The client draws its own status and wants `patchpoint/statusChanged` and `patchpoint/viewChanged`. */
  readonly status?: boolean;
}

export interface Status {
  /** Root of the kernel tree of the file asked about, `null` when it lies in none. */
  readonly root: string | null;
  readonly version: string | null;
  readonly buildDirectory: string | null;
  /** What decides `CONFIG_*`, for people. */
  readonly configSource: string | null;
  /** Name of the machine state in force. */
  readonly machineState: string;
  /** Static keys that were switched by hand. */
  readonly keys: readonly SwitchedKey[];
  /** Preemption model in force for `PREEMPT_DYNAMIC`; `null`: that of the machine state, or as linked. */
  readonly preemption: string | null;
  /** The core whose model gives costs, `null` when the chosen name is not known. */
  readonly core: Core | null;
  /** The index of names; `null` while none is wanted. */
  readonly index: IndexStatus | null;
  readonly problems: readonly string[];
}

/** `off`: by the setting; `stopped`: somebody has ended the work. Files that are in it, and that are known so far. */
export interface IndexStatus {
  readonly state: 'off' | 'waiting' | 'building' | 'ready' | 'stopped';
  readonly files: number;
  readonly total: number;
  /** What it holds and how long it took, for people. */
  readonly detail: string;
}

/** A core whose cost can be shown. */
export interface Core {
  readonly name: string;
  readonly title: string;
  /** Title of the core whose model stands in for it, `null` when it has one of its own. */
  readonly modelledAs: string | null;
  /** What a person should know of the model, one sentence. */
  readonly warning: string | null;
}

export interface Cores {
  readonly choices: readonly (Core & { readonly current: boolean })[];
  /** Name in force. */
  readonly current: string;
  /** Where the name comes from. */
  readonly from: CoreOrigin;
  /** What `auto` means for this file. */
  readonly auto: string;
}

/** Chosen with `patchpoint/setCore`, set in `patchpoint.cost.core`, or following the machine state. */
export type CoreOrigin = 'chosen' | 'setting' | 'machine state' | 'default';

/** A text for people about costs, the same in two forms. It says which core's model gave it. */
export interface CostText {
  readonly title: string;
  readonly markdown: string;
  /** For a monospace font. */
  readonly text: string;
}

/** A pipeline timeline: a standalone SVG, and the same content as text. */
export interface Timeline {
  readonly title: string;
  readonly svg: string;
  readonly text: string;
  /** For each instruction in order the line that makes it, from 0; `null` where it is not known. */
  readonly sources: readonly ({ readonly uri: string; readonly line: number } | null)[];
}

/** What a cost is asked about: the site at a position, or the code of a selection. */
export type CostTarget =
  | { readonly uri: string; readonly position: Position }
  | { readonly uri: string; readonly range: Range };

/** What `llvm-mca` and our model say side by side, or why it was not asked. */
export type McaAnswer = CostText | { readonly problem: string };

export interface MachineStateChoice {
  readonly name: string;
  /** How many cpucaps it has, for people. */
  readonly description: string;
  /** One line for people: the core, and what is not known of it. May be empty. */
  readonly title: string;
  readonly origin: 'built-in' | 'file';
}

export interface MachineStates {
  readonly choices: readonly MachineStateChoice[];
  readonly current: string;
  /** State files of the settings that could not be used, each with the reason. */
  readonly problems: readonly string[];
}

export interface FadedRanges {
  /** Version of the document that the ranges belong to. */
  readonly version: number;
  readonly view: SiteView;
  readonly ranges: readonly Range[];
  /** Of a C file: text that the preprocessor removes in the kernel's configuration. */
  readonly inactive: readonly Range[];
}

/** A model of `preempt=`, as the tree's scheduler knows it. */
export interface PreemptionChoice {
  readonly name: string;
  /** One line for people: what the model does with the keys. */
  readonly description: string;
}

export interface PreemptionModels {
  /** Empty in a tree without `PREEMPT_DYNAMIC` on static keys. */
  readonly choices: readonly PreemptionChoice[];
  readonly current: string | null;
  /** Why there is nothing to choose, or what the choice does not reach; `null` for nothing. */
  readonly note: string | null;
}

/** One path as the client sees it. `entries` is there for a directory, `text` for a file that is no larger than source. */
export interface ReadFile {
  readonly uri: string;
  readonly kind: 'file' | 'directory' | 'absent';
  readonly text?: string;
  readonly entries?: readonly { readonly name: string; readonly kind: 'file' | 'directory' }[];
}

/** A static key that was given another value in the machine that is shown. */
export interface SwitchedKey {
  readonly key: string;
  readonly value: boolean;
}

/** What patch sites of a built image are sorted by. */
export type ImageGrouping = 'cpucap' | 'key' | 'callback' | 'function' | 'file';

export interface ImageGroup {
  readonly name: string;
  readonly nSites: number;
  /** Bytes of records and replacements. */
  readonly metadataBytes: number;
}

export interface ImageSite {
  /** Function that holds it, empty for none, and bytes from its start. */
  readonly function: string;
  readonly offset: number;
  /** `0x…` */
  readonly address: string;
  readonly kind: 'alternative' | 'callback-alternative' | 'jump';
  /** What it hangs on, for people. */
  readonly trigger: string;
  /** First instruction as linked. */
  readonly text: string;
}

/** Why there is no answer from an image, or from a file. */
export interface ImageProblem {
  readonly problem: string;
}

/** A function that runs without instrumentation, and what can run from it so. */
export interface NoinstrNode {
  readonly name: string;
  /** Class, context and findings, for people. */
  readonly description: string;
  /** Messages of findings at the call. */
  readonly findings: readonly string[];
  /** The call, of the root its definition; `null` when it has no place. */
  readonly place: { readonly uri: string; readonly range: Range } | null;
  readonly callees: readonly NoinstrNode[];
}

/** One step of a path through noinstr code. */
export interface NoinstrStep {
  readonly text: string;
  /** What holds behind it, for people. */
  readonly description: string;
  /** Calls that are inlined around it. */
  readonly level: number;
  readonly place: { readonly uri: string; readonly range: Range };
}

/** Which model is stepped through, and how. */
export type ModelWish =
  | {
      readonly model: 'trampolines';
      readonly scenario: number;
      /** Instead of the scenario's own, in the words of `patchpoint model tramp --steps`. */
      readonly steps: string | null;
      readonly protocol: string;
    }
  | { readonly model: 'context'; readonly scenario: string; readonly tracking: 'active' | 'inactive' | 'off' }
  | {
      readonly model: 'function';
      readonly uri: string;
      readonly position: Position;
      /** Where the function is entered from; `null`: as its first switch of the context tells. */
      readonly from: string | null;
      readonly tracking: 'active' | 'inactive' | 'off' | null;
      readonly path: number;
    };

/** One step of a model. `cells` and `ticks` are those of the table's `columns` and `checks`. */
export interface ModelStep {
  readonly step: string;
  readonly group: string | null;
  readonly indent: number;
  readonly cells: readonly string[];
  readonly ticks: readonly (boolean | null)[];
  readonly problems: readonly string[];
  readonly picture: readonly { readonly name: string; readonly value: string; readonly marked: boolean }[];
  readonly place: { readonly uri: string; readonly range: Range } | null;
  readonly isHere: boolean;
}

/** A model step by step; `text` is the same for a mail. */
export interface ModelSteps {
  readonly title: string;
  readonly about: readonly string[];
  readonly columns: readonly string[];
  readonly checks: readonly { readonly id: string; readonly text: string }[];
  readonly steps: readonly ModelStep[];
  readonly notes: readonly string[];
  readonly text: string;
  /** Paths of a function, each by what sets it apart. */
  readonly paths: readonly string[];
  readonly problem: null;
}

/** Requests of the client. */
export interface ClientRequests {
  'patchpoint/status': { params: { readonly uri: string | null }; result: Status };
  'patchpoint/machineStates': { params: { readonly uri: string | null }; result: MachineStates };
  'patchpoint/setMachineState': { params: { readonly name: string }; result: { readonly current: string } };
  'patchpoint/preemptionModels': { params: { readonly uri: string | null }; result: PreemptionModels };
  /** `null`: that of the machine state, or as linked. */
  'patchpoint/setPreemption': { params: { readonly name: string | null }; result: { readonly current: string | null } };
  'patchpoint/setView': {
    params: { readonly uri: string; readonly view: SiteView | 'next' };
    result: { readonly view: SiteView };
  };
  'patchpoint/patchedDocument': {
    params: { readonly uri: string; readonly of: PatchedOf };
    /**
     * `uri` can be opened through `workspace/textDocumentContent`; `lines` has, for each line of the file, the
     * 0-based line that shows it. `null` when the file lies in no kernel tree.
     */
    result: {
      readonly uri: string;
      readonly title: string;
      readonly text: string;
      readonly lines: readonly number[];
    } | null;
  };
  'patchpoint/expansionTrace': {
    params: { readonly uri: string; readonly position: Position };
    result: { readonly text: string } | null;
  };
  'patchpoint/fadedRanges': { params: { readonly uri: string }; result: FadedRanges | null };
  'patchpoint/cores': { params: { readonly uri: string | null }; result: Cores };
  /** `name` is that of a core, or `auto`; `null` goes back to the setting. */
  'patchpoint/setCore': { params: { readonly name: string | null }; result: { readonly current: string } };
  'patchpoint/siteCost': { params: { readonly uri: string; readonly position: Position }; result: CostText | null };
  'patchpoint/rangeCost': { params: { readonly uri: string; readonly range: Range }; result: CostText | null };
  'patchpoint/timeline': {
    params: CostTarget & { readonly stream: 'unpatched' | 'patched' };
    result: Timeline | null;
  };
  'patchpoint/compareCores': { params: { readonly uri: string; readonly position: Position }; result: CostText | null };
  'patchpoint/askMca': { params: { readonly uri: string; readonly position: Position }; result: McaAnswer | null };
  'patchpoint/imageGroups': {
    params: { readonly uri: string | null; readonly by: ImageGrouping; readonly filter: string };
    result:
      | {
          readonly image: { readonly path: string; readonly release: string | null; readonly nSites: number };
          readonly groups: readonly ImageGroup[];
          readonly problem: null;
        }
      | ImageProblem;
  };
  'patchpoint/imageSites': {
    params: {
      readonly uri: string | null;
      readonly by: ImageGrouping;
      readonly group: string;
      readonly filter: string;
      readonly from: number;
      readonly limit: number;
    };
    result: { readonly sites: readonly ImageSite[]; readonly total: number; readonly problem: null } | ImageProblem;
  };
  'patchpoint/disassembly': {
    params: { readonly uri: string | null; readonly function: string; readonly of: 'unpatched' | 'chosen' };
    /** `changed` has the 0-based lines whose word is not as in the file, `offsets` each line's place in the function or -1. */
    result:
      | {
          readonly title: string;
          readonly text: string;
          readonly changed: readonly number[];
          readonly offsets: readonly number[];
          readonly problem: null;
        }
      | ImageProblem;
  };
  /** Where the source of a function of the image is; `null` when the index of names does not tell. */
  'patchpoint/imagePlace': {
    params: { readonly uri: string | null; readonly function: string };
    result: { readonly uri: string; readonly line: number } | null;
  };
  /** `file` is a URI; `null`: that of the settings or the build directory. */
  'patchpoint/setImage': { params: { readonly file: string | null }; result: { readonly current: string | null } };
  'patchpoint/imageReport': {
    params: { readonly uri: string | null };
    result: { readonly html: string; readonly problem: null } | ImageProblem;
  };
  /** From the function at a position, `null`: from what the exception vectors branch to. */
  'patchpoint/noinstrReach': {
    params: { readonly uri: string; readonly position: Position | null };
    result: { readonly roots: readonly NoinstrNode[]; readonly problem: null } | ImageProblem;
  };
  /** How the finding of a rule at a position comes about; `rule` `null`: any finding on its line. */
  'patchpoint/noinstrPath': {
    params: { readonly uri: string; readonly position: Position; readonly rule: string | null };
    result:
      | {
          /** Function whose entry the path begins at. */
          readonly name: string;
          readonly rule: string;
          readonly message: string;
          readonly steps: readonly NoinstrStep[];
          readonly problem: null;
        }
      | ImageProblem;
  };
  /** What there is to step through. */
  'patchpoint/modelChoices': {
    params: null;
    result: {
      readonly trampolines: readonly { readonly number: number; readonly title: string }[];
      readonly protocols: readonly { readonly name: string; readonly text: string }[];
      readonly contexts: readonly { readonly name: string; readonly title: string }[];
      readonly starts: readonly string[];
    };
  };
  'patchpoint/modelSteps': { params: ModelWish; result: ModelSteps | ImageProblem };
  'patchpoint/report': { params: null; result: { readonly text: string } };
}

/** Requests of the server. */
export interface ServerRequests {
  'patchpoint/readFiles': { params: { readonly uris: readonly string[] }; result: readonly ReadFile[] };
  /** Of a file that is read by ranges; `stamp` changes when it changes. Nothing is read yet. */
  'patchpoint/openFile': {
    params: { readonly uri: string };
    result: { readonly size: number; readonly stamp: string; readonly problem: null } | ImageProblem;
  };
  /** Bytes of an opened file, fewer at its end; a problem when its stamp is another one by now. */
  'patchpoint/readRange': {
    params: { readonly uri: string; readonly stamp: string; readonly offset: number; readonly length: number };
    result: { readonly bytes: Uint8Array; readonly problem: null } | ImageProblem;
  };
}

/** Notifications of the server. */
export interface ServerNotifications {
  'patchpoint/statusChanged': null;
  'patchpoint/viewChanged': { readonly uri: string; readonly view: SiteView };
}

/** Arguments of the commands that the server runs through `workspace/executeCommand`, for every editor. */
export interface ServerCommands {
  'patchpoint.server.cycleView': readonly [uri: string];
  'patchpoint.server.setView': readonly [uri: string, view: SiteView];
  'patchpoint.server.showPatched': readonly [uri: string, of?: PatchedOf];
  'patchpoint.server.setMachineState': readonly [name: string];
  'patchpoint.server.listMachineStates': readonly [];
  'patchpoint.server.rebuildIndex': readonly [];
  'patchpoint.server.noinstrReach': readonly [uri: string, position: Position | null];
  'patchpoint.server.contextSteps': readonly [uri: string, position: Position];
  'patchpoint.server.checkNoinstr': readonly [uri?: string];
  'patchpoint.server.noinstrPath': readonly [uri: string, position: Position, rule: string | null];
  'patchpoint.server.noinstrReport': readonly [uri: string, position: Position];
  'patchpoint.server.setPreemption': readonly [name: string | null];
  'patchpoint.server.switchKey': readonly [uri: string, position: Position];
  'patchpoint.server.resetKeys': readonly [];
  'patchpoint.server.expandMacro': readonly [uri: string, position: Position];
  'patchpoint.server.listCores': readonly [];
  'patchpoint.server.setCore': readonly [name: string | null];
  'patchpoint.server.siteCost': readonly [uri: string, position: Position];
  'patchpoint.server.rangeCost': readonly [uri: string, range: Range];
  'patchpoint.server.timeline': readonly [uri: string, at: Position | Range, stream?: 'unpatched' | 'patched'];
  'patchpoint.server.compareCores': readonly [uri: string, position: Position];
  'patchpoint.server.askMca': readonly [uri: string, position: Position];
}
