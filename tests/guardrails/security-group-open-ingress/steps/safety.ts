import { arnOf } from "../../../../runtime/aws/partition";
import { compare, type Step } from "../../step";
import { ends, guarded, guardrail, open, sshOpen } from "./groups";

const write = "RevokeSecurityGroupIngress";

const mailsSaying = (mails: readonly { body: string }[], words: string): number =>
  mails.filter(({ body }) => body.includes(words)).length;

export const safetySteps: readonly Step[] = [
  {
    name: "fight-over-a-group",
    title: "Ada opens SSH again each time that it is closed",
    chapter: "fight",
    expected: { enforce: { outcomes: ["remediated", "remediated", "remediated", "held"], notices: 4 } },
    needs: [guarded],
    play: async stage => {
      for (let again = 1; again <= 4; again += 1) {
        await open(stage, "fight");
        await stage.settle();
      }
      return async ({ mails }) => [
        ...(await ends(stage, "fight", [sshOpen])()),
        ...compare(
          "the mails that say who breaks it each time",
          stage.recipients.length,
          mailsSaying(mails, "this guardrail has put it right 3 times"),
        ),
      ];
    },
  },
  {
    name: "held-finding-taken-up",
    after: "fight-over-a-group",
    title: "Ada stops. Once the pause is over, the guardrail's timer takes it up, without another event",
    chapter: "fight",
    expected: { enforce: { outcomes: ["remediated"], notices: 1 } },
    needs: [guarded],
    play: async stage => {
      await stage.pass(10);
      return ends(stage, "fight", []);
    },
  },
  {
    name: "undo-by-an-operator",
    title: "Otto, an operator, takes a fix back: it stays as he wants it",
    chapter: "undo",
    // One of the fix, one that says who took it back.
    expected: { enforce: { outcomes: ["remediated", "held"], notices: 2 } },
    needs: [guarded],
    play: async stage => {
      const GroupId = await open(stage, "undo");
      await stage.settle();
      const arn = arnOf("ec2", stage.region, stage.account, `security-group/${GroupId}`);
      const said = await stage.operate("undo", "--last", arn, "--reason", "demo", "--yes");
      return async () => [
        ...compare(
          "the command's exit code",
          { code: 0, said: said.text },
          { code: said.code, said: said.text },
        ),
        ...(await ends(stage, "undo", [sshOpen])()),
      ];
    },
  },
  {
    name: "duplicate-deliveries",
    title: "Ada opens SSH once, and the event is delivered five times",
    chapter: "delivery",
    expected: {
      enforce: { outcomes: ["remediated", "duplicate", "duplicate", "duplicate", "duplicate"], notices: 1 },
    },
    needs: [guarded],
    play: async stage => {
      await open(stage, "duplicate");
      await stage.redeliver(guardrail, 4);
      return ends(stage, "duplicate", []);
    },
  },
  {
    name: "crash-and-redelivery",
    title: "The function dies right after its write; Lambda tries again, and the event comes once more",
    chapter: "crash",
    expected: { enforce: { outcomes: ["remediated", "duplicate"], notices: 1 } },
    needs: [guarded],
    play: async stage => {
      const died = stage.crashAfter(guardrail, write);
      await open(stage, "crash");
      await stage.settle();
      await stage.redeliver(guardrail, 1);
      return async () => [
        ...compare("the function's process died", true, died()),
        ...(await ends(stage, "crash", [])()),
      ];
    },
  },
];
