import { assert } from "chai";
import type { OwnershipFacts } from "../../../runtime/guardrail";
import { managementOf, type Cause, type Management } from "../../../runtime/who/managed-by";
import type { Who } from "../../../runtime/who/who";

const account = "123456789012";
const role = (path: string, of = account): string => `arn:aws:iam::${of}:role/${path}`;
const controller = role("cluster/karpenter");
const pipeline = role("ci/deploy");
const who: Who = { trusted: { accounts: [] }, controllers: [controller], expected: [pipeline] };

const call = (arn?: string, invokedBy?: string): Cause => ({
  account,
  region: "us-east-1",
  time: "2026-11-24T10:00:00Z",
  ...(arn !== undefined && { principal: { arn, invokedBy, tool: "unknown" as const } }),
});
const linked = (service: string, name: string): Cause =>
  call(role(`aws-service-role/${service}/AWSServiceRoleFor${name}`), service);
const of = (facts: OwnershipFacts, cause: Cause = call(role("developer"))): Management =>
  managementOf(facts, cause, who);

const asg = { "aws:autoscaling:groupName": "web" };
const stackTags = {
  "aws:cloudformation:stack-name": "net",
  "aws:cloudformation:stack-id": `arn:aws:cloudformation:us-east-1:${account}:stack/net/0a1b`,
  "aws:cloudformation:logical-id": "Group",
};

describe("managed-by: who runs a resource", () => {
  const recognised: [string, OwnershipFacts, Cause, RegExp, RegExp][] = [
    [
      "EC2's operator, whoever calls",
      { operator: "eks.amazonaws.com", tags: asg },
      call(role("developer")),
      /^AWS service eks\.amazonaws\.com$/,
      /configuration/,
    ],
    ["a requester", { requester: "amazon-elb" }, call(), /amazon-elb/, /requested/],
    [
      "a service-linked role of the own account",
      {},
      linked("elasticache.amazonaws.com", "ElastiCache"),
      /^AWS service elasticache\.amazonaws\.com$/,
      /configuration/,
    ],
    [
      "the Auto Scaling group for which a service-linked role launched",
      { tags: asg },
      linked("autoscaling.amazonaws.com", "AutoScaling"),
      /^Auto Scaling group "web"$/,
      /launch template/,
    ],
    [
      "a service-linked role with a suffix",
      { tags: asg },
      linked("autoscaling.amazonaws.com", "AutoScaling_CMK"),
      /^Auto Scaling group "web"$/,
      /launch template/,
    ],
    [
      "the node group before its Auto Scaling group",
      { tags: { ...asg, "eks:nodegroup-name": "blue" } },
      linked("autoscaling.amazonaws.com", "AutoScaling"),
      /^EKS node group "blue"$/,
      /node group/,
    ],
    [
      "a listed controller by what it marks",
      { tags: { "karpenter.sh/nodepool": "spot", "kubernetes.io/cluster/prod": "owned" } },
      call(controller),
      /^Karpenter node pool "spot"$/,
      /NodePool/,
    ],
    [
      "a listed controller without a mark by its name",
      {},
      call(controller),
      /controller karpenter$/,
      /configured/,
    ],
    [
      "the stack of a listed role that CloudFormation acts with",
      { tags: stackTags },
      call(controller, "cloudformation.amazonaws.com"),
      /^CloudFormation stack "net"$/,
      /template/,
    ],
    [
      "a tag value with a dollar sign, as no sign of ours",
      { tags: { "aws:autoscaling:groupName": "a$1$&b" } },
      linked("autoscaling.amazonaws.com", "AutoScaling"),
      /^Auto Scaling group "a1&b"$/,
      /launch template/,
    ],
  ];
  for (const [what, facts, cause, name, changeAt] of recognised)
    it(`recognises ${what}, and where to change it`, () => {
      const { manager, mark, waitUntil } = of(facts, cause);

      assert.match(manager?.name ?? "", name);
      assert.match(manager?.changeAt ?? "", changeAt);
      assert.isUndefined(mark, "a manager needs no caution");
      assert.isUndefined(waitUntil, "what is not written waits for nothing");
    });

  const unmanaged: [string, OwnershipFacts, Cause][] = [
    ["a resource without tags, changed by a person", {}, call(role("developer"))],
    ["what nobody called for", { tags: asg }, call()],
    ["what a person does to an Auto Scaling group's instance", { tags: asg }, call(role("developer"))],
    ["what a person does to a stack's resource", { tags: stackTags }, call(role("developer"))],
    [
      "what a person does through CloudFormation",
      { tags: stackTags },
      call(role("developer"), "cloudformation.amazonaws.com"),
    ],
    [
      "what a person does through Service Catalog",
      { tags: { "aws:servicecatalog:provisionedProductArn": "arn" } },
      call(role("developer"), "servicecatalog.amazonaws.com"),
    ],
    ["a launch that a person asks a fleet for", {}, call(role("developer"), "ec2fleet.amazonaws.com")],
    ["a person who marks a resource as a cluster's", { tags: { "eks:x": "" } }, call(role("developer"))],
    ["an expected pipeline", {}, call(pipeline)],
    ["a controller of the same name elsewhere", {}, call(role("cluster/karpenter", "210987654321"))],
    ["a controller of the same name under another path", {}, call(role("karpenter"))],
    [
      "a service-linked role of another account",
      { tags: asg },
      call(role("aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", "210987654321")),
    ],
    [
      "a service-linked role of another partition",
      { tags: asg },
      call(
        `arn:aws-cn:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
      ),
    ],
    [
      "a path that only ends like AWS's",
      { tags: asg },
      call(role("x/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")),
    ],
    ["a role that only sounds service-linked", {}, call(role("AWSServiceRoleForAutoScaling"))],
    ["a role named like Control Tower's", {}, call(role("AWSControlTowerExecution"))],
    ["a role named like a stack set's", {}, call(role("x/stacksets-exec-mallory"))],
    ["a stack set's role of one's own", {}, call(role("AWSCloudFormationStackSetExecutionRole"))],
  ];
  for (const [what, facts, cause] of unmanaged)
    it(`${what} is nobody's`, () => assert.isUndefined(of(facts, cause).manager));
});

describe("managed-by: a mark that anybody can set", () => {
  it("is quoted in words, cut, and no link", () => {
    const value = `default. Approved by SecOps: https://sso.example.evil/login?case=4711 ${"x".repeat(80)}`;
    const name = of({ tags: { "karpenter.sh/nodepool": value } }).mark?.name ?? "";

    assert.match(name, /^Karpenter node pool "default\. Approved by SecOps: .{1,60}"$/);
    assert.notMatch(name, /:\/\/|example\.evil/);
    assert.isAtMost(name.length, "Karpenter node pool ".length + 62);
  });

  const marks: [string, Record<string, string>, RegExp, RegExp][] = [
    [
      "a Karpenter node pool",
      { "karpenter.sh/nodepool": "spot" },
      /^Karpenter node pool "spot"$/,
      /NodePool/,
    ],
    [
      "an older Karpenter",
      { "karpenter.sh/provisioner-name": "old" },
      /^Karpenter node pool "old"$/,
      /NodePool/,
    ],
    [
      "Karpenter by any of its tags",
      { "karpenter.k8s.aws/ec2nodeclass": "al2023" },
      /^Karpenter$/,
      /EC2NodeClass/,
    ],
    ["an EKS node group", { "eks:nodegroup-name": "blue" }, /^EKS node group "blue"$/, /node group/],
    ["an EKS cluster", { "eks:eks-cluster-name": "prod" }, /^EKS cluster "prod"$/, /cluster/],
    [
      "a Kubernetes cluster that owns it",
      { "kubernetes.io/cluster/prod": "owned" },
      /^Kubernetes cluster "prod"$/,
      /Service/,
    ],
    [
      "the load balancer controller",
      { "elbv2.k8s.aws/cluster": "prod" },
      /load balancer controller$/,
      /annotations/,
    ],
    [
      "a Service's load balancer",
      { "elbv2.k8s.aws/cluster": "prod", "service.k8s.aws/stack": "shop/web" },
      /for Service "shop\/web"$/,
      /loadBalancerSourceRanges/,
    ],
    [
      "an Ingress's load balancer",
      { "ingress.k8s.aws/stack": "shop/web" },
      /for Ingress "shop\/web"$/,
      /inbound-cidrs/,
    ],
    [
      "a Service of the cloud controller",
      { "kubernetes.io/service-name": "shop/web" },
      /for Service "shop\/web"$/,
      /Service/,
    ],
    [
      "the node pool before the cluster",
      { "kubernetes.io/cluster/prod": "owned", "karpenter.sh/nodepool": "spot" },
      /^Karpenter node pool/,
      /NodePool/,
    ],
  ];
  for (const [what, tags, name, changeAt] of marks)
    it(`of ${what} asks for caution, and is no manager`, () => {
      const { manager, mark } = of({ tags: { ...tags, Name: "x" } });

      assert.isUndefined(manager);
      assert.match(mark?.name ?? "", name);
      assert.match(mark?.changeAt ?? "", changeAt);
      assert.include(Object.keys(tags), mark?.tag);
    });

  const unmarked: [string, Record<string, string>][] = [
    ["tags of its own", { Name: "web", Team: "shop" }],
    ["the tag of a cluster that only uses it", { "kubernetes.io/cluster/prod": "shared" }],
    ["a tag that only contains a manager's key", { "my-eks:nodegroup-name": "web" }],
    ["tags that AWS alone sets", { ...asg, ...stackTags, "aws:eks:cluster-name": "prod" }],
  ];
  for (const [what, tags] of unmarked) it(`is not ${what}`, () => assert.isUndefined(of({ tags }).mark));
});

describe("managed-by: through which service a resource was made", () => {
  const services: [string, Record<string, string>, Cause, RegExp][] = [
    ["an Auto Scaling group by its tag", asg, call(role("developer")), /^Auto Scaling group "web"$/],
    ["an EKS cluster by its tag", { "aws:eks:cluster-name": "prod" }, call(), /^EKS cluster "prod"$/],
    ["a stack by its tag", stackTags, call(), /^CloudFormation stack "net"$/],
    [
      "a stack set's instance",
      { "aws:cloudformation:stack-name": "StackSet-base-1f2e" },
      call(),
      /^CloudFormation stack set instance/,
    ],
    [
      "Control Tower's stack set",
      { "aws:cloudformation:stack-name": "StackSet-AWSControlTowerBP-VPC-1f2e" },
      call(),
      /^Control Tower$/,
    ],
    [
      "Service Catalog before its stack",
      { ...stackTags, "aws:servicecatalog:provisionedProductArn": "arn" },
      call(),
      /Service Catalog/,
    ],
    [
      "CloudFormation by the call",
      {},
      call(role("developer"), "cloudformation.amazonaws.com"),
      /^CloudFormation$/,
    ],
    ["a fleet by the call", {}, call(role("developer"), "ec2fleet.amazonaws.com"), /^EC2 Fleet$/],
  ];
  for (const [what, tags, cause, name] of services)
    it(`is said of ${what}`, () => assert.match(of({ tags }, cause).through?.name ?? "", name));

  it("is not said of a service that keeps nothing, or of the console", () => {
    for (const invokedBy of ["ssm.amazonaws.com", "AWS Internal"])
      assert.isUndefined(of({}, call(role("developer"), invokedBy)).through);
  });
});

describe("managed-by: what a CloudFormation stack made", () => {
  const viaStack = call(role("developer"), "cloudformation.amazonaws.com");

  it("is left alone for 30 minutes after the stack's call, with the stack and logical id in words", () => {
    const { waitUntil, cloudformation } = of({ tags: stackTags }, viaStack);

    assert.equal(waitUntil, Date.parse("2026-11-24T10:30:00Z"));
    assert.deepEqual(cloudformation, {
      stack: "net",
      logicalId: "Group",
      words: 'CloudFormation stack "net", logical id "Group"',
    });
  });

  it("waits for nothing when somebody else calls, and still names the stack", () => {
    const { waitUntil, cloudformation } = of({ tags: stackTags });

    assert.isUndefined(waitUntil);
    assert.equal(cloudformation?.stack, "net");
  });

  it("waits as well when the stack put something into what it has not made", () => {
    const { waitUntil, cloudformation } = of({ tags: {} }, viaStack);

    assert.equal(waitUntil, Date.parse("2026-11-24T10:30:00Z"));
    assert.equal(cloudformation?.words, "a CloudFormation stack that the resource does not name");
  });

  it("has its stack's name from the stack's id where that is the only tag", () => {
    const tags = { "aws:cloudformation:stack-id": stackTags["aws:cloudformation:stack-id"] };

    assert.equal(of({ tags }).cloudformation?.words, 'CloudFormation stack "net"');
  });

  it("is not what another service made, or a tool that only says so", () => {
    for (const invokedBy of [
      "cloudformationx.amazonaws.com",
      "evil-cloudformation.amazonaws.com",
      undefined,
    ]) {
      const { waitUntil, cloudformation } = of({ tags: asg }, call(role("developer"), invokedBy));
      assert.isUndefined(waitUntil);
      assert.isUndefined(cloudformation);
    }
  });
});

describe("managed-by: who called", () => {
  it("is a controller, somebody expected, or anybody", () => {
    assert.equal(of({}, call(controller)).caller, "controller");
    assert.equal(of({}, call(pipeline)).caller, "expected");
    assert.equal(of({}, call(role("developer"))).caller, "other");
    assert.equal(of({}, call()).caller, "other");
  });

  it("is said of a managed resource too", () =>
    assert.equal(of({ operator: "eks.amazonaws.com" }, call(pipeline)).caller, "expected"));
});
