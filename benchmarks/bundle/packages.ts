import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync, type Zippable } from "fflate";
import type { CallbackPackage } from "./callback-package";
import type { DeployedFunction } from "./deployed";

/** A package as Lambda would unpack it. */
export interface Unpacked {
  /** The file that holds the handler. */
  readonly index: string;
  readonly zipBytes: number;
  readonly fileCount: number;
}

/** A zip of nothing, which every zip ends with. */
const zipEnd = 22;
const zipBytes = (files: Zippable): number => zipSync(files).length;

/** Puts our archive of a function into a folder of its own. */
export function unpackOurs(folder: string, { definition, files }: DeployedFunction): Unpacked {
  const own = write(join(folder, "ours", definition.id), files);
  return { index: join(own.folder, "index.js"), zipBytes: zipBytes(own.zippable), fileCount: own.count };
}

/**
 * Puts Pulumi's packages into folders of their own, and what they have in common beside these: `node_modules` is the
 * same in each, so it is copied and zipped once. A zip is its entries one after another, so sizes can be added.
 */
export function unpackDefaults(folder: string, packages: Record<string, CallbackPackage>) {
  const root = join(folder, "default");
  const [folders, ...others] = Object.values(packages).map(one => one.folders);
  if (others.some(other => other.join() !== folders.join())) throw new Error("Pulumi's packages differ");
  for (const name of folders) cpSync(name, join(root, name), { recursive: true });
  const modules = filesUnder(root);
  const modulesBytes = zipBytes(modules) - zipEnd;
  const unpack = ({ files, handler }: CallbackPackage, id: string): Unpacked => {
    const own = write(join(root, id), files);
    return {
      index: join(own.folder, `${handler.split(".")[0]}.js`),
      zipBytes: modulesBytes + zipBytes(own.zippable),
      fileCount: Object.keys(modules).length + own.count,
    };
  };
  return Object.fromEntries(Object.entries(packages).map(([id, one]) => [id, unpack(one, id)]));
}

function write(folder: string, files: Readonly<Record<string, string>>) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, count: Object.keys(files).length, zippable: filesUnder(folder) };
}

const filesUnder = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .map(path => [path.slice(folder.length + 1), readFileSync(path)]),
  );
