import { describe, expect, it } from "vitest";
import { configFields } from "../../../codegen/schema/owncast/owncast.ts";
import type { Seed } from "../../../generated/seed.d.ts";
import { type Change, diff, unsupported } from "./diff.ts";

const access: Seed["access"] = { adminPassword: { secret: "admin-password" }, streamKeys: [{ secret: "key" }] };
const streamKeys = [{ key: "s3cret", comment: "" }];

interface Case {
  readonly claim: string;
  readonly seed: Omit<Seed, "access">;
  readonly live: Record<string, unknown>;
  readonly changes: readonly Partial<Change>[];
}

describe("diff", () => {
  it.each<Case>([
    { claim: "ignores a setting that the seed does not name", seed: {}, live: { chatDisabled: true }, changes: [] },
    {
      claim: "ignores a setting of the stage that Owncast does not have",
      seed: { recording: { keepDays: 30 } } as object,
      live: { recording: { keepDays: 7 } },
      changes: [],
    },
    {
      claim: "names each difference, with both values in Owncast's form",
      seed: { chat: { enabled: false } },
      live: { chatDisabled: false },
      changes: [{ path: "chat.enabled", write: "chat/disable", have: false, want: true, takesEffect: "live" }],
    },
    {
      claim: "sends a latency word as Owncast's level",
      seed: { video: { latency: "highest" } },
      live: { videoSettings: { latencyLevel: 2 } },
      changes: [{ path: "video.latency", have: 2, want: 4, takesEffect: "next-stream" }],
    },
    {
      claim: "treats null like an empty list of social handles",
      seed: { instance: { socialHandles: [] } },
      live: { instanceDetails: { socialHandles: null } },
      changes: [],
    },
    {
      claim: "sees that a list's order changed",
      seed: { instance: { tags: ["a", "b"] } },
      live: { instanceDetails: { tags: ["b", "a"] } },
      changes: [{ path: "instance.tags" }],
    },
    {
      claim: "clears a text with an empty text",
      seed: { instance: { pageText: "" } },
      live: { instanceDetails: { extraPageContent: "hello" } },
      changes: [{ path: "instance.pageText", want: "" }],
    },
    {
      claim: "sees no change in a ladder that reads back without its zero sizes and with its keys in another order",
      seed: { video: { ladder: [{ name: "HD", width: 1280, height: 720, framerate: 30, bitrateKbps: 1600 }] } },
      live: {
        videoSettings: {
          videoQualityVariants: [
            {
              framerate: 30,
              cpuUsageLevel: 2,
              name: "HD",
              videoPassthrough: false,
              audioPassthrough: true,
              videoBitrate: 1600,
              audioBitrate: 0,
              scaledWidth: 1280,
              scaledHeight: 720,
            },
          ],
        },
      },
      changes: [],
    },
  ])("$claim", ({ seed, live, changes }) => {
    const found = diff(configFields, { ...seed, access }, { streamKeys, ...live }, () => "s3cret");
    expect(found).toMatchObject(changes);
    expect(found).toHaveLength(changes.length);
  });

  it("compares a stream key by its value and marks the change as secret", () => {
    const live = { streamKeys: [{ key: "abc123", comment: "Default stream key" }] };
    const [change] = diff(configFields, { access }, live, () => "s3cret");
    expect(change).toMatchObject({ path: "access.streamKeys", secret: true, want: streamKeys });
  });

  it("distinguishes a setting that this server does not have from one that differs", () => {
    const changes = diff(configFields, { access, chat: { enabled: true } }, { streamKeys }, () => "s3cret");
    expect(unsupported(changes).map(({ path }) => path)).toEqual(["chat.enabled"]);
  });
});
