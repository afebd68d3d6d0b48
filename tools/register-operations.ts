import type { Command } from "commander";
import type { Streams } from "./operating";

const exitCodes = "\nExit code: 0 done, 1 it could not be done, 2 unusable arguments.";

const whyText = "required: why, for everybody who reads the notice; asked for at a terminal";

/** Options that these commands share, so that they read the same everywhere. */
const onStack = (command: Command): Command =>
  command
    .option("--stack <name>", "the Pulumi stack (default: PULUMI_STACK)")
    .option("--region <region>", "its home region (default: that of your AWS configuration)")
    .option("--json", "print one JSON object")
    .option("--policy", "print the IAM policy that this command needs, and do nothing");

/**
 * Registers what operators do on a deployed stack, with credentials of their own.
 * @param ended gets the exit code
 */
export function registerOperations(
  program: Command,
  streams: Streams = process,
  ended = (code: number): void => void (process.exitCode = code),
): void {
  onStack(program.command("status"))
    .description("say what is deployed and on, paused, open, subscribed and failed, and what needs a person")
    .addHelpText(
      "after",
      "\nExit code: 0 nothing needs a person, 3 something does, 1 it could not be looked at, 2 unusable arguments.",
    )
    .action(async (options: object) => {
      const { status } = await import("./status/status");
      ended(await status(options, streams));
    });

  onStack(program.command("undo [action]"))
    .description("take back what a guardrail changed, and leave exactly that alone for a time")
    .option("--last <arn>", "the newest change of this resource, instead of an action's id")
    .option("--reason <text>", whyText)
    .option("--for <time>", "how long the finding is left alone: 30m, 2h, 3d; 30d at most", "24h")
    .option("--force", "also when the resource has moved on since: prints what it overwrites")
    .option("--yes", "do not ask")
    .option("--guardrail <id>", "with --policy: for this guardrail only")
    .addHelpText("after", exitCodes)
    .action(async (id: string | undefined, options: object) => {
      const { undo } = await import("./undo");
      ended(await undo(id, options, streams));
    });

  onStack(program.command("pause [guardrail]"))
    .description("stop a guardrail, or all of them, before the next write; findings are told and held")
    .option("--all", "every guardrail of the stack")
    .option("--for <time>", "required: how long: 30m, 2h, 3d; 7d at most")
    .option("--reason <text>", whyText)
    .addHelpText("after", exitCodes)
    .action(async (id: string | undefined, options: object) => {
      const { pause } = await import("./pause");
      ended(await pause(id, options, streams));
    });

  onStack(program.command("resume [guardrail]"))
    .description("lift a pause, and take up what was held, each starting with a fresh read")
    .option("--all", "every guardrail of the stack")
    .option("--dry-run", "say what would be done")
    .addHelpText("after", exitCodes)
    .action(async (id: string | undefined, options: object) => {
      const { resume } = await import("./resume");
      ended(await resume(id, options, streams));
    });

  onStack(program.command("sweep"))
    .description("go through what there is, with your credentials, and list what is wrong; changes nothing")
    .option("--guardrail <id>", "this guardrail only")
    .addHelpText(
      "after",
      "\nExit code: 0 nothing is wrong, 3 something is, 1 it could not be looked at whole, 2 unusable arguments.",
    )
    .action(async (options: object) => {
      const { sweep } = await import("./sweep/sweep");
      ended(await sweep(options, streams));
    });

  onStack(program.command("baseline [list|fix]"))
    .description("what was wrong before the first sweep: list it, or have a guardrail put some of it right")
    .option("--guardrail <id>", "this guardrail only")
    .option("--limit <count>", "with fix: so many at most, the oldest first", "5")
    .option("--yes", "do not ask")
    .addHelpText("after", exitCodes)
    .action(async (what: string | undefined, options: object) => {
      const { baseline } = await import("./sweep/baseline");
      ended(await baseline(what ?? "list", options, streams));
    });

  onStack(program.command("failures"))
    .description("list in words what is in the dead-letter queue, and leave it there")
    .addHelpText("after", exitCodes)
    .action(async (options: object) => {
      const { failures } = await import("./failures");
      ended(await failures(options, streams));
    });

  onStack(program.command("redrive"))
    .description("send failed events again; what was done already is not done twice")
    .option("--all", "every message of the dead-letter queue")
    .option("--id <message>", "this message")
    .option(
      "--unconfirmed",
      "with --id: also if CloudTrail does not know its call. It may then be forged: the guardrail acts on it as on any other",
    )
    .addHelpText("after", exitCodes)
    .action(async (options: object) => {
      const { redrive } = await import("./redrive");
      ended(await redrive(options, streams));
    });
}
