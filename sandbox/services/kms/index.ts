import * as sdk from "@aws-sdk/client-kms";
import { recordShapes } from "../../../records";
import type { Asked, Named } from "../../iam/judged";
import { parseIfAny } from "../../iam/policies";
import { text, textsOf } from "../../iam/requirements/members";
import { tagsOf as tagMap } from "../../iam/requirements/tags";
import { absent, tagsOf } from "../../state/stored";
import type { Service } from "../service";
import { kmsHandlers } from "./handlers";

async function resources({ call, input, action, find }: Asked): Promise<Named> {
  const { KeyId, TargetKeyId, AliasName, SourceKeyId, DestinationKeyId } = input;
  const wanted = action.endsWith(":ReEncryptFrom")
    ? [SourceKeyId]
    : action.endsWith(":ReEncryptTo")
      ? [DestinationKeyId]
      : [KeyId, TargetKeyId, /:(Delete|Update)Alias$/.test(action) ? AliasName : undefined];
  const keys = textsOf(wanted).map(async id => (await find("kms:key", id, call)) ?? id);
  return { key: await Promise.all(keys), alias: [text(AliasName)?.replace(/^alias\//, "")] };
}

export const kms: Service = {
  name: "kms",
  sdk: { client: "KMSClient", load: () => import("@aws-sdk/client-kms") },
  record: recordShapes.kms,
  corrections: ({ account }) => kmsHandlers(account),
  actions: { ReEncrypt: ["ReEncryptFrom", "ReEncryptTo"] },
  newer: ["Decapsulate", "Encapsulate"],
  resources,
  contextKeys: {
    "kms:CallerAccount": ({ account }) => account,
    "kms:EncryptionContextKeys": ({ input }) => Object.keys(tagMap(input.EncryptionContext)),
    "kms:EncryptionContext:*": ({ input }) =>
      Object.fromEntries(
        Object.entries(tagMap(input.EncryptionContext)).map(([key, value]) => [
          `kms:EncryptionContext:${key}`,
          value,
        ]),
      ),
    // No service uses a key on a caller's behalf here.
    "kms:ViaService": () => undefined,
  },
  finders: {
    /** The ARN behind a key id, alias name, alias ARN or key ARN. */
    key: async (account, KeyId, place) => {
      const client = account.client(sdk.KMSClient, place);
      return (await absent(client.send(new sdk.DescribeKeyCommand({ KeyId }))))?.KeyMetadata?.Arn;
    },
  },
  facts: async (account, arn) => {
    const KeyId = arn.resource.split("/").pop();
    const client = account.client(sdk.KMSClient, arn);
    return { tags: tagsOf((await absent(client.send(new sdk.ListResourceTagsCommand({ KeyId }))))?.Tags) };
  },
  resourcePolicies: {
    holder: resource => (resource.split(":")[5]?.startsWith("key/") ? resource : undefined),
    decides: "where it is",
    read: async (account, arn) => {
      const command = new sdk.GetKeyPolicyCommand({
        KeyId: arn.resource.split("/").pop(),
        PolicyName: "default",
      });
      return parseIfAny((await absent(account.client(sdk.KMSClient, arn).send(command)))?.Policy);
    },
  },
  lacks: [
    "grants are not asked",
    "`Decrypt` without `KeyId`: which key it needs is not read from the ciphertext",
  ],
};
