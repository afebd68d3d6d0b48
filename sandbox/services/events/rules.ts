import type * as sdk from "@aws-sdk/client-eventbridge";
import { partitionOf } from "../../../runtime/aws/partition";
import type { Bus } from "../../delivery/bus";
import { awsError, type Call, type Handler, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import {
  readEventPattern,
  ruleArn,
  type EventBus,
  type Rule,
  type RuleState,
  type Target,
} from "../../delivery/rules";
import { readSchedule } from "../../delivery/schedule";
import { transformerMistake } from "../../delivery/transform";
import { invalid, nameOf, tagsOf } from "./input";
import { notImplemented, onlyKnown } from "../refused";

/** Rules and their targets. */
export function eventsRuleHandlers({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): Handlers {
  const { buses } = bus;
  const busOf = (call: Call) => buses.get(nameOf(call, "EventBusName"), call);
  const onRule =
    (handle: (rule: Rule, call: Call) => object, member = "Name"): Handler =>
    async ({ call }) => {
      const rule = buses.rule(nameOf(call, member), busOf(call));
      return { output: { ...handle(rule, call) } };
    };
  const changed = (rule: Rule) => {
    rule.bus.index = undefined;
    bus.schedule(rule);
  };
  const setState = (state: RuleState) =>
    onRule(rule => {
      rule.state = state;
      changed(rule);
      return {};
    });

  return {
    PutRule: async ({ call }) => {
      const own = busOf(call);
      const rule = ruleOf(call, own, clock.now());
      own.rules.set(rule.name, rule);
      changed(rule);
      return { output: { RuleArn: rule.arn } };
    },
    DeleteRule: async ({ call }) => {
      const own = busOf(call);
      const rule = own.rules.get(call.input.Name as string);
      if (rule !== undefined && rule.targets.size > 0)
        throw invalid("Rule can't be deleted since it has targets.");
      if (rule !== undefined) {
        own.rules.delete(rule.name);
        changed(rule);
      }
      return { output: {} };
    },
    EnableRule: setState("ENABLED"),
    DisableRule: setState("DISABLED"),
    DescribeRule: onRule(rule => ({ ...shown(rule), CreatedBy: rule.bus.account })),
    ListRules: async ({ call }) => {
      const { NamePrefix = "", ...paging } = call.input as unknown as sdk.ListRulesCommandInput;
      const rules = [...busOf(call).rules.values()]
        .filter(({ name }) => name.startsWith(NamePrefix))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
      const { page, NextToken } = pageOf(rules, paging);
      return { output: { Rules: page.map(shown), NextToken } };
    },
    ListRuleNamesByTarget: async ({ call }) => {
      const input = call.input as unknown as sdk.ListRuleNamesByTargetCommandInput;
      const rules = [...busOf(call).rules.values()].filter(({ targets }) =>
        [...targets.values()].some(({ Arn }) => Arn === input.TargetArn),
      );
      const { page, NextToken } = pageOf(rules, input);
      return { output: { RuleNames: page.map(({ name }) => name), NextToken } };
    },
    PutTargets: onRule((rule, call) => {
      const { Targets = [] } = call.input as unknown as sdk.PutTargetsCommandInput;
      const targets = Targets.map(target => targetOf(target, rule));
      const after = new Map([...rule.targets, ...targets.map(target => [target.Id, target] as const)]);
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
      if (after.size > 5)
        throw awsError(
          "LimitExceededException",
          "The requested resource exceeds the maximum number allowed.",
        );
      targets.forEach(target => rule.targets.set(target.Id, target));
      return { FailedEntryCount: 0, FailedEntries: [] };
    }, "Rule"),
    RemoveTargets: onRule((rule, call) => {
      const { Ids = [] } = call.input as unknown as sdk.RemoveTargetsCommandInput;
      const missing = Ids.filter(id => !rule.targets.delete(id));
      const FailedEntries = missing.map(TargetId => ({
        TargetId,
        ErrorCode: "ResourceNotFoundException",
        ErrorMessage: `Target ${TargetId} does not exist on rule ${rule.name}.`,
      }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
    }, "Rule"),
    ListTargetsByRule: onRule((rule, call) => {
      const input = call.input as unknown as sdk.ListTargetsByRuleCommandInput;
      const { page, NextToken } = pageOf([...rule.targets.values()], input);
      return { Targets: page, NextToken };
    }, "Rule"),
  };
}

const states = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

function ruleOf(call: Call, bus: EventBus, time: number): Rule {
  const input = call.input as unknown as sdk.PutRuleCommandInput;
  const { Name = "", EventPattern, ScheduleExpression, State = "ENABLED" } = input;
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Name))
    throw invalid(`Name ${Name} is not valid: at most 64 of . - _ A-Z a-z 0-9`);
  if (!EventPattern && !ScheduleExpression)
    throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (ScheduleExpression && bus.name !== "default")
    throw invalid("ScheduleExpression is supported only on the default event bus.");
  if (!states.includes(State)) throw invalid(`State ${State} is not valid`);
  const before = bus.rules.get(Name);
  return {
    name: Name,
    arn: ruleArn(Name, bus),
    bus,
    description: input.Description,
    ...(EventPattern && { patternText: EventPattern, pattern: readEventPattern(EventPattern) }),
    ...(ScheduleExpression && {
      scheduleText: ScheduleExpression,
      schedule: scheduleOf(ScheduleExpression, time),
    }),
    roleArn: input.RoleArn,
    state: State as RuleState,
    // Tags of an update are ignored: TagResource changes them.
    tags: before?.tags ?? tagsOf(input.Tags),
    targets: before?.targets ?? new Map(),
  };
}

function scheduleOf(expression: string, time: number) {
  try {
    return readSchedule(expression, time);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

const members = [
  ...["Id", "Arn", "Input", "InputPath", "InputTransformer"],
  ...["RetryPolicy", "DeadLetterConfig", "SqsParameters"],
];

function targetOf(input: sdk.Target, rule: Rule): Target {
  const { Id = "", Arn = "", InputTransformer: transformer, RetryPolicy: retry } = input;
  onlyKnown("events", "PutTargets", { ...input }, members);
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Id)) throw invalid(`Target id ${Id} is not valid`);
  const service = Arn.split(":")[2] ?? "";
  if (!["lambda", "sns", "sqs"].includes(service))
    throw notImplemented("events", "PutTargets", `the target ${Arn}`);
  const ways = [input.Input, input.InputPath, transformer].filter(way => way !== undefined);
  if (ways.length > 1)
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  const mistake = transformer && transformerMistake(transformer);
  if (mistake) throw invalid(`Invalid InputTemplate for target ${Id} : ${mistake}.`);
  checkRange(`MaximumRetryAttempts of target ${Id}`, retry?.MaximumRetryAttempts, 0, 185);
  checkRange(`MaximumEventAgeInSeconds of target ${Id}`, retry?.MaximumEventAgeInSeconds, 60, 86_400);
  const dead = input.DeadLetterConfig?.Arn;
  if (dead && !dead.startsWith(`arn:${partitionOf(rule.bus.region).id}:sqs:${rule.bus.region}:`))
    throw invalid(`The dead-letter queue of target ${Id} must be an SQS queue in the rule's region: ${dead}`);
  return { ...input, Id, Arn };
}

function checkRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value !== undefined && (value < least || value > most))
    throw invalid(`${name} is ${value}; it must be from ${least} to ${most}.`);
}

const shown = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.patternText,
  ScheduleExpression: rule.scheduleText,
  State: rule.state,
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: rule.bus.name,
});

/** One page of a listing; the token is the place where the next one starts. */
function pageOf<T>(all: readonly T[], { Limit = 100, NextToken }: { Limit?: number; NextToken?: string }) {
  const start = Number(NextToken ?? 0);
  const end = start + Limit;
  return { page: all.slice(start, end), NextToken: end < all.length ? String(end) : undefined };
}
