import { expect } from "chai";
import type { AnyInspecting, Statement } from "../../components/definition";
import { ledgerStatements, toIam } from "../../components/statements";
import type { Mode } from "../../runtime/modes";
import { ledgerArn } from "../../runtime/names";
import type { Find } from "../../sandbox/iam/judged";
import type { Requirement } from "../../sandbox/iam/requirements";
import { requirements } from "../../sandbox/services";
import { evaluate, type Principal } from "../../sandbox/iam/decide";
import { parsePolicy } from "../../sandbox/iam/policies";
import { actingEvents } from "../support/events/acting";
import { deliver } from "../support/events/deliveries";
import { stageOf } from "../support/stages";
import { inspecting, settingsOf } from "../support/inspecting";
import { ownRoleArn, place as stackPlace } from "../support/fakes/container";
import { configOf, deployedText, textLoader } from "../support/invocation";
import { operationsIn } from "../support/operations";
import { deploy, type Deployed } from "../support/program";

const place = { region: "us-east-1", account: "123456789012" };
const tableArn = ledgerArn(stackPlace);
/** Of all that only the account knows, the ledger's calls ask for the table's partition key. */
const find: Find = async kind => (kind === "dynamodb:partition-key" ? "pk" : undefined);

const roleNamed = (roleArn: string): Principal => ({
  kind: "role",
  account: place.account,
  roleArn,
  arn: `arn:aws:sts::${place.account}:assumed-role/${roleArn.split("/").pop()}/session`,
});
const policyOf = (statements: readonly object[]) =>
  parsePolicy({ Version: "2012-10-17", Statement: statements });

/** Whether statements of a role's own policy allow it. */
const isGranted = (statements: readonly Statement[], { action, resources, context }: Requirement) =>
  resources.every(
    resource =>
      evaluate({
        principal: roleNamed(ownRoleArn("any")),
        action,
        resource,
        context,
        identityPolicies: [policyOf(statements.map(toIam))],
        sameAccount: true,
      }).allowed,
  );

type Refused = (principalArn: string, action: string) => boolean;

/** A stack's policy on its ledger, and whether it keeps somebody out who may do everything by their own policies. */
function ledgerIn(stack: Deployed): { policy: unknown; refused: Refused } {
  const [{ inputs }] = stack.all("aws:dynamodb/resourcePolicy:ResourcePolicy");
  const resourcePolicy = parsePolicy(inputs.policy as string, "resource");
  const everything = { Effect: "Allow", Action: "*", Resource: "*" };
  const refused: Refused = (principalArn, action) =>
    !evaluate({
      principal: principalAt(principalArn),
      action: `dynamodb:${action}`,
      resource: inputs.resourceArn as string,
      context: { "aws:PrincipalArn": principalArn },
      identityPolicies: [policyOf([everything])],
      resourcePolicy,
      sameAccount: true,
    }).allowed;
  return { policy: JSON.parse(inputs.policy as string), refused };
}

function principalAt(arn: string): Principal {
  const { account } = place;
  if (arn.endsWith(":root")) return { kind: "root", account };
  return arn.includes(":user/") ? { kind: "user", account, arn } : roleNamed(arn);
}

const each = (names: readonly string[]): string[] => [...new Set(names)].sort();

describe("what a deployed function may do with the ledger", () => {
  for (const definition of inspecting)
    describe(definition.id, () => {
      const { id } = definition;
      const granted = ledgerStatements(tableArn, id);
      let text: string;
      before(async () => {
        text = await deployedText(definition);
      });

      it("is exactly what its text asks of it", async () => {
        const calls = await ledgerCalls(definition, text, "enforce");
        const asked = (await Promise.all(calls.map(requirement))).flat();
        const operations = operationsIn(id, text).filter(name => name.startsWith("dynamodb:"));

        expect(each(calls.map(({ operation }) => `dynamodb:${operation}`))).to.deep.equal(operations);
        expect(each(granted.flatMap(({ actions }) => actions))).to.deep.equal(
          each(asked.map(({ action }) => action)),
        );
        for (const one of asked) expect(isGranted(granted, one), JSON.stringify(one)).to.equal(true);
      });

      it("sees what others have open, in no other way than by a query, and nothing else of theirs", () => {
        const query = (action: string, key: string) =>
          isGranted(granted, { action, resources: [tableArn], context: { [leadingKeys]: [key] } });

        expect(query("dynamodb:Query", `${id}-2#held`)).to.equal(true);
        expect(query("dynamodb:GetItem", `${id}-2#held`)).to.equal(false);
        for (const key of ["arn", "causes", "tick", "digest", "brake"])
          expect(query("dynamodb:Query", `${id}-2#${key}`), key).to.equal(false);
      });

      it("writes nothing to what belongs to another guardrail", () => {
        for (const action of ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"])
          for (const key of [`${id}-2#arn`, `${id}-2#brake`, `budget#${id}#account`, id, "control"])
            expect(
              isGranted(granted, { action, resources: [tableArn], context: { [leadingKeys]: [key] } }),
              `${action} of ${key}`,
            ).to.equal(false);
      });

      it("is right however AWS reads the keys of a transaction: each alone, all together, or none", async () => {
        const calls = await ledgerCalls(definition, text, "enforce");
        const asked = (await Promise.all(calls.map(requirement))).flat();
        const keys = each(
          asked.flatMap(({ context }) => (context[leadingKeys] as string[] | undefined) ?? []),
        );
        for (const one of asked)
          for (const context of [one.context, { ...one.context, [leadingKeys]: keys }, {}])
            expect(isGranted(granted, { ...one, context }), JSON.stringify(context)).to.equal(true);
      });

      it("is nothing at all in mode observe, where it asks nothing", async () => {
        expect(await ledgerCalls(definition, text, "notify")).to.not.be.empty;
        expect(await ledgerCalls(definition, text, "observe")).to.be.empty;
      });
    });
});

describe("the ledger's own policy", () => {
  const operator = "arn:aws:iam::123456789012:role/secops";
  const on = "aws-event-guardrails:guardrails";
  const base = {
    "aws-event-guardrails:recipients": ["secops@example.com"],
    "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0",
    "aws-event-guardrails:operators": [operator],
  };
  const itemActions = [
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PartiQLUpdate",
    "PutItem",
    "Query",
    "UpdateItem",
  ];
  let refused: Refused;
  let functions: string[];
  let policy: unknown;
  before(async () => {
    const stack = await deploy({
      ...base,
      [on]: Object.fromEntries(inspecting.map(({ id }) => [id, "notify"])),
    });
    ({ policy, refused } = ledgerIn(stack));
    functions = stack.all("aws:iam/role:Role").map(role => `${prefix}${role.inputs.path}${role.inputs.name}`);
  });
  const prefix = "arn:aws:iam::123456789012:role";

  it("keeps everybody else from its items, administrators too", () => {
    for (const roleArn of [`${prefix}/admin`, `${prefix}/guardrails/other`, `${operator}-2`])
      expect(
        itemActions.filter(action => !refused(roleArn, action)),
        roleArn,
      ).to.deep.equal([]);
  });

  it("keeps out neither the stack's functions nor its operators", () => {
    expect(functions).to.have.length(inspecting.length);
    for (const roleArn of [...functions, operator])
      expect(
        itemActions.filter(action => refused(roleArn, action)),
        roleArn,
      ).to.deep.equal([]);
  });

  it("is the same whatever guardrails are enabled: the whole catalogue is admitted", async () => {
    expect(ledgerIn(await deploy({ ...base, [on]: [inspecting[0].id] })).policy).to.deep.equal(policy);
  });

  it("leaves the table itself to whoever deploys", () => {
    expect(refused(`${prefix}/deployer`, "UpdateTable")).to.equal(false);
  });

  it("leaves the table itself to the stack's deployers and the root user, where it names them", async () => {
    const deployers = ["arn:aws:iam::123456789012:user/deployer"];
    const stack = await deploy({
      ...base,
      [on]: [inspecting[0].id],
      "aws-event-guardrails:deployers": deployers,
    });
    const { refused: refusedThen } = ledgerIn(stack);
    for (const action of ["UpdateTable", "DeleteTable", "PutResourcePolicy", "DeleteResourcePolicy"])
      expect(
        [`${prefix}/admin`, operator, ...deployers, "arn:aws:iam::123456789012:root"].map(arn =>
          refusedThen(arn, action),
        ),
        action,
      ).to.deep.equal([true, true, false, false]);
  });
});

const leadingKeys = "dynamodb:LeadingKeys";

interface LedgerCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the text asks of the ledger about all of the guardrail's own events that concern something. */
async function ledgerCalls(definition: AnyInspecting, text: string, mode: Mode): Promise<LedgerCall[]> {
  const config = configOf(mode, settingsOf(definition, stageOf(definition.id).settings));
  const load = textLoader(text);
  const calls: LedgerCall[] = [];
  for (const event of actingEvents(definition))
    for (const { sent } of await deliver(definition, load, event, config))
      for (const { call, input } of sent) {
        const [service, , operation] = call.split(" ");
        if (service === "dynamodb") calls.push({ operation, input: input as LedgerCall["input"] });
      }
  return calls;
}

/** The permissions that a call needs, each with the partition keys that it touches. */
const requirement = ({ operation, input }: LedgerCall): Promise<Requirement[]> =>
  requirements.of(
    {
      ...place,
      id: "1",
      service: "dynamodb",
      operation,
      input,
      identity: {
        kind: "role",
        account: place.account,
        arn: "",
        principalId: "",
        accessKeyId: "",
        issuedAt: 0,
      },
      userAgent: "",
      sourceIp: "",
      time: 0,
    },
    find,
  );
