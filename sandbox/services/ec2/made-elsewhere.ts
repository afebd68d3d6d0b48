import type { NetworkInterface } from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import { createKept, type Kept } from "../../state/kept";

/**
 * What nobody in an account can make through its API, and yet is there: interfaces that AWS's services made, instances
 * that they operate, prefix lists that another account shares. Tests put it here, without a call and without an event.
 */
export interface MadeElsewhere {
  /** Interfaces that a service made, by id: what EC2 answers of them instead of what it answers of one's own. */
  readonly interfaces: Kept<ServiceInterface>;
  /** Instances, interfaces and volumes by id → the service that operates them: EC2's Operator.Principal. */
  readonly operators: Kept<string>;
  /** Managed prefix lists by id → the account that owns and shares them. Its own state has them. */
  readonly sharedLists: Kept<string>;
}

/** What tells an interface that a service made from one's own, as EC2 answers it. */
export type ServiceInterface = { readonly InterfaceType: string } & Required<
  Pick<NetworkInterface, "Description" | "RequesterId" | "SourceDestCheck">
>;

/**
 * Interfaces that carry other people's traffic. All are RequesterManaged, and no InterfaceType tells an Application or
 * Classic Load Balancer's or a Client VPN endpoint's from one's own. A site-to-site VPN has no interface in the VPC; a
 * VPN appliance or NAT instance is one's own instance with SourceDestCheck off.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html says which members tell them apart,
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html the types; descriptions and
 * requesters are from answers that people published, since no page of AWS lists them. The id of AWS's account behind
 * a NAT gateway differs by region.
 */
export const serviceInterfaces = {
  applicationLoadBalancer: {
    InterfaceType: "interface",
    Description: "ELB app/web/50dc6c495c0c9188",
    RequesterId: "amazon-elb",
    SourceDestCheck: true,
  },
  networkLoadBalancer: {
    InterfaceType: "network_load_balancer",
    Description: "ELB net/web/50dc6c495c0c9188",
    RequesterId: "amazon-elb",
    SourceDestCheck: true,
  },
  gatewayLoadBalancer: {
    InterfaceType: "gateway_load_balancer",
    Description: "ELB gwy/inspection/50dc6c495c0c9188",
    RequesterId: "amazon-elb",
    SourceDestCheck: false,
  },
  gatewayLoadBalancerEndpoint: {
    InterfaceType: "gateway_load_balancer_endpoint",
    Description: "VPC Endpoint Interface vpce-0123456789abcdef0",
    RequesterId: "727180483921",
    SourceDestCheck: false,
  },
  natGateway: {
    InterfaceType: "nat_gateway",
    Description: "Interface for NAT Gateway nat-0123456789abcdef0",
    RequesterId: "036872051663",
    SourceDestCheck: false,
  },
  clientVpnEndpoint: {
    InterfaceType: "interface",
    Description: "ClientVPN Endpoint resource - cvpn-endpoint-0123456789abcdef0",
    RequesterId: "036872051663",
    SourceDestCheck: false,
  },
} as const satisfies Readonly<Record<string, ServiceInterface>>;

const all = new WeakMap<object, MadeElsewhere>();

/** Of this account's state. */
export function madeElsewhere(account: Account): MadeElsewhere {
  const made = all.get(account) ?? {
    interfaces: createKept<ServiceInterface>(account),
    operators: createKept<string>(account),
    sharedLists: createKept<string>(account),
  };
  all.set(account, made);
  return made;
}
