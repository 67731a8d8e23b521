import { describe, expect, it } from "vitest";
import { expandStage, Stage } from "../../../codegen/schema/stage/stage.ts";
import { warningsOf } from "./warnings.ts";

const warningsFor = (stage: Record<string, unknown>): string[] =>
  warningsOf(expandStage(Stage.parse({ ...stage, instance: { pageText: "", ...(stage.instance as object) } })));
const encoded = { name: "SD", width: 640, height: 360, framerate: 25, bitrateKbps: 800 };
const source = { name: "Source", passthrough: true };

describe("a passthrough rendition", () => {
  it.each([
    ["lowest", 1],
    ["low", 2],
    ["highest", 5],
  ])("beside encoded ones needs a keyframe interval of the segment length: %s, %d s", (latency, seconds) => {
    const [warning, ...more] = warningsFor({ video: { latency, ladder: [encoded, source] } });
    expect(warning).toContain(`video.ladder: Source is a passthrough rendition beside encoded ones`);
    expect(warning).toContain(`keyframe interval to ${seconds} s, the segment length of latency ${latency}`);
    expect(more).toEqual([]);
  });

  it("is judged by Owncast's own latency level if the stage names none", () =>
    expect(warningsFor({ video: { ladder: [source, encoded] } })).toEqual([
      expect.stringContaining("to 3 s, the segment length of latency medium, Owncast's own"),
    ]));

  it.each([
    ["alone", [source]],
    ["beside another", [source, { ...source, name: "Camera" }]],
    ["if there is none", [encoded]],
  ])("causes no warning %s", (_, ladder) => expect(warningsFor({ video: { ladder } })).toEqual([]));
});

describe("an address with a password or a token in it", () => {
  const webhooks = (...urls: unknown[]) => ({
    integrations: { webhooks: { list: urls.map((url) => ({ url, events: ["chat-message"] })) } },
  });

  it("causes a warning in a webhook, and the warning does not repeat it", () => {
    const [warning, ...more] = warningsFor(webhooks("https://a.example/", "https://a.example/?token=hidden"));
    expect(warning).toMatch(/^integrations\.webhooks\.list\[1\]\.url holds what looks like a password or a token/);
    expect(warning).toContain("url: { secret: webhook }");
    expect(warning).not.toContain("hidden");
    expect(more).toEqual([]);
  });

  it("causes no warning in a secret", () => expect(warningsFor(webhooks({ secret: "webhook" }))).toEqual([]));

  it("causes a warning in every other place", () => {
    const stage = {
      instance: { socialHandles: [{ platform: "x", url: "https://me:hidden@x.example/" }] },
      appearance: { externalActions: [{ title: "Ask", url: "https://pad.example/?auth=hidden" }] },
    };
    const warnings = warningsFor(stage);
    expect(warnings.map((warning) => warning.split(": ")[0])).toEqual([
      "instance.socialHandles[0].url",
      "appearance.externalActions[0].url",
    ]);
    expect(warnings.join()).not.toContain("hidden");
  });
});

it("a link's name causes a warning if it has an icon only in lower case", () => {
  const socialHandles = ["GitHub", "github", "Our choir", "Matrix"].map((platform) => ({
    platform,
    url: "https://a.example/",
  }));
  expect(warningsFor({ instance: { socialHandles } })).toEqual([
    "instance.socialHandles[0].platform: GitHub gets no icon of its own; Owncast knows it as github",
    "instance.socialHandles[3].platform: Matrix gets no icon of its own; Owncast knows it as matrix",
  ]);
});
