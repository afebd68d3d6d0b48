import { partitionOf } from "../../runtime/aws/partition";
import { awsError } from "../ground/call";

/** A message attribute in the SDK's shape. */
export interface MessageAttribute {
  readonly DataType?: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** One published message. */
export interface Publication {
  readonly message: string;
  readonly subject?: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** "json": the message is an object with a text for each protocol. */
  readonly structure?: string;
  /** The service that published it, e.g. cloudwatch.amazonaws.com; absent when somebody called Publish. */
  readonly by?: string;
}

const invalid = (what: string) => awsError("InvalidParameter", `Invalid parameter: ${what}`);

/** Bytes of text and attributes together: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const limit = 262_144;

/** @throws AwsError InvalidParameter for what SNS refuses to publish. */
export function checkPublication({ message, subject, attributes, structure }: Publication): void {
  if (message === "") throw invalid("Empty message");
  // Printable ASCII, at most 99 characters, with a letter, digit or punctuation mark in front.
  if (subject !== undefined && !/^[!-~][ -~]{0,98}$/.test(subject)) throw invalid("Subject");
  const sizes = Object.entries(attributes).map(
    ([name, { DataType = "", StringValue = "", BinaryValue }]) =>
      Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0),
  );
  if (sizes.reduce((sum, size) => sum + size, Buffer.byteLength(message)) > limit)
    throw invalid("Message too long");
  for (const [name, { DataType = "", StringValue, BinaryValue }] of Object.entries(attributes)) {
    if (!/^[\w.-]{1,256}$/.test(name))
      throw awsError("ParameterValueInvalid", `Invalid attribute name: ${name}`);
    if (!/^(String|Number|Binary|String\.Array)(\..+)?$/.test(DataType))
      throw awsError(
        "ParameterValueInvalid",
        `The message attribute '${name}' has an invalid message attribute type`,
      );
    if (!StringValue && !BinaryValue?.length)
      throw awsError(
        "ParameterValueInvalid",
        `The message attribute '${name}' must contain non-empty message attribute value`,
      );
  }
  if (structure === "json") textFor({ message, subject, attributes, structure }, "default");
  else if (structure !== undefined) throw invalid("MessageStructure");
}

/** The text for a protocol. @throws AwsError InvalidParameter when a structured message has no default. */
export function textFor({ message, structure }: Publication, protocol: string): string {
  if (structure !== "json") return message;
  let texts: Record<string, unknown>;
  try {
    texts = JSON.parse(message) as Record<string, unknown>;
  } catch {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
  const text = texts[protocol] ?? texts.default;
  if (typeof texts.default !== "string" || typeof text !== "string")
    throw invalid("Message Structure - No default entry in JSON message body");
  return text;
}

/** The attributes as a filter policy sees them: numbers are numbers, lists are lists, binary ones are not there. */
export function filterView(attributes: Publication["attributes"]): Record<string, unknown> {
  const seen = Object.entries(attributes).flatMap(([name, { DataType = "", StringValue = "" }]) => {
    if (DataType.startsWith("Binary")) return [];
    if (DataType.startsWith("Number")) return [[name, Number(StringValue)] as const];
    return [[name, DataType.startsWith("String.Array") ? parsed(StringValue) : StringValue] as const];
  });
  return Object.fromEntries(seen);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface Sent {
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly messageId: string;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** The JSON around a message for queues, functions and email-json. The signature is no real one. */
export function envelope(publication: Publication, protocol: string, sent: Sent): Record<string, unknown> {
  const { attributes, subject } = publication;
  const shown = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString("base64") },
  ]);
  const host = hostOf(sent);
  return {
    Type: "Notification",
    MessageId: sent.messageId,
    TopicArn: sent.topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: textFor(publication, protocol),
    Timestamp: new Date(sent.time).toISOString(),
    SignatureVersion: "1",
    Signature: "sandbox",
    SigningCertURL: `${host}/sandbox.pem`,
    UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=${sent.subscriptionArn}`,
    ...(shown.length > 0 && { MessageAttributes: Object.fromEntries(shown) as object }),
  };
}

function hostOf({ topicArn }: Sent): string {
  const [, , , region = ""] = topicArn.split(":");
  return `https://sns.${region}.${partitionOf(region).dnsSuffix}`;
}

/** What arrives in a mailbox: without a subject of ours SNS puts its own, and each mail ends in its footer. */
export function mail(
  publication: Publication,
  to: string,
  sent: Sent,
): { readonly subject: string; readonly body: string } {
  const link = `${hostOf(sent)}/unsubscribe.html?SubscriptionArn=${sent.subscriptionArn}&Endpoint=${to}`;
  const footer = [
    "--",
    "If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:",
    link,
    "",
    "Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support",
  ];
  return {
    subject: publication.subject ?? "AWS Notification Message",
    body: [textFor(publication, "email"), "", ...footer].join("\n"),
  };
}
