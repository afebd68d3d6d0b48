/**
 * How the parts of a stack are named: known before anything exists, so that policies can name what they admit, and
 * functions, operators and the sandbox find what was deployed.
 */

/** A stack in the account that it guards. */
export interface StackPlace {
  readonly stack: string;
  readonly partition: string;
  readonly account: string;
  /** The home region: functions, topic, queue and ledger are here. */
  readonly home: string;
}

/**
 * The shortest of AWS's limits for what is named so.
 * 64: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html,
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html,
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 * 80: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
 * 255: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 * 256: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
export const longestName = 64;

/** What the names of all parts of a stack begin with. */
export const partPrefix = (stack: string): string => `guardrails-${stack}-`;

/**
 * `guardrails-<stack>-<part>`: the name of a shared part or, with a guardrail's id, of its rule and function.
 * @throws Error when AWS would find it too long: a stack's name was looked at before it was deployed.
 */
export function partName(stack: string, part: string): string {
  const name = partPrefix(stack) + part;
  if (name.length > longestName)
    throw new Error(`"${name}" is ${name.length} characters long, AWS allows ${longestName}`);
  return name;
}

/**
 * A region in few letters: `use1` of us-east-1, `apse1` of ap-southeast-1. No two regions have the same, and none of a
 * partition that is known here has more than five.
 */
export const shortRegion = (region: string): string =>
  region.replace(/eusc|gov|north|south|east|west|central/g, word => word[0]).replace(/-/g, "");

/** The role of a guardrail's function. Roles are the account's, not a region's: two stacks of one name would share it. */
export const roleName = ({ stack, home }: Pick<StackPlace, "stack" | "home">, guardrail: string): string =>
  partName(stack, `${shortRegion(home)}-${guardrail}`);

/** The rule that is a guardrail's timer. */
export const timerName = (stack: string, guardrail: string): string => partName(stack, `${guardrail}-tick`);

/** Role path of every function of the product, so that one pattern names them all. */
export const rolePath = "/guardrails/";

export const topicName = (stack: string): string => partName(stack, "notices");
export const queueName = (stack: string): string => partName(stack, "failures");
export const ledgerName = (stack: string): string => partName(stack, "ledger");
export const dashboardName = (stack: string): string => partName(stack, "dashboard");
/** The one log group of all functions. */
export const logGroupName = (stack: string): string => `/guardrails/${stack}`;

const arn = ({ partition, account }: StackPlace, service: string, region: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

export const ruleArn = (place: StackPlace, region: string, name: string): string =>
  arn(place, "events", region, `rule/${name}`);
export const roleArn = (place: StackPlace, guardrail: string): string =>
  arn(place, "iam", "", `role${rolePath}${roleName(place, guardrail)}`);
export const functionArn = (place: StackPlace, guardrail: string): string =>
  arn(place, "lambda", place.home, `function:${partName(place.stack, guardrail)}`);
export const topicArn = (place: StackPlace): string => arn(place, "sns", place.home, topicName(place.stack));
export const queueArn = (place: StackPlace): string => arn(place, "sqs", place.home, queueName(place.stack));
export const ledgerArn = (place: StackPlace): string =>
  arn(place, "dynamodb", place.home, `table/${ledgerName(place.stack)}`);
export const logGroupArn = (place: StackPlace): string =>
  arn(place, "logs", place.home, `log-group:${logGroupName(place.stack)}`);
export const alarmArn = (place: StackPlace, what: string): string =>
  arn(place, "cloudwatch", place.home, `alarm:${partName(place.stack, what)}`);
/** A pattern of every rule of the stack, of the same size however many there are. */
export const rulesArn = (place: StackPlace, region = place.home): string =>
  ruleArn(place, region, partName(place.stack, "*"));
/** A pattern of the role of every function of the stack. */
export const rolesArn = (place: StackPlace): string => roleArn(place, "*");
