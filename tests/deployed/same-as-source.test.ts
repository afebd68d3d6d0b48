import { expect } from "chai";
import { deliver } from "../support/events/deliveries";
import { stageOf } from "../support/stages";
import { inspecting, settingsOf } from "../support/inspecting";
import {
  configOf,
  deployedText,
  type Handler,
  sourceHandler,
  textLoader,
  type Transcript,
} from "../support/invocation";
import { writtenEvents } from "../support/events/written";

const modes = ["notify", "enforce"] as const;
/** Of each delivery. */
const outcomesIn = (transcripts: readonly Transcript[]): string[][] =>
  transcripts.map(({ answer }) => answer?.outcomes.map(({ outcome }) => outcome) ?? []);

describe("the deployed text of every guardrail does what its source does", () => {
  for (const definition of inspecting)
    describe(definition.id, () => {
      const events = writtenEvents(definition.id);
      /** By mode, the deliveries of each event. */
      const seen: Record<string, Transcript[][]> = { notify: [], enforce: [] };
      let fromText: ReturnType<typeof textLoader>;

      before(async () => {
        fromText = textLoader(await deployedText(definition));
      });

      for (const [name, event] of Object.entries(events))
        it(`${name}: same lines, calls, notices, records and errors, however often it is delivered`, async () => {
          const settings = settingsOf(definition, stageOf(definition.id).settings);
          for (const mode of modes) {
            const run = (make: () => Handler) => deliver(definition, make, event, configOf(mode, settings));

            const source = await run(() => sourceHandler(definition));
            const deployed = await run(fromText);

            expect(deployed, mode).to.deep.equal(source);
            seen[mode].push(deployed);
          }
        });

      it("and these events made it tell, write and ignore, so there was something to compare", () => {
        const [inNotify, inEnforce] = modes.map(mode => seen[mode].map(outcomesIn));

        expect(inNotify.flat(2)).to.include("notified").and.not.include("remediated");
        expect(inNotify).to.deep.include([[], ["notified"], ["duplicate"], []]);
        expect(inEnforce).to.deep.include([[], ["remediated"], ["duplicate"], []]);
        for (const mode of modes) {
          const transcripts = seen[mode].flat();
          expect(transcripts.map(({ answer }) => answer?.ignored)).to.include("the call failed");
          expect(transcripts.map(({ thrown }) => thrown)).to.include("NotFound: The topic is gone");
          expect(transcripts.flatMap(({ sent }) => sent.map(({ call }) => call))).to.include.members([
            "sns us-east-1 Publish",
            "dynamodb us-east-1 BatchGetItem",
          ]);
        }
      });
    });
});
