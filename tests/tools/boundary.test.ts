import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { covering } from "../../components/regions";
import { roleStatements, sharedArns } from "../../components/role-statements";
import { modes } from "../../runtime/modes";
import { evaluate } from "../../sandbox/iam/authorize";
import { parsePolicy } from "../../sandbox/iam/policies";
import { boundary, type BoundaryOptions } from "../../tools/boundary";
import { inspecting, settingsOf } from "../support/inspecting";
import { everything } from "../support/everything";

const account = "123456789012";
const place = covering({ stack: "prod", partition: "aws", account, home: "eu-west-1" });

describe("guardrails boundary", () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), "boundary-"))));
  after(() => rmSync(folder, { recursive: true }));

  const print = (config: Record<string, unknown>, options: BoundaryOptions = { stack: "prod", account }) => {
    writeFileSync(join(folder, "Pulumi.prod.yaml"), JSON.stringify({ config }));
    const said = { out: "", err: "" };
    const stream = (name: "out" | "err") => ({ write: (text: string) => void (said[name] += text) }) as never;
    const code = boundary(options, { stdout: stream("out"), stderr: stream("err") }, folder);
    return { code, ...said };
  };
  const all = {
    ...everything(),
    "aws:region": "eu-west-1",
    "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0",
  };

  it("admits whatever the roles of the stack may do in any mode, and a managed policy holds it", () => {
    const { code, out, err } = print(all);
    const policy = parsePolicy(out, "identity");
    const refused: string[] = [];
    for (const definition of inspecting)
      for (const mode of modes) {
        const settings = settingsOf(definition, {
          ...(definition.needs.includes("adminSecurityGroupId") && {
            adminSecurityGroupId: "sg-0123456789abcdef0",
          }),
        });
        const statements = roleStatements(
          { definition, mode, sweep: "notify", settings },
          place,
          sharedArns(place),
        );
        for (const { actions, resources } of statements)
          for (const action of actions)
            for (const resource of resources) {
              const principal = {
                kind: "role" as const,
                account,
                arn: `arn:aws:sts::${account}:assumed-role/r/s`,
                roleArn: "r",
              };
              const asked = { principal, action, resource: resource.replace(/\*/g, "x"), context: {} };
              if (!evaluate({ ...asked, identityPolicies: [policy], sameAccount: true }).allowed)
                refused.push(`${action} of ${resource}`);
            }
      }

    expect(code, err).to.equal(0);
    expect(err).to.equal("");
    expect([...new Set(refused)]).to.deep.equal([]);
  });

  it("admits nothing else: no other service, table, topic or queue", () => {
    const { out } = print(all);
    const { Statement } = JSON.parse(out) as { Statement: { Action: string[]; Resource: string[] }[] };

    const actions = new Set(Statement.flatMap(({ Action }) => Action));
    expect([...actions].filter(action => action.includes("*") || action.startsWith("iam:"))).to.deep.equal(
      [],
    );
    const open = Statement.filter(({ Resource }) => Resource.includes("*")).flatMap(({ Action }) => Action);
    expect(open.filter(action => !/:(Describe|List|Lookup|Get)/.test(action))).to.deep.equal([]);
  });

  it("says what is missing, in a sentence", () => {
    expect(print(all, { stack: "nowhere" })).to.deep.equal({
      code: 2,
      out: "",
      err: "There is no Pulumi.nowhere.yaml here.\n",
    });
    expect(print({ ...all, "aws:region": undefined }).err).to.match(
      /names no region: pulumi config set aws:region/,
    );
    expect(print({ ...all, "aws-event-guardrails:recipients": "nobody" })).to.deep.include({
      code: 1,
      err: "Pulumi.prod.yaml has mistakes: npm run guardrails -- check --stack prod\n",
    });
    expect(print(all, { stack: "prod", account: "12" }).err).to.equal('"12" is no number of an account.\n');
  });
});
