import { Command, CommanderError } from "commander";
import { registerOperations } from "./register-operations";
import { registerProofs } from "./register-proofs";

// Only registers commands: one file a command, loaded when it is called, so that each starts fast.
const program = new Command("guardrails")
  .description("Event-driven AWS guardrails: try, inspect and operate them")
  .showHelpAfterError("(--help tells how to use it)")
  .exitOverride();

program
  .command("match")
  .description("try an event pattern offline, as EventBridge judges it")
  .option("--pattern <file>", "the event pattern, a JSON file; - reads it from standard input")
  .option("--event <file>", "the event, a JSON file; - reads it from standard input")
  .option("--json", "print the verdict as JSON")
  .option("--jsonl", 'judge lines {"id", "pattern", "event"} of standard input, in order')
  .addHelpText(
    "after",
    `
Exit code: 0 the event matches, 1 it does not, 2 the input cannot be used.
With --jsonl: 0 every line was judged or has an invalid pattern, 2 some line was no {"id", "pattern", "event"}.`,
  )
  .action(async options => {
    const { match } = await import("./match");
    process.exitCode = await match(options);
  });

program
  .command("check")
  .description(
    "say what is wrong in a stack's config, and what should be known of it, before anything is deployed",
  )
  .option("--stack <name>", "this stack alone (default: every Pulumi.<stack>.yaml here)")
  .option("--json", "print a list of one object for each stack")
  .addHelpText(
    "after",
    "\nNeeds neither Pulumi nor AWS. Exit code: 0 nothing is wrong (there may be warnings), 1 there are mistakes, 2 no such stack.",
  )
  .action(async options => {
    const { check } = await import("./check");
    process.exitCode = check(options);
  });

program
  .command("boundary")
  .description("print the least permissions boundary for the roles of a stack's functions")
  .option("--stack <name>", "the Pulumi stack (default: PULUMI_STACK)")
  .option("--account <number>", "its account (default: any, as *)")
  .option("--region <region>", "its region (default: aws:region of the stack config)")
  .addHelpText(
    "after",
    "\nFor each enabled guardrail in its highest mode; enabling another may need another boundary. Needs neither Pulumi nor AWS. Exit code: 0 printed, 1 the stack config has mistakes, 2 unusable arguments.",
  )
  .action(async options => {
    const { boundary } = await import("./boundary");
    process.exitCode = boundary(options);
  });

program
  .command("pages")
  .alias("readme")
  .description("hold the generated parts of README and docs/ against the code")
  .option("--check", "say what is behind the code")
  .option("--write", "write it anew")
  .addHelpText("after", "\nExit code: 0 they are in step, 1 they are not, 2 unusable options.")
  .action(async options => {
    const { pages } = await import("./pages");
    process.exitCode = pages(options);
  });

registerProofs(program);
registerOperations(program);

// A reader such as head may leave early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof CommanderError)) console.error(error);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
});
