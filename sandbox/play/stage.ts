import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { between } from "../../runtime/ledger/waiting";
import { functionArn, ledgerName, partName, roleArn, roleName } from "../../runtime/names";
import type { OutcomeKind } from "../../runtime/pipeline/outcome";
import type { Credentials } from "../iam/identity";
import { alarmService } from "../delivery/alarm-actions";
import type { Happening } from "../ground/journal";
import { projectFolder, type Sandbox } from "../sandbox";
import { exemptBuckets, placeOf, type Prepared } from "./prepare";
import type { Observed, Stage } from "./scenario";
import { parse } from "./screen/timeline";

/** How long a step's consequences may take, in real milliseconds. */
const patience = 90_000;

/** The sandbox as the scenario's stage. What the guardrails did is read from their audit lines, as it would be on AWS. */
export function createStage(
  sandbox: Sandbox,
  stack: string,
  prepared: Prepared,
  recipients: readonly string[],
): Stage {
  const place = placeOf(sandbox, stack);
  let seen = sandbox.journal.happenings.length;
  return {
    account: place.account,
    region: place.home,
    adminGroupId: prepared.adminGroupId,
    imageId: "ami-0123456789abcdef0",
    recipients,
    exemptBuckets,
    nonce: prepared.nonce,
    client: prepared.client,
    functionOf: guardrail => partName(stack, guardrail),
    now: sandbox.clock.now,
    ownRoleClient: async (make, guardrail) => {
      return sandbox.gateway.client(
        make,
        {},
        await sandbox.identities.credentialsFor({
          roleArn: roleArn(place, guardrail),
          session: guardrail,
          service: "lambda.amazonaws.com",
          functionArn: functionArn(place, guardrail),
        }),
      );
    },
    operate: (...args) => operate(sandbox, stack, prepared.people.otto, args),
    redeliver: async (guardrail, times) => {
      const name = partName(stack, guardrail);
      const events = sandbox.journal.happenings.flatMap(one =>
        one.kind === "event" && one.rules.some(rule => rule.split("/").pop() === name) ? [one.event] : [],
      );
      if (events.length === 0) throw new Error(`No event has reached the rules of ${guardrail}`);
      const payload = JSON.stringify(events[events.length - 1]);
      for (let count = 0; count < times; count += 1)
        sandbox.functions.invokeAsync(functionArn(place, guardrail), payload);
    },
    crashAfter: (guardrail, operation) => {
      const name = partName(stack, guardrail);
      let hasDied = false;
      // The journal tells of a call before its answer leaves.
      const stop = sandbox.journal.listen(one => {
        if (
          one.kind !== "call" ||
          one.operation !== operation ||
          !one.principal.includes(`/${roleName(place, guardrail)}/`)
        )
          return;
        stop();
        hasDied = sandbox.functions.crash(name);
      });
      return () => hasDied;
    },
    pass: minutes => pass(sandbox, minutes),
    settle: async () => {
      await withPatience(sandbox, ledgerName(stack));
      const since = sandbox.journal.happenings.slice(seen);
      seen = sandbox.journal.happenings.length;
      return observe(since);
    },
  };
}

async function withPatience(sandbox: Sandbox, ledger: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`What the step set off did not end within ${patience / 1000} s`)),
      patience,
    );
  });
  await Promise.race([ended(sandbox, ledger), late]).finally(() => clearTimeout(timer));
}

/**
 * What failed is tried again after minutes, and a notice that waits goes with a tick within the hour: the clock jumps
 * there, and at last to where a next mail is free to go.
 */
async function ended(sandbox: Sandbox, ledger: string): Promise<void> {
  await sandbox.idle();
  while (sandbox.retrying > 0 || (await holdsNotices(sandbox, ledger))) {
    if (sandbox.retrying > 0) await sandbox.clock.advance(60_000);
    else await pass(sandbox, 5);
    await sandbox.idle();
  }
  await sandbox.clock.advance(between);
  await sandbox.idle();
}

/** Whether a notice waits in the ledger. */
async function holdsNotices({ account }: Sandbox, TableName: string): Promise<boolean> {
  const dynamo = account.client(DynamoDBClient);
  const FilterExpression = "attribute_exists(notice)";
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName, FilterExpression }));
  return Items.length > 0;
}

async function pass({ clock, timers, idle }: Sandbox, minutes: number): Promise<void> {
  const before = timers.running;
  timers.running = true;
  try {
    await clock.advance(minutes * 60_000);
    await idle();
  } finally {
    timers.running = before;
  }
}

/** Runs the command line as at a terminal, with these keys and no other surroundings. */
function operate(
  { url, region, clock }: Sandbox,
  stack: string,
  { accessKeyId, secretAccessKey }: Credentials,
  args: readonly string[],
): Promise<{ code: number; text: string }> {
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    SANDBOX_CLOCK_JUMPED: String(clock.offset),
  };
  const command = [
    ...["--require", join(__dirname, "operator-clock.js"), join(projectFolder, "tools", "guardrails.js")],
    ...[...args, "--stack", stack],
  ];
  // A terminal's Ctrl-C must not end it before the sandbox knows.
  const child = spawn(process.execPath, command, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => (said.out += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (said.err += part));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === null) reject(new Error(`guardrails ${args.join(" ")} was ended by ${signal}`));
      else resolve({ code, text: `${said.out}${said.err}`.trim() });
    });
  });
}

/** An alarm's mail is no notice of a guardrail, and comes at a whole minute, whichever step that meets. */
export const isNotice = (one: Happening): one is Extract<Happening, { kind: "mail" }> =>
  one.kind === "mail" && one.by !== alarmService;

function observe(happenings: readonly Happening[]): Observed {
  const outcomes = happenings.flatMap(one => {
    const said = one.kind === "log" ? parse(one.line) : undefined;
    if (said?.audit !== 1) return [];
    return [
      {
        guardrail: String(said.guardrail),
        kind: said.outcome as OutcomeKind,
        resource: String(said.resource),
        calls: said.calls as string[],
      },
    ];
  });
  return { outcomes, mails: happenings.flatMap(one => (isNotice(one) ? [one] : [])) };
}
