import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readStackConfig } from "../../../components/settings/file/stack-config";
import { project } from "../../../sandbox/sandbox";
import { everything } from "../../support/everything";

type Config = Record<string, string>;

const guardrails = `${project}:guardrails`;

/** The first stack file that a page of ours shows. */
function exampleOf(page: string): Config {
  const text = readFileSync(join(__dirname, "../../..", page), "utf8");
  const [, yaml = ""] = /```yaml\n(config:\n[^`]*)```/.exec(text) ?? [];
  return readStackConfig(yaml, project);
}

/** The stack of everything with other words for some of its guardrails. */
function changed(change: Readonly<Record<string, unknown>>): Config {
  const config = everything();
  const given = JSON.parse(config[guardrails] ?? "{}") as object;
  return { ...config, [guardrails]: JSON.stringify({ ...given, ...change }) };
}

/** What people may have in their stack file, by what it is. */
export const stacks: Readonly<Record<string, () => Config>> = {
  "everything, as far as it goes": everything,
  "another region": () => ({ ...everything(), "aws:region": "eu-west-1" }),
  China: () => ({ ...everything(), "aws:region": "cn-north-1" }),
  "recipients only": () => ({
    "aws:region": "us-east-1",
    [`${project}:recipients`]: "secops@example.com,netops@example.com",
  }),
  "README's settings": () => exampleOf("README.md"),
  "the example of the settings": () => exampleOf("docs/settings.md"),
  "one off, one that only tells, one that only looks": () =>
    changed({
      "vpc-created": "off",
      "s3-bucket-encryption": { mode: "notify", algorithm: "aws:kms" },
      "ec2-launch-baseline": { mode: "observe", when: "always" },
    }),
};
