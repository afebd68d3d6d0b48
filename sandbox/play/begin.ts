import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeStackFile, mistakesOf, warningsOf, type Verdict } from "../../components/admission/stack-file";
import { stackFileOf, stacksIn } from "../../components/settings/file/names";
import { readOptions, type Options } from "./options";

const projectFolder = join(__dirname, "..", "..");

/** What every stack gets in the sandbox, by its form: but for the region, the values are made with the account. */
const given = {
  "aws:region": "us-east-1",
  "aws-event-guardrails:adminSecurityGroupId": "sg-00000000000000000",
  "aws-event-guardrails:operators": '["arn:aws:iam::123456789012:user/otto"]',
};

/**
 * `npm start` and `npm run sandbox`: looks at the arguments and the stack file, and only then loads what takes time.
 * Exit codes: 0 all as it should be, 1 not, or the stack file has mistakes, 2 unusable arguments.
 */
export async function begin(
  args: readonly string[],
  folder = projectFolder,
  play = async (options: Options) => (await import("./main")).main(options),
): Promise<void> {
  const options = readOptions(args);
  const code = "exitCode" in options ? options.exitCode : options.empty ? 0 : lookAt(options.stack, folder);
  if ("exitCode" in options || code !== 0) {
    process.exitCode = code;
    return;
  }
  await play(options);
}

/** Says what is to be said of the stack file, and returns the exit code. */
function lookAt(stack: string, folder: string): 0 | 1 | 2 {
  const file = join(folder, stackFileOf(stack));
  if (!existsSync(file)) {
    console.error(
      `There is no stack "${stack}", because there is no ${stackFileOf(stack)}; there are: ${stacksIn(folder).join(", ")}`,
    );
    return 2;
  }
  const verdict = judgeStackFile(stack, readFileSync(file, "utf8"), given);
  for (const line of [...mistakesOf(verdict), ...warningsOf(ofSandbox(verdict))]) console.error(line);
  return verdict.mistakes.length === 0 ? 0 : 1;
}

/** No mail leaves the sandbox, so whose an address is does not matter. */
const ofSandbox = (verdict: Verdict): Verdict => ({
  ...verdict,
  warnings: verdict.warnings.filter(({ place }) => place !== "recipients"),
});
