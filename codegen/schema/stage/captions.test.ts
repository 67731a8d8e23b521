import { expect, it } from "vitest";
import { readCaptions } from "./captions.ts";
import { expandStage, Stage } from "./stage.ts";

const seedOf = (captions?: unknown) => expandStage(Stage.parse(captions === undefined ? {} : { captions }));

it("a seed without captions declares no track and no published transcript", () => {
  const none = { tracks: [], glossary: [], favour: [], isTranscriptPublished: false };
  expect(readCaptions(seedOf())).toEqual(none);
  expect(readCaptions(seedOf({}))).toEqual(none);
});

it("a seed keeps captions as the stage file declares them", () => {
  const tracks = [
    { language: "en", source: "speech" },
    { language: "es", name: "Español", source: "translation", from: "en" },
  ];
  const glossary = [{ heard: "nicks os", written: "NixOS" }];
  expect(readCaptions(seedOf({ tracks, glossary, favour: ["caddy"], transcript: "published" }))).toEqual({
    tracks: [
      { language: "en", name: undefined, source: "speech", from: undefined },
      { language: "es", name: "Español", source: "translation", from: "en" },
    ],
    glossary,
    favour: ["caddy"],
    isTranscriptPublished: true,
  });
});

it("a stage whose object storage is off may have captions", () => {
  const captions = { tracks: [{ language: "en", source: "speech" }] };
  expect(Stage.safeParse({ captions, storage: { objectStorage: { enabled: false } } }).success).toBe(true);
});
