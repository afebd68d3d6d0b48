"use strict";
const { reporters } = require("mocha");

/** Of a whole run on two quiet cores; a run of fewer files promises nothing. */
const usual = { tests: 1500, minutes: 5 };

/**
 * mocha's "spec" reporter between two plain lines that scripts can read: how many tests there are, how they ended. With
 * `--reporter-option skipped=always` the last names those that were skipped even where none was.
 */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    console.log(
      `${runner.total.toLocaleString("en")} tests${runner.total < usual.tests ? "" : `, about ${usual.minutes} minutes on two quiet cores`}`,
    );
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
