import { recordShapes } from "../../../records";
import { awsError } from "../../ground/call";
import type { Input, PassedRole } from "../../iam/judged";
import { keysOfMembers, rolesAt, text } from "../../iam/requirements/members";
import type { Service } from "../service";
import { attributeKeys, checkOneAttribute } from "./judged/attributes";
import { ec2FactKeys, ec2Facts, securityGroup } from "./judged/facts";
import { ec2Handlers } from "./handlers";
import { ec2Resources } from "./judged/resources";
import { sharingKeys } from "./judged/sharing";

/** The role of an instance profile, which goes to the instances. */
const profile: PassedRole = {
  to: "ec2.amazonaws.com",
  roles: async ({ IamInstanceProfile }, find, place) => {
    const { Arn, Name } = (IamInstanceProfile ?? {}) as Input;
    const name = text(Arn) ?? text(Name);
    const role = name === undefined ? undefined : await find("iam:role-of-profile", name, place);
    return role === undefined ? [] : [role];
  },
};

export const ec2: Service = {
  name: "ec2",
  sdk: { client: "EC2Client", load: () => import("@aws-sdk/client-ec2") },
  record: recordShapes.ec2,
  denial: {
    code: "UnauthorizedOperation",
    status: 403,
    says: "You are not authorized to perform this operation. ",
  },
  check: () => async call => {
    checkOneAttribute(call);
    // Allowed, and nothing done: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html, DryRun
    if (call.input.DryRun === true)
      throw awsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  },
  corrections: ({ account }) => ec2Handlers(account),
  newer: [
    ...["AssociateNetworkingFlexCostAllocationPolicy", "CreateCapacityReservationDateChangeQuote"],
    ...["CreateMetricCategory", "CreateNetworkingFlexCostAllocationPolicy"],
    ...["DeleteClientVpnEndpointAuthorizationPolicy", "DeleteMetricCategory"],
    ...["DeleteNetworkingFlexCostAllocationPolicies", "DescribeCapacityReservationDateChangeQuotes"],
    ...["DescribeMetricCategories", "DescribeNetworkingFlexCostAllocationPolicies"],
    ...[
      "DescribeNetworkingFlexCostAllocationPolicyAssociations",
      "DisassociateNetworkingFlexCostAllocationPolicy",
    ],
    ...["GetCapacityManagerSupportabilityScores", "GetClientVpnEndpointAuthorizationPolicy"],
    ...["GetImageFindings", "GetNetworkingFlexCostAllocationPolicyVersions"],
    ...["GetTransitGatewayAttachmentNatConfiguration", "ModifyClientVpnEndpointAuthorizationPolicy"],
    ...["ModifyMetricCategory", "ModifyNetworkingFlexCostAllocationPolicy"],
    ...["ModifyTransitGatewayAttachmentNatConfiguration"],
  ],
  resources: ec2Resources,
  contextKeys: {
    "ec2:Region": ({ region }) => region,
    ...keysOfMembers("ec2:InstanceType"),
    ...sharingKeys,
    ...attributeKeys,
    // Of tags at creation, and of facts.
    "ec2:CreateAction": () => undefined,
    "ec2:ResourceTag/*": () => undefined,
    ...Object.fromEntries(ec2FactKeys.map(key => [key, () => undefined])),
  },
  tagging: "CreateTags",
  passes: {
    RunInstances: profile,
    AssociateIamInstanceProfile: profile,
    ReplaceIamInstanceProfileAssociation: profile,
    CreateFlowLogs: rolesAt("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),
  },
  finders: { "security-group": securityGroup },
  facts: ec2Facts,
  factKeys: ec2FactKeys,
  resourcePolicies: "none",
  lacks: [
    "instances do not run: their state, their networks and their volumes are only kept",
    "most condition keys, e.g. `ec2:Tenancy`",
  ],
};
