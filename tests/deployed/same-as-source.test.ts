import { expect } from "chai";
import { stageOf } from "../support/fake-accounts";
import { inspecting, settingsOf } from "../support/inspecting";
import {
  configOf,
  deployedText,
  invoke,
  sourceHandler,
  textLoader,
  type Transcript,
} from "../support/invocation";
import { writtenEvents } from "../support/written-events";

const modes = ["notify", "enforce"] as const;
const outcomesIn = (transcripts: readonly Transcript[]): string[] =>
  transcripts.flatMap(({ answer }) => answer?.outcomes.map(({ outcome }) => outcome) ?? []);

describe("the deployed text of every guardrail does what its source does", () => {
  for (const definition of inspecting)
    describe(definition.id, () => {
      const events = writtenEvents(definition.id);
      const seen: Record<string, Transcript[]> = { notify: [], enforce: [] };
      let fromText: ReturnType<typeof textLoader>;

      before(async () => {
        fromText = textLoader(await deployedText(definition));
      });

      for (const [name, event] of Object.entries(events))
        it(`${name}: same lines, calls, notices and errors`, async () => {
          const stage = stageOf(definition.id);
          const settings = settingsOf(definition, stage.settings);
          for (const mode of modes) {
            const run = (make: Parameters<typeof invoke>[1]) =>
              invoke(definition.id, make, event, configOf(mode, settings), stage.account(event));

            const source = await run(() => sourceHandler(definition));
            const deployed = await run(fromText);

            expect(deployed, mode).to.deep.equal(source);
            seen[mode].push(deployed);
          }
        });

      it("and these events made it tell, write and ignore, so there was something to compare", () => {
        expect(outcomesIn(seen.notify)).to.include("notified").and.not.include("remediated");
        expect(outcomesIn(seen.enforce)).to.include("remediated");
        for (const mode of modes) {
          expect(seen[mode].map(({ answer }) => answer?.ignored)).to.include("the call failed");
          expect(seen[mode].flatMap(({ sent }) => sent.map(({ call }) => call))).to.include(
            "sns us-east-1 Publish",
          );
        }
      });
    });
});
