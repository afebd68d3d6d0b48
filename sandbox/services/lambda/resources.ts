import { partitionOf } from "../../../runtime/aws/partition";
import type { Call } from "../../ground/call";
import type { Asked, Named } from "../../iam/judged";
import { text, textsOf } from "../../iam/requirements/members";

/** Functions are named by name, by ARN, or by a part of it with the account: 123456789012:function:f. */
export function lambdaResources({ call, input }: Asked): Named {
  const { FunctionName, Qualifier, Resource, UUID, LayerName, VersionNumber, Arn } = input;
  const [name] = textsOf(FunctionName);
  const full = name === undefined ? undefined : arnOfFunction(call, name);
  const qualified =
    full && (Qualifier && full.split(":").length === 7 ? `${full}:${String(Qualifier)}` : full);
  const tagged = text(Resource);
  return {
    function: [qualified, tagged?.includes(":function:") ? tagged : undefined],
    "function alias": [qualified],
    "function version": [qualified],
    eventSourceMapping: [text(UUID), tagged?.includes(":event-source-mapping:") ? tagged : undefined],
    layer: textsOf(LayerName),
    layerVersion: [VersionNumber ? `${String(LayerName)}:${String(VersionNumber)}` : undefined, text(Arn)],
  };
}

export function arnOfFunction(call: Call, name: string): string {
  const [, account, plain, qualifier = ""] = /^(?:(\d{12}):)?(?:function:)?([^:]+)(:.+)?$/.exec(name) ?? [];
  if (name.startsWith("arn:") || plain === undefined) return name;
  const { id } = partitionOf(call.region);
  return `arn:${id}:lambda:${call.region}:${account ?? call.account}:function:${plain}${qualifier}`;
}
