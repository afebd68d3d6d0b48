import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Credentials } from "../../../sandbox/iam/identity";
import type { World } from "./account";

/** An Allow statement. */
export const allow = (
  Action: string | string[],
  Resource: string | string[] = "*",
  Condition: object = {},
) => ({
  Effect: "Allow",
  Action,
  Resource,
  Condition,
});

let people = 0;

/** Keys of a new IAM user of the world's account with these statements and nothing else. */
export async function person(world: Pick<World, "gateway">, ...Statement: object[]): Promise<Credentials> {
  const iam = world.gateway.client(IAMClient);
  const UserName = `person-${(people += 1)}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "work", PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}
