import { ListRulesCommand, type Rule } from "@aws-sdk/client-eventbridge";
import { GetRoleCommand } from "@aws-sdk/client-iam";
import { GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { capabilitiesOf } from "../../components/kinds";
import { modeIn, partsOf } from "../../components/parts";
import { codeOf } from "../../runtime/aws/errors";
import { inParallel } from "../../runtime/aws/parallel";
import type { Mode } from "../../runtime/modes";
import { partPrefix, roleName } from "../../runtime/names";
import type { Operator } from "../operator";

/** A guardrail of which something is deployed. */
export interface Deployed {
  readonly id: string;
  /** As its role says; undefined where it cannot be told. */
  readonly mode?: Mode;
  /** When its role was made, epoch milliseconds; undefined where there is none. */
  readonly since?: number;
  /** What it should be made of and is not there, in words. */
  readonly missing: readonly string[];
  /** Names of its rules that are switched off: of these it hears nothing. */
  readonly disabled: readonly string[];
}

/** So many guardrails are asked about at a time. */
const atOnce = 5;

/** The guardrails of the catalogue that this stack has, in its order. @throws Error of AWS */
export async function deployedOf(operator: Operator): Promise<Deployed[]> {
  const rules = await rulesOf(operator);
  const found = await inParallel(catalogue as readonly Definition[], atOnce, one =>
    lookAt(operator, one, rules),
  );
  return found.flatMap(one => one ?? []);
}

async function rulesOf({ events, place }: Operator): Promise<Map<string, Rule>> {
  const found = new Map<string, Rule>();
  let NextToken: string | undefined;
  do {
    const page = await events.send(new ListRulesCommand({ NamePrefix: partPrefix(place.stack), NextToken }));
    for (const rule of page.Rules ?? []) found.set(rule.Name ?? "", rule);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function lookAt(
  operator: Operator,
  definition: Definition,
  rules: ReadonlyMap<string, Rule>,
): Promise<Deployed | undefined> {
  const { id } = definition;
  const { functionName } = partsOf(definition, operator.place);
  const hasFunction = functionName !== undefined && (await functionIsThere(operator, functionName));
  const role = functionName === undefined ? undefined : await roleOf(operator, roleName(operator.place, id));
  const mode =
    functionName === undefined ? capabilitiesOf(definition).modes[0] : modeIn(id, role?.description);
  const { timer, ...parts } = partsOf(definition, operator.place, mode);
  const names = [...parts.rules.map(({ name }) => name), ...(timer === undefined ? [] : [timer.name])];
  const there = names.filter(name => rules.has(name));
  if (there.length === 0 && !hasFunction) return undefined;
  return {
    id,
    mode,
    ...(role?.since !== undefined && { since: role.since }),
    missing: [
      ...names.filter(name => !rules.has(name)).map(name => `the rule ${name}`),
      ...(functionName === undefined || hasFunction ? [] : [`the function ${functionName}`]),
      ...(functionName === undefined || role !== undefined
        ? []
        : [`the role ${roleName(operator.place, id)}`]),
    ],
    disabled: there.filter(name => rules.get(name)?.State === "DISABLED"),
  };
}

const functionIsThere = ({ lambda }: Operator, FunctionName: string): Promise<boolean> =>
  lambda.send(new GetFunctionConfigurationCommand({ FunctionName })).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "ResourceNotFoundException") return false;
      throw error;
    },
  );

/** What the role says of itself, and since when; undefined when there is none. */
const roleOf = (
  { iam }: Operator,
  RoleName: string,
): Promise<{ readonly description: string; readonly since?: number } | undefined> =>
  iam.send(new GetRoleCommand({ RoleName })).then(
    ({ Role }) => ({ description: Role?.Description ?? "", since: Role?.CreateDate?.getTime() }),
    (error: unknown) => {
      if (/^NoSuchEntity/.test(codeOf(error))) return undefined;
      throw error;
    },
  );
