declare const PATCHPOINT_VERSION: string;

/** Version of the bundle; `development` when run from source. */
export const patchpointVersion: string = typeof PATCHPOINT_VERSION === 'string' ? PATCHPOINT_VERSION : 'development';
