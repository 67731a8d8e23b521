import { expect, it } from "vitest";
import { needs } from "./needs.ts";

it("skips a test that lacks something, and says what", () =>
  expect(needs(false, "nixfmt → npm run setup")).toEqual({
    skip: true,
    meta: { lacks: "needs nixfmt → npm run setup" },
  }));

it("says nothing of a test whose need is here, so that `test.runIf` still leaves it out", () =>
  expect(Object.keys(needs(true, "nixfmt → npm run setup"))).toEqual([]));
