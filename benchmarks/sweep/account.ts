import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { ec2 } from "./ec2";

/**
 * An account of S3 buckets and security groups that answers every call after a pause, for `npm run bench -- sweep`; a
 * process of its own, so that it takes no time and memory from those it is asked by. Counts its calls by operation, and
 * answers with them at /counts. Arguments: how many buckets, the pause in milliseconds, and how many groups.
 */
const [count, delay, groups = 0] = process.argv.slice(2).map(Number);
const counts: Record<string, number> = {};

const xml = (root: string, body = ""): string =>
  `<?xml version="1.0" encoding="UTF-8"?><${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</${root}>`;
const absent = (code: string) => ({
  status: 404,
  text: `<Error><Code>${code}</Code><Message>none</Message></Error>`,
});
const owner = "<Owner><ID>0123456789abcdef</ID></Owner>";

/** Every hundredth bucket falls short. */
const isWeak = (name: string): boolean => Number(name.slice("bucket-".length)) % 100 === 7;

/** What S3 answers to a read of one bucket, by its subresource. */
const subresources: Readonly<Record<string, (name: string) => string | { status: number; text: string }>> = {
  encryption: name =>
    xml(
      "ServerSideEncryptionConfiguration",
      `<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>${isWeak(name) ? "AES256" : "aws:kms"}</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>`,
    ),
  location: () => xml("LocationConstraint"),
  acl: () => xml("AccessControlPolicy", `${owner}<AccessControlList/>`),
  versioning: () => xml("VersioningConfiguration"),
  logging: () => xml("BucketLoggingStatus"),
  notification: () => xml("NotificationConfiguration"),
  policy: () => absent("NoSuchBucketPolicy"),
  tagging: () => absent("NoSuchTagSet"),
  replication: () => absent("ReplicationConfigurationNotFoundError"),
  lifecycle: () => absent("NoSuchLifecycleConfiguration"),
  website: () => absent("NoSuchWebsiteConfiguration"),
};

function answer(request: IncomingMessage, body: string): { name: string; status?: number; text: string } {
  const url = new URL(request.url ?? "/", "http://account");
  const [, bucket = ""] = url.pathname.split("/");
  if (body.includes("GetCallerIdentity"))
    return {
      name: "GetCallerIdentity",
      text: "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/olga</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    };
  if (body.includes("ListAccountAliases"))
    return {
      name: "ListAccountAliases",
      text: "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases/></ListAccountAliasesResult></ListAccountAliasesResponse>",
    };
  const query = new URLSearchParams(body);
  const action = query.get("Action") ?? "";
  if (Object.hasOwn(ec2, action)) return { name: action, text: ec2[action](query, groups) };
  if (bucket === "") {
    const from = Number(url.searchParams.get("continuation-token") ?? 0);
    const to = Math.min(count, from + Number(url.searchParams.get("max-buckets") ?? count));
    const buckets = Array.from(
      { length: to - from },
      (_, at) =>
        `<Bucket><Name>bucket-${from + at}</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>`,
    );
    const more = to < count ? `<ContinuationToken>${to}</ContinuationToken>` : "";
    return {
      name: "ListBuckets",
      text: xml("ListAllMyBucketsResult", `${owner}<Buckets>${buckets.join("")}</Buckets>${more}`),
    };
  }
  const asked = Object.keys(subresources).find(key => url.searchParams.has(key));
  if (asked === undefined)
    return { name: url.search, status: 400, text: "<Error><Code>Unknown</Code></Error>" };
  const text = subresources[asked](bucket);
  return { name: `GetBucket:${asked}`, ...(typeof text === "string" ? { text } : text) };
}

const server = createServer((request, response) => {
  if (request.url === "/counts") {
    response.end(JSON.stringify(counts));
    for (const name of Object.keys(counts)) delete counts[name];
    return;
  }
  let body = "";
  request.on("data", part => (body += String(part)));
  request.on("end", () => {
    const { name, status = 200, text } = answer(request, body);
    counts[name] = (counts[name] ?? 0) + 1;
    setTimeout(() => response.writeHead(status, { "content-type": "application/xml" }).end(text), delay);
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
