import { partitionOf } from "../aws/partition";
import type { OwnershipFacts } from "../guardrail";
import { type Manager, markedBy, type Marked, serviceOf } from "./marks";
import { quoted } from "../plain";
import type { Occasion } from "../occasion";
import { type Caller, callerOf, type Who } from "./who";

export type { Manager } from "./marks";

/** The call that brought a breach; of what is taken up later the first call's, not the timer's. */
export type Cause = Pick<Occasion, "principal" | "time" | "account" | "region">;

/** Who runs a resource, as far as the caller cannot forge it, and what else is known of how it was made. */
export interface Management {
  /** It would put back what a guardrail changes, and no caller can pretend so: told, and not written. */
  readonly manager?: Manager;
  /**
   * What a tag of an unmanaged resource says, which anybody who may tag it can forge: a reason for caution (one write
   * for a finding, no second one), never for silence.
   */
  readonly mark?: Marked;
  /** Through which service an unmanaged resource was made or changed: for words alone. */
  readonly through?: Manager;
  /** The stack that made the resource, or through which the call came. */
  readonly cloudformation?: {
    readonly stack?: string;
    readonly logicalId?: string;
    /** e.g. `CloudFormation stack "web", logical id "Group"` */
    readonly words: string;
  };
  /** Epoch milliseconds before which nothing is written: a deployment under way would break half-way. */
  readonly waitUntil?: number;
  readonly caller: Caller;
}

/** How long a deployment of CloudFormation is left to end, in milliseconds. */
export const deploymentTime = 30 * 60_000;

/**
 * Who runs a resource. Only what a caller cannot forge makes a manager: EC2's own word, a service-linked role of the
 * own account, or a caller whom the stack config lists among its controllers. Tags `aws:…` say through which service a
 * resource was made; they name the manager only where one of these three is there. Pure.
 */
export function managementOf(facts: OwnershipFacts, cause: Cause, who: Who): Management {
  const { principal } = cause;
  const tags = facts.tags ?? {};
  const caller = callerOf(who, principal);
  const cloudformation = stackOf(tags, principal?.invokedBy);
  const manager =
    operatorOf(facts) ??
    (caller === "controller"
      ? (markedBy(tags, "any") ?? controller(principal?.arn))
      : linkedService(tags, cause));
  if (manager !== undefined) return { manager: unmarked(manager), cloudformation, caller };
  const through = markedBy(tags, "aws") ?? serviceOf(principal?.invokedBy);
  return {
    mark: markedBy(tags, "own"),
    through: through && unmarked(through),
    cloudformation,
    waitUntil: isCloudFormation(principal?.invokedBy) ? Date.parse(cause.time) + deploymentTime : undefined,
    caller,
  };
}

const unmarked = ({ name, changeAt }: Manager): Manager => ({ name, changeAt });

function operatorOf({ operator, requester }: OwnershipFacts): Manager | undefined {
  if (operator !== undefined)
    return { name: `AWS service ${operator}`, changeAt: "that service's own configuration" };
  if (requester !== undefined)
    return {
      name: `the service or account ${requester} that requested it`,
      changeAt: "the resource it was requested for",
    };
  return undefined;
}

const controller = (principalArn = ""): Manager => ({
  name: `the controller ${principalArn.split("/").pop()}`,
  changeAt: "what that controller is configured with",
});

/**
 * A service that acts by its own role. IAM lets nobody else make a role on that path:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
function linkedService(
  tags: Readonly<Record<string, string>>,
  { principal, account, region }: Cause,
): Manager | undefined {
  const path = `arn:${partitionOf(region).id}:iam::${account}:role/aws-service-role/`;
  if (principal === undefined || !principal.arn.startsWith(path)) return undefined;
  const service = /^([a-z0-9.-]+)\/AWSServiceRoleFor[\w+=,.@-]+$/.exec(principal.arn.slice(path.length))?.[1];
  if (service === undefined) return undefined;
  return (
    markedBy(tags, "any") ?? { name: `AWS service ${service}`, changeAt: "that service's own configuration" }
  );
}

const isCloudFormation = (invokedBy: string | undefined): boolean =>
  invokedBy !== undefined && invokedBy.startsWith("cloudformation.");

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html */
function stackOf(
  tags: Readonly<Record<string, string>>,
  invokedBy: string | undefined,
): Management["cloudformation"] {
  const id = tags["aws:cloudformation:stack-id"];
  const stack = tags["aws:cloudformation:stack-name"] ?? id?.split(":stack/")[1]?.split("/")[0];
  if (stack === undefined && !isCloudFormation(invokedBy)) return undefined;
  const logicalId = tags["aws:cloudformation:logical-id"];
  const words = [
    stack === undefined
      ? "a CloudFormation stack that the resource does not name"
      : `CloudFormation stack ${quoted(stack)}`,
    ...(logicalId === undefined ? [] : [`logical id ${quoted(logicalId)}`]),
  ].join(", ");
  return { stack, logicalId, words };
}
