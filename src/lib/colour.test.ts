import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

const program = `import { paint } from ${JSON.stringify(new URL("colour.ts", import.meta.url).href)};
  process.stdout.write(JSON.stringify([paint("✗", "✗"), paint("name", "x")]));`;
const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program];
const shell = (words: readonly string[]) => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");

// Node asks more variables than these two: a terminal with CI set, for one, has no colours.
const printed = ([file = "", ...args]: readonly string[], env: object): unknown =>
  JSON.parse(execFileSync(file, args, { encoding: "utf8", env: { PATH: process.env.PATH, TERM: "xterm", ...env } }));
const onTerminal = (env: object) => printed(["script", "-qec", shell(node), "/dev/null"], env);

const coloured = ["\x1b[31m✗\x1b[39m", "x"];
const plain = ["✗", "x"];

it.each<[claim: string, found: () => unknown, expected: unknown]>([
  ["are shown on a terminal", () => onTerminal({}), coloured],
  ["are left out if NO_COLOR is set", () => onTerminal({ NO_COLOR: "1" }), plain],
  ["are left out if the output is not a terminal", () => printed(node, {}), plain],
  ["are always shown if FORCE_COLOR is set", () => printed(node, { FORCE_COLOR: "1" }), coloured],
  ["are left out if FORCE_COLOR is 0", () => onTerminal({ FORCE_COLOR: "0" }), plain],
])("colours %s", (_, found, expected) => expect(found()).toEqual(expected));
