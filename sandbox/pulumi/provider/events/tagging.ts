import { EventBridgeClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-eventbridge";
import type { Existing, Tagging } from "../existing";
import { tagList } from "../inputs";

/** How tags of a bus or a rule change. */
export const tagging = ({ state, client }: Existing): Tagging => ({
  add: tags =>
    client(EventBridgeClient).send(
      new TagResourceCommand({ ResourceARN: String(state.arn), Tags: tagList(tags) }),
    ),
  drop: TagKeys =>
    client(EventBridgeClient).send(new UntagResourceCommand({ ResourceARN: String(state.arn), TagKeys })),
});
