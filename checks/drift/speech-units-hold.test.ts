import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needs } from "../lib/needs.ts";

// Proves: the speech server takes the command line of each host's engine. The model is missing here, so it ends after that.

const { SPEECH: python = "" } = process.env;
const accepted = 65;
const refused = 64;

interface Started {
  readonly claim: string;
  readonly options: readonly string[];
}

const ofUnits = readdirSync("checks/golden").flatMap((host) => {
  const folder = `checks/golden/${host}/units`;
  const units = readdirSync(folder).filter((name) => /^lectern-.*-speech@.*\.service$/.test(name));
  return units.map((unit): Started => {
    const text = readFileSync(`${folder}/${unit}`, "utf8");
    const [, line = ""] = /^ExecStart=\S+\/bin\/lectern-speech (.*)$/m.exec(text) ?? [];
    return { claim: `${host}'s ${unit}`, options: line.split(" ") };
  });
});

const [, words = ""] = /enum \[([^\]]*)\]/.exec(readFileSync("modules/services/captions/options.nix", "utf8")) ?? [];
const engines = [...words.matchAll(/"([^"]+)"/g)].map(([, engine = ""]) => engine);
const ofEngines = engines.map((engine): Started => {
  const [{ options = [] } = {}] = ofUnits;
  return { claim: `engine = "${engine}"`, options: changed(options, "--engine", engine) };
});

/** The options with another value of one of them. */
function changed(options: readonly string[], name: string, value: string): string[] {
  return options.map((word, at) => (options[at - 1] === name ? value : word));
}

function start(options: readonly string[]): { code: number | null; stderr: string } {
  const { status, stderr } = spawnSync(python, ["-B", "speech", ...changed(options, "--model", "/missing/model")], {
    encoding: "utf8",
  });
  return { code: status, stderr };
}

describe("the speech server", needs(python !== "", "the speech engines → npm run setup"), () => {
  it("is started on hosts, by three engines", () => {
    expect(ofUnits.length).toBeGreaterThanOrEqual(2);
    expect(engines).toHaveLength(3);
  });

  it.each([...ofUnits, ...ofEngines])("takes the options of $claim", ({ options }) => {
    expect(start(options)).toEqual({ code: accepted, stderr: expect.stringContaining("/missing/model") });
  });

  it("refuses an option that it does not know, so this test can fail", () => {
    const [{ options = [] } = {}] = ofUnits;
    expect(start([...options, "--modle", "x"]).code).toBe(refused);
  });
});
