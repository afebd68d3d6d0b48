"use strict";
const { reporters } = require("mocha");

/**
 * mocha's "spec" reporter, and at its end a plain line that scripts can read. `--reporter-option usually=<words>`: what to
 * expect, said first. `--reporter-option skipped=always`: the last line names those that were skipped even where none was.
 */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    const usually = options?.reporterOption?.usually;
    if (usually !== undefined) console.log(usually);
    super(runner, options);
    this.namesSkipped = options?.reporterOption?.skipped === "always";
  }

  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(
      `${passes} passed, ${failures} failed${pending || this.namesSkipped ? `, ${pending} skipped` : ""}`,
    );
  }
};
