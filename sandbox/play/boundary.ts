import { CreatePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { covering } from "../../components/regions";
import { boundaryStatements } from "../../components/role-statements";
import type { Settings } from "../../components/settings";
import { policyDocument } from "../../components/statements";
import type { StackPlace } from "../../runtime/names";
import { project, type Sandbox } from "../sandbox";

type Config = Readonly<Record<string, string>>;

const boundaryKey = `${project}:permissionsBoundary`;
const customerManaged = /^arn:[^:]+:iam::\d+:policy(\/(?:.+\/)?)([^/]+)$/;

/** The permissions boundary that a config names, as a policy of this place's account. AWS's own are in every account. */
export function boundaryIn(config: Config, { partition, account }: StackPlace): Config {
  const [, path, name] = customerManaged.exec(config[boundaryKey] ?? "") ?? [];
  return name === undefined ? {} : { [boundaryKey]: `arn:${partition}:iam::${account}:policy${path}${name}` };
}

/**
 * Makes the policy that a stack has as permissions boundary, with the least that its functions need.
 * @param given the stack's config as its file has it
 * @returns what was made, in words; none where the stack has no boundary, or one of AWS's, or no role that it would bound
 */
export async function makeBoundary(
  { gateway }: Pick<Sandbox, "gateway">,
  place: StackPlace,
  { guardrails, permissionsBoundary: arn = "" }: Pick<Settings, "guardrails" | "permissionsBoundary">,
  { [boundaryKey]: given }: Config,
): Promise<string[]> {
  const [, Path, PolicyName] = customerManaged.exec(arn) ?? [];
  const statements = boundaryStatements(guardrails, covering(place));
  if (PolicyName === undefined || statements.length === 0) return [];
  const PolicyDocument = JSON.stringify(policyDocument(statements));
  await gateway.client(IAMClient).send(new CreatePolicyCommand({ PolicyName, Path, PolicyDocument }));
  const inPlace = given === arn ? "" : `, in place of ${given}`;
  return [`its permissions boundary ${arn}${inPlace}, with what guardrails boundary prints`];
}
