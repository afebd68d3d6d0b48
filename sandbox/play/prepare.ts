import { CreateSecurityGroupCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { dateOf, day } from "../../runtime/exemptions";
import { partitionOf } from "../../runtime/aws/partition";
import type { StackPlace } from "../../runtime/names";
import { policyText } from "../../operations/operator-policy";
import { commands } from "../../operations/permissions";
import type { Credentials } from "../iam/identity";
import { defaultAccount } from "../ground/wire";
import { project, type Sandbox } from "../sandbox";
import { boundaryIn } from "./boundary";
import type { Early, Person } from "./scenario";

/** What the names of the buckets begin with that the demo's exemption covers. */
export const exemptBuckets = "guardrails-demo-exempt-";

// What it says of a stack without a file is meant for operators: an empty account has no stack yet.
const unheard = new Writable({ write: (_text, _encoding, done) => done() });

/** What people may do: Ada works with EC2 and S3, Eve only looks, Mallory only invokes functions, Otto operates the stack with what `guardrails <command> --policy` prints. */
const allowed = (place: StackPlace): Record<Person | "otto", object[]> => ({
  ada: [allow(["ec2:*", "s3:*"])],
  eve: [allow(["ec2:Describe*", "s3:List*"])],
  mallory: [allow(["lambda:InvokeFunction"])],
  otto: JSON.parse(policyText(commands, place, undefined, unheard)).Statement,
});
/** Where a stack is in the sandbox. */
export const placeOf = ({ region }: Sandbox, stack: string): StackPlace => ({
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
  /** Adds to a stack's config what names them, as `pulumi config set` would: the group, an operator, an exemption, a boundary of this account's. */
  configure(config: Record<string, string>): Record<string, string>;
  /** What `configure` adds to this config, in words; the boundary is for `makeBoundary` to tell. */
  additions(config: Record<string, string>): string[];
}

const adminGroupKey = `${project}:adminSecurityGroupId`;
/** What the administrators' group is tagged with, so that a stack file can name it before it is there. */
export const adminGroupTag = { Key: "guardrails-sandbox", Value: "administrators" };
const byTag = JSON.stringify({ tag: { [adminGroupTag.Key]: adminGroupTag.Value } });

type Config = Readonly<Record<string, string>>;
const namesGroup = (config: Config): boolean => config[adminGroupKey] === byTag;
const whyGiven = ({ [adminGroupKey]: named }: Config): string =>
  named === undefined ? "which it leaves out" : `in place of ${named}`;

/** A list of the config with one more item. What is no list stays as it is: the settings say so. */
function withMore(config: Record<string, string>, name: string, item: unknown): Record<string, string> {
  const key = `${project}:${name}`;
  const given = config[key] || "[]";
  if (!given.startsWith("[")) return {};
  return { [key]: JSON.stringify([...(JSON.parse(given) as unknown[]), item]) };
}

export async function prepareAccount(sandbox: Sandbox, stack = "dev"): Promise<Prepared> {
  const place = placeOf(sandbox, stack);
  const { partition, account } = place;
  const { GroupId = "" } = await sandbox.gateway.client(EC2Client).send(
    new CreateSecurityGroupCommand({
      GroupName: "administrators",
      Description: "Administrators reach instances through this group",
      TagSpecifications: [{ ResourceType: "security-group", Tags: [adminGroupTag] }],
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
    configure: config => ({
      ...config,
      ...(!namesGroup(config) && { [adminGroupKey]: GroupId }),
      ...boundaryIn(config, place),
      ...withMore(config, "operators", `arn:${partition}:iam::${account}:user/otto`),
      ...withMore(config, "exemptions", exemption),
    }),
    additions: config => [
      ...(namesGroup(config) ? [] : [`adminSecurityGroupId ${GroupId}, ${whyGiven(config)}`]),
      "Otto as an operator",
      `an exemption for buckets named ${exemptBuckets}*`,
    ],
  };
}
