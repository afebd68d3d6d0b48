import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { zipSync, type Zippable } from "fflate";
import { isAsset, type Archive, type Asset } from "../values";

/**
 * The zip of an archive, byte-equal for equal files. Paths are relative to the program's folder.
 * @throws Error for what lies behind a URL: the sandbox fetches nothing.
 */
export function zipOf(archive: Archive, folder: string): Buffer {
  const files = new Map<string, Buffer>();
  addArchive(archive, folder, "", files);
  if (files.size === 0) throw new Error("the archive is empty");
  const sorted = [...files.keys()].sort();
  // The format's first possible day, by the local time that it is written in.
  const mtime = new Date(1980, 0, 1);
  const contents: Zippable = Object.fromEntries(
    sorted.map(name => [name, [files.get(name) as Buffer, { mtime }]]),
  );
  return Buffer.from(zipSync(contents, { level: 6 }));
}

function addArchive(archive: Archive, folder: string, prefix: string, files: Map<string, Buffer>): void {
  if (archive.assets !== undefined)
    for (const [name, part] of Object.entries(archive.assets))
      if (isAsset(part)) files.set(prefix + name, contentOf(part, folder));
      else addArchive(part, folder, `${prefix}${name}/`, files);
  else if (archive.path !== undefined) addFolder(resolve(folder, archive.path), prefix, files);
  else
    throw new Error(
      `the sandbox does not fetch archives: ${archive.uri ?? "it has neither files nor a path"}`,
    );
}

function addFolder(folder: string, prefix: string, files: Map<string, Buffer>): void {
  if (!statSync(folder).isDirectory())
    throw new Error(`the sandbox takes folders as archives, not ${folder}`);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) addFolder(join(folder, entry.name), `${prefix}${entry.name}/`, files);
    else files.set(prefix + entry.name, readFileSync(join(folder, entry.name)));
}

function contentOf(asset: Asset, folder: string): Buffer {
  if (asset.text !== undefined) return Buffer.from(asset.text);
  if (asset.path !== undefined) return readFileSync(resolve(folder, asset.path));
  throw new Error(`the sandbox does not fetch files: ${asset.uri ?? "an asset has neither text nor a path"}`);
}
