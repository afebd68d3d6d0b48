import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateSecurityGroupCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Writable } from "node:stream";
import { dateOf, day } from "../../runtime/exemptions";
import { between } from "../../runtime/ledger/waiting";
import { partitionOf } from "../../runtime/aws/partition";
import { functionArn, ledgerName, partName, roleArn, roleName, type StackPlace } from "../../runtime/names";
import type { OutcomeKind } from "../../runtime/pipeline/outcome";
import type { Credentials } from "../iam/identity";
import { defaultAccount } from "../ground/wire";
import { alarmService } from "../delivery/alarm-actions";
import type { Happening } from "../ground/journal";
import { project, projectFolder, type Sandbox } from "../sandbox";
import { policyText } from "../../operations/operator-policy";
import { commands } from "../../operations/permissions";
import type { Early, Observed, Person, Stage } from "./scenario";
import { parse } from "./timeline";

/** How long a step's consequences may take, in real milliseconds. */
const patience = 90_000;

const exemptBuckets = "guardrails-demo-exempt-";

// What it says of a stack without a file is meant for operators: an empty account has no stack yet.
const unheard = new Writable({ write: (_text, _encoding, done) => done() });

/** What people may do: Ada works with EC2 and S3, Eve only looks, Mallory only invokes functions, Otto operates the stack with what `guardrails <command> --policy` prints. */
const allowed = (place: StackPlace): Record<Person | "otto", object[]> => ({
  ada: [allow(["ec2:*", "s3:*"])],
  eve: [allow(["ec2:Describe*", "s3:List*"])],
  mallory: [allow(["lambda:InvokeFunction"])],
  otto: JSON.parse(policyText(commands, place, undefined, unheard)).Statement,
});
const placeOf = ({ region }: Sandbox, stack: string): StackPlace => ({
  stack,
  partition: partitionOf(region).id,
  account: defaultAccount,
  home: region,
});
const allow = (Action: string[]) => ({ Effect: "Allow", Action, Resource: "*" });

/** What must be there before the program is deployed: the administrators' group and the people. */
export interface Prepared extends Early {
  readonly adminGroupId: string;
  readonly people: Record<Person | "otto", Credentials>;
  /** Adds to a stack's config what names them, as `pulumi config set` would: the group, an operator, an exemption. */
  configure(config: Record<string, string>): Record<string, string>;
}

export async function prepareAccount(sandbox: Sandbox, stack = "dev"): Promise<Prepared> {
  const place = placeOf(sandbox, stack);
  const { partition, account } = place;
  const { GroupId = "" } = await sandbox.gateway.client(EC2Client).send(
    new CreateSecurityGroupCommand({
      GroupName: "administrators",
      Description: "Administrators reach instances through this group",
    }),
  );
  const iam = sandbox.gateway.client(IAMClient);
  const people = {} as Prepared["people"];
  for (const [person, Statement] of Object.entries(allowed(place)) as [Person, object[]][]) {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new CreateUserCommand({ UserName: person }));
    await iam.send(new PutUserPolicyCommand({ UserName: person, PolicyName: "work", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: person }));
    people[person] = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
  }
  const exemption = {
    guardrail: "s3-bucket-encryption",
    resource: `arn:${partition}:s3:::${exemptBuckets}*`,
    reason: "holds nothing but a demo",
    owner: "ada@example.com",
    expires: dateOf(sandbox.clock.now() + 180 * day),
  };
  return {
    adminGroupId: GroupId,
    people,
    nonce: randomBytes(4).toString("hex"),
    client: (make, person) => sandbox.gateway.client(make, {}, people[person]),
    configure: config => {
      const more = (key: string, item: unknown) => {
        const given = config[`${project}:${key}`];
        return {
          [`${project}:${key}`]: JSON.stringify([...(given ? (JSON.parse(given) as unknown[]) : []), item]),
        };
      };
      return {
        ...config,
        [`${project}:adminSecurityGroupId`]: GroupId,
        ...more("operators", `arn:${partition}:iam::${account}:user/otto`),
        ...more("exemptions", exemption),
      };
    },
  };
}

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
  return new Promise((resolve, reject) =>
    execFile(process.execPath, command, { env }, (error, out, err) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ code: Number(error?.code ?? 0), text: `${out}${err}`.trim() });
    }),
  );
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
