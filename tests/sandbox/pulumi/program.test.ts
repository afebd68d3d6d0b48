import { join } from "node:path";
import { expect } from "chai";
import {
  runProgram,
  type Archive,
  type RegisteredResource,
  type ResourceProvider,
} from "../../../sandbox/pulumi/engine";
import { createProvider } from "../../../sandbox/pulumi/provider";
import { everything } from "../../support/everything";

const root = join(__dirname, "..", "..", "..");
const project = "aws-event-guardrails";

/** The stack of everything as `pulumi preview` sees it: Pulumi's own runner, and every check of the provider. */
describe("the program itself, under Pulumi's own runner", function () {
  this.timeout(600_000);
  let resources: readonly RegisteredResource[];

  const preview = (more: Readonly<Record<string, string>> = {}) => {
    const config = { ...everything(), [`${project}:adminSecurityGroupId`]: "sg-0123456789abcdef0", ...more };
    const clients = () => {
      throw new Error("a preview calls no API");
    };
    const checking = createProvider({ clients, config, folder: root });
    const provider = (type: string): ResourceProvider => ({
      ...checking(type),
      invoke: async request =>
        request.token.endsWith(":getCallerIdentity")
          ? { accountId: "123456789012" }
          : checking(type).invoke(request),
    });
    return runProgram({ cwd: root, stack: "dev", project, config, provider, preview: true });
  };

  before(async () => {
    ({ resources } = await preview());
  });

  it("gives every resource but the stack a parent that is there before it", () => {
    const [stack, ...others] = resources;
    const urns = resources.map(({ urn }) => urn);

    expect(stack).to.include({ type: "pulumi:pulumi:Stack", parent: undefined });
    expect(others.length).to.be.above(10);
    for (const { urn, parent } of others)
      expect(urns.indexOf(parent ?? ""), urn).to.be.within(0, urns.indexOf(urn) - 1);
  });

  it("puts every AWS resource under a component, never straight under the stack", () => {
    const components = resources.filter(({ custom, parent }) => !custom && parent !== undefined);
    const stray = resources.filter(
      ({ custom, parent }) => custom && !components.some(component => component.urn === parent),
    );

    expect(stray.map(({ urn }) => urn)).to.deep.equal([]);
    for (const { type } of components) expect(type).to.match(/^aws-event-guardrails:index:[A-Z]\w+$/);
  });

  it("says of every component what it puts out", () => {
    const silent = resources.filter(
      ({ custom, outputs }) => !custom && Object.keys(outputs ?? {}).length === 0,
    );

    expect(silent.map(({ urn }) => urn)).to.deep.equal([]);
  });

  it("replaces what has a fixed name by deleting it first", () => {
    const named = resources.filter(
      ({ custom, type, inputs }) => custom && "name" in inputs && type !== "aws:iam/rolePolicy:RolePolicy",
    );
    // What is kept when the stack goes must not be deleted to be replaced either: then the deployment fails.
    const kept = named.filter(({ options }) => options.retainOnDelete === true);

    expect(kept.map(({ type }) => type)).to.have.members([
      "aws:dynamodb/table:Table",
      "aws:cloudwatch/logGroup:LogGroup",
    ]);
    expect(kept.filter(({ options }) => options.deleteBeforeReplace === true)).to.deep.equal([]);
    expect(named).not.to.deep.equal([]);
    expect(
      named.filter(one => !kept.includes(one) && one.options.deleteBeforeReplace !== true),
    ).to.deep.equal([]);
  });

  it("ships functions whose complete code a preview already shows, without a trace of the sandbox", () => {
    const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function");

    expect(functions).not.to.deep.equal([]);
    for (const { urn, inputs } of functions) {
      const { assets = {} } = inputs.code as Archive;
      const text = JSON.stringify(assets);
      expect(Object.keys(assets), urn).to.include("index.js");
      expect(text, urn).not.to.match(/sandbox/i);
      expect(text, urn).not.to.include(root);
    }
  });

  it("makes what it was to adopt, since the account is new, and says so", async () => {
    const { resources: adopting, diagnostics } = await preview({ [`${project}:ledger`]: "adopt" });

    expect(adopting.map(({ urn }) => urn)).to.have.members(resources.map(({ urn }) => urn));
    const said = diagnostics.flatMap(({ severity, message }) => (severity === "info" ? [message] : []));
    expect(said).to.have.members([
      "This account is new and has no aws:cloudwatch/logGroup:LogGroup /guardrails/dev to adopt: it is made instead",
      "This account is new and has no aws:dynamodb/table:Table guardrails-dev-ledger to adopt: it is made instead",
    ]);
  });
});
