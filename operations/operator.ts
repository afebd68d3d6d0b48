import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AnyInspecting, Definition } from "../components/definition";
import { catalogue } from "../components/guardrails";
import { hasFunction } from "../components/kinds";
import { partitionOf } from "../runtime/aws/partition";
import type { StackPlace } from "../runtime/names";
import { refusal } from "./refusals";

/** A person at work on a stack, with credentials of their own. */
export interface Operator {
  readonly place: StackPlace;
  /** ARN of the caller, as STS tells it: what holds and pauses remember. */
  readonly by: string;
  readonly dynamodb: Pick<DynamoDBClient, "send">;
  readonly sns: Pick<SNSClient, "send">;
  readonly lambda: Pick<LambdaClient, "send">;
  readonly sqs: Pick<SQSClient, "send">;
  readonly cloudwatch: Pick<CloudWatchClient, "send">;
  readonly events: Pick<EventBridgeClient, "send">;
  readonly iam: Pick<IAMClient, "send">;
  /** CloudTrail's event history of a region. */
  trail(region: string): Pick<CloudTrailClient, "send">;
  /** Clients of a guardrail for a region, with the operator's credentials. */
  clients(definition: AnyInspecting, region: string): unknown;
  /** Epoch milliseconds. */
  now(): number;
  pause(ms: number): Promise<void>;
}

/** Credentials come from the SDK's own chain. @throws Error of the SDK when there are none, or no region. */
export async function connect({
  stack,
  region,
  now = () => Date.now(),
}: Pick<Partial<Operator>, "now"> & { stack: string; region?: string }): Promise<Operator> {
  const config = region === undefined ? {} : { region };
  const sts = new STSClient(config);
  const home = await sts.config.region();
  const { Account = "", Arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
  return {
    place: { stack, partition: partitionOf(home).id, account: Account, home },
    by: Arn,
    dynamodb: new DynamoDBClient(config),
    sns: new SNSClient(config),
    lambda: new LambdaClient(config),
    sqs: new SQSClient(config),
    cloudwatch: new CloudWatchClient(config),
    events: new EventBridgeClient(config),
    iam: new IAMClient(config),
    trail: where => new CloudTrailClient({ region: where }),
    clients: (definition, where) => definition.clients(where),
    now,
    pause: ms => new Promise(resolve => setTimeout(resolve, ms)),
  };
}

const definitions: readonly Definition[] = catalogue;

/** Every guardrail that can change something. It need not be enabled. */
export const inspectingGuardrails = (): AnyInspecting[] => definitions.filter(hasFunction);

/** @throws Refusal naming what there is. */
export function guardrailOf(id: string): AnyInspecting {
  const found = inspectingGuardrails().find(definition => definition.id === id);
  if (found === undefined)
    throw refusal(
      `There is no guardrail "${id}" that changes anything; there are ${inspectingGuardrails()
        .map(definition => definition.id)
        .join(", ")}.`,
      2,
    );
  return found;
}
