import type { Context } from "mocha";
import { findPulumi } from "../../sandbox/pulumi/cli";

/** Without a CLI nothing is tested, which is no failure. */
export const mochaHooks = {
  beforeAll(this: Context): void {
    if (findPulumi() !== undefined) return;
    console.log(
      "\n  Skipped, because there is no Pulumi CLI: install one (https://www.pulumi.com/docs/install), let PULUMI_BIN name it, or build it with tools/build-pulumi.sh.",
    );
    this.skip();
  },
};
