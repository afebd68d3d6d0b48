import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";

const root = join(__dirname, "../../..");

describe("npm run sandbox -- --empty", function () {
  this.timeout(300_000);
  let child: ChildProcess;
  let [out, err] = ["", ""];
  let values: Record<string, string>;

  before(async () => {
    child = spawn(process.execPath, [join(root, "sandbox/start.js"), "--stay", "--empty"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr?.on("data", text => (err += text));
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on("data", text => {
        out += text;
        if (/^otto /m.test(out)) resolve();
      });
      child.once("close", () => reject(new Error(`It ended:\n${out}${err}`)));
    });
    const paste = out.split("\n").filter(line => line.includes("export "));
    expect(paste).to.have.length(1);
    values = Object.fromEntries(
      [...paste[0].matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
  });
  after(() => child?.kill("SIGKILL"));

  it("has one line to paste, by which everything stays on this machine: account, provider and state", async () => {
    expect(values.AWS_ENDPOINT_URL).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(values.PULUMI_BACKEND_URL).to.equal(`file://${join(root, ".sandbox", "pulumi")}`);
    expect(existsSync(join(root, ".sandbox", "pulumi"))).to.equal(true);
    expect(values.PULUMI_CONFIG_PASSPHRASE).to.not.equal("");
    const socket = connect(Number(/^aws:(\d+)$/.exec(values.PULUMI_DEBUG_PROVIDERS)?.[1]), "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
  });

  it("has keys for it that the account knows", async () => {
    const client = new STSClient({
      endpoint: values.AWS_ENDPOINT_URL,
      region: values.AWS_REGION,
      credentials: { accessKeyId: values.AWS_ACCESS_KEY_ID, secretAccessKey: values.AWS_SECRET_ACCESS_KEY },
    });

    expect((await client.send(new GetCallerIdentityCommand({}))).Account).to.equal("123456789012");
  });

  it("ends quietly", async () => {
    child.removeAllListeners("close");
    child.kill("SIGINT");

    expect((await once(child, "close"))[0]).to.equal(0);
    expect(err).to.not.match(/Pulumi\.try\.yaml|Error/);
  });
});
