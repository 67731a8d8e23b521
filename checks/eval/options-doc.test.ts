import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";

test("docs/options.md matches the modules (after an intended change: npm run golden)", async () => {
  const { options } = await evaluate();
  expect(readFileSync("docs/options.md", "utf8")).toBe(options);
});
