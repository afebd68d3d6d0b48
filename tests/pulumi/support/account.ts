import type { Fault } from "../../../sandbox/gateway/gateway";
import { type Prepared, prepareAccount } from "../../../sandbox/play/prepare";
import { servePlugin } from "../../../sandbox/pulumi/plugin";
import { startSandbox, type Sandbox } from "../../../sandbox/sandbox";
import { sharedPython } from "../../sandbox/support/account";
import { copyProgram, createWorkspace, type Workspace } from "./workspace";

/** An account of its own, and this project's program beside it, which Pulumi's CLI deploys there. */
export interface World {
  readonly sandbox: Sandbox;
  readonly prepared: Prepared;
  readonly workspace: Workspace;
  /** What stands in the way of calls; tests set and clear it. */
  readonly faults: { before?: Fault };
  /** A client with all rights, in the region of the dev stack unless said. */
  client<C>(make: new (config: never) => C, region?: string): C;
  stop(): Promise<void>;
}

/** Give the hook that calls this a timeout of minutes. The stack `dev` is there, with its settings, and not deployed. */
export async function startWorld(): Promise<World> {
  const faults: World["faults"] = {};
  const sandbox = await startSandbox({ python: await sharedPython(), fault: call => faults.before?.(call) });
  const workspace = createWorkspace(copyProgram);
  const plugin = await servePlugin({
    clients: (make, region) => sandbox.gateway.client(make, { region }),
    folder: workspace.folder,
  });
  Object.assign(workspace.env, { PULUMI_DEBUG_PROVIDERS: `aws:${plugin.port}` });
  const prepared = await prepareAccount(sandbox);
  await workspace.pulumi("stack", "init", "dev");
  await workspace.pulumi("config", "set", "adminSecurityGroupId", prepared.adminGroupId);
  return {
    sandbox,
    prepared,
    workspace,
    faults,
    client: (make, region = "us-east-1") => sandbox.gateway.client(make, { region }),
    stop: async () => {
      plugin.close();
      await sandbox.stop();
      workspace.remove();
    },
  };
}
