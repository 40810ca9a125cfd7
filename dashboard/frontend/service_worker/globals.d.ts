/** What build.mjs writes into the worker. */
declare const MOIM_BUILD: string;
/** Addresses of all files of the build. */
declare const MOIM_FILES: readonly string[];
