import type { Definition } from "../definition";
import type { EnabledGuardrail } from "../settings/guardrails";
import { partsOf } from "../parts";
import { alarmNames } from "../shared/alarms";
import {
  dashboardName,
  ledgerName,
  longestName,
  partPrefix,
  queueName,
  roleName,
  topicName,
} from "../../runtime/names";

/**
 * Why a stack of this name cannot be deployed, in words; undefined when AWS takes every name that is made of it. Queues,
 * topics, functions and dashboards take letters, digits, hyphens and underscores, and Pulumi takes periods too:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html,
 * https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
export function stackNameInWords(
  stack: string,
  guardrails: readonly Pick<EnabledGuardrail, "definition" | "mode">[],
): string | undefined {
  const others = [...new Set(stack.replace(/[\w-]/g, ""))];
  if (others.length > 0)
    return (
      `stack "${stack}": AWS takes letters, digits, - and _ in the names that are made of it, and no ${others.map(one => `"${one}"`).join(" and ")}. ` +
      `Make the stack under another name: pulumi stack init ${stack.replace(/[^\w-]/g, "-")}`
    );
  const part = longestPart(guardrails);
  const most = longestName - partPrefix("").length - part.length;
  if (stack.length <= most) return undefined;
  return (
    `stack "${stack}": its name has ${stack.length} characters, and ${most} is the most, since AWS allows ${longestName} for names such as ${partPrefix(stack)}${part}. ` +
    `Make the stack under a shorter name: pulumi stack init ${stack.slice(0, most).replace(/-+$/, "")}`
  );
}

/** Somewhere that has the longest names: whether a stack's name will do depends on no region. */
const any = { stack: "s", home: "ap-southeast-1" };

function longestPart(guardrails: readonly Pick<EnabledGuardrail, "definition" | "mode">[]): string {
  const shared = [topicName, queueName, ledgerName, dashboardName].map(nameIn => nameIn(any.stack));
  const own = guardrails.flatMap(({ definition, mode }) => namesOf(definition as Definition, mode));
  const parts = [...shared, ...own].map(name => name.slice(partPrefix(any.stack).length));
  return [...parts, ...alarmNames].reduce((longest, one) => (one.length > longest.length ? one : longest));
}

function namesOf(definition: Definition, mode: EnabledGuardrail["mode"]): string[] {
  const { rules, timer, functionName } = partsOf(definition, any, mode);
  const role = functionName && roleName(any, definition.id);
  return [...rules.map(({ name }) => name), timer?.name, functionName, role].filter(
    name => name !== undefined,
  );
}
