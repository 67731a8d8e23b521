import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { runNix } from "../lib/nix/nix.ts";

const documents = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((file) => file !== "CHANGELOG.md");

let options: ReadonlySet<string>;
beforeAll(async () => {
  const names = "map ({ name, ... }: name) (import ./checks/eval/lib { libPath = <nixpkgs/lib>; }).optionDocs";
  const found = await runNix("nix-instantiate", [
    ...["--store", "dummy://", "--eval", "--strict", "--json", "--expr", names],
  ]);
  options = new Set(JSON.parse(found));
});

/** The option behind a text such as `services.lectern.stages.main.domain`. Stages and secrets may have any name. */
const optionOf = (text: string) =>
  text.replace(/^(services\.lectern\.stages)\.[^.]+/, "$1.<name>").replace(/(\.secrets)\.[^.]+/, "$1.<name>");

/** A document may name an option (`…stages.main.domain`) or a group of options (`…stages.main`, `…stages`). */
const exists = (text: string) => {
  const option = optionOf(text);
  return options.has(option) || [...options].some((name) => name.startsWith(`${option}.`));
};

test("every option of Lectern that a document names exists", () => {
  const named = documents.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\bservices\.lectern(?:\.[A-Za-z0-9<>-]+)+/g)].map(([text]) => ({
      file,
      text,
    })),
  );
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter(({ text }) => !exists(text))).toEqual([]);
});

test("the check finds an option that does not exist", () => {
  expect(exists("services.lectern.stages.main.domain")).toBe(true);
  expect(exists("services.lectern.stages.main.secrets.stream-key.file")).toBe(true);
  expect(exists("services.lectern.stages.main.domian")).toBe(false);
  expect(exists("services.lectern.stage")).toBe(false);
});

test("the second stage of docs/nixos.md works beside a stage with the default ports", async () => {
  const [example] = /(?<=^## Several stages\n[^#]*```nix\n)[^`]+/m.exec(readFileSync("docs/nixos.md", "utf8")) ?? [];
  expect(example).toContain("hall-b");
  const host = `
    with import ./checks/eval/lib { libPath = <nixpkgs/lib>; };
    let stage = { services.lectern.stages.hall-b = { domain = "hall-b.test"; seed = seedFile; }; };
    in refusals (nixos (modulesOf [ ] ++ [ stage { ${example} } ]))`;
  const flags = ["--store", "dummy://", "--eval", "--strict", "--json"];
  expect(JSON.parse(await runNix("nix-instantiate", [...flags, "--expr", host]))).toEqual([]);
});

test("the host of docs/nixos.md with nginx and two other sites works", async () => {
  const [example] =
    /(?<=^## nginx in front\n[^#]*```nix\n)\{[^`]+\}/m.exec(readFileSync("docs/nixos.md", "utf8")) ?? [];
  expect(example).toContain("wiki.example.org");
  const host = `${example?.replaceAll("example.org", "sites.test").replaceAll(/seed = \S+;/g, "seed = seedFile;")}`;
  const expression = `
    with import ./checks/eval/lib { libPath = <nixpkgs/lib>; };
    let config = nixos [ lectern ${host} ];
    in { inherit (config) warnings; refused = refusals config; sites = builtins.attrNames config.services.nginx.virtualHosts; }`;
  const flags = ["--store", "dummy://", "--eval", "--strict", "--json"];
  const sites = ["wiki.sites.test", "www.sites.test", "~lectern.main", "~lectern.main.admin", "~lectern.main.plain"];
  expect(JSON.parse(await runNix("nix-instantiate", [...flags, "--expr", expression]))).toEqual({
    ...{ warnings: [], refused: [], sites },
  });
});
