import type { Notice } from "./notify";

/** The notice as SNS takes it. */
export const publicationOf = (topicArn: string, { subject, body, attributes }: Notice) => ({
  TopicArn: topicArn,
  Subject: subject,
  Message: body,
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  ),
});
