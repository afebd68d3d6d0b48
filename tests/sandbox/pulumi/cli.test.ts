import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  GetRequiredPackagesRequest,
  ProgramInfo,
  type GetRequiredPackagesResponse,
} from "@pulumi/pulumi/proto/language_pb";
import { expect } from "chai";
import { dependencies } from "../../../package.json";
import { findPulumi } from "../../../sandbox/pulumi/cli";
import { projectFolder } from "../../../sandbox/sandbox";

const own = join(projectFolder, "sandbox", "pulumi", "cli");

describe("Pulumi's CLI on this machine", () => {
  let home = "";
  beforeEach(() => (home = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-cli-")))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const program = (...path: string[]): string => {
    const file = join(home, ...path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "#!/bin/sh\n");
    chmodSync(file, 0o755);
    return file;
  };
  const find = (env: NodeJS.ProcessEnv = {}) =>
    findPulumi({
      HOME: home,
      XDG_CACHE_HOME: join(home, "cache"),
      PATH: [join(home, "a"), join(home, "b")].join(delimiter),
      ...env,
    });

  it("is not there where nothing is", () => {
    expect(find()).to.equal(undefined);
  });

  it("is found on the PATH", () => {
    const command = program("b", "pulumi");

    expect(find()).to.deep.include({ command });
  });

  it("is the one that tools/build-pulumi.sh built, ahead of the PATH's, which may be of any version", () => {
    program("a", "pulumi");
    const command = program(
      "cache",
      "aws-event-guardrails",
      `pulumi-v${dependencies["@pulumi/pulumi"]}`,
      "pulumi",
    );

    const built = spawnSync(join(projectFolder, "tools", "build-pulumi.sh"), {
      env: { ...process.env, XDG_CACHE_HOME: join(home, "cache") },
      encoding: "utf8",
    });

    expect(built.stdout).to.equal(`${command}\n`);
    expect(find()).to.deep.include({ command });
  });

  it("is the one that PULUMI_BIN names, by itself or by its folder, ahead of all others", () => {
    program("a", "pulumi");
    const command = program("mine", "pulumi");

    expect(find({ PULUMI_BIN: command })).to.deep.include({ command });
    expect(find({ PULUMI_BIN: dirname(command) })).to.deep.include({ command });
  });

  it("is no other than the one that PULUMI_BIN names: where there is none, that is said", () => {
    program("a", "pulumi");

    expect(() => find({ PULUMI_BIN: join(home, "nowhere") })).to.throw(
      `PULUMI_BIN names "${join(home, "nowhere")}", and there is no pulumi that runs`,
    );
  });

  it("keeps the language host that it brings, and gets this project's where it brings none", () => {
    program("a", "pulumi");
    expect(find()?.path).to.deep.equal([own]);

    program("b", "pulumi-language-nodejs");
    expect(find()?.path).to.deep.equal([]);
  });
});

describe("the language host for a CLI built from Go modules", () => {
  it("tells its port, and which provider the program needs in which version", async () => {
    const host = spawn(join(own, "pulumi-language-nodejs"), ["127.0.0.1:1"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [port] = (await once(createInterface({ input: host.stdout }), "line")) as [string];
      const client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
      const info = new ProgramInfo();
      info.setProgramDirectory(projectFolder);
      const request = new GetRequiredPackagesRequest();
      request.setInfo(info);

      const response = await new Promise<GetRequiredPackagesResponse>((resolve, reject) =>
        client.getRequiredPackages(request, (error, answer) => (error ? reject(error) : resolve(answer))),
      );

      const found = response.getPackagesList().map(one => [one.getName(), one.getKind(), one.getVersion()]);
      expect(found).to.deep.equal([["aws", "resource", `v${dependencies["@pulumi/aws"]}`]]);
      client.close();
    } finally {
      host.kill();
    }
  });
});
