import { defineDirect, succeeded } from "../definition";

export const vpcCreated = defineDirect({
  id: "vpc-created",
  title: "Tell of every new VPC",
  why: "A network nobody planned has no peering, no inspection and no flow logs, and its addresses may overlap with those of the company.",
  severity: "low",
  triggers: [
    {
      scope: "regional",
      pattern: {
        source: ["aws.ec2"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: ["ec2.amazonaws.com"],
          eventName: ["CreateVpc", "CreateDefaultVpc"],
          ...succeeded,
        },
      },
    },
  ],
  notice: {
    // Both calls answer with a VPC, perhaps one layer deeper where the record keeps the whole answer. EventBridge
    // leaves out a variable whose path the event does not have, so of two side by side one remains:
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    paths: {
      call: "$.detail.eventName",
      vpc: "$.detail.responseElements.vpc.vpcId",
      defaultVpc: "$.detail.responseElements.CreateDefaultVpcResponse.vpc.vpcId",
      addresses: "$.detail.responseElements.vpc.cidrBlock",
      defaultAddresses: "$.detail.responseElements.CreateDefaultVpcResponse.vpc.cidrBlock",
      account: "$.account",
      region: "$.region",
      time: "$.time",
      principal: "$.detail.userIdentity.arn",
      service: "$.detail.userIdentity.invokedBy",
      sourceIp: "$.detail.sourceIPAddress",
      event: "$.detail.eventID",
    },
    lines: [
      "A VPC was created: <vpc><defaultVpc> with addresses <addresses><defaultAddresses>",
      "Where: account <account>, region <region>",
      "When: <time>",
      "Who: <principal> <service>",
      "From: <sourceIp>",
      "How: <call>, CloudTrail event <event>",
      "Nothing was changed. If nobody planned this network, ask the person above, then delete it.",
    ],
  },
});
