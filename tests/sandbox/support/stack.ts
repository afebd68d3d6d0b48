import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Fault } from "../../../sandbox/gateway/gateway";
import type { Credentials } from "../../../sandbox/iam/identity";
import { project, type Sandbox, type SandboxOptions, startSandbox } from "../../../sandbox/sandbox";
import type { Stage } from "../../../sandbox/play/scenario";
import { everything } from "../../support/everything";
import { prepareAccount } from "../../../sandbox/play/prepare";
import { createStage } from "../../../sandbox/play/stage";
import { sharedPython } from "./account";

export interface StackOptions extends Pick<SandboxOptions, "concurrency" | "delayPerCall" | "transactions"> {
  /** Laid over the stack of everything: keys without namespace, values as YAML holds them; undefined takes a key away. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Makes what the config names, and gives more of it. */
  readonly prepare?: (sandbox: Sandbox) => Promise<Readonly<Record<string, unknown>>>;
  /** Asked from the end of the deployment on, never during it. */
  readonly fault?: Fault;
  readonly faultAfter?: Fault;
}

/** A stack with every guardrail on, deployed by Pulumi's own runner on a sandbox account. */
export interface DeployedStack {
  readonly sandbox: Sandbox;
  readonly name: "dev";
  readonly stage: Stage;
  readonly adminGroupId: string;
  /** What stands in the way of calls: `before` they are served, or `after` they were. Tests set and clear them. */
  readonly faults: { before?: Fault; after?: Fault };
  /** Where operators' commands find the stack file, which says what was deployed: the project's own is the user's. */
  stackFiles: string;
  stop(): Promise<void>;
}

/** Give the hook that calls this a timeout of minutes. The account is its own: nothing is shared with other tests. */
export async function startStack(options: StackOptions = {}): Promise<DeployedStack> {
  const { fault, faultAfter, concurrency, delayPerCall, transactions } = options;
  const faults: DeployedStack["faults"] = {};
  const sandbox = await startSandbox({
    python: await sharedPython(),
    concurrency,
    delayPerCall,
    transactions,
    fault: call => faults.before?.(call),
    faultAfter: call => faults.after?.(call),
  });
  try {
    const prepared = await prepareAccount(sandbox);
    const config = stackConfig({
      adminSecurityGroupId: prepared.adminGroupId,
      ...options.config,
      ...(await options.prepare?.(sandbox)),
    });
    await sandbox.deploy({ config, stack: "dev" });
    await sandbox.idle();
    const recipients = JSON.parse(config[`${project}:recipients`] ?? "[]") as string[];
    const stage = createStage(sandbox, "dev", prepared, recipients);
    Object.assign(faults, { before: fault, after: faultAfter });
    const folder = mkdtempSync(join(tmpdir(), "stack-"));
    writeFileSync(join(folder, "Pulumi.dev.yaml"), JSON.stringify({ config }));
    return {
      sandbox,
      name: "dev",
      stage,
      adminGroupId: prepared.adminGroupId,
      faults,
      stackFiles: folder,
      stop: () => {
        rmSync(folder, { recursive: true });
        return sandbox.stop();
      },
    };
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}

/** Keeps the guardrails' timers still meanwhile. */
export async function standing<T>({ sandbox: { timers } }: DeployedStack, act: () => Promise<T>): Promise<T> {
  const before = timers.running;
  timers.running = false;
  return act().finally(() => (timers.running = before));
}

/** Lets time pass five minutes at a time, and what each sets off end before the next. */
export async function passInTicks({ sandbox }: DeployedStack, minutes: number): Promise<void> {
  for (let left = minutes; left > 0; left -= 5) {
    await sandbox.clock.advance(5 * 60_000);
    await sandbox.idle();
  }
}

/** An IAM user with this policy and nothing else; returns the keys. */
export async function addUser(sandbox: Sandbox, name: string, policy: object): Promise<Credentials> {
  const iam = sandbox.gateway.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: name }));
  await setUserPolicy(sandbox, name, policy);
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
}

export async function setUserPolicy(sandbox: Sandbox, name: string, policy: object): Promise<void> {
  const iam = sandbox.gateway.client(IAMClient);
  const PolicyDocument = JSON.stringify(policy);
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: "work", PolicyDocument }));
}

function stackConfig(change: Readonly<Record<string, unknown>>): Record<string, string> {
  const config = everything();
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) delete config[`${project}:${key}`];
    else config[`${project}:${key}`] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return config;
}
