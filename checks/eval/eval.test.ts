import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { refusalOf, runNix } from "./nix.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

// No store behind it: a claim cannot build, fetch or write anything.
const evaluate = async (args: readonly string[]): Promise<string> =>
  runNix("nix-instantiate", [
    ...["--store", "dummy://", "--eval", "--strict", "--json"],
    ...["--arg", "libPath", "<nixpkgs/lib>", ...args],
  ]);

/** The file's claims by name, each with the error it expects, or null where it expects a value. Evaluates none of them. */
async function claimsIn(file: string): Promise<[claim: string, expectedError: string | null][]> {
  const names =
    "{ libPath, file }: builtins.mapAttrs (_: claim: claim.expectedError or null) (import file { inherit libPath; })";
  return Object.entries(JSON.parse(await evaluate(["--argstr", "file", file, "--expr", names])));
}

const files = readdirSync(folder).filter((name) => name.endsWith(".nix"));

// One evaluation for each claim, 30 ms: one that fails badly leaves the others alone.
for (const name of files) {
  const file = join(folder, name);
  const claims = await claimsIn(file);
  describe(basename(name, ".nix"), () => {
    for (const [claim, expectedError] of claims) {
      it(claim, async () => {
        const evaluation = evaluate([file, "--attr", JSON.stringify(claim)]);
        if (expectedError !== null) {
          expect(await refusalOf(evaluation)).toContain(expectedError);
          return;
        }
        const { expr, expected } = JSON.parse(await evaluation);
        expect(expr).toStrictEqual(expected);
      });
    }
  });
}
