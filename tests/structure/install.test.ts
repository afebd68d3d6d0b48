import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const read = (file: string): string => readFileSync(join(__dirname, "../..", file), "utf8");

interface Locked {
  readonly integrity?: string;
}

describe("npm ci", () => {
  it("runs no script of a package, and takes only what the lockfile has a hash of", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
    const loose = Object.entries(packages).filter(
      ([path, { integrity }]) => path !== "" && !/^sha512-/.test(integrity ?? ""),
    );

    expect(read(".npmrc").split("\n")).to.include("ignore-scripts=true");
    expect(Object.keys(packages).length).to.be.at.least(100);
    expect(loose.map(([path]) => path)).to.deep.equal([]);
  });
});
