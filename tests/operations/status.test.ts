import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { alarmNames } from "../../components/shared/alarms";
import type { Operator } from "../../operations/operator";
import { firstTickBy } from "../../operations/status/first-tick";
import { needsOf } from "../../operations/status/needs";
import { type Status, statusOf } from "../../operations/status/status";
import type { OpenFinding } from "../../runtime/ledger/open";
import { roleName } from "../../runtime/names";
import { tableOf, wrapped } from "../../tools/status/table";
import { awsError, fakeClient } from "../support/fakes/client";
import { fakeTable } from "../support/fakes/table";

const place = { stack: "prod", partition: "aws", account: "123456789012", home: "eu-west-1" };
const id = "security-group-open-ingress";
const named = (part: string) => `guardrails-prod-${part}`;
const role = roleName(place, id);
const now = Date.parse("2026-11-27T08:00:00Z");
const hour = 3600_000;

interface Account {
  /** Names of rules, with their state. */
  rules: Record<string, "ENABLED" | "DISABLED">;
  functions: string[];
  /** Descriptions of roles by name. */
  roles: Record<string, string>;
  subscriptions: { Protocol?: string; Endpoint: string; SubscriptionArn: string }[];
}

const account = (): Account => ({
  rules: {
    [named(id)]: "ENABLED",
    [named(`${id}-tick`)]: "ENABLED",
  },
  functions: [named(id)],
  roles: { [role]: `Guardrail ${id} in mode enforce` },
  subscriptions: [],
});

/** What the stack's parts answer, a page of one item each where AWS has pages. */
function lookAt({ rules, functions, roles, subscriptions }: Account): Promise<Status> {
  const names = Object.keys(rules);
  const page = <T>(items: readonly T[], { NextToken = "0" }: { NextToken?: unknown }) => ({
    item: items.slice(Number(NextToken), Number(NextToken) + 1),
    NextToken: Number(NextToken) + 1 < items.length ? String(Number(NextToken) + 1) : undefined,
  });
  const operator = {
    place,
    now: () => now,
    dynamodb: fakeTable().client,
    events: fakeClient<EventBridgeClient>({
      ListRules: input => {
        const { item, NextToken } = page(names, input);
        return { Rules: item.map(Name => ({ Name, State: rules[Name] })), NextToken };
      },
    }),
    lambda: fakeClient<LambdaClient>({
      GetFunctionConfiguration: ({ FunctionName }) => {
        if (!functions.includes(String(FunctionName))) throw awsError("ResourceNotFoundException");
        return {};
      },
    }),
    iam: fakeClient<IAMClient>({
      GetRole: ({ RoleName }) => {
        const Description = roles[String(RoleName)];
        if (Description === undefined) throw awsError("NoSuchEntityException");
        return { Role: { Description, CreateDate: new Date(now - hour) } };
      },
    }),
    sns: fakeClient<SNSClient>({
      ListSubscriptionsByTopic: input => {
        const { item, NextToken } = page(subscriptions, input);
        return { Subscriptions: item.map(one => ({ Protocol: "email", ...one })), NextToken };
      },
    }),
    sqs: fakeClient<SQSClient>({
      GetQueueUrl: () => ({ QueueUrl: "https://queue" }),
      GetQueueAttributes: () => ({
        Attributes: { ApproximateNumberOfMessages: "2", ApproximateNumberOfMessagesNotVisible: "1" },
      }),
    }),
    cloudwatch: fakeClient<CloudWatchClient>({
      DescribeAlarms: ({ AlarmNames }) => ({
        MetricAlarms: (AlarmNames as string[]).map(AlarmName => ({ AlarmName, StateValue: "OK" })),
      }),
    }),
  } as unknown as Operator;
  return statusOf(operator, "/nowhere");
}

describe("the status of a stack, as its parts tell it", () => {
  it("is each guardrail of which something is deployed, in the mode that its role says", async () => {
    const { guardrails, off } = await lookAt(account());

    expect(guardrails).to.deep.equal([{ id, mode: "enforce", since: now - hour, missing: [], disabled: [] }]);
    expect(off).to.include.members(["vpc-created", "s3-bucket-encryption"]);
  });

  it("names rules that are switched off, and parts that are gone", async () => {
    const broken = account();
    broken.rules[named(`${id}-tick`)] = "DISABLED";
    delete broken.rules[named(id)];
    broken.functions = [];

    expect((await lookAt(broken)).guardrails).to.deep.equal([
      {
        id,
        mode: "enforce",
        since: now - hour,
        missing: [`the rule ${named(id)}`, `the function ${named(id)}`],
        disabled: [named(`${id}-tick`)],
      },
    ]);
    expect((await lookAt({ ...account(), roles: {} })).guardrails).to.deep.equal([
      { id, mode: undefined, missing: [`the role ${role}`], disabled: [] },
    ]);
  });

  it("believes no description of a role but the one that is deployed", async () => {
    const renamed = { ...account(), roles: { [role]: `It is ${id} in mode enforce` } };
    const status = await lookAt(renamed);

    expect(status.guardrails[0].mode).to.equal(undefined);
    expect(needsOf(status, place, now).map(({ what }) => what)).to.include(
      `The role of ${id} does not say its mode: somebody has changed its description.`,
    );
  });

  it("is not there where no guardrail is", async () => {
    const nothing = { rules: {}, functions: [], roles: {}, subscriptions: [] };
    const error = await lookAt(nothing).then(
      () => expect.fail("not refused"),
      (one: Error) => one,
    );

    expect(error.message).to.equal(
      "No guardrail of stack prod is deployed in account 123456789012, region eu-west-1.",
    );
  });

  it("counts failed events that somebody reads just now as well, and asks for the stack's own alarms alone", async () => {
    const { failedEvents, alarms } = await lookAt(account());

    expect(failedEvents).to.equal(3);
    expect(alarms.map(({ what }) => what)).to.have.members([...alarmNames]);
  });

  it("is every mail subscription, and says why it cannot tell who else should have one", async () => {
    const arn = "arn:aws:sns:eu-west-1:123456789012:guardrails-prod-notices:1";
    const { recipients, wanted } = await lookAt({
      ...account(),
      subscriptions: [
        { Endpoint: "ada@example.com", SubscriptionArn: arn },
        { Endpoint: "eve@example.com", SubscriptionArn: "PendingConfirmation" },
        { Endpoint: "gone@example.com", SubscriptionArn: "Deleted" },
        { Endpoint: "https://example.com", SubscriptionArn: arn, Protocol: "https" },
      ],
    });

    expect(recipients).to.deep.equal([
      { address: "ada@example.com", state: "confirmed" },
      { address: "eve@example.com", state: "pending" },
    ]);
    expect(wanted.unknown).to.match(/There is no Pulumi\.prod\.yaml here/);
  });
});

const right: Status = {
  guardrails: [{ id, mode: "enforce", missing: [], disabled: [] }],
  off: [],
  memories: [],
  pauses: [],
  failedEvents: 0,
  alarms: [{ what: "held", state: "OK", description: "" }],
  recipients: [{ address: "ada@example.com", state: "confirmed" }],
  wanted: { recipients: ["ada@example.com"], swept: [id] },
};
const finding = (more: Partial<OpenFinding> = {}): OpenFinding =>
  ({
    guardrail: id,
    resource: { arn: "arn:aws:ec2:eu-west-1:1:security-group/sg-1" },
    finding: { fingerprint: "x", summary: "open" },
    kind: "held",
    code: "budget",
    because: "the budget is spent",
    since: now - hour,
    ...more,
  }) as OpenFinding;
const needs = (change: Partial<Status>) => needsOf({ ...right, ...change }, place, now);
const memory = (open: OpenFinding[], ended = now - hour): Status["memories"] => [
  {
    id,
    open,
    baseline: 0,
    sweeps: { "eu-west-1": { completed: { started: ended, ended, by: "x", looked: 1, since: ended } } },
  },
];

describe("what needs a person", () => {
  it("is nothing where all is right, nor is a pause, which ends by itself", () => {
    expect(needs({ memories: memory([]) })).to.deep.equal([]);
    expect(
      needs({ pauses: [{ scope: "all", ends: now + hour, by: "olga", reason: "x" }], memories: memory([]) }),
    ).to.deep.equal([]);
  });

  for (const [what, change, command] of [
    ["failed events", { failedEvents: 1 }, "npm run guardrails -- failures --stack prod"],
    ["what is held", { memories: memory([finding()]) }, `npm run guardrails -- resume ${id} --stack prod`],
    [
      "what is left to people, of which the command only tells",
      { memories: memory([finding({ code: "managed" })]) },
      `npm run guardrails -- resume ${id} --dry-run --stack prod`,
    ],
    [
      "what is held by a pause of all, with the command that ends that pause",
      {
        memories: memory([finding()]),
        pauses: [{ scope: "all", ends: now + hour, by: "olga", reason: "x" }],
      },
      "npm run guardrails -- resume --all --stack prod",
    ],
    [
      "what a guardrail left open that is off now",
      { memories: memory([finding()]), guardrails: [] },
      `npm run guardrails -- resume ${id} --dry-run --stack prod`,
    ],
    [
      "a missing part",
      { guardrails: [{ id, mode: "enforce", missing: ["the rule x"], disabled: [] }] },
      "pulumi up --refresh --stack prod",
    ],
    [
      "a rule that is switched off",
      { guardrails: [{ id, mode: "enforce", missing: [], disabled: ["x"] }] },
      "aws events enable-rule --name x --region eu-west-1",
    ],
    [
      "a sweep that has not ended for two days",
      { memories: memory([], now - 49 * hour) },
      `npm run guardrails -- sweep --guardrail ${id} --stack prod`,
    ],
    [
      "a recipient who has not confirmed",
      { recipients: [{ address: "ada@example.com", state: "pending" }] },
      "pulumi up --refresh --stack prod",
    ],
    [
      "a recipient whom SNS does not know",
      { recipients: [{ address: "ada@example.com", state: "missing" }] },
      "pulumi up --refresh --stack prod",
    ],
  ] as const satisfies readonly (readonly [string, Partial<Status>, string])[])
    it(`is ${what}`, () => {
      expect(needs(change).map(need => need.command)).to.deep.equal([command]);
    });

  it("is an alarm in its own words, unless another need says the same", () => {
    const alarms = [
      { what: "held", state: "ALARM", description: 'Look for "outcome". Then: pulumi up', since: now },
      { what: "late", state: "INSUFFICIENT_DATA", description: "Late" },
    ] as const;

    expect(needs({ alarms })).to.deep.equal([
      {
        what: 'The alarm guardrails-prod-held sounds since 2026-11-27T08:00Z: Look for "outcome". Then: pulumi up',
      },
    ]);
    expect(needs({ alarms, memories: memory([finding()]) })).to.have.length(1);
  });

  describe("while a new stack's alarm held sounds, because nothing has ticked yet,", () => {
    const alarms = [{ what: "held", state: "ALARM", description: "Silence", since: now }] as const;
    const made = (minutes: number, more: Partial<Status["guardrails"][number]> = {}) => ({
      ...right.guardrails[0],
      since: now - minutes * 60_000,
      ...more,
    });

    it("is nothing for two periods of its timer, and then the alarm", () => {
      expect(needs({ alarms, guardrails: [made(9)] })).to.deep.equal([]);
      expect(needs({ alarms, guardrails: [made(10)] })).to.have.length(1);
      // In notify the timer rings each quarter of an hour.
      expect(needs({ alarms, guardrails: [made(29, { mode: "notify" })] })).to.deep.equal([]);
      expect(needs({ alarms, guardrails: [made(30, { mode: "notify" })] })).to.have.length(1);
    });

    it("is the alarm where another guardrail should have ticked long ago, or none ever does", () => {
      expect(needs({ alarms, guardrails: [made(1), made(60)] })).to.have.length(1);
      expect(needs({ alarms, guardrails: [made(1, { mode: "observe" })] })).to.have.length(1);
    });

    it("is what is open, and any other alarm", () => {
      const late = { ...alarms[0], what: "late" };
      const open = { alarms, guardrails: [made(1)], memories: memory([finding()]) };

      expect(needs(open)).to.have.length(1);
      expect(firstTickBy({ ...right, ...open }, now)).to.equal(undefined);
      expect(needs({ alarms: [late], guardrails: [made(1)] })).to.have.length(1);
    });
  });

  it("is no sweep that the stack file switches off, or of which it says nothing", () => {
    const wanted = { recipients: [], swept: [] };

    expect(needs({ wanted, memories: memory([], now - 49 * hour) })).to.deep.equal([]);
  });
});

describe("a screen of 80 columns", () => {
  it("breaks sentences between words and leaves a longer word whole", () => {
    const lines = wrapped(`- ${"word ".repeat(30)}${"x".repeat(90)} end`, "  ");

    expect(lines.filter(line => line.length > 80)).to.deep.equal([`  ${"x".repeat(90)}`]);
    expect(lines.at(-1)).to.equal("  end");
  });

  it("holds the table for a guardrail with the longest id that names of AWS leave room for", () => {
    const [head] = tableOf([
      ["guardrail", "mode", "open", "baseline", "last sweep"],
      ["x".repeat(34), "enforce", "1234", "12345678", "2026-11-27T08:00Z"],
    ]);

    expect(head.length).to.be.at.most(80);
  });
});
