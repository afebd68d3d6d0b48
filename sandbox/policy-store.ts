import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { GetPolicyCommand, LambdaClient, ListTagsCommand } from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import type { Account } from "./account";
import type { PolicyStore, PrincipalPolicies } from "./authorize";
import type { Identity, Place } from "./call";
import { parsePolicy, type PolicyDocument } from "./policies";

export interface PolicyStoreOptions {
  readonly account: Account;
  /** Policies of resources that live outside the account's state, asked first; undefined: not one of them. */
  readonly elsewhere?: (arn: string) => PolicyDocument | undefined;
  /** Tags of such resources. */
  readonly tagsElsewhere?: (arn: string) => Readonly<Record<string, string>> | undefined;
}

interface Arn extends Place {
  readonly service: string;
  readonly resource: string;
}

type Tags = Readonly<Record<string, string>>;

/** The authorizer's view of the account: always what is stored now, read once between two changes. */
export function createPolicyStore(options: PolicyStoreOptions): PolicyStore {
  const { account, elsewhere, tagsElsewhere } = options;
  const remembered = new Map<string, Promise<unknown>>();
  let generation = -1;
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    if (generation !== account.generation) remembered.clear();
    generation = account.generation;
    const found = (remembered.get(key) as Promise<T> | undefined) ?? read();
    remembered.set(key, found);
    found.catch(() => remembered.delete(key));
    return found;
  };
  const iamClient = (place: Pick<Place, "account">) =>
    account.client(iam.IAMClient, { account: place.account });

  return {
    principal: identity =>
      once(`principal ${identity.account} ${identity.role?.name ?? ""} ${identity.userName ?? ""}`, () =>
        readPrincipal(iamClient(identity), identity),
      ),
    resourcePolicy: async arn =>
      elsewhere?.(arn) ?? (await once(`policy ${arn}`, () => readResourcePolicy(account, splitArn(arn)))),
    resourceFacts: async arn => {
      const tags = tagsElsewhere?.(arn);
      return tags ? { tags } : once(`facts ${arn}`, () => readFacts(account, splitArn(arn)));
    },
    iamArn: (kind, name, place) =>
      once(`iam ${kind} ${name} ${place.account}`, () => readIamArn(iamClient(place), kind, name)),
    kmsKeyArn: (keyId, place) =>
      once(`kms ${keyId} ${place.region} ${place.account}`, async () => {
        const client = account.client(kms.KMSClient, place);
        const found = await absent(client.send(new kms.DescribeKeyCommand({ KeyId: keyId })));
        return found?.KeyMetadata?.Arn;
      }),
    securityGroupId: (name, place, vpcId) =>
      once(`group ${name} ${place.region} ${place.account} ${vpcId ?? ""}`, async () => {
        const filters = [{ Name: "group-name", Values: [name] }];
        if (vpcId !== undefined) filters.push({ Name: "vpc-id", Values: [vpcId] });
        const client = account.client(EC2Client, place);
        const { SecurityGroups = [] } = await client.send(
          new DescribeSecurityGroupsCommand({ Filters: filters }),
        );
        return SecurityGroups[0]?.GroupId;
      }),
    instanceProfileRole: (profile, place) =>
      once(`profile ${profile} ${place.account}`, async () => {
        const InstanceProfileName = profile.split("/").pop() ?? profile;
        const found = await absent(
          iamClient(place).send(new iam.GetInstanceProfileCommand({ InstanceProfileName })),
        );
        return found?.InstanceProfile?.Roles?.[0]?.Arn;
      }),
  };
}

function splitArn(arn: string): Arn {
  const [, , service = "", region = "", account = "", ...resource] = arn.split(":");
  return {
    service,
    region: region || "us-east-1",
    account: account || "123456789012",
    resource: resource.join(":"),
  };
}

const missing =
  /^(NoSuch|NotFound|ResourceNotFound|.*NotFound$|.*NotFoundException$|.*NonExistent.*|QueueDoesNotExist|PolicyNotFound)/;

/** What does not exist is undefined; every other failure is thrown. */
async function absent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && (missing.test(error.name) || /NotFound/.test(error.name))) return undefined;
    throw error;
  }
}

const policyOf = (text: string | undefined): PolicyDocument | undefined =>
  text === undefined || text === "" ? undefined : parsePolicy(text);

async function readPrincipal(client: iam.IAMClient, identity: Identity): Promise<PrincipalPolicies> {
  if (identity.kind === "role" && identity.role) return readRole(client, identity.role.name);
  if (identity.kind === "user" && identity.userName !== undefined) return readUser(client, identity.userName);
  return { policies: [], tags: {} };
}

async function readRole(client: iam.IAMClient, RoleName: string): Promise<PrincipalPolicies> {
  const found = await absent(client.send(new iam.GetRoleCommand({ RoleName })));
  if (!found?.Role) return { policies: [], tags: {} };
  const { PolicyNames = [] } = await client.send(new iam.ListRolePoliciesCommand({ RoleName }));
  const inline = PolicyNames.map(async PolicyName => {
    const { PolicyDocument } = await client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName }));
    return parsePolicy(PolicyDocument ?? "");
  });
  const { AttachedPolicies = [] } = await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }));
  return gather(client, inline, AttachedPolicies, found.Role);
}

async function readUser(client: iam.IAMClient, UserName: string): Promise<PrincipalPolicies> {
  const found = await absent(client.send(new iam.GetUserCommand({ UserName })));
  if (!found?.User) return { policies: [], tags: {} };
  const { PolicyNames = [] } = await client.send(new iam.ListUserPoliciesCommand({ UserName }));
  const inline = PolicyNames.map(async PolicyName => {
    const { PolicyDocument } = await client.send(new iam.GetUserPolicyCommand({ UserName, PolicyName }));
    return parsePolicy(PolicyDocument ?? "");
  });
  const { AttachedPolicies = [] } = await client.send(new iam.ListAttachedUserPoliciesCommand({ UserName }));
  const { Groups = [] } = await client.send(new iam.ListGroupsForUserCommand({ UserName }));
  for (const { GroupName } of Groups) {
    const { PolicyNames: names = [] } = await client.send(new iam.ListGroupPoliciesCommand({ GroupName }));
    for (const PolicyName of names)
      inline.push(
        client
          .send(new iam.GetGroupPolicyCommand({ GroupName, PolicyName }))
          .then(({ PolicyDocument }) => parsePolicy(PolicyDocument ?? "")),
      );
    const attached = await client.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName }));
    AttachedPolicies.push(...(attached.AttachedPolicies ?? []));
  }
  return gather(client, inline, AttachedPolicies, found.User);
}

async function gather(
  client: iam.IAMClient,
  inline: Promise<PolicyDocument>[],
  attached: readonly iam.AttachedPolicy[],
  owner: iam.Role | iam.User,
): Promise<PrincipalPolicies> {
  const boundaryArn = owner.PermissionsBoundary?.PermissionsBoundaryArn;
  const policies = await Promise.all([
    ...inline,
    ...attached.map(({ PolicyArn }) => readManaged(client, PolicyArn ?? "")),
  ]);
  const tags = tagsOf(owner.Tags);
  return boundaryArn
    ? { policies, tags, boundary: await readManaged(client, boundaryArn) }
    : { policies, tags };
}

async function readManaged(client: iam.IAMClient, PolicyArn: string): Promise<PolicyDocument> {
  const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn }));
  const version = new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId });
  const { PolicyVersion } = await client.send(version);
  // Attached by ARN, and deleting an attached policy is refused: it is there.
  return parsePolicy(PolicyVersion?.Document ?? "");
}

async function readResourcePolicy(account: Account, arn: Arn): Promise<PolicyDocument | undefined> {
  const name = arn.resource.split(/[/:]/).pop() ?? "";
  switch (arn.service) {
    case "iam": {
      if (!arn.resource.startsWith("role/")) return undefined;
      const client = account.client(iam.IAMClient, arn);
      const found = await absent(client.send(new iam.GetRoleCommand({ RoleName: name })));
      return policyOf(found?.Role?.AssumeRolePolicyDocument);
    }
    case "s3": {
      const Bucket = arn.resource.split("/")[0];
      const found = await absent(
        account.client(s3.S3Client, arn).send(new s3.GetBucketPolicyCommand({ Bucket })),
      );
      return policyOf(found?.Policy);
    }
    case "sns": {
      const TopicArn = `arn:aws:sns:${arn.region}:${arn.account}:${arn.resource}`;
      const client = account.client(sns.SNSClient, arn);
      const found = await absent(client.send(new sns.GetTopicAttributesCommand({ TopicArn })));
      return policyOf(found?.Attributes?.Policy);
    }
    case "sqs": {
      const client = account.client(sqs.SQSClient, arn);
      const queue = await absent(client.send(new sqs.GetQueueUrlCommand({ QueueName: arn.resource })));
      if (!queue?.QueueUrl) return undefined;
      const { QueueUrl } = queue;
      const attributes = new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] });
      return policyOf((await client.send(attributes)).Attributes?.Policy);
    }
    case "lambda": {
      const FunctionName = arn.resource.split(":")[1];
      const client = account.client(LambdaClient, arn);
      const found = await absent(client.send(new GetPolicyCommand({ FunctionName })));
      return policyOf(found?.Policy);
    }
    case "kms": {
      const client = account.client(kms.KMSClient, arn);
      const command = new kms.GetKeyPolicyCommand({ KeyId: name, PolicyName: "default" });
      return policyOf((await absent(client.send(command)))?.Policy);
    }
    case "dynamodb": {
      const client = account.client(dynamodb.DynamoDBClient, arn);
      const ResourceArn = `arn:aws:dynamodb:${arn.region}:${arn.account}:${arn.resource}`;
      const found = await absent(client.send(new dynamodb.GetResourcePolicyCommand({ ResourceArn })));
      return policyOf(found?.Policy);
    }
    default:
      return undefined;
  }
}

const tagsOf = (
  list: readonly { Key?: string; Value?: string; TagKey?: string; TagValue?: string }[] = [],
): Tags =>
  Object.fromEntries(list.map(tag => [tag.Key ?? tag.TagKey ?? "", tag.Value ?? tag.TagValue ?? ""]));

async function readFacts(account: Account, arn: Arn): Promise<{ tags: Tags; vpcId?: string } | undefined> {
  const full = `arn:aws:${arn.service}:${arn.region}:${arn.account}:${arn.resource}`;
  const name = arn.resource.split(/[/:]/).pop() ?? "";
  switch (arn.service) {
    case "ec2":
      return readEc2Facts(account.client(EC2Client, arn), arn.resource.split("/")[0] ?? "", name);
    case "s3": {
      if (arn.resource.includes("/")) return { tags: {} };
      const client = account.client(s3.S3Client, arn);
      const found = await absent(client.send(new s3.GetBucketTaggingCommand({ Bucket: arn.resource })));
      return { tags: tagsOf(found?.TagSet) };
    }
    case "iam": {
      const client = account.client(iam.IAMClient, arn);
      const role = arn.resource.startsWith("role/");
      const tags = role
        ? (await absent(client.send(new iam.ListRoleTagsCommand({ RoleName: name }))))?.Tags
        : arn.resource.startsWith("user/")
          ? (await absent(client.send(new iam.ListUserTagsCommand({ UserName: name }))))?.Tags
          : [];
      return { tags: tagsOf(tags) };
    }
    case "sns": {
      const command = new sns.ListTagsForResourceCommand({ ResourceArn: full });
      return { tags: tagsOf((await absent(account.client(sns.SNSClient, arn).send(command)))?.Tags) };
    }
    case "sqs": {
      const client = account.client(sqs.SQSClient, arn);
      const queue = await absent(client.send(new sqs.GetQueueUrlCommand({ QueueName: arn.resource })));
      if (!queue) return undefined;
      return {
        tags: (await client.send(new sqs.ListQueueTagsCommand({ QueueUrl: queue.QueueUrl }))).Tags ?? {},
      };
    }
    case "lambda": {
      const found = await absent(
        account.client(LambdaClient, arn).send(new ListTagsCommand({ Resource: full })),
      );
      return { tags: found?.Tags ?? {} };
    }
    case "kms": {
      const client = account.client(kms.KMSClient, arn);
      const found = await absent(client.send(new kms.ListResourceTagsCommand({ KeyId: name })));
      return { tags: tagsOf(found?.Tags) };
    }
    case "dynamodb": {
      const table = full.split("/").slice(0, 2).join("/");
      const client = account.client(dynamodb.DynamoDBClient, arn);
      const found = await absent(client.send(new dynamodb.ListTagsOfResourceCommand({ ResourceArn: table })));
      return { tags: tagsOf(found?.Tags) };
    }
    default:
      return undefined;
  }
}

async function readEc2Facts(client: EC2Client, kind: string, id: string) {
  const filter = { Filters: [{ Name: "resource-id", Values: [id] }] };
  const tags = tagsOf((await client.send(new DescribeTagsCommand(filter))).Tags);
  const vpcId = await vpcOf(client, kind, id);
  return vpcId === undefined ? { tags } : { tags, vpcId };
}

async function vpcOf(client: EC2Client, kind: string, id: string): Promise<string | undefined> {
  if (kind === "security-group") {
    const found = await absent(client.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })));
    return found?.SecurityGroups?.[0]?.VpcId;
  }
  if (kind === "subnet") {
    const found = await absent(client.send(new DescribeSubnetsCommand({ SubnetIds: [id] })));
    return found?.Subnets?.[0]?.VpcId;
  }
  if (kind !== "network-interface") return undefined;
  const found = await absent(
    client.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })),
  );
  return found?.NetworkInterfaces?.[0]?.VpcId;
}

async function readIamArn(
  client: iam.IAMClient,
  kind: "role" | "user" | "group" | "instance-profile",
  name: string,
): Promise<string | undefined> {
  switch (kind) {
    case "role":
      return (await absent(client.send(new iam.GetRoleCommand({ RoleName: name }))))?.Role?.Arn;
    case "user":
      return (await absent(client.send(new iam.GetUserCommand({ UserName: name }))))?.User?.Arn;
    case "group":
      return (await absent(client.send(new iam.GetGroupCommand({ GroupName: name }))))?.Group?.Arn;
    case "instance-profile": {
      const command = new iam.GetInstanceProfileCommand({ InstanceProfileName: name });
      return (await absent(client.send(command)))?.InstanceProfile?.Arn;
    }
  }
}
