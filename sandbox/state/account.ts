import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createServer, type AddressInfo } from "node:net";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Place } from "../ground/call";
import type { Python } from "./python";
import { explain } from "../ground/server";
import {
  createClient,
  createSender,
  defaultAccount,
  type RawRequest,
  type RawResponse,
  type Send,
} from "../ground/wire";

/** The account's state (moto): nothing but state, see sandbox/README.md. */
export interface Account {
  readonly url: string;
  /** Where clients are that name no region; the account is in its partition. */
  readonly region: string;
  /** An SDK client straight to the state, never through the gateway: no record, no permission check. One per class and place. */
  client<C>(make: new (config: never) => C, place?: Partial<Place>): C;
  /** One HTTP request to the state, as it is. */
  send(request: RawRequest, place: Place): Promise<RawResponse>;
  /** Changes with every request that may have changed something: what was read before may be out of date. */
  readonly generation: number;
  /** Every account that was ever spoken for, first come first. */
  readonly accounts: readonly string[];
  /** What its process said since the last time, to explain a crash: it says so after it has answered. */
  lastWords(): Promise<string>;
  /** How often it was emptied. */
  readonly resets: number;
  /** Empties every account and region. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface AccountOptions {
  readonly python: Python;
  /** Where clients are that name no region, us-east-1 unless said: the account is in its partition. */
  readonly region?: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /** Names of AWS-managed policies that can be attached. All 1,582 would make every reset take two seconds. */
  readonly managedPolicies?: readonly string[];
}

const managed = [
  "AdministratorAccess",
  "PowerUserAccess",
  "ReadOnlyAccess",
  "ViewOnlyAccess",
  "SecurityAudit",
  "IAMFullAccess",
  "AmazonEC2FullAccess",
  "AmazonEC2ReadOnlyAccess",
  "AmazonS3FullAccess",
  "AmazonS3ReadOnlyAccess",
  "AmazonSNSFullAccess",
  "AmazonSQSFullAccess",
  "AmazonDynamoDBFullAccess",
  "AWSLambda_FullAccess",
  "AWSLambdaBasicExecutionRole",
  "AmazonSSMManagedInstanceCore",
  "CloudWatchFullAccess",
];

/**
 * Starts moto on 127.0.0.1 and waits until EC2 answers.
 * @throws Error with one sentence when the port is taken or the process ends early (with its last lines).
 */
export async function startAccount(options: AccountOptions): Promise<Account> {
  const port = await freePort(options.port ?? 0);
  const home: Place = { region: options.region ?? "us-east-1", account: defaultAccount };
  const child = spawn(
    options.python.command,
    [
      join(__dirname, "state.py"),
      (options.managedPolicies ?? managed).join(","),
      "-H",
      "127.0.0.1",
      "-p",
      String(port),
    ],
    {
      env: {
        PATH: process.env.PATH,
        ...options.python.env,
        PYTHONUNBUFFERED: "1",
        MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
        MOTO_EC2_LOAD_DEFAULT_AMIS: "false",
        AWS_ACCESS_KEY_ID: "state",
        AWS_SECRET_ACCESS_KEY: "state",
        AWS_DEFAULT_REGION: home.region,
      },
      stdio: ["pipe", "pipe", "pipe"],
      // A terminal's Ctrl-C must not end it before the sandbox knows.
      detached: true,
    },
  );
  const last = listen(child, options.log);
  const stop = stopper(child);
  let generation = 0;
  let resets = 0;
  const transmit = createSender(port);
  const accounts = new Set([home.account]);
  const send: Send = (request, place) => {
    accounts.add(place.account);
    return transmit(request, place).finally(() => {
      if (!isRead(request)) generation += 1;
    });
  };
  try {
    await ready(child, send, last, home);
  } catch (error) {
    await stop();
    throw error;
  }

  const clients = new Map<unknown, Map<string, unknown>>();
  const client = <C>(make: new (config: never) => C, place: Partial<Place> = {}): C => {
    const { region = home.region, account = home.account } = place;
    const ofClass = clients.get(make) ?? new Map<string, unknown>();
    clients.set(make, ofClass);
    const key = `${region} ${account}`;
    if (!ofClass.has(key)) ofClass.set(key, createClient(make, { region, account }, send));
    return ofClass.get(key) as C;
  };

  return {
    url: `http://127.0.0.1:${port}`,
    region: home.region,
    client,
    send,
    lastWords: async () => {
      await pause(150);
      return last();
    },
    get accounts() {
      return [...accounts];
    },
    get generation() {
      return generation;
    },
    get resets() {
      return resets;
    },
    reset: async () => {
      resets += 1;
      await post(send, "/moto-api/reset", home);
      await post(send, "/moto-api/seed?a=42", home);
    },
    stop,
  };
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

/** The port asked for, if nobody listens there, or any free one. */
export function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, port)));
    probe.listen(port, "127.0.0.1", () => {
      const found = (probe.address() as AddressInfo).port;
      probe.close(() => resolve(found));
    });
  });
}

/** Passes the process's lines on, and keeps the last ones to explain an early end. */
function listen(child: ChildProcess, log: (line: string) => void = () => undefined): () => string {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      const lines = chunk.toString().split("\n").filter(Boolean);
      lines.forEach(log);
      last.push(...lines);
      last.splice(0, last.length - 60);
    });
  return () => last.splice(0).join("\n");
}

function stopper(child: ChildProcess): () => Promise<void> {
  const ended = new Promise<void>(resolve => child.once("close", () => resolve()));
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  return async () => {
    process.off("exit", kill);
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const patience = setTimeout(kill, 3000);
    await ended;
    clearTimeout(patience);
  };
}

async function ready(child: ChildProcess, send: Send, last: () => string, home: Place): Promise<void> {
  let failure: Error | undefined;
  child.once("error", error => (failure = new Error(`The account's state did not start: ${error.message}`)));
  child.once("exit", code => {
    failure ??= new Error(`The account's state ended with code ${code} before it was ready:\n${last()}`);
  });
  for (const deadline = Date.now() + 60_000; ; await pause(50)) {
    if (failure) throw failure;
    if (Date.now() > deadline) throw new Error(`The account's state did not answer in 60 s:\n${last()}`);
    const answer = await post(send, "/moto-api/seed?a=42", home).catch(() => undefined);
    if (answer?.status === 200) break;
  }
  // EC2 is loaded by its first call, which takes a second: better here than in the first caller's request.
  await createClient(EC2Client, home, send).send(new DescribeVpcsCommand({}));
}

const post = (send: Send, path: string, place: Place): Promise<RawResponse> =>
  send({ method: "POST", path, headers: {}, body: Buffer.alloc(0) }, place);

/** Reads, and writes of data that no policy or tag depends on (items, messages, log lines). */
function isRead(request: RawRequest): boolean {
  const target = request.headers["x-amz-target"] ?? request.headers["X-Amz-Target"];
  const read =
    /^(Get|List|Describe|Head|Query|Scan|BatchGet|Receive|Send|DeleteMessage|PutLogEvents|PutMetricData)/;
  const item = /^(Put|Update|Delete|BatchWrite)Item$|^TransactWriteItems$/;
  if (target !== undefined) {
    const operation = target.slice(target.lastIndexOf(".") + 1);
    return read.test(operation) || item.test(operation);
  }
  const action = /(?:^|&)Action=(\w+)/.exec(request.body?.subarray(0, 4000).toString("latin1") ?? "")?.[1];
  return action !== undefined ? read.test(action) : request.method === "GET" || request.method === "HEAD";
}
