import { describe, expect, it } from "vitest";
import { explain } from "./owncast-warnings.ts";

// Messages of Owncast 0.2.5 with ffmpeg 5.1.
const after = [
  "unable to write rtmp packet io: read/write on closed pipe",
  "transcoding error. look at data/logs/transcoder.log to help debug. your copy of ffmpeg may not support your selected codec of libx264 https://owncast.online/docs/codecs/",
];
const withoutSound = [
  "[hls @ 0x5642d666ef80] Unable to map stream at a:0",
  "[hls @ 0x5642d666ef80] Variant stream info update failed with status ffffffea",
  "Could not write header for output file #0 (incorrect codec parameters ?): Invalid argument",
  ...after,
];

describe("Owncast's last words", () => {
  it.each([
    { of: "no sound", messages: withoutSound, says: "the camera sends no sound track" },
    {
      of: "no video",
      messages: [
        "the stream provided looks to have no video included, it may be audio-only. owncast requires a video stream.",
        ...after,
      ],
      says: "the camera sends no video",
    },
    ...[
      "vaapi not enabled. either your copy of ffmpeg does not support it, your hardware does not support it, or you need to install additional drivers for your hardware.",
      "[AVHWDeviceContext @ 0x561d0e1993c0] Cannot load libcuda.so.1",
      "Failed to set value 'qsv=hw' for option 'init_hw_device': Generic error in an external library",
    ].map((message) => ({
      of: `an encoder that does not work (${message.slice(0, 30)}…)`,
      messages: [message, ...after],
      says: "Owncast's encoder does not work on this machine",
    })),
    { of: "a full disk", messages: ["write /x/stream0.ts: No space left on device"], says: "the disk is full" },
  ])("about $of are explained, with a remedy", ({ messages, says }) => {
    const { means } = explain(messages);
    expect(means?.says).toContain(says);
    expect(means?.remedy).not.toBe("");
  });

  it("are quoted without memory addresses and without the messages that always follow", () =>
    expect(explain(withoutSound).quotes).toEqual([
      "Unable to map stream at a:0",
      "Variant stream info update failed with status ffffffea",
    ]));

  it("are quoted with the cause first, before other warnings of a busy encoder", () =>
    expect(explain(["unspecified size", "Consider increasing", ...withoutSound]).quotes[0]).toBe(
      "Unable to map stream at a:0",
    ));

  it("are quoted and not explained if we do not know them", () =>
    expect(explain(["something new", ...after])).toEqual({ means: undefined, quotes: ["something new"] }));

  it("are quoted without addresses, which may hold a token, and without terminal control codes", () =>
    expect(explain(["Post https://user:pass@discord.test/api/webhooks/1/SECRET: refused\u001b[2J"]).quotes).toEqual([
      "Post (an address) refused\\u001b[2J",
    ]));
});
