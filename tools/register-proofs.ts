import type { Command } from "commander";

/** Commands for whoever writes a guardrail. */
export function registerProofs(program: Command): void {
  program
    .command("new")
    .argument("<id>", "the resource, then the state, in kebab-case: ebs-snapshot-public")
    .description("write the files of a new guardrail; its tests then say what to fill in")
    .option("--service <name>", "the service whose call it listens to, such as ec2, s3 or kms; no global one")
    .option("--call <name>", "that call, in the SDK's spelling: ModifySnapshotAttribute")
    .option(
      "--kind <kind>",
      "writing: puts right; reading: looks and tells; direct: tells without a function",
    )
    .option("--title <words>", "what it does, beginning with a verb, at most 60 characters")
    .option(
      "--request <json>",
      "what the call asks for in the event that it must act on, in the SDK's spelling",
    )
    .addHelpText("after", "\nWhat is not given is asked for at a terminal. Exit code: 0 written, 2 not.")
    .action(async (id: string, options) => {
      const { create } = await import("./new");
      process.exitCode = await create(id, options);
    });

  program
    .command("event")
    .argument("<call>", "the call, in the SDK's spelling: ModifySnapshotAttribute")
    .description("print an event as EventBridge would carry it, derived from the service's schemas")
    .option("--service <name>", "the service: ec2, s3, iam, kms …")
    .option("--request <json>", "what is asked for, in the SDK's spelling")
    .option("--response <json>", "what is answered, in the SDK's spelling")
    .option("--by <who>", "root, user, role, service, or own: the role of a guardrail's function", "role")
    .option("--guardrail <id>", "whose role, for --by own")
    .option("--error <code>", "how the call fails: UnauthorizedOperation, AccessDenied, NoSuchBucket …")
    .option("--region <name>", "where the call is made", "us-east-1")
    .option("--out <file>", "write it there instead")
    .addHelpText("after", "\nExit code: 0 done, 2 the input cannot be used.")
    .action(async (call: string, options) => {
      const { event } = await import("./event");
      process.exitCode = event(call, options);
    });

  program
    .command("prove")
    .argument("[id]", "the guardrail")
    .description(
      "hold one guardrail to all that is quick: its tests, conformance, forged events, pages, types, lint",
    )
    .addHelpText("after", "\nExit code: 0 it is proven, 1 it is not, 2 there is no such guardrail.")
    .action(async (id: string | undefined) => {
      const { prove } = await import("./prove");
      process.exitCode = await prove(id);
    });
}
