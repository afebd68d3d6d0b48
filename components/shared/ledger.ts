import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Parts } from "../parts";
import { tagsOf } from "../place";
import type { Place } from "../regions";
import { type Entry, listedIn } from "../settings/people";
import { ledgerName, roleArn } from "../../runtime/names";
import { arnPatterns } from "../../runtime/who/who";

export interface LedgerArgs {
  /** Of the whole catalogue, enabled or not: turning a guardrail on or off does not touch the table's policy. */
  readonly parts: readonly Parts[];
  /** Who may undo, pause and resume. */
  readonly operators: readonly Entry[];
  /** Who may weaken the table; undefined: whoever IAM lets. */
  readonly deployers?: readonly Entry[];
  /** Whether the table is there already, kept by an earlier stack of this name. */
  readonly adopt: boolean;
  readonly place: pulumi.Output<Place>;
}

/** What touches items. Whoever deploys manages the table without it. */
const itemActions = [
  "BatchGetItem",
  "BatchWriteItem",
  "ConditionCheckItem",
  "DeleteItem",
  "GetItem",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
  "PartiQLDelete",
  "PartiQLInsert",
  "PartiQLSelect",
  "PartiQLUpdate",
];

/**
 * What could weaken the table: its policy, its protection, its backups, its time to live, the key it is encrypted with.
 * All are among what a table's own policy can refuse:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
 */
const tableActions = [
  "DeleteResourcePolicy",
  "DeleteTable",
  "PutResourcePolicy",
  "UpdateContinuousBackups",
  "UpdateTable",
  "UpdateTimeToLive",
];

/**
 * The record of every change and of what must not be changed. It outlives the stack: it is protected from deletion and
 * retained, and a stack of the same name adopts it again (`ledger: adopt`).
 */
export class Ledger extends pulumi.ComponentResource {
  readonly tableName: pulumi.Output<string>;
  readonly tableArn: pulumi.Output<string>;

  constructor(name: string, args: LedgerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:Ledger", name, {}, opts);
    const within = { parent: this };
    const table = new aws.dynamodb.Table(
      name,
      {
        name: ledgerName(pulumi.getStack()),
        billingMode: "PAY_PER_REQUEST",
        hashKey: "pk",
        rangeKey: "sk",
        attributes: ["pk", "sk", "id", "day"].map(attribute => ({ name: attribute, type: "S" })),
        globalSecondaryIndexes: [
          { name: "id", hashKey: "id", rangeKey: "sk", projectionType: "KEYS_ONLY" },
          { name: "day", hashKey: "day", rangeKey: "sk", projectionType: "KEYS_ONLY" },
        ],
        ttl: { attributeName: "ttl", enabled: true },
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: true,
        tags: tagsOf(),
      },
      // https://www.pulumi.com/docs/iac/concepts/resources/options/import/
      { ...within, retainOnDelete: true, import: args.adopt ? ledgerName(pulumi.getStack()) : undefined },
    );
    const policy = new aws.dynamodb.ResourcePolicy(
      name,
      { resourceArn: table.arn, policy: pulumi.jsonStringify(createPolicy(table.arn, args)) },
      within,
    );
    this.tableName = table.name;
    // Whoever uses the table waits for its policy.
    this.tableArn = policy.resourceArn;
    this.registerOutputs({ tableName: this.tableName, tableArn: this.tableArn });
  }
}

/**
 * Nobody but the stack's functions and its operators touches an item, whatever their own policies say, and where the
 * stack names its deployers, nobody else weakens the table.
 */
const createPolicy = (tableArn: pulumi.Output<string>, args: LedgerArgs) => ({
  Version: "2012-10-17",
  Statement: [...itemStatements(tableArn, args), ...deployerStatements(tableArn, args)],
});

const itemStatements = (tableArn: pulumi.Output<string>, { place, parts, operators }: LedgerArgs) => [
  {
    Sid: "OnlyFunctionsAndOperators",
    Effect: "Deny",
    Principal: "*",
    Action: itemActions.map(action => `dynamodb:${action}`),
    Resource: [tableArn, pulumi.interpolate`${tableArn}/index/*`],
    Condition: {
      ArnNotLike: {
        "aws:PrincipalArn": place.apply(where => principalsOf(where, parts, operators)),
      },
    },
  },
];

/** The root user stays admitted as break-glass: with a mistake in the list nobody locks themselves out. */
const deployerStatements = (tableArn: pulumi.Output<string>, { place, deployers }: LedgerArgs) =>
  deployers === undefined
    ? []
    : [
        {
          Sid: "OnlyDeployers",
          Effect: "Deny",
          Principal: "*",
          Action: tableActions.map(action => `dynamodb:${action}`),
          Resource: [tableArn],
          Condition: {
            ArnNotLike: {
              "aws:PrincipalArn": place.apply(where => [
                ...deployers.flatMap(entry => arnPatterns(listedIn(entry, where))),
                rootOf(where),
              ]),
            },
          },
        },
      ];

const rootOf = ({ partition, account }: Place): string => `arn:${partition}:iam::${account}:root`;

/** IAM knows no empty list: where nobody is admitted, that is the root user alone. */
function principalsOf(where: Place, parts: readonly Parts[], operators: readonly Entry[]): string[] {
  const admitted = [
    ...parts.filter(({ usesLedger }) => usesLedger).map(({ id }) => roleArn(where, id)),
    ...operators.flatMap(entry => arnPatterns(listedIn(entry, where))),
  ];
  return admitted.length > 0 ? admitted : [rootOf(where)];
}
