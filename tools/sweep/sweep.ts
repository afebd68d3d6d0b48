import { howToBeAdmitted, isDenied } from "../../operations/refusals";
import { readStackFile } from "../../operations/sweep/stack-file";
import { sweep as goThrough, sweepable, type Sweep } from "../../operations/sweep/sweep";
import { plain } from "../../runtime/plain";
import { operate, type StackOptions, type Streams } from "../operating";
import { tableOf } from "../status/table";

/** The exit code when something is wrong; scripts tell it from "it could not be done". */
const found = 3;

/** Runs `guardrails sweep` and returns the exit code: 0 nothing is wrong, 3 something is, 1 a region was not looked at whole. */
export const sweep = (options: StackOptions, streams: Streams = process): Promise<number> =>
  operate(
    "sweep",
    options,
    async (operator, { line, json }) => {
      const { guardrails } = readStackFile(operator.place.stack, streams.stackFiles);
      const said = { at: 0 };
      const { sweeps, calls, refused } = await goThrough(
        operator,
        sweepable(guardrails, options.guardrail),
        (guardrail, region, looked) => {
          if (operator.now() - said.at < 1_000) return;
          said.at = operator.now();
          streams.stderr.write(`${guardrail} in ${region}: ${looked} resources so far\n`);
        },
      );
      for (const { guardrail, wrong } of sweeps)
        for (const { resource, finding } of wrong)
          line(`${guardrail}: ${plain(resource.arn)}\n  ${plain(finding.summary, 600)}`);
      if (sweeps.some(({ wrong }) => wrong.length > 0)) line();
      tableOf(rowsOf(sweeps)).forEach(line);
      line(`${calls} calls, ${refused} refused because they came too fast.`);
      json({ sweeps: sweeps.map(asJson), calls, refused });
      if (sweeps.some(({ error }) => error !== undefined && isDenied(error.code)))
        streams.stderr.write(`${howToBeAdmitted}\n`);
      if (sweeps.some(({ error }) => error !== undefined)) return 1;
      return sweeps.some(({ wrong }) => wrong.length > 0) ? found : 0;
    },
    streams,
  );

/** What scripts get of one guardrail's region. */
const asJson = ({ wrong, ...about }: Sweep) => ({
  ...about,
  wrong: wrong.map(({ resource, finding }) => ({
    resource: resource.arn,
    summary: finding.summary,
    fingerprint: finding.fingerprint,
    ...(finding.notifyOnly !== undefined && { notifyOnly: finding.notifyOnly }),
  })),
});

const rowsOf = (sweeps: readonly Sweep[]): string[][] => [
  ["guardrail", "region", "looked at", "wrong", "exempt", ""],
  ...sweeps.map(({ guardrail, region, looked, wrong, exempt, error }) => [
    guardrail,
    region,
    String(looked),
    String(wrong.length),
    String(exempt),
    error === undefined ? "" : `NOT TO ITS END: ${plain(error.code, 60)}: ${plain(error.message, 200)}`,
  ]),
];
