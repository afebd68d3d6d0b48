import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { dependencies } from "../../../package.json";

/** Pulumi's CLI on this machine. */
export interface PulumiCli {
  readonly command: string;
  /** Folders that have to stand first on its PATH: with this project's language host, where the CLI has none. */
  readonly path: readonly string[];
}

const languageHost = "pulumi-language-nodejs";

/**
 * Pulumi's CLI: the one that PULUMI_BIN names (the binary or its folder), the one that `tools/build-pulumi.sh` built,
 * or the one on the PATH; undefined where there is none.
 * @throws Error with one sentence when PULUMI_BIN names nothing that runs.
 */
export function findPulumi(env: NodeJS.ProcessEnv = process.env): PulumiCli | undefined {
  const path = (env.PATH ?? "").split(delimiter).filter(folder => folder !== "");
  const wish = env.PULUMI_BIN ?? "";
  const cache = env.XDG_CACHE_HOME || join(env.HOME ?? homedir(), ".cache");
  const built = join(cache, "aws-event-guardrails", `pulumi-v${dependencies["@pulumi/pulumi"]}`, "pulumi");
  const places = wish !== "" ? [wish, join(wish, "pulumi")] : [built, ...path.map(at => join(at, "pulumi"))];
  const command = places.find(runs);
  if (command === undefined && wish !== "")
    throw new Error(`PULUMI_BIN names "${wish}", and there is no pulumi that runs`);
  if (command === undefined) return undefined;
  const hasHost = [dirname(command), dirname(realpathSync(command)), ...path].some(folder =>
    existsSync(join(folder, languageHost)),
  );
  return { command, path: hasHost ? [] : [__dirname] };
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
