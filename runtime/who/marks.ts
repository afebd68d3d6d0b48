/** How those who run resources mark them, and what their marks say in words. */
import { quoted } from "../plain";

/** Who runs a resource, and where the change belongs instead. */
export interface Manager {
  /** e.g. `Auto Scaling group "web"`: what a tag says is quoted, because others chose it. */
  readonly name: string;
  /** e.g. "its launch template" */
  readonly changeAt: string;
}
/** A manager, and the tag that names it. */
export type Marked = Manager & { readonly tag: string };

/** The tag key (or its beginning), and what the tag's value says. */
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
    key: /^aws:cloudformation:stack-name$/,
    name: "CloudFormation stack $value",
    changeAt: "the stack's template",
  },
];

/** Services that make and keep resources for somebody. */
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

/**
 * Who a resource's tags say runs it.
 * @param kind `own`: tags that anybody with the right to tag can set; `aws`: those that AWS alone sets (`aws:…`)
 * https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
 */
export function markedBy(
  tags: Readonly<Record<string, string>>,
  kind: "own" | "aws" | "any",
): Marked | undefined {
  const keys = Object.keys(tags)
    .filter(key => kind === "any" || key.startsWith("aws:") === (kind === "aws"))
    .sort();
  for (const mark of marks) {
    const tag = keys.find(one => mark.key.test(one) && (mark.value?.test(tags[one]) ?? true));
    if (tag !== undefined)
      return { name: fill(mark.name, mark.key.exec(tag)?.[1], tags[tag]), changeAt: mark.changeAt, tag };
  }
  return undefined;
}

const fill = (text: string, group: string | undefined, value: string): string =>
  text.replace(/\$1|\$value/g, place => quoted(place === "$1" ? (group ?? "") : value));

/** The service through which a call was made, by `userIdentity.invokedBy`. */
export function serviceOf(invokedBy: string | undefined): Manager | undefined {
  const service = services.find(({ host }) => invokedBy !== undefined && host.test(invokedBy));
  return service && { name: service.name, changeAt: service.changeAt };
}
