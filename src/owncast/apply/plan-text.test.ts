import { describe, expect, it } from "vitest";
import { expandStage } from "../../../codegen/schema/stage/stage.ts";
import type { ResourceStep } from "../resources/kind.ts";
import type { Plan } from "./apply.ts";
import { type Change, settingsLeftOut } from "./diff.ts";
import { doneText, planJson, planText, writtenText } from "./plan-text.ts";

const nothing: Plan = { changes: [], passwordChange: false, resources: [], unmanaged: [], leftOut: [] };
const write = async () => ({ status: 200, message: "" });
const steps: ResourceStep[] = [
  { path: "appearance.logo", action: "replace", name: "", have: "picture 1", want: "picture 2", write },
  { path: "integrations.webhooks", action: "create", name: "https://a.example", want: "chat-message", write },
  { path: "integrations.accessTokens", action: "remove", name: "bot", have: "admin", write },
];

const change = (path: string, have: unknown, want: unknown, more: Partial<Change> = {}): Change => ({
  ...{ path, write: path, takesEffect: "live", secret: false, have, want, shown: { have, want } },
  ...more,
});
const changes = [
  change("instance.name", "Clicked", "Lecture"),
  change("instance.pageText", "## Hi\n\nold\n", "## Hi\n\nnew\n"),
  change("video.latency", "highest", "low", { takesEffect: "next-stream" }),
  change("access.streamKeys", "canary-1", "canary-2", { takesEffect: "next-stream", secret: true }),
];

describe("a plan for people", () => {
  it("groups changes by area, shows texts as a diff and secrets as changed, and says when each takes effect", () => {
    expect(planText({ ...nothing, changes, passwordChange: true })).toBe(`instance
  ~ instance.name: "Clicked" → "Lecture" (takes effect: now)
  ~ instance.pageText (takes effect: now)
      - old
      + new

video
  ~ video.latency: "highest" → "low" (takes effect: next stream)

access
  ~ access.streamKeys: changed (takes effect: next stream)
  ~ access.adminPassword: changed (takes effect: now)

5 settings to change
`);
  });

  it("says in one line which settings the seed leaves out", () => {
    const leftOut = settingsLeftOut(expandStage({ instance: { name: "x" } }));
    expect(leftOut).not.toContain("instance.name");
    expect(leftOut).not.toContain("access.streamKeys");
    expect(planText({ ...nothing, leftOut })).toBe(
      `no changes\nnot managed: ${leftOut.length} settings, such as serverUrl, instance.summary, instance.tags; \`lectern export\` writes them down\n`,
    );
  });

  it("colours only the requested text", () => {
    const text = planText({ ...nothing, changes, resources: steps }, (ink, one) => `<${ink}>${one}</>`);
    expect(text).toContain("<area>instance</>\n  <~>~</> instance.name");
    expect(text).toContain("<->      - old</>");
    expect(text).toContain("  <+>+</> integrations.webhooks");
  });

  it("lists created, replaced and removed resources by area, and their total", () => {
    expect(planText({ ...nothing, resources: steps })).toBe(`appearance
  ~ appearance.logo: picture 1 → picture 2 (takes effect: now)

integrations
  + integrations.webhooks https://a.example: chat-message (takes effect: now)
  - integrations.accessTokens bot: admin (takes effect: now)

3 settings to change
`);
  });

  it("names the first few unmanaged resources, and does not count them as changes", () => {
    const names = Array.from({ length: 90 }, (_, index) => `e${index}`);
    expect(planText({ ...nothing, unmanaged: [{ path: "chat.emoji", names }] })).toBe(`no changes
not managed: chat.emoji e0, e1, e2, e3, e4, e5, e6, e7 and 82 more (prune: true removes them)
`);
  });

  it("names all kinds of unmanaged resources on one line", () => {
    const unmanaged = [
      { path: "chat.emoji", names: ["a", "b"] },
      { path: "integrations.webhooks", names: ["https://x/… (number 1)"] },
    ];
    expect(planText({ ...nothing, unmanaged })).toBe(
      "no changes\nnot managed: chat.emoji a, b, integrations.webhooks https://x/… (number 1) (prune: true removes them)\n",
    );
  });
});

it("apply prints its writes like the plan, with a tick for each", () => {
  const textOf = writtenText();
  const written = [...changes.slice(0, 3), steps[1]!, "adminPassword" as const].map((one) => textOf(one)).join("");
  expect(written + doneText({ ...nothing, changes })).toBe(`instance
  ~ instance.name: "Clicked" → "Lecture" (takes effect: now) ✓
  ~ instance.pageText (takes effect: now) ✓
      - old
      + new

video
  ~ video.latency: "highest" → "low" (takes effect: next stream) ✓

integrations
  + integrations.webhooks https://a.example: chat-message (takes effect: now) ✓

access
  ~ access.adminPassword: changed (takes effect: now) ✓

4 settings changed
`);
});

it("no form of a plan contains a secret's value", () => {
  const plan = { ...nothing, changes };
  const forms = [planText(plan), planJson(plan), doneText(plan), ...changes.map((one) => writtenText()(one))];
  expect(forms.join("")).not.toContain("canary");
});

it("the JSON plan contains the same as the text, and no other part of a step", () => {
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
    leftOut: [],
  });
});
