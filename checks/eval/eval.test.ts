import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { atMost } from "../../src/lib/at-most.ts";
import { refusalOf, runNix } from "../lib/nix/nix.ts";

/** One claim of a file: a value and the expected value, or the expected error. */
interface Claim {
  readonly expectedError: string | null;
  readonly expr?: unknown;
  readonly expected?: unknown;
}

const folder = fileURLToPath(new URL(".", import.meta.url));

// Without a store, no claim can build, fetch or write. A claim file is a function of lib/'s attributes.
const evaluate = async (file: string, what: string): Promise<string> =>
  runNix("nix-instantiate", [
    ...["--store", "dummy://", "--eval", "--strict", "--json", "--argstr", "folder", folder, "--argstr", "file", file],
    "--expr",
    `{ folder, file }: ${what} (import (/. + file) (import (/. + folder + "/lib") { libPath = <nixpkgs/lib>; }))`,
  ]);

/** The claims of a file; with `values`, all that expect a value are evaluated in this one process. */
async function claimsIn(file: string, values: boolean): Promise<Record<string, Claim>> {
  const read = `builtins.mapAttrs (_: claim: { expectedError = claim.expectedError or null; } // (
    if ${values} && !(claim ? expectedError) then { inherit (claim) expr expected; } else { }
  ))`;
  return JSON.parse(await evaluate(file, read));
}

const nixText = (text: string): string => JSON.stringify(text).replaceAll("${", "\\${");

const files = readdirSync(folder).filter((name) => name.endsWith(".nix"));

// One value that fails to evaluate fails the whole file. Then each claim gets its own process, which names the culprit.
const claimsOf = async (name: string) => {
  const file = join(folder, name);
  return { name, file, claims: await claimsIn(file, true).catch(() => claimsIn(file, false)) };
};

const oneOfTwo = atMost(2);
for (const { name, file, claims } of await Promise.all(files.map((name) => oneOfTwo(() => claimsOf(name))))) {
  describe.concurrent(basename(name, ".nix"), () => {
    for (const [claim, found] of Object.entries(claims)) {
      it(claim, async () => {
        const alone = () => evaluate(file, `builtins.getAttr ${nixText(claim)}`);
        if (found.expectedError !== null) {
          expect(await refusalOf(alone())).toContain(found.expectedError);
          return;
        }
        const { expr, expected } = "expr" in found ? found : (JSON.parse(await alone()) as Claim);
        expect(expr).toStrictEqual(expected);
      });
    }
  });
}
