import type { GuardrailEvent } from "../../../runtime/events";

/** What EventBridge sends when a guardrail's timer fires. */
export const tickOf = (guardrail: string, time: number, id: string = `tick-at-${time}`): GuardrailEvent => ({
  id,
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account: "123456789012",
  time: new Date(time).toISOString(),
  region: "us-east-1",
  resources: [`arn:aws:events:us-east-1:123456789012:rule/guardrails-dev-${guardrail}-tick`],
  detail: {},
});
