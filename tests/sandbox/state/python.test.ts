import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ensurePython } from "../../../sandbox/state/python";
import { explainPip } from "../../../sandbox/state/python-build";
import { refusal } from "../support/refusal";

/** Interpreters here are shell scripts that behave as Python does on some machine. */
describe("the Python environment", () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "guardrails-python-"))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  interface Machine {
    readonly version?: string;
    readonly venv?: "works" | "without pip" | "missing";
    readonly pip?: "works" | "missing" | "old" | "offline";
  }

  /** A python3 that notes how it is called, in a folder that becomes the PATH. */
  const machine = ({ version = "3|11|4", venv = "works", pip = "works" }: Machine): NodeJS.ProcessEnv => {
    const bin = join(home, "bin");
    mkdirSync(bin, { recursive: true });
    const script = `#!/bin/sh
echo "$*" >> ${home}/calls
self=${bin}/python3
make() { /bin/mkdir -p "$1/bin"; /bin/cp $self "$1/bin/python"; }
case "$*" in
  "-c "*) echo "$self|${version}" ;;
  "-m venv --without-pip "*) [ ${venv} = missing ] && exit 1; make "$4" ;;
  "-m venv "*) [ "${venv}" = works ] || { /bin/mkdir -p "$3/bin"; exit 1; }; make "$3" ;;
  "-m pip --version") [ ${pip} = missing ] && exit 1; echo pip ;;
  "-m pip "*"install"*)
    case "${pip} $*" in old*--python*) echo "no such option: --python" >&2; exit 2;; esac
    [ ${pip} = offline ] && { echo "ERROR: Could not find a version that satisfies moto" >&2; exit 1; }
    echo "Collecting moto"; exit 0 ;;
esac
`;
    writeFileSync(join(bin, "python3"), script);
    chmodSync(join(bin, "python3"), 0o755);
    return { PATH: bin };
  };
  const requirements = (): string => {
    const file = join(home, "requirements.txt");
    if (!existsSync(file)) writeFileSync(file, "moto==1.0\n");
    return file;
  };
  const folder = () => join(home, "sandbox");
  const ensure = (env: NodeJS.ProcessEnv, progress: (text: string) => void = () => undefined) =>
    ensurePython({ folder: folder(), env, requirements: requirements(), progress });
  const calls = () => readFileSync(join(home, "calls"), "utf8").trim().split("\n");
  const leftovers = () =>
    existsSync(folder()) ? readdirSync(folder()).filter(name => name.endsWith(".tmp")) : [];

  it("is made with venv, tells how far it is, and is found again without running anything", async () => {
    const env = machine({});
    const said: string[] = [];

    const first = await ensure(env, text => said.push(text));
    const before = calls().length;
    const second = await ensure(env);

    expect(first.command).to.match(/\/python-[0-9a-f]{12}\/venv\/bin\/python$/);
    expect(existsSync(first.command)).to.equal(true);
    expect(said).to.include("Python packages: 1 of 1");
    expect(second).to.deep.equal(first);
    expect(calls()).to.have.length(before);
    expect(calls().some(call => call.includes("--require-hashes --only-binary :all:"))).to.equal(true);
  });

  it("is made with the system's pip where venv has none", async () => {
    const python = await ensure(machine({ venv: "without pip" }));

    expect(python.command).to.include("/venv/bin/python");
    expect(calls().some(call => /^-m pip --python .*\/venv\/bin\/python install /.test(call))).to.equal(true);
  });

  it("is a folder of packages where venv is missing, or pip too old to know another's", async () => {
    const without = await ensure(machine({ venv: "missing" }));
    rmSync(folder(), { recursive: true });
    const old = await ensure(machine({ venv: "without pip", pip: "old" }));

    for (const python of [without, old]) {
      expect(python.command).to.equal(join(home, "bin", "python3"));
      expect(python.env.PYTHONPATH).to.match(/\/python-[0-9a-f]{12}\/site$/);
    }
    expect(calls().at(-1)).to.include("--target");
  });

  it("is made again when the pins change or the interpreter behind it goes", async () => {
    const env = machine({});
    const first = await ensure(env);

    rmSync(first.command);
    const second = await ensure(env);
    writeFileSync(requirements(), "moto==2.0\n");
    const third = await ensure(env);

    expect(existsSync(second.command)).to.equal(false); // the environment of the old pins is removed
    expect(existsSync(third.command)).to.equal(true);
    expect(third.command).to.not.equal(first.command);
  });

  it("is whole after two starts at once, and after one that was killed", async () => {
    const env = machine({});
    mkdirSync(join(folder(), "python-0123456789ab.999999.abcdef.tmp"), { recursive: true });

    const [one, other] = await Promise.all([ensure(env), ensure(env)]);

    expect(one).to.deep.equal(other);
    expect(existsSync(one.command)).to.equal(true);
    expect(leftovers()).to.deep.equal([]);
  });

  it("leaves nothing half-made when packages cannot be fetched, and says why", async () => {
    const error = await refusal(ensure(machine({ pip: "offline" })));

    expect(error.message).to.match(/^The Python packages could not be downloaded: check the network/);
    expect(readdirSync(folder())).to.deep.equal([]);
  });

  const sentences: readonly [title: string, env: () => NodeJS.ProcessEnv, sentence: RegExp][] = [
    [
      "there is no Python",
      () => ({ PATH: home }),
      /^The sandbox needs Python 3\.10 or later and found none on the PATH: install it/,
    ],
    ["Python is too old", () => machine({ version: "3|9|18" }), /found only 3\.9\.18 .*: install it/],
    [
      "GUARDRAILS_PYTHON names nothing",
      () => ({ GUARDRAILS_PYTHON: join(home, "nope") }),
      /GUARDRAILS_PYTHON names ".*nope", which does not run: let/,
    ],
    [
      "there is neither venv nor pip",
      () => machine({ venv: "missing", pip: "missing" }),
      /has neither venv nor pip: install them \(Debian and Ubuntu: apt install python3-venv/,
    ],
  ];
  for (const [title, env, sentence] of sentences)
    it(`is refused in one sentence with the remedy when ${title}`, async () => {
      const error = await refusal(ensure(env()));

      expect(error.message).to.match(sentence);
      expect(error.message).to.not.include("\n");
    });

  it("is refused with the way out where its folder cannot be used", async () => {
    writeFileSync(folder(), "no folder");
    const whole = await refusal(ensure(machine({})));
    rmSync(folder());
    mkdirSync(folder());
    chmodSync(folder(), 0o500);
    const locked = process.getuid?.() === 0 ? whole : await refusal(ensure(machine({})));

    for (const { message } of [whole, locked])
      expect(message).to.match(
        /^The sandbox keeps its Python packages in .+\/sandbox, which this user cannot read and write \(E[A-Z]+\): remove it, [^\n]+ start again\.$/,
      );
  });

  it("tells pip's failures apart", () => {
    expect(explainPip("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES")).to.match(/^A Python package differs/);
    expect(explainPip("OSError: [Errno 28] No space left on device")).to.match(/^The disk is full/);
    expect(explainPip("WARNING: Retrying\nERROR: Max retries exceeded")).to.match(
      /check the network.*Max retries exceeded\)\.$/,
    );
    expect(explainPip("ERROR: something new")).to.equal(
      "The Python packages could not be installed (pip says: ERROR: something new).",
    );
  });
});
