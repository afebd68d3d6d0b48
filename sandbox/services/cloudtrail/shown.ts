import type { Event, Resource } from "@aws-sdk/client-cloudtrail";
import type { Json, JsonObject } from "../../../records";
import type { CallRecord } from "../../watch/history";

const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
const textOf = (value: Json | undefined) => (typeof value === "string" && value !== "" ? value : undefined);

/** An event as LookupEvents answers it. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html */
export function shownEvent(record: CallRecord): Event {
  const detail = objectOf(record.event().detail);
  const identity = objectOf(detail.userIdentity);
  return {
    EventId: record.id,
    EventName: textOf(detail.eventName),
    ReadOnly: String(detail.readOnly),
    AccessKeyId: textOf(identity.accessKeyId),
    EventTime: new Date(String(detail.eventTime)),
    EventSource: textOf(detail.eventSource),
    Username: userNameOf(identity),
    Resources: resourcesOf(detail),
    CloudTrailEvent: JSON.stringify(detail),
  };
}

/** A user's name, a role's session, `root`; a service has none. */
function userNameOf(identity: JsonObject): string | undefined {
  switch (identity.type) {
    case "Root":
      return "root";
    case "AssumedRole":
      return textOf(identity.principalId)?.split(":")[1];
    default:
      return textOf(identity.userName);
  }
}

/** Types that the history tells by the members that name them in records; others it does not tell here. */
const types: Readonly<Record<string, string>> = {
  instanceId: "AWS::EC2::Instance",
  groupId: "AWS::EC2::SecurityGroup",
  networkInterfaceId: "AWS::EC2::NetworkInterface",
  vpcId: "AWS::EC2::VPC",
  subnetId: "AWS::EC2::Subnet",
  volumeId: "AWS::EC2::Volume",
  snapshotId: "AWS::EC2::Snapshot",
  imageId: "AWS::EC2::Ami",
  keyName: "AWS::EC2::KeyPair",
  bucketName: "AWS::S3::Bucket",
  userName: "AWS::IAM::User",
  roleName: "AWS::IAM::Role",
  groupName: "AWS::IAM::Group",
  functionName: "AWS::Lambda::Function",
  keyId: "AWS::KMS::Key",
  tableName: "AWS::DynamoDB::Table",
  topicArn: "AWS::SNS::Topic",
};

function resourcesOf(detail: JsonObject): Resource[] {
  const found = new Map<string, Resource>();
  const isIam = detail.eventSource === "iam.amazonaws.com";
  const add = (ResourceType: string, ResourceName: string) =>
    found.set(`${ResourceType} ${ResourceName}`, { ResourceType, ResourceName });
  const read = (value: Json | undefined): void => {
    if (Array.isArray(value)) return value.forEach(read);
    if (typeof value !== "object" || value === null) return;
    for (const [member, one] of Object.entries(value)) {
      const [type, name] = [types[member], textOf(one)];
      // A security group's name is a groupName too.
      if (type !== undefined && name !== undefined && type.startsWith("AWS::IAM") === isIam) add(type, name);
      read(one);
    }
  };
  read(detail.requestParameters);
  read(detail.responseElements);
  return [...found.values()];
}
