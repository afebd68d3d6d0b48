import { join } from "node:path";
import { expect } from "chai";
import {
  runProgram,
  unknownValue,
  type Archive,
  type CreateRequest,
  type ProgramError,
  type RegisteredResource,
  type ResourceProvider,
  type RunOptions,
  type RunResult,
} from "../../../sandbox/pulumi/engine";
import { createProvider } from "../../../sandbox/pulumi/provider";

const folder = join(__dirname, "fixtures/program");

const settings: Omit<RunOptions, "provider"> = {
  cwd: folder,
  stack: "dev",
  project: "fixture",
  config: {
    "aws:region": "eu-west-1",
    "fixture:recipients": '["secops@example.com", "netops@example.com"]',
    "fixture:token": "not for the log",
  },
  secretKeys: ["fixture:token"],
};

/** A provider that makes up ids and ARNs from type and name, and remembers what it was asked, in order. */
function recorder(refuse: (request: CreateRequest) => string | undefined = () => undefined) {
  const requests: CreateRequest[] = [];
  const provider: ResourceProvider = {
    create: async request => {
      requests.push(request);
      const reason = refuse(request);
      if (reason !== undefined) throw new Error(reason);
      const { type, name, inputs, preview } = request;
      const known = { ...inputs, name: inputs.name ?? `${name}-1` };
      return preview
        ? { id: "", outputs: known }
        : { id: `${type}#${name}`, outputs: { ...known, arn: `arn:${type}:${name}` } };
    },
    invoke: async ({ token }) => {
      if (token.endsWith(":getCallerIdentity")) return { accountId: "123456789012" };
      if (token.endsWith(":getRegion")) return { region: "eu-west-1" };
      throw new Error(`the test expects no ${token}`);
    },
  };
  return { requests, provider: () => provider };
}

const failureOf = async (run: Promise<RunResult>): Promise<ProgramError> =>
  run.then(
    () => {
      throw new Error("the program should have failed");
    },
    (error: ProgramError) => {
      expect(error.name).to.equal("ProgramError");
      return error;
    },
  );

describe("the engine, running a program that it does not know", () => {
  const { requests, provider } = recorder();
  const seen: string[] = [];
  let result: RunResult;
  const find = (type: string): RegisteredResource => {
    const found = result.resources.filter(resource => resource.type === type);
    expect(found, type).to.have.length(1);
    return found[0] as RegisteredResource;
  };

  before(async () => {
    result = await runProgram({
      ...settings,
      provider,
      progress: step => ("resource" in step ? seen.push(step.resource.urn) : undefined),
    });
  });

  it("answers each registration after everything that it depends on", () => {
    const place = (urn: string) => result.resources.findIndex(resource => resource.urn === urn);
    for (const { urn, dependencies } of result.resources)
      for (const dependency of dependencies)
        expect(place(dependency), `${urn} needs ${dependency}`).to.be.below(place(urn));

    const fn = find("aws:lambda/function:Function");
    expect(fn.dependencies).to.include(find("aws:iam/role:Role").urn);
    expect(fn.propertyDependencies.environment).to.deep.equal([find("aws:sns/topic:Topic").urn]);
  });

  it("hands outputs of one resource to the next", () => {
    const target = find("aws:cloudwatch/eventTarget:EventTarget");
    expect(target.inputs.arn).to.equal("arn:aws:lambda/function:Function:security-group");
    expect(find("aws:lambda/permission:Permission").inputs.sourceAccount).to.equal("123456789012");
  });

  it("gives every resource but the stack its parent, and names it as Pulumi does", () => {
    const orphans = result.resources.filter(({ parent }) => parent === undefined);
    expect(orphans.map(({ urn }) => urn)).to.deep.equal([
      "urn:pulumi:dev::fixture::pulumi:pulumi:Stack::fixture-dev",
    ]);

    const component = find("fixture:index:Watcher");
    const rule = find("aws:cloudwatch/eventRule:EventRule");
    expect([component.custom, component.id]).to.deep.equal([false, undefined]);
    expect(rule.parent).to.equal(component.urn);
    expect(rule.urn).to.equal(
      "urn:pulumi:dev::fixture::fixture:index:Watcher$aws:cloudwatch/eventRule:EventRule::security-group",
    );
    expect(seen).to.have.members(result.resources.map(({ urn }) => urn));
  });

  it("shows the provider plain values and keeps secrets secret in the program", () => {
    const request = requests.find(({ type }) => type === "aws:lambda/function:Function");
    expect(request?.inputs.environment).to.deep.equal({
      variables: { TOPIC_ARN: "arn:aws:sns/topic:Topic:notices", TOKEN: "not for the log" },
    });
    expect(find("aws:lambda/function:Function").secrets).to.deep.equal(["environment"]);
    expect(result.secretOutputs).to.deep.equal(["token"]);
  });

  it("hands archives over as the files that they hold", () => {
    const { assets = {} } = find("aws:lambda/function:Function").inputs.code as Archive;
    expect(Object.keys(assets)).to.have.members(["index.js", "config.json"]);
    expect(assets["config.json"]).to.include({ text: '{"mode":"notify"}' });
  });

  it("records the options that the program set, and no others", () => {
    expect(find("aws:iam/role:Role").options).to.deep.equal({ deleteBeforeReplace: true, version: "7.48.0" });
    expect(find("aws:sqs/queue:Queue").options).to.deep.equal({ version: "7.48.0" });
    expect(find("fixture:index:Watcher").options).to.deep.equal({});
  });

  it("tells what the stack and its components put out", () => {
    expect(result.outputs).to.deep.equal({
      topicArn: "arn:aws:sns/topic:Topic:notices",
      ruleArn: "arn:aws:cloudwatch/eventRule:EventRule:security-group",
      functionName: "fixture-security-group",
      token: "not for the log",
      region: "eu-west-1",
    });
    expect(find("fixture:index:Watcher").outputs).to.have.keys("ruleArn", "functionName");
  });
});

describe("the engine, asked for a preview", () => {
  it("creates nothing and leaves unknown what only creation tells", async () => {
    const { requests, provider } = recorder();

    const result = await runProgram({ ...settings, provider, preview: true });

    expect(requests.every(({ preview }) => preview)).to.equal(true);
    expect(result.resources.filter(({ id }) => id)).to.deep.equal([]);
    expect(result.outputs).to.include({ ruleArn: unknownValue, functionName: "fixture-security-group" });
  });

  it("lets the provider's checks pass over what is not known yet", async () => {
    const clients = () => {
      throw new Error("a preview of these resources calls no API");
    };
    const { provider: invoking } = recorder();
    const checking = createProvider({ clients, config: settings.config, folder });
    const provider = (type: string) => ({ ...checking(type), invoke: invoking().invoke });

    const result = await runProgram({ ...settings, provider, preview: true });

    expect(result.resources).to.have.length(15);
  });
});

describe("the engine, when something fails", () => {
  it("names the resource and the reason, and creates nothing that needs it", async () => {
    const { requests, provider } = recorder(({ type }) =>
      type === "aws:lambda/function:Function" ? "InvalidParameterValueException: no such role" : undefined,
    );

    const error = await failureOf(runProgram({ ...settings, provider }));

    expect(error.message).to.equal(
      'aws:lambda/function:Function "security-group": InvalidParameterValueException: no such role',
    );
    expect(requests.map(({ type }) => type)).not.to.include.members(["aws:lambda/permission:Permission"]);
    expect(requests.map(({ type }) => type)).not.to.include.members([
      "aws:cloudwatch/eventTarget:EventTarget",
    ]);
  });

  const mistake = (name: string, provider?: RunOptions["provider"]) => {
    const config = { "aws:region": "eu-west-1", "mistakes:mistake": name };
    const cwd = join(__dirname, "fixtures/mistakes");
    const clients = () => {
      throw new Error("the test expects no call");
    };
    const checking = createProvider({ clients, config, folder: cwd });
    return failureOf(
      runProgram({
        ...settings,
        cwd,
        project: "mistakes",
        config,
        secretKeys: [],
        provider: provider ?? checking,
      }),
    );
  };

  it("waits for what is still being created when the program is gone", async () => {
    let started: () => void;
    const creating = new Promise<void>(resolve => (started = resolve));
    let finished = false;
    const { provider } = recorder();
    const slow = (type: string): ResourceProvider => ({
      ...provider(),
      create: async request => {
        if (type.endsWith(":LogGroup")) {
          started();
          await new Promise(resolve => setTimeout(resolve, 3000));
          finished = true;
        } else await creating;
        return provider().create(request);
      },
    });

    const error = await mistake("impatience", slow);

    expect(error.exitCode).to.equal(7);
    expect(finished).to.equal(true);
  });

  it("shows a mistake in the config as one sentence, without a stack trace", async () => {
    const error = await mistake("setting");
    expect(error.message).to.equal('recipients[0]: "nobody" is no e-mail address');
  });

  it("shows where a program crashed, without colours", async () => {
    const { message } = await mistake("crash");
    expect(message).to.match(/TypeError: nothing there\n +at Object\.crash .*mistakes\/index\.ts/);
    expect(message).not.to.include("\u001b");
  });

  it("says so when a program ends without a word", async () => {
    const error = await mistake("silent");
    expect(error.message).to.equal("the program ended with exit code 7 and no error message");
    expect(error.exitCode).to.equal(7);
  });

  it("keeps the user's own AWS credentials from the program", async () => {
    process.env.AWS_PROFILE = "production";
    try {
      expect((await mistake("credentials")).message).to.equal("no credentials");
    } finally {
      delete process.env.AWS_PROFILE;
    }
  });

  it("refuses two resources of one type and name under one parent", async () => {
    const error = await mistake("twice", recorder().provider);
    expect(error.message).to.match(/^aws:sns\/topic:Topic "same": Duplicate resource URN/);
  });

  it("names a type, a property and a function that the sandbox does not provide", async () => {
    const type = await mistake("unknown type");
    const property = await mistake("unknown property");
    const fn = await mistake("unknown function");

    expect(type.message).to.match(
      /^aws:s3\/bucket:Bucket "bucket": the sandbox does not provide aws:s3\/bucket:Bucket/,
    );
    expect(property.message).to.include(
      'the sandbox does not know the property "archivePolicy" of aws:sns/topic:Topic',
    );
    expect(property.message, "and every other problem").to.include('"displayName" is "xxx');
    expect(fn.message).to.include(
      "the sandbox does not provide aws:index/getAvailabilityZones:getAvailabilityZones",
    );
  });

  it("refuses what the protocol offers and it does not implement", async () => {
    const read = await mistake("existing");
    const transform = await mistake("transform");

    expect(read.message).to.equal(
      'the sandbox does not implement reading an existing aws:sns/topic:Topic (get "topic")',
    );
    expect(transform.message).to.include("does not support transforms");
  });
});
