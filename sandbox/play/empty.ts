import { mkdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findPulumi, type PulumiCli } from "../pulumi/cli";
import { servePlugin } from "../pulumi/plugin";
import { projectFolder, type Sandbox } from "../sandbox";
import { prepareAccount } from "./prepare";
import type { Timeline } from "./screen/timeline";

const region = "us-east-1";
/** The stack that is proposed. Its file is the user's own, so .gitignore names it. */
const stack = "try";

/** Readies an account without a stack for the user's own `pulumi up`, says how, and shows what happens. */
export async function offer(sandbox: Sandbox, timeline: Timeline): Promise<void> {
  const { adminGroupId, people } = await prepareAccount(sandbox, stack);
  const plugin = await servePlugin({
    clients: (make, place) => sandbox.gateway.client(make, { region: place }),
    folder: projectFolder,
  });
  // Of an account that is gone nothing is left to know.
  const state = join(projectFolder, ".sandbox", "pulumi");
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state, { recursive: true });
  sandbox.journal.listen(timeline.happen);

  const cli = findPulumi();
  timeline.heading(
    "The account is up, and empty. Paste this line into another shell, in this folder; Ctrl-C ends it all.",
  );
  timeline.line(surroundings({ sandbox, port: plugin.port, state, cli }));
  if (cli === undefined)
    timeline.line(
      "There is no Pulumi CLI yet: https://www.pulumi.com/docs/install, or tools/build-pulumi.sh.",
    );
  timeline.heading(`Then deploy a stack there, for example:`);
  for (const line of [
    `pulumi stack init ${stack}`,
    `pulumi config set aws:region ${region}`,
    "pulumi config set recipients you@example.com",
    `pulumi config set adminSecurityGroupId ${adminGroupId}`,
    "pulumi config set --path guardrails.security-group-open-ingress enforce",
    "pulumi up",
  ])
    timeline.line(line);
  timeline.heading(
    "Who is in it: Ada, who works with EC2 and S3, and Otto, whom a stack may name as an operator",
  );
  for (const name of ["ada", "otto"] as const) {
    const { accessKeyId, secretAccessKey } = people[name];
    timeline.line(
      `${name.padEnd(5)} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    );
  }
  timeline.line("");
}

/** One line, so that nobody forgets a part of it: what is forgotten could reach a real account, or a real state. */
function surroundings(options: {
  readonly sandbox: Sandbox;
  readonly port: number;
  readonly state: string;
  readonly cli: PulumiCli | undefined;
}): string {
  const { sandbox, port, state, cli } = options;
  const { accessKeyId, secretAccessKey } = sandbox.gateway.bootstrap;
  const onPath = (process.env.PATH ?? "").split(delimiter);
  const folders = cli === undefined ? [] : [...cli.path, dirname(cli.command)];
  const missing = folders.filter(folder => !onPath.includes(folder));
  const values = {
    ...(missing.length > 0 && { PATH: [...missing, "$PATH"].join(delimiter) }),
    PULUMI_DEBUG_PROVIDERS: `aws:${port}`,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "sandbox",
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_PAGER: "",
  };
  const exports = Object.entries(values).map(([name, value]) => `${name}="${value}"`);
  return `unset AWS_PROFILE AWS_SESSION_TOKEN PULUMI_STACK; export ${exports.join(" ")}`;
}
