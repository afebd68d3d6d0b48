import { Readable } from "node:stream";
import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetBucketEncryptionCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { createPace, publishedLimit, type Limit } from "../../../operations/sweep/pace";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

/** Time passes only where somebody waits, for whoever waits the shortest. */
function slowClock() {
  const clock = { time: 0 };
  return {
    clock,
    now: () => clock.time,
    random: () => 0.5,
    pause: async (ms: number) => void (clock.time += ms),
  };
}

/** An endpoint with a token bucket, as AWS describes its own, and its answers. */
function endpoint(limit: Limit, now: () => number, body: string, refusal: string) {
  let tokens = limit.size;
  let at = now();
  const seen = { served: 0, refused: 0 };
  const handle = async () => {
    tokens = Math.min(limit.size, tokens + ((now() - at) * limit.refill) / 1000);
    at = now();
    const isServed = tokens >= 1;
    if (isServed) tokens -= 1;
    seen[isServed ? "served" : "refused"] += 1;
    const text = isServed ? body : refusal;
    return {
      response: {
        statusCode: isServed ? 200 : 503,
        headers: { "content-type": "text/xml" },
        body: Readable.from([Buffer.from(text)]),
      },
    };
  };
  return { seen, requestHandler: { handle } as never };
}

const groups = "<DescribeSecurityGroupsResponse><securityGroupInfo/></DescribeSecurityGroupsResponse>";
const tooMany =
  "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors></Response>";
const encryption =
  "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
const slowDown = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

describe("the pace of an operator's calls", () => {
  it("uses at least nine tenths of what EC2 gives, and is never refused", async () => {
    const limit = publishedLimit("EC2") as Limit;
    expect(limit).to.deep.equal({ size: 100, refill: 20 });
    const on = slowClock();
    const { seen, requestHandler } = endpoint(limit, on.now, groups, tooMany);
    const ec2 = new EC2Client({ region: "us-east-1", credentials, requestHandler });
    const pace = createPace(on);
    pace.watch({ ec2 }, "us-east-1");

    for (let calls = 0; calls < 600; calls += 1) await ec2.send(new DescribeSecurityGroupsCommand({}));

    expect(seen).to.deep.equal({ served: 600, refused: 0 });
    expect(pace.counted).to.deep.equal({ calls: 600, refused: 0 });
    const given = (600 - limit.size) / limit.refill;
    expect(given / (on.clock.time / 1000), "of the fastest that there is").to.be.at.least(0.9);
  });

  it("finds a pace where AWS publishes none: every call is answered at last", async () => {
    const on = slowClock();
    const { seen, requestHandler } = endpoint({ size: 5, refill: 10 }, on.now, encryption, slowDown);
    const s3 = new S3Client({ region: "us-east-1", credentials, requestHandler, maxAttempts: 1 });
    const pace = createPace(on);
    pace.watch({ s3 }, "us-east-1");

    for (let calls = 0; calls < 100; calls += 1)
      await s3.send(new GetBucketEncryptionCommand({ Bucket: "b" }));

    expect(seen.served).to.equal(100);
    expect(seen.refused).to.be.within(1, 10);
    expect(pace.counted).to.deep.equal({ calls: seen.served + seen.refused, refused: seen.refused });
  });

  it("gives up on what is refused again and again", async () => {
    const on = slowClock();
    const { requestHandler } = endpoint({ size: 0, refill: 0 }, on.now, encryption, slowDown);
    const s3 = new S3Client({ region: "us-east-1", credentials, requestHandler, maxAttempts: 1 });
    createPace(on).watch(s3, "us-east-1");

    const failed = await s3
      .send(new GetBucketEncryptionCommand({ Bucket: "b" }))
      .catch((error: Error) => error.name);

    expect(failed).to.equal("SlowDown");
  });
});
