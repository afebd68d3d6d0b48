/** Every hundredth group lets the world reach SSH. */
export const isOpen = (at: number): boolean => at % 100 === 7;

const idOf = (at: number): string => `sg-${String(at).padStart(17, "0")}`;
const list = (name: string, items: readonly string[]): string =>
  `<${name}>${items.map(item => `<item>${item}</item>`).join("")}</${name}>`;

/** The values of the query's only filter, as group numbers. */
const filtered = (query: URLSearchParams): number[] =>
  [...query].flatMap(([key, value]) =>
    /^Filter\.1\.Value\.\d+$/.test(key) ? Number(value.slice("sg-".length)) : [],
  );

/** The numbers on the page that the query asks for, and the token of the next. */
function pageOf(query: URLSearchParams, count: number): { numbers: number[]; next: string } {
  const from = Number(query.get("NextToken") ?? 0);
  const to = Math.min(count, from + Number(query.get("MaxResults") ?? count));
  return {
    numbers: Array.from({ length: to - from }, (_, at) => from + at),
    next: to < count ? `<nextToken>${to}</nextToken>` : "",
  };
}

const group = (at: number): string =>
  `<ownerId>123456789012</ownerId><groupId>${idOf(at)}</groupId><groupName>group-${at}</groupName><groupDescription>Group ${at}</groupDescription><vpcId>vpc-0123456789abcdef0</vpcId>${list("ipPermissions", [])}${list("ipPermissionsEgress", [])}`;

const rule = (at: number, nth: number, port: number, cidr: string): string =>
  `<securityGroupRuleId>sgr-${String(at * 4 + nth).padStart(17, "0")}</securityGroupRuleId><groupId>${idOf(at)}</groupId><groupOwnerId>123456789012</groupOwnerId><isEgress>false</isEgress><ipProtocol>tcp</ipProtocol><fromPort>${port}</fromPort><toPort>${port}</toPort><cidrIpv4>${cidr}</cidrIpv4>`;

const rulesOf = (at: number): string[] => [
  rule(at, 0, 443, "0.0.0.0/0"),
  rule(at, 1, 22, isOpen(at) ? "0.0.0.0/0" : "10.0.0.0/8"),
  rule(at, 2, 5432, "10.1.0.0/16"),
];

const networkInterface = (at: number): string =>
  `<networkInterfaceId>eni-${String(at).padStart(17, "0")}</networkInterfaceId><ownerId>123456789012</ownerId><interfaceType>interface</interfaceType><sourceDestCheck>true</sourceDestCheck><status>in-use</status>${list("groupSet", [`<groupId>${idOf(at)}</groupId><groupName>group-${at}</groupName>`])}`;

const answer = (action: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${content}</${action}Response>`;

/** What EC2 answers about so many groups with three rules and one interface each. */
export const ec2: Readonly<Record<string, (query: URLSearchParams, count: number) => string>> = {
  DescribeSecurityGroups: (query, count) => {
    const { numbers, next } = pageOf(query, count);
    return answer("DescribeSecurityGroups", list("securityGroupInfo", numbers.map(group)) + next);
  },
  DescribeSecurityGroupRules: query =>
    answer("DescribeSecurityGroupRules", list("securityGroupRuleSet", filtered(query).flatMap(rulesOf))),
  DescribeNetworkInterfaces: (query, count) => {
    const named = filtered(query);
    const { numbers, next } = named.length > 0 ? { numbers: named, next: "" } : pageOf(query, count);
    return answer(
      "DescribeNetworkInterfaces",
      list("networkInterfaceSet", numbers.map(networkInterface)) + next,
    );
  },
  DescribeManagedPrefixLists: () => answer("DescribeManagedPrefixLists", list("prefixListSet", [])),
};
