/** Made-up rules and CloudTrail-shaped events for the benchmark, the same on every run. */
export interface Workload {
  /** Patterns as JSON text. */
  rules(count: number): string[];
  /** Events as JSON text, 1.5 KB on average. */
  events(count: number): string[];
}

const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
};

const regions = ["us-east-1", "us-east-1", "eu-west-1", "eu-central-1", "us-west-2", "ap-southeast-2"];
const calls: [source: string, names: string[], share: number][] = [
  [
    "ec2",
    ["DescribeInstances", "DescribeSecurityGroups", "DescribeVolumes", "DescribeNetworkInterfaces"],
    22,
  ],
  ["sts", ["AssumeRole", "GetCallerIdentity"], 22],
  ["kms", ["Decrypt", "GenerateDataKey"], 14],
  ["s3", ["GetBucketAcl", "GetBucketPolicy", "HeadBucket", "ListBuckets"], 9],
  ["logs", ["CreateLogStream", "DescribeLogGroups"], 8],
  ["ec2", ["RunInstances", "TerminateInstances", "CreateTags", "CreateVolume", "CreateNetworkInterface"], 7],
  ["ec2", ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress", "ModifySnapshotAttribute"], 3],
  [
    "s3",
    [
      "CreateBucket",
      "PutBucketPolicy",
      "PutBucketAcl",
      "PutBucketPublicAccessBlock",
      "DeleteBucketEncryption",
    ],
    4,
  ],
  ["iam", ["CreateUser", "CreateAccessKey", "AttachRolePolicy", "PutUserPolicy", "GetRole", "ListRoles"], 6],
  ["rds", ["CreateDBInstance", "ModifyDBInstance", "ModifyDBSnapshotAttribute"], 2],
  ["signin", ["ConsoleLogin"], 1],
  ["cloudtrail", ["StopLogging", "UpdateTrail", "PutEventSelectors"], 1],
];

export function workload(): Workload {
  return { rules: count => Array.from({ length: count }, (_, index) => JSON.stringify(rule(index))), events };
}

const events = (count: number): string[] => {
  const next = random(7);
  const whole = calls.reduce((sum, [, , share]) => sum + share, 0);
  return Array.from({ length: count }, (_, index) => {
    let at = next() * whole;
    const [source, names] = calls.find(([, , share]) => (at -= share) < 0) ?? calls[0];
    return JSON.stringify(event(index, source, names[Math.floor(next() * names.length)], next));
  });
};

const hex = (next: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join("");

const event = (index: number, source: string, eventName: string, next: () => number): object => {
  const region = regions[Math.floor(next() * regions.length)];
  const account = `1234567${String(Math.floor(next() * 40)).padStart(5, "0")}`;
  const team = Math.floor(next() * 200);
  const time = new Date(1_780_000_000_000 + index * 137).toISOString().replace(/\.\d+/, "");
  const role = `team-${team}-${next() < 0.3 ? "deploy" : "service"}`;
  return {
    version: "0",
    id: `${hex(next, 8)}-${hex(next, 4)}-${hex(next, 4)}-${hex(next, 12)}`,
    "detail-type":
      eventName === "ConsoleLogin" ? "AWS Console Sign In via CloudTrail" : "AWS API Call via CloudTrail",
    source: `aws.${source}`,
    account,
    time,
    region,
    resources: [],
    detail: {
      eventVersion: "1.11",
      userIdentity: {
        type: next() < 0.02 ? "Root" : "AssumedRole",
        principalId: `AROA${hex(next, 17).toUpperCase()}:session-${team}`,
        arn: `arn:aws:sts::${account}:assumed-role/${role}/session-${team}`,
        accountId: account,
        accessKeyId: `ASIA${hex(next, 16).toUpperCase()}`,
        sessionContext: {
          sessionIssuer: {
            type: "Role",
            principalId: `AROA${hex(next, 17).toUpperCase()}`,
            arn: `arn:aws:iam::${account}:role/${role}`,
            accountId: account,
            userName: role,
          },
          attributes: { creationDate: time, mfaAuthenticated: next() < 0.1 ? "true" : "false" },
        },
      },
      eventTime: time,
      eventSource: `${source}.amazonaws.com`,
      eventName,
      awsRegion: region,
      sourceIPAddress: `${10 + Math.floor(next() * 190)}.${Math.floor(next() * 250)}.0.${Math.floor(next() * 250)}`,
      userAgent: "aws-sdk-js/3.1100.0 ua/2.1 os/linux lang/js md/nodejs#22.12.0 api/s3#3.1100.0 m/E",
      ...(next() < 0.06
        ? { errorCode: "AccessDenied", errorMessage: `User: ${role} is not authorized` }
        : {}),
      requestParameters: requestParameters(eventName, team, next),
      responseElements: /^(Get|List|Describe|Head)/.test(eventName)
        ? null
        : { requestId: hex(next, 32), _return: true },
      requestID: `${hex(next, 8)}-${hex(next, 4)}-${hex(next, 12)}`,
      eventID: `${hex(next, 8)}-${hex(next, 4)}-${hex(next, 12)}`,
      readOnly: /^(Get|List|Describe|Head)/.test(eventName),
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: "Management",
      tlsDetails: {
        tlsVersion: "TLSv1.3",
        cipherSuite: "TLS_AES_128_GCM_SHA256",
        clientProvidedHostHeader: `${source}.${region}.amazonaws.com`,
      },
    },
  };
};

const requestParameters = (eventName: string, team: number, next: () => number): object => {
  if (eventName.includes("Bucket"))
    return { bucketName: `team-${team}-data-${hex(next, 6)}`, Host: "s3.amazonaws.com", acl: "" };
  if (eventName.includes("SecurityGroup")) {
    const items = Array.from({ length: 1 + Math.floor(next() * 3) }, () => ({
      ipProtocol: "tcp",
      fromPort: [22, 80, 443, 3389, 5432][Math.floor(next() * 5)],
      ipRanges: { items: [{ cidrIp: next() < 0.2 ? "0.0.0.0/0" : `10.${Math.floor(next() * 99)}.0.0/16` }] },
    }));
    return { groupId: `sg-0${hex(next, 16)}`, ipPermissions: { items } };
  }
  if (eventName === "RunInstances") {
    const item = { imageId: `ami-0${hex(next, 16)}`, minCount: 1, maxCount: 1 + Math.floor(next() * 60) };
    return {
      instancesSet: { items: [item] },
      instanceType: next() < 0.5 ? "m5.large" : "p4d.24xlarge",
      monitoring: { enabled: false },
    };
  }
  return {
    name: `team-${team}-${hex(next, 8)}`,
    roleSessionName: `session-${team}`,
    maxResults: 100,
    tagSet: { items: [{ key: "team", value: String(team) }] },
  };
};

const succeeded = { errorCode: [{ exists: false }] };
const call = (source: string, detail: object): object => ({
  source: [`aws.${source}`],
  "detail-type": ["AWS API Call via CloudTrail"],
  detail: { eventSource: [`${source}.amazonaws.com`], ...detail },
});

// In the manner of guardrails: every operator that they use, failed calls left out.
const basic: object[] = [
  call("s3", { eventName: ["CreateBucket", "DeleteBucketEncryption"], ...succeeded }),
  call("s3", { eventName: ["PutBucketPolicy", "PutBucketAcl", "PutBucketPublicAccessBlock"], ...succeeded }),
  call("ec2", {
    eventName: ["AuthorizeSecurityGroupIngress"],
    requestParameters: {
      ipPermissions: { items: { fromPort: [22, 3389], ipRanges: { items: { cidrIp: ["0.0.0.0/0"] } } } },
    },
    ...succeeded,
  }),
  call("ec2", { eventName: ["ModifySnapshotAttribute"], ...succeeded }),
  call("ec2", {
    eventName: ["RunInstances"],
    requestParameters: { instanceType: [{ wildcard: "p*.*xlarge" }] },
  }),
  call("ec2", {
    eventName: ["RunInstances"],
    requestParameters: { instancesSet: { items: { maxCount: [{ numeric: [">", 50] }] } } },
  }),
  call("iam", {
    eventName: ["CreateAccessKey", "CreateUser"],
    userIdentity: { arn: [{ "anything-but": { suffix: "-deploy" } }] },
  }),
  call("iam", { eventName: [{ prefix: "Attach" }, { prefix: "PutUser" }], ...succeeded }),
  { source: ["aws.signin"], detail: { eventName: ["ConsoleLogin"], userIdentity: { type: ["Root"] } } },
  { detail: { userIdentity: { type: ["Root"] }, readOnly: [false] } },
  call("cloudtrail", { eventName: ["StopLogging", "UpdateTrail", "PutEventSelectors"] }),
  call("rds", {
    eventName: ["CreateDBInstance", "ModifyDBInstance"],
    sourceIPAddress: [{ cidr: "10.0.0.0/8" }],
  }),
];

/** Rules beyond the first 12 are those of many teams: the same calls with conditions of their own. */
const rule = (index: number): object => {
  if (index < basic.length) return basic[index];
  const name = `team-${index % 400}`;
  switch (index % 6) {
    case 0:
      return call("s3", {
        eventName: ["PutBucketPolicy", "PutBucketAcl"],
        requestParameters: { bucketName: [{ prefix: `${name}-` }] },
      });
    case 1:
      return {
        account: [`1234567${String(index % 1000).padStart(5, "0")}`],
        ...call("ec2", { eventName: ["RunInstances"], ...succeeded }),
      };
    case 2:
      return call("iam", {
        eventName: ["CreateUser", "AttachRolePolicy"],
        userIdentity: { sessionContext: { sessionIssuer: { userName: [`${name}-deploy`] } } },
      });
    case 3:
      return call("states", { eventName: [`Update${index}`, `Delete${index}`], ...succeeded });
    case 4:
      return call("rds", {
        eventName: ["ModifyDBInstance"],
        userIdentity: { arn: [{ wildcard: `*/${name}-*/session*` }] },
      });
    default:
      return call("ec2", {
        eventName: [`Modify${index}`],
        requestParameters: { size: [{ numeric: [">", index] }] },
        awsRegion: [{ "anything-but": ["us-east-1"] }],
      });
  }
};
