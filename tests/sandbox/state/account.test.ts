import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { startAccount } from "../../../sandbox/state/account";
import { ensurePython } from "../../../sandbox/state/python";
import { sharedAccount } from "../support/account";
import { refusal } from "../support/refusal";

const folder = join(__dirname, "..", "..", "..", ".sandbox");
const quiet = () => undefined;

describe("the account's state", function () {
  this.timeout(600_000);

  it("is empty again after a reset, and makes the same ids as before", async () => {
    const account = await sharedAccount();
    const ec2 = account.client(EC2Client, { region: "eu-west-1" });
    const round = async () => {
      await account.reset();
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
      const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
      return { id: Vpc!.VpcId, count: Vpcs!.length };
    };
    await round(); // the first one after other tests may differ

    expect(await round()).to.deep.equal(await round());
    expect((await round()).count).to.equal(2); // with the default VPC
  });

  it("keeps accounts apart", async () => {
    const account = await sharedAccount();
    const other = account.client(EC2Client, { account: "210987654321" });
    const { Vpc } = await other.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));

    const { Vpcs } = await account.client(EC2Client).send(new DescribeVpcsCommand({}));

    expect(Vpc!.OwnerId).to.equal("210987654321");
    expect(Vpcs!.map(vpc => vpc.VpcId)).to.not.include(Vpc!.VpcId);
  });

  it("says in a sentence that its port is taken", async () => {
    const taken = createServer();
    await new Promise<void>(resolve => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;

    const error = await refusal(
      startAccount({ python: await ensurePython({ folder, progress: quiet }), port }),
    );
    taken.close();

    expect(error.message).to.equal(
      `Port ${port} is taken by another program: end it or choose another port.`,
    );
  });

  it("ends with the process that started it, however that ends", async () => {
    const program = `
      const { ensurePython } = require("./sandbox/state/python"), { startAccount } = require("./sandbox/state/account");
      ensurePython({ folder: ".sandbox", progress() {} })
        .then(python => startAccount({ python }))
        .then(account => console.log("listening " + account.url));`;
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], {
      cwd: join(__dirname, "..", "..", ".."),
      stdio: ["ignore", "pipe", "ignore"],
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.once("exit", code => reject(new Error(`ended with ${code}`)));
      child.stdout.on("data", chunk => {
        const found = /listening (\S+)/.exec(String(chunk))?.[1];
        if (found) resolve(found);
      });
    });
    child.removeAllListeners("exit");
    expect((await fetch(url)).status).to.equal(200);

    child.kill("SIGKILL");
    for (
      const end = Date.now() + 60_000;
      Date.now() < end;
      await new Promise(resolve => setTimeout(resolve, 100))
    )
      if ((await fetch(url).catch(() => "gone")) === "gone") break;

    expect(await fetch(url).catch(() => "gone")).to.equal("gone");
  });
});
