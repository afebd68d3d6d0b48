import { assert } from "chai";
import { managedBy, type ManagementFacts } from "../../runtime/managed-by";

const role = (path: string): string => `arn:aws:iam::123456789012:role/${path}`;

describe("managed-by: who runs a resource", () => {
  const recognised: [string, ManagementFacts, RegExp, RegExp][] = [
    [
      "an Auto Scaling group",
      { tags: { "aws:autoscaling:groupName": "web" } },
      /^Auto Scaling group web$/,
      /launch template/,
    ],
    [
      "a Karpenter node pool",
      { tags: { "karpenter.sh/nodepool": "spot" } },
      /^Karpenter node pool spot$/,
      /NodePool/,
    ],
    [
      "an older Karpenter",
      { tags: { "karpenter.sh/provisioner-name": "old" } },
      /^Karpenter node pool old$/,
      /NodePool/,
    ],
    [
      "Karpenter by any of its tags",
      { tags: { "karpenter.k8s.aws/ec2nodeclass": "al2023" } },
      /^Karpenter$/,
      /EC2NodeClass/,
    ],
    ["an EKS node group", { tags: { "eks:nodegroup-name": "blue" } }, /^EKS node group blue$/, /node group/],
    ["an EKS cluster", { tags: { "aws:eks:cluster-name": "prod" } }, /^EKS cluster prod$/, /cluster/],
    [
      "a Kubernetes cluster that owns it",
      { tags: { "kubernetes.io/cluster/prod": "owned" } },
      /^Kubernetes cluster prod$/,
      /Service/,
    ],
    [
      "the load balancer controller",
      { tags: { "elbv2.k8s.aws/cluster": "prod" } },
      /load balancer controller$/,
      /annotations/,
    ],
    [
      "a Service's load balancer",
      { tags: { "elbv2.k8s.aws/cluster": "prod", "service.k8s.aws/stack": "shop/web" } },
      /for Service shop\/web$/,
      /loadBalancerSourceRanges/,
    ],
    [
      "an Ingress's load balancer",
      { tags: { "ingress.k8s.aws/stack": "shop/web" } },
      /for Ingress shop\/web$/,
      /inbound-cidrs/,
    ],
    [
      "a Service of the cloud controller",
      { tags: { "kubernetes.io/service-name": "shop/web" } },
      /for Service shop\/web$/,
      /Service/,
    ],
    [
      "a CloudFormation stack",
      { tags: { "aws:cloudformation:stack-name": "net" } },
      /^CloudFormation stack net$/,
      /template/,
    ],
    [
      "a stack set",
      { tags: { "aws:cloudformation:stack-name": "StackSet-base-1f2e" } },
      /^CloudFormation stack set instance/,
      /administrator account/,
    ],
    [
      "Control Tower's stack set",
      { tags: { "aws:cloudformation:stack-name": "StackSet-AWSControlTowerBP-VPC-1f2e" } },
      /^Control Tower$/,
      /landing zone/,
    ],
    [
      "Service Catalog before its stack",
      {
        tags: {
          "aws:cloudformation:stack-name": "SC-1-pp-2",
          "aws:servicecatalog:provisionedProductArn": "arn",
        },
      },
      /Service Catalog/,
      /provisioned product/,
    ],
    [
      "the node pool before the cluster",
      { tags: { "kubernetes.io/cluster/prod": "owned", "karpenter.sh/nodepool": "spot" } },
      /^Karpenter node pool/,
      /NodePool/,
    ],
    [
      "the node group before its Auto Scaling group",
      { tags: { "aws:autoscaling:groupName": "eks-blue", "eks:nodegroup-name": "blue" } },
      /^EKS node group/,
      /node group/,
    ],
    [
      "EC2's operator before any tag",
      { operator: "eks.amazonaws.com", tags: { "aws:autoscaling:groupName": "web" } },
      /^AWS service eks\.amazonaws\.com$/,
      /configuration/,
    ],
    ["a requester", { requester: "amazon-elb" }, /amazon-elb/, /requested/],
    [
      "a service-linked role",
      { principalArn: role("aws-service-role/elasticache.amazonaws.com/AWSServiceRoleForElastiCache") },
      /^AWS service elasticache\.amazonaws\.com$/,
      /configuration/,
    ],
    [
      "Control Tower's role",
      { principalArn: role("AWSControlTowerExecution") },
      /^Control Tower$/,
      /landing zone/,
    ],
    [
      "a stack set's role",
      { principalArn: role("stacksets-exec-0a1b2c3d") },
      /stack set/,
      /administrator account/,
    ],
    [
      "a stack set's role of one's own",
      { principalArn: role("AWSCloudFormationStackSetExecutionRole") },
      /stack set/,
      /administrator account/,
    ],
    [
      "a call through CloudFormation",
      { principalArn: role("developer"), invokedBy: "cloudformation.amazonaws.com" },
      /^CloudFormation$/,
      /template/,
    ],
    [
      "a launch by Auto Scaling",
      { invokedBy: "autoscaling.amazonaws.com" },
      /^Auto Scaling$/,
      /launch template/,
    ],
    ["a launch by a fleet", { invokedBy: "ec2fleet.amazonaws.com" }, /^EC2 Fleet$/, /launch template/],
    [
      "a tag value with a dollar sign, as it is",
      { tags: { "aws:autoscaling:groupName": "a$1$&b" } },
      /^Auto Scaling group a\$1\$&b$/,
      /launch template/,
    ],
  ];
  for (const [what, facts, name, changeAt] of recognised)
    it(`recognises ${what}, and where to change it`, () => {
      const manager = managedBy(facts);

      assert.match(manager?.name ?? "", name);
      assert.match(manager?.changeAt ?? "", changeAt);
    });

  const unmanaged: [string, ManagementFacts][] = [
    ["a resource without tags, changed by a person", { principalArn: role("developer") }],
    ["a resource with tags of its own", { tags: { Name: "web", Team: "shop" } }],
    ["a resource that a cluster only uses", { tags: { "kubernetes.io/cluster/prod": "shared" } }],
    ["a call in the console", { principalArn: role("developer"), invokedBy: "AWS Internal" }],
    [
      "a call through a service that keeps nothing",
      { principalArn: role("developer"), invokedBy: "ssm.amazonaws.com" },
    ],
    ["a role that only sounds service-linked", { principalArn: role("AWSServiceRoleForAutoScaling") }],
    ["a role that only begins like Control Tower's", { principalArn: role("AWSControlTowerExecutionTest") }],
    ["a tag that only contains a manager's key", { tags: { "my-aws:autoscaling:groupName": "web" } }],
    ["nothing known", {}],
  ];
  for (const [what, facts] of unmanaged)
    it(`${what} is nobody's`, () => {
      assert.isUndefined(managedBy(facts));
    });
});
