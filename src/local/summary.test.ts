import { expect, it } from "vitest";
import { type DemoSummary, verdictText } from "./summary.ts";

const summary: DemoSummary = {
  ...{
    applied: [],
    differences: [],
    page: "",
    caFile: "",
    sshForward: "",
    encoderSpeed: null,
    report: null,
    crowd: null,
    edges: null,
    storage: null,
    captions: null,
  },
  ingest: { server: "", streamKeyFile: "" },
  admin: { url: "", user: "admin", passwordFile: "" },
};

it.each([
  { speed: 1, says: "encoder: 1.00× of live\n" },
  { speed: 0.986, says: "encoder: 0.99× of live\n" },
  { speed: 0.95, says: "encoder: 0.95× of live: at this machine's limit\n  → " },
  { speed: 0.5, says: "✗ encoder: 0.50× of live: too slow, viewers will see it stall\n  → " },
])("shows that an encoder runs at $speed of live, and a remedy only if it falls behind", ({ speed, says }) => {
  const text = verdictText({ ...summary, encoderSpeed: speed });
  expect(text.startsWith(says)).toBe(true);
  expect(text.includes("→")).toBe(says.includes("→"));
});
