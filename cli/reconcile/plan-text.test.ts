import { describe, expect, it } from "vitest";
import type { Plan } from "./apply.ts";
import { planJson, planText } from "./plan-text.ts";
import type { ResourceStep } from "./resources/kind.ts";

const nothing: Plan = { changes: [], passwordChange: false, resources: [], unmanaged: [] };
const write = async () => ({ status: 200, message: "" });
const steps: ResourceStep[] = [
  { path: "appearance.logo", action: "replace", name: "", have: "picture 1", want: "picture 2", write },
  { path: "integrations.webhooks", action: "create", name: "https://a.example", want: "chat-message", write },
  { path: "integrations.accessTokens", action: "remove", name: "bot", have: "admin", write },
];

describe("a plan for people", () => {
  it("says what is made, replaced and removed, by area, and how much in all", () => {
    expect(planText({ ...nothing, resources: steps })).toBe(`appearance
  ~ appearance.logo: picture 1 → picture 2 (takes effect: now)

integrations
  + integrations.webhooks https://a.example: chat-message (takes effect: now)
  - integrations.accessTokens bot: admin (takes effect: now)

3 settings to change
`);
  });

  it("names what is not managed without counting it, a few of many", () => {
    const names = Array.from({ length: 90 }, (_, index) => `e${index}`);
    expect(planText({ ...nothing, unmanaged: [{ path: "chat.emoji", names }] })).toBe(`no changes
not managed: chat.emoji e0, e1, e2, e3, e4, e5, e6, e7 and 82 more (prune: true removes them)
`);
  });
});

it("a plan for machines holds the same, and nothing else that a step holds", () => {
  const [first, second] = steps as [ResourceStep, ResourceStep];
  const plan = { ...nothing, resources: [{ ...first, token: "hidden" }, second], passwordChange: true };
  expect(JSON.parse(planJson({ ...plan, unmanaged: [{ path: "chat.emoji", names: ["e"] }] }))).toEqual({
    changes: [
      { path: "appearance.logo", takesEffect: "live", action: "replace", have: "picture 1", want: "picture 2" },
      {
        path: "integrations.webhooks",
        takesEffect: "live",
        action: "create",
        name: "https://a.example",
        want: "chat-message",
      },
      { path: "access.adminPassword", takesEffect: "live", secret: true },
    ],
    unmanaged: [{ path: "chat.emoji", names: ["e"] }],
  });
});
