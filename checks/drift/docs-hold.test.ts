import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommanderError } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseCommandLine, verbs } from "../../src/program.ts";
import { commandsInBlocks, commandsInText, lecternArguments } from "../lib/command-lines.ts";

const documents = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((file) => existsSync(file));
const read = (file: string) => readFileSync(file, "utf8");

// Commander tells the terminal why before it throws; help goes to standard output.
let written = "";
beforeEach(() => {
  written = "";
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      written += text;
      return true;
    });
});
afterEach(() => vi.restoreAllMocks());

/** The command line's error for these arguments, or undefined. Runs no command. */
async function fault(args: readonly string[]): Promise<CommanderError | undefined> {
  try {
    await parseCommandLine(args);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error;
  }
}

/** A command line in a sentence may lack required parts (`lectern apply --state-dir`), but must not name unknown ones. */
const leftOut = /^commander\.(missingArgument|missingMandatoryOptionValue|optionMissingArgument|help)$/;

describe("Lectern accepts every command line in the documents", () => {
  // Old decisions are never edited: a command in them may have another name today.
  const guides = documents.filter((file) => !file.startsWith("docs/decisions/"));
  const linesOf = (find: (markdown: string) => string[]) =>
    guides.flatMap((file) =>
      find(read(file)).flatMap((line) => lecternArguments(line).map((args) => ({ file, line, args }))),
    );
  const inBlocks = linesOf(commandsInBlocks);
  const inText = linesOf(commandsInText).filter(({ args: [verb] }) => verb !== "COMMAND");

  test("and finds some in them", () => {
    expect(inBlocks.length).toBeGreaterThan(5);
    expect(inText.length).toBeGreaterThan(5);
  });

  test.each(inBlocks)("$file: $line", async ({ args }) => {
    expect((await fault(args))?.message).toBeUndefined();
  });

  test.each(inText)("$file, in the text: $line", async ({ args }) => {
    const found = await fault(args);
    if (!leftOut.test(found?.code ?? "")) expect(found?.message).toBeUndefined();
  });

  test.each(Object.keys(verbs))("and the examples of lectern %s --help", async (verb) => {
    await parseCommandLine([verb, "--help"]).catch(() => {});
    const examples = [...written.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = ""]) => line);
    expect(examples).not.toEqual([]);
    for (const args of examples.flatMap(lecternArguments)) expect((await fault(args))?.message).toBeUndefined();
  });

  test("and finds a wrong one", async () => {
    const [args = []] = lecternArguments("sudo lectern check main.yaml --jsn | less");
    expect((await fault(args))?.message).toContain("--jsn");
    expect((await fault(["plna"]))?.message).toContain("plna");
  });
});

// The checks of Lectern's flake include virtual machines.
test("no document asks for `nix flake check` with its builds, which fail on a machine without KVM", () => {
  const steps = execFileSync("git", ["ls-files", "*.md", "template", "hosts"], { encoding: "utf8" })
    .trim()
    .split("\n")
    .filter((file) => existsSync(file))
    .flatMap((file) =>
      [...read(file).matchAll(/^\s*[$#] (nix flake check\b.*)$/gm)].map(([, line = ""]) => [file, line]),
    );
  expect(steps.filter(([, line = ""]) => !line.includes("--no-build"))).toEqual([]);
});

test("docs/cli.md has every command, and no other", () => {
  const [, table = ""] = /^\| command \|.*\n([\s\S]*?)\n\n/m.exec(read("docs/cli.md")) ?? [];
  const rows = [...table.matchAll(/^\| `([a-z-]+)[ `]/gm)].map(([, verb = ""]) => verb);
  expect([...new Set(rows)].sort()).toEqual(Object.keys(verbs).sort());
});

/** The anchor that a heading gets where Markdown is shown. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

test("every link between documents has a target", () => {
  const broken = documents.flatMap((file) => {
    const text = read(file).replaceAll(/^ *```[\s\S]*?^ *```/gm, "");
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = ""]) => link);
    return links.flatMap((link) => {
      const [path = "", section] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      const isThere =
        existsSync(target) &&
        (section === undefined ||
          [...read(target).matchAll(/^#+ (.*)$/gm)].some(([, heading = ""]) => anchor(heading) === section));
      return isThere ? [] : [`${file}: ${link}`];
    });
  });
  expect(broken).toEqual([]);
});

test("docs/install.md begins with nixos-anywhere, and gives no command that NixOS 26.05 has removed", () => {
  const [, ways = ""] = /^## 3\. Put NixOS on it\n([\s\S]*?)^## 4\./m.exec(read("docs/install.md")) ?? [];
  const [first] = commandsInBlocks(ways).filter((line) => line.includes("root@live.example.org"));
  expect(first).toContain("nix-community/nixos-anywhere -- --flake .#live");
  expect(commandsInBlocks(ways).filter((line) => /infect|LUSTRATE/i.test(line))).toEqual([]);
});

test("the index of the documentation lists every page", () => {
  const pages = documents.filter((file) => /^docs\/[^/]+\.md$/.test(file) && file !== "docs/README.md");
  const index = read("docs/README.md");
  expect(pages.filter((file) => !index.includes(`(${file.slice("docs/".length)})`))).toEqual([]);
});
