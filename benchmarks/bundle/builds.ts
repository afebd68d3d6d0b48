import { build, type BuildOptions } from "esbuild";

let count = 0;

/** How often esbuild was called by what was loaded after this file: import it before anything that bundles. */
export const builds = (): number => count;

const loaded = require.cache[require.resolve("esbuild")] as NodeModule;
loaded.exports = {
  ...(loaded.exports as object),
  build: (options: BuildOptions) => {
    count += 1;
    return build(options);
  },
};
