import {
  CreatePolicyCommand,
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import { expect } from "chai";
import { startWorld, type World } from "../support/account";
import { allow } from "../support/person";
import { refusal } from "../support/refusal";

const absent = "arn:aws:iam::123456789012:policy/absent";
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

describe("a role's permissions boundary", function () {
  this.timeout(600_000);
  let world: World;
  let iam: IAMClient;
  before(async () => {
    world = await startWorld();
    iam = world.gateway.client(IAMClient);
  });
  after(() => world?.close());

  const create = (RoleName: string, PermissionsBoundary?: string) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, PermissionsBoundary }));
  const put = (RoleName: string, PermissionsBoundary: string) =>
    iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
  const boundaryOf = async (RoleName: string) =>
    (await iam.send(new GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary?.PermissionsBoundaryArn;

  it("is refused where there is no such policy, and no role is made", async () => {
    const error = await refusal(create("never", absent));

    expect(error.name).to.match(/^NoSuchEntity/);
    expect(error.message).to.equal(`Scope ARN: ${absent} does not exist or is not attachable.`);
    expect(error.$metadata?.httpStatusCode).to.equal(404);
    expect((await refusal(boundaryOf("never"))).name).to.match(/^NoSuchEntity/);
  });

  it("stays as it is when a policy is put there that does not exist", async () => {
    const own = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    await create("bounded", own);

    expect((await refusal(put("bounded", absent))).name).to.match(/^NoSuchEntity/);
    expect(await boundaryOf("bounded")).to.equal(own);
  });

  it("is a policy of the account's, whatever its path", async () => {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [allow("s3:*")] });
    const made = new CreatePolicyCommand({ PolicyName: "least", Path: "/limits/", PolicyDocument });
    const arn = (await iam.send(made)).Policy?.Arn ?? "";
    await create("unbounded");

    await create("created", arn);
    await put("unbounded", arn);

    expect([await boundaryOf("created"), await boundaryOf("unbounded")]).to.deep.equal([arn, arn]);
  });
});
