import { expect } from "chai";
import { forge } from "../forged/trial";
import { inspecting } from "../support/inspecting";
import { recordedEvents, recordingsAreMissing } from "../support/events/recorded";
import { writtenEvents } from "../support/events/written";

const each = Math.ceil(5_000 / inspecting.length);

describe("forged events", () => {
  for (const definition of inspecting) {
    it(`of ${definition.id} end in an outcome or a refusal, and write only what a fresh read confirms`, async function () {
      const events = Object.values(writtenEvents(definition.id));
      const { tried, refused, written, wrongs } = await forge(definition, events, each, 1);
      expect(wrongs.slice(0, 5).join("\n")).to.equal("");
      expect(tried).to.equal(each);
      expect(refused, "refused").to.be.above(0);
      expect(written, "written").to.be.above(each / 50);
    });

    const title = `made from recorded events of ${definition.id} do no more`;
    if (recordingsAreMissing !== undefined) it.skip(`${title}: ${recordingsAreMissing}`);
    else
      it(title, async () => {
        const names = definition.triggers.flatMap(trigger =>
          "pattern" in trigger ? ((trigger.pattern.detail as { eventName?: string[] })?.eventName ?? []) : [],
        );
        const events = recordedEvents(names).map(({ event }) => ({ ...event, account: "123456789012" }));
        expect(events.length).to.be.above(0);
        const { wrongs } = await forge(definition, events, 300, 1);
        expect(wrongs.slice(0, 5).join("\n")).to.equal("");
      });
  }
});
