import { Writable } from "node:stream";
import { expect } from "chai";
import { isFailedCall, principalOf, readEvent } from "../../runtime/events";
import { event, type EventOptions } from "../../tools/event";

/** What the command prints and says. */
function run(call: string, options: EventOptions) {
  const said = { out: "", err: "" };
  const into = (key: "out" | "err") =>
    new Writable({ write: (chunk: Buffer, _, done) => ((said[key] += chunk.toString()), done()) });
  const code = event(call, options, { stdout: into("out"), stderr: into("err") });
  return { code, ...said };
}

describe("guardrails event", () => {
  const request = '{"SnapshotId": "snap-1", "CreateVolumePermission": {"Add": [{"Group": "all"}]}}';
  const read = (options: EventOptions, call = "ModifySnapshotAttribute") => {
    const { code, out, err } = run(call, { service: "ec2", ...options });
    expect(err).to.equal("");
    expect(code).to.equal(0);
    return readEvent(JSON.parse(out));
  };

  it("prints a whole event, its request in the shape of CloudTrail's records", () => {
    const { detail, source, account, region } = read({ request, region: "eu-west-1" });

    expect({ source, account, region }).to.deep.equal({
      source: "aws.ec2",
      account: "123456789012",
      region: "eu-west-1",
    });
    expect(detail.eventName).to.equal("ModifySnapshotAttribute");
    expect(detail.requestParameters).to.deep.include({
      snapshotId: "snap-1",
      createVolumePermission: { add: { items: [{ group: "all" }] } },
    });
  });

  it("says of itself that it is derived, and is the same each time", () => {
    expect(read({ request })).to.deep.equal(read({ request }));
    expect(read({ request }).id).to.not.equal(read({}).id);
    expect(read({}).detail.userAgent).to.equal("derived-by-guardrails-event");
  });

  it("fails as the service fails", () => {
    const failed = read({ error: "UnauthorizedOperation" });

    expect(failed.detail.errorCode).to.equal("Client.UnauthorizedOperation");
    expect(isFailedCall(failed)).to.equal(true);
  });

  it("is by whom it is asked to be", () => {
    const arnBy = (by: string) => principalOf(read({ by, guardrail: "a-b" })).arn;

    expect(arnBy("root")).to.equal("arn:aws:iam::123456789012:root");
    expect(arnBy("user")).to.equal("arn:aws:iam::123456789012:user/ben");
    expect(arnBy("role")).to.equal("arn:aws:iam::123456789012:role/developer");
    expect(arnBy("own")).to.contain("role/guardrails/guardrails-dev-use1-a-b");
    expect(read({ by: "service" }).detail.userIdentity).to.deep.include({ type: "AWSService" });
  });

  const unusable: readonly (readonly [what: string, call: string, options: EventOptions, says: RegExp])[] = [
    ["no service", "CreateVpc", {}, /^Give --service/],
    [
      "a service without a package",
      "CreateVpc",
      { service: "nothing" },
      /client-nothing is not installed: npm/,
    ],
    ["no such call", "CreateVp", { service: "ec2" }, /^ec2 has no call "CreateVp"; there are CreateVpc, /],
    [
      "a member that the call lacks",
      "CreateVpc",
      { service: "ec2", request: '{"Cidr": "1"}' },
      /no member "Cidr"/,
    ],
    ["what is no JSON", "CreateVpc", { service: "ec2", request: "{" }, /^--request is not JSON/],
    [
      "nobody",
      "CreateVpc",
      { service: "ec2", by: "elvis" },
      /^--by is one of root, user, role, service, own/,
    ],
    ["an own role of no guardrail", "CreateVpc", { service: "ec2", by: "own" }, /give --guardrail <id>/],
  ];
  for (const [what, call, options, says] of unusable)
    it(`refuses ${what} in a sentence`, () => {
      const { code, out, err } = run(call, options);

      expect(err).to.match(says);
      expect({ code, out }).to.deep.equal({ code: 2, out: "" });
    });
});
