import type { Message } from "./notify";

/** A message as SNS takes it. */
export const publicationOf = (topicArn: string, { subject, body, attributes }: Message) => ({
  TopicArn: topicArn,
  Subject: subject,
  Message: body,
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === "string"
        ? { DataType: "String", StringValue: value }
        : { DataType: "String.Array", StringValue: JSON.stringify(value) },
    ]),
  ),
});
