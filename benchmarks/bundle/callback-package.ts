import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { serializeRemediator } from "../../components/bundle";
import type { AnyInspecting } from "../../components/definition";
import { deploy } from "../../tests/support/program";
import { textsOf } from "./deployed";

/** What `aws.lambda.CallbackFunction` packs for one callback. */
export interface CallbackPackage {
  /** The serialized callback, by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** The folders that it packs beside it, relative to the project. */
  readonly folders: readonly string[];
  /** `<file>.<export>`, as Lambda is told. */
  readonly handler: string;
}

type Serialize = typeof pulumi.runtime.serializeFunction;

/**
 * Hands each remediator's own callback to a `CallbackFunction` with every option left as it is. The working folder has
 * to be the project's: Pulumi packs what `dependencies` of its package.json name.
 * @throws Error when the two ways serialize different texts, as the packages would then not be of one callback.
 */
export async function callbackPackages(definitions: readonly AnyInspecting[]): Promise<CallbackPackage[]> {
  const callbacks: Awaited<ReturnType<typeof catchCallback>>[] = [];
  for (const definition of definitions) callbacks.push(await catchCallback(definition));
  const role = "arn:aws:iam::123456789012:role/default";
  const stack = await deploy({}, () => {
    for (const { id, callbackFactory } of callbacks)
      new aws.lambda.CallbackFunction(id, { callbackFactory, role });
  });
  return Promise.all(
    callbacks.map(async ({ id, text }) => {
      const { code, handler } = stack.find("aws:lambda/function:Function", id).inputs;
      const files = await textsOf(code);
      if (!Object.values(files).includes(text))
        throw new Error(`CallbackFunction serialized something else than our bundle holds for ${id}`);
      const assets = await (code as pulumi.asset.AssetArchive).assets;
      return { files, handler, folders: Object.keys(assets).filter(name => !(name in files)) };
    }),
  );
}

/** The function that the product hands to Pulumi's serializer, and the text that comes of it. */
async function catchCallback(definition: AnyInspecting) {
  const runtime = pulumi.runtime as { serializeFunction: Serialize };
  const serialize = runtime.serializeFunction;
  const caught: Parameters<Serialize>[0][] = [];
  runtime.serializeFunction = (callback, options) => {
    caught.push(callback);
    return serialize(callback, options);
  };
  try {
    const text = await serializeRemediator(definition);
    const callbackFactory = caught[0] as () => aws.lambda.Callback<unknown, unknown>;
    return { id: definition.id, text, callbackFactory };
  } finally {
    runtime.serializeFunction = serialize;
  }
}
