/** What tells who runs a resource, as a guardrail reads it from the resource itself. Absent fields are unknown. */
export interface OwnershipFacts {
  readonly tags?: Readonly<Record<string, string>>;
  /** EC2 `Operator.Managed` / `RequesterManaged`, and who. */
  readonly operator?: string;
  readonly requester?: string;
}
export interface Manager {
  /** e.g. "Auto Scaling group web" */
  readonly name: string;
  /** Where the change belongs instead, e.g. "its launch template". */
  readonly changeAt: string;
}

/** The facts of a resource, and who made the call that the event tells of. */
export type ManagementFacts = OwnershipFacts & {
  /** The role, user or root ARN without a session name. */
  readonly principalArn?: string;
  /** `userIdentity.invokedBy`: the AWS service that called on somebody's behalf. */
  readonly invokedBy?: string;
};

/** How a manager marks its resources: the tag key (or its beginning), and what the tag's value says. */
interface Mark {
  readonly key: RegExp;
  /** `$1` is the key's first group, `$value` the tag's value. */
  readonly name: string;
  readonly changeAt: string;
  readonly value?: RegExp;
}

// The most specific first: a node of a managed node group also carries the marks of its cluster, its Auto Scaling
// group and a CloudFormation stack, but only a change of the node group lasts.
const marks: readonly Mark[] = [
  {
    key: /^karpenter\.sh\/(?:nodepool|provisioner-name)$/,
    name: "Karpenter node pool $value",
    changeAt: "the NodePool or EC2NodeClass in the cluster",
  },
  {
    key: /^karpenter\.(?:sh|k8s\.aws)\//,
    name: "Karpenter",
    changeAt: "the NodePool or EC2NodeClass in the cluster",
  },
  {
    key: /^eks:nodegroup-name$/,
    name: "EKS node group $value",
    changeAt: "the node group or its launch template",
  },
  {
    key: /^aws:autoscaling:groupName$/,
    name: "Auto Scaling group $value",
    changeAt: "its launch template and the group's tags",
  },
  {
    key: /^service\.k8s\.aws\/stack$/,
    name: "the Kubernetes load balancer controller for Service $value",
    changeAt:
      "the Service: spec.loadBalancerSourceRanges or its service.beta.kubernetes.io/aws-load-balancer-* annotations",
  },
  {
    key: /^ingress\.k8s\.aws\/stack$/,
    name: "the Kubernetes load balancer controller for Ingress $value",
    changeAt: "the Ingress: its alb.ingress.kubernetes.io/inbound-cidrs annotation",
  },
  {
    key: /^(?:elbv2|service|ingress)\.k8s\.aws\//,
    name: "the Kubernetes load balancer controller",
    changeAt: "the annotations of the Service or Ingress in the cluster",
  },
  {
    key: /^kubernetes\.io\/service-name$/,
    name: "the Kubernetes cloud controller for Service $value",
    changeAt:
      "the Service: spec.loadBalancerSourceRanges or its service.beta.kubernetes.io/aws-load-balancer-* annotations",
  },
  {
    key: /^(?:aws:eks:|eks:(?:eks-)?)cluster-name$/,
    name: "EKS cluster $value",
    changeAt: "the cluster's configuration",
  },
  { key: /^eks:/, name: "EKS", changeAt: "the cluster's configuration" },
  {
    // `shared` marks what a cluster may use but does not run.
    key: /^kubernetes\.io\/cluster\/(.+)$/,
    value: /^owned$/,
    name: "Kubernetes cluster $1",
    changeAt: "the Service annotations or the tool that made the cluster",
  },
  {
    key: /^aws:servicecatalog:/,
    name: "a Service Catalog product",
    changeAt: "the provisioned product, by updating it with another version of the product",
  },
  {
    key: /^aws:cloudformation:stack-name$/,
    value: /^StackSet-AWSControlTower/,
    name: "Control Tower",
    changeAt: "the landing zone or its account factory customization",
  },
  {
    key: /^aws:cloudformation:stack-name$/,
    value: /^StackSet-/,
    name: "CloudFormation stack set instance $value",
    changeAt: "the stack set's template in its administrator account",
  },
  {
    key: /^aws:cloudformation:(?:stack-name|stack-id)$/,
    name: "CloudFormation stack $value",
    changeAt: "the stack's template",
  },
];

/** Roles by which a manager acts: by path and name, never by name alone where AWS reserves the path. */
const roles: readonly { readonly arn: RegExp; readonly name: string; readonly changeAt: string }[] = [
  {
    arn: /:role\/aws-service-role\/([^/]+)\/AWSServiceRoleFor/,
    name: "AWS service $1",
    changeAt: "that service's own configuration",
  },
  {
    arn: /:role\/(?:[^/]+\/)*AWSControlTowerExecution$/,
    name: "Control Tower",
    changeAt: "the landing zone or its account factory customization",
  },
  {
    arn: /:role\/(?:[^/]+\/)*(?:stacksets-exec-[^/]+|AWSCloudFormationStackSetExecutionRole)$/,
    name: "a CloudFormation stack set",
    changeAt: "the stack set's template in its administrator account",
  },
];

/** Services that make and keep resources for somebody, and put back what they made. */
const services: readonly { readonly host: RegExp; readonly name: string; readonly changeAt: string }[] = [
  {
    host: /^cloudformation\./,
    name: "CloudFormation",
    changeAt: "the template of the stack that made the call",
  },
  {
    host: /^servicecatalog\./,
    name: "Service Catalog",
    changeAt: "the provisioned product, by updating it with another version of the product",
  },
  { host: /^autoscaling\./, name: "Auto Scaling", changeAt: "the group's launch template" },
  { host: /^(?:ec2fleet|spotfleet|spot)\./, name: "EC2 Fleet", changeAt: "the fleet's launch template" },
  {
    host: /^eks(?:-nodegroup|-fargate)?\./,
    name: "EKS",
    changeAt: "the cluster's or node group's configuration",
  },
];

function markedBy(tags: Readonly<Record<string, string>>): Manager | undefined {
  const keys = Object.keys(tags).sort();
  for (const mark of marks) {
    const key = keys.find(one => mark.key.test(one) && (mark.value?.test(tags[one]) ?? true));
    if (key !== undefined)
      return {
        name: fill(mark.name, mark.key.exec(key)?.[1], tags[key]),
        changeAt: mark.changeAt,
      };
  }
  return undefined;
}

const fill = (text: string, group: string | undefined, value: string): string =>
  text.replace("$1", () => group ?? "").replace("$value", () => value);

/**
 * Who runs a resource and would put back what a guardrail changes; undefined when nobody is known to. EC2's own word
 * (operator, requester) counts before tags, tags before the caller. Anyone who may tag a resource can make it look
 * managed: that only ever turns a write into a notice, which names the mark, and a resource never looks unmanaged
 * for it. Where even that is too much, the stack config says `managed: act` for the guardrail.
 */
export function managedBy(facts: ManagementFacts): Manager | undefined {
  if (facts.operator !== undefined)
    return { name: `AWS service ${facts.operator}`, changeAt: "that service's own configuration" };
  if (facts.requester !== undefined)
    return {
      name: `the service or account ${facts.requester} that requested it`,
      changeAt: "the resource it was requested for",
    };
  const marked = markedBy(facts.tags ?? {});
  if (marked !== undefined) return marked;
  const { principalArn, invokedBy } = facts;
  const role = roles.find(({ arn }) => principalArn !== undefined && arn.test(principalArn));
  if (role !== undefined)
    return {
      name: fill(role.name, role.arn.exec(principalArn ?? "")?.[1], ""),
      changeAt: role.changeAt,
    };
  const service = services.find(({ host }) => invokedBy !== undefined && host.test(invokedBy));
  return service && { name: service.name, changeAt: service.changeAt };
}
