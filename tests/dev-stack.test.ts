import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Definition } from "../components/definition";
import { catalogue } from "../components/guardrails";
import { capabilitiesOf, hasFunction } from "../components/kinds";
import { readSettings } from "../components/settings";
import { readStackConfig } from "../components/settings/file/stack-config";
import { adminGroupTag } from "../sandbox/play/prepare";
import { everything } from "./support/everything";

const definitions: readonly Definition[] = catalogue;
const root = join(__dirname, "..");
const file = "Pulumi.dev.yaml";
const project = "aws-event-guardrails";
// Of a stack that names no group of its own.
const group = { [`${project}:adminSecurityGroupId`]: "sg-0123456789abcdef0" };

/** Why the file is the user's own, and nobody else's business; undefined when it is as the project ships it. */
function owned(): string | undefined {
  const { status } = spawnSync("git", ["diff", "--quiet", "HEAD", "--", file], { cwd: root });
  if (status !== 0) return `${file} was edited, or git cannot tell`;
  const { recipients } = readSettings(shipped(), catalogue, []);
  return recipients.every(address => address.endsWith("@example.com"))
    ? undefined
    : `the recipients of ${file} are somebody`;
}

const shipped = () => readStackConfig(readFileSync(join(root, file), "utf8"), project);
const modesOf = (config: Record<string, string>) =>
  Object.fromEntries(
    readSettings({ ...group, ...config }, catalogue, []).guardrails.map(({ definition, mode }) => [
      definition.id,
      mode,
    ]),
  );

describe("the stack of every guardrail", () => {
  it("is complete but for the administrators' group, which whoever deploys it names", () => {
    const needy = definitions.some(
      definition => hasFunction(definition) && definition.needs.includes("adminSecurityGroupId" as never),
    );

    if (needy)
      expect(() => readSettings(everything(), catalogue, [])).to.throw(
        "adminSecurityGroupId: nothing is set",
      );
    expect(modesOf(everything())).to.deep.equal(
      Object.fromEntries(definitions.map(one => [one.id, capabilitiesOf(one).modes.at(-1)])),
    );
  });

  it(`is what npm start plays, as the project ships ${file}`, function () {
    const reason = owned();
    if (reason !== undefined) {
      console.log(`    Not held, because ${reason}`);
      return this.skip();
    }
    expect(shipped()["aws:region"]).to.equal("us-east-1");
    // By a tag that no group of another account has, so that nothing is attached there.
    expect(JSON.parse(shipped()[`${project}:adminSecurityGroupId`])).to.deep.equal({
      tag: { [adminGroupTag.Key]: adminGroupTag.Value },
    });
    expect(
      modesOf(shipped()),
      `${file}: every guardrail of the catalogue has a line there, as far as it can go`,
    ).to.deep.equal(modesOf(everything()));
  });
});
