import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { compare, isNot, type Step } from "../../step";
import { forgedOpening } from "./forged";
import { ends, groupId, guarded, guardrail, open, sshOpen } from "./groups";

/** Open since before the stack was deployed: perhaps somebody needs it so. */
const old = "old";

/** What is told and left alone, because nobody has just done it. */
export const unaskedSteps: readonly Step[] = [
  {
    name: "wrong-before-the-stack",
    title: "The guardrails look at what there is: a group open since before the stack is told once, and left",
    chapter: "first look",
    expected: {
      notify: { outcomes: ["notified"], notices: 1 },
      enforce: { outcomes: ["notified"], notices: 1 },
    },
    needs: [guarded, isNot("sweep", "off")],
    before: async early => void (await open(early, old)),
    play: async stage => {
      await stage.pass(15);
      return async ({ mails }) => [
        ...(await ends(stage, old, [sshOpen])()),
        ...compare(
          "the mails that count it, and name it",
          mails.map(() => true),
          await Promise.all(
            mails.map(
              async ({ subject, body }) =>
                /Baseline: 1 of \d+ wrong before/.test(subject) && body.includes(await groupId(stage, old)),
            ),
          ),
        ),
      ];
    },
  },
  {
    name: "forged-event",
    title:
      "Mallory, who may invoke functions, forges Ada's event so that the guardrail closes that old group",
    chapter: "attack",
    expected: { enforce: { outcomes: ["notified"], notices: 1 } },
    after: "wrong-before-the-stack",
    play: async stage => {
      await stage.client(LambdaClient, "mallory").send(
        new InvokeCommand({
          FunctionName: stage.functionOf(guardrail),
          InvocationType: "Event",
          Payload: Buffer.from(JSON.stringify(await forgedOpening(stage, old))),
        }),
      );
      return async ({ mails }) => [
        ...(await ends(stage, old, [sshOpen])()),
        ...compare(
          "the mails that say that the event is unconfirmed",
          mails.map(() => true),
          mails.map(({ body }) => body.includes("unconfirmed")),
        ),
      ];
    },
  },
];
