import type { AnyInspecting } from "../../components/definition";
import { renderPattern } from "../../components/sources";
import { compile } from "../../patterns";
import type { GuardrailEvent } from "../../runtime/events";
import type { JsonObject } from "../../runtime/json";
import type { Actor, CallRecord } from "../guardrails/simulation";
import { ownRoleArn } from "../support/fakes/container";

const account = "123456789012";
const session = (role: string, name: string): JsonObject => ({
  type: "AssumedRole",
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
  accountId: account,
  sessionContext: {
    sessionIssuer: { type: "Role", arn: `arn:aws:iam::${account}:role/${role}`, userName: role },
  },
});
const user = (name: string): JsonObject => ({
  type: "IAMUser",
  arn: `arn:aws:iam::${account}:user/${name}`,
  accountId: account,
  userName: name,
});

/** Who they are to CloudTrail, and what they work with. */
const identities: Readonly<Record<Actor | "operator", { identity: JsonObject; agent: string }>> = {
  engineer: { identity: session("developer", "ana"), agent: "Mozilla/5.0 console.amazonaws.com" },
  pipeline: { identity: session("deploy", "ci"), agent: "APN/1.0 HashiCorp/1.0 Terraform/1.9.0" },
  controller: { identity: session("shop-controller", "i-0"), agent: "aws-sdk-go-v2/1.30.0" },
  attacker: { identity: user("mallory"), agent: "aws-cli/2.31.0" },
  operator: { identity: session("secops", "olga"), agent: "aws-sdk-js/3.0.0" },
};

/** Their ARN, as a stack lists them. */
export function arnOfActor(who: Actor | "operator"): string {
  const { arn, sessionContext } = identities[who].identity as {
    arn: string;
    sessionContext?: { sessionIssuer: { arn: string } };
  };
  return sessionContext?.sessionIssuer.arn ?? arn;
}

/** The event that EventBridge gets of a call. */
export function eventOf(
  id: string,
  who: Actor | "operator",
  { service, name, request, response, resources, invokedBy }: CallRecord,
  at: number,
  isBodyless: boolean,
): GuardrailEvent {
  const { identity, agent } = identities[who];
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return {
    id,
    "detail-type": "AWS API Call via CloudTrail",
    source: `aws.${service}`,
    account,
    time,
    region: "us-east-1",
    resources: [],
    detail: {
      eventVersion: "1.11",
      userIdentity: { ...identity, ...(invokedBy !== undefined && { invokedBy }) },
      eventTime: time,
      eventSource: `${service}.amazonaws.com`,
      eventName: name,
      awsRegion: "us-east-1",
      sourceIPAddress: invokedBy ?? "203.0.113.10",
      userAgent: invokedBy ?? agent,
      requestParameters: isBodyless ? null : request,
      responseElements: isBodyless ? null : response,
      ...(resources !== undefined && { resources }),
      eventID: id,
      readOnly: false,
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: "Management",
    },
  };
}

/** What the guardrail's deployed rules let through. */
export function rulesOf(definition: AnyInspecting): (event: GuardrailEvent) => boolean {
  const matchers = definition.triggers.flatMap(trigger =>
    "pattern" in trigger
      ? [
          compile(
            JSON.parse(renderPattern(definition.id, trigger.pattern, account, ownRoleArn(definition.id))),
          ),
        ]
      : [],
  );
  return event => matchers.some(matches => matches(event));
}
