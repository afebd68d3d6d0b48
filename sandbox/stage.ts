import { CreateSecurityGroupCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { randomBytes } from "node:crypto";
import { rolePath } from "../components/place";
import type { OutcomeKind } from "../runtime/outcome";
import type { Credentials } from "./identity";
import type { Happening } from "./journal";
import type { Sandbox } from "./sandbox";
import type { Observed, Person, Stage } from "./scenario/step";
import { parse } from "./timeline";

const region = "us-east-1";
const account = "123456789012";
/** How long a step's consequences may take, in real milliseconds. */
const patience = 90_000;

/** What the persons of the scenario may do: Ada works with EC2 and S3, Eve only looks. */
const allowed: Record<Person, string[]> = {
  ada: ["ec2:*", "s3:*"],
  eve: ["ec2:Describe*", "s3:List*"],
};

/** What must be there before the program is deployed: the administrators' group and the people. */
export async function prepareAccount(
  sandbox: Sandbox,
): Promise<{ adminGroupId: string; people: Record<Person, Credentials> }> {
  const { GroupId = "" } = await sandbox.gateway.client(EC2Client, { region }).send(
    new CreateSecurityGroupCommand({
      GroupName: "administrators",
      Description: "Administrators reach instances through this group",
    }),
  );
  const iam = sandbox.gateway.client(IAMClient, { region });
  const people = {} as Record<Person, Credentials>;
  for (const [person, actions] of Object.entries(allowed) as [Person, string[]][]) {
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
    });
    await iam.send(new CreateUserCommand({ UserName: person }));
    await iam.send(new PutUserPolicyCommand({ UserName: person, PolicyName: "work", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: person }));
    people[person] = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
  }
  return { adminGroupId: GroupId, people };
}

/** The sandbox as the scenario's stage. What the guardrails did is read from their audit lines, as it would be on AWS. */
export function createStage(
  sandbox: Sandbox,
  stack: string,
  prepared: Awaited<ReturnType<typeof prepareAccount>>,
  recipients: readonly string[],
): Stage {
  let seen = sandbox.journal.happenings.length;
  const client = <C>(make: new (config: never) => C, credentials: Credentials): C =>
    sandbox.gateway.client(make, { region }, credentials);
  return {
    account,
    region,
    adminGroupId: prepared.adminGroupId,
    imageId: "ami-0123456789abcdef0",
    recipients,
    nonce: randomBytes(4).toString("hex"),
    client: (make, person) => client(make, prepared.people[person]),
    ownRoleClient: async (make, guardrail) => {
      const roleArn = `arn:aws:iam::${account}:role${rolePath}guardrails-${stack}-${guardrail}`;
      return client(
        make,
        await sandbox.identities.credentialsFor({
          roleArn,
          session: guardrail,
          service: "lambda.amazonaws.com",
        }),
      );
    },
    settle: async () => {
      await withPatience(sandbox);
      const since = sandbox.journal.happenings.slice(seen);
      seen = sandbox.journal.happenings.length;
      return observe(since);
    },
  };
}

async function withPatience(sandbox: Sandbox): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`What the step set off did not end within ${patience / 1000} s`)),
      patience,
    );
  });
  await Promise.race([sandbox.idle(), late]).finally(() => clearTimeout(timer));
}

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
  return { outcomes, mails: happenings.flatMap(one => (one.kind === "mail" ? [one] : [])) };
}
