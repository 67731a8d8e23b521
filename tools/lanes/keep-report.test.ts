import { expect, it, vi } from "vitest";
import type { TestSpecification } from "vitest/node";
import { LongestFirst } from "./keep-report.mjs";

vi.mock(import("./report.mjs"), async (original) => ({
  ...(await original()),
  readReport: () => ({
    run: "",
    leftOut: [],
    files: [],
    errors: [],
    passedAlone: [],
    seconds: { "unit: a.test.ts": 1, "unit: b.test.ts": 3, "e2e: a.test.ts": 2 },
  }),
}));

const file = (project: string, name: string) =>
  ({
    moduleId: `/tree/${name}`,
    project: { name: project, config: { root: "/tree", testTimeout: 60_000 } },
  }) as TestSpecification;

it("the slowest file runs first, in any project, and a new file before all others", async () => {
  const files = [
    file("unit", "a.test.ts"),
    file("e2e", "a.test.ts"),
    file("unit", "new.test.ts"),
    file("unit", "b.test.ts"),
  ];
  const sorted = await LongestFirst.prototype.sort(files);
  expect(sorted.map(({ project, moduleId }) => `${project.name} ${moduleId}`)).toEqual([
    "unit /tree/new.test.ts",
    "unit /tree/b.test.ts",
    "e2e /tree/a.test.ts",
    "unit /tree/a.test.ts",
  ]);
});
