import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptFolder } from "../../../checks/lib/keeper/kept-folder.ts";
import { captionsLanguage } from "../../../codegen/site/rules.ts";
import { languagePattern } from "../../lib/captions-tracks.ts";
import { CaptionTracks } from "./caption-tracks.ts";
import { PlaylistKeeper } from "./playlist-keeper.ts";

let folder: KeptFolder;
let captionsDir: string;
beforeEach(() => {
  folder = new KeptFolder();
  captionsDir = join(folder.keptDir, "..", "captions");
  mkdirSync(join(captionsDir, "en"), { recursive: true });
});
afterEach(() => folder.remove());

const keeperOf = (more: object = { captionsDir }) =>
  new PlaylistKeeper(
    { hlsDir: folder.hlsDir, keptDir: folder.keptDir, graceMs: 30_000, say: () => {}, ...more },
    folder.nowMs,
  );

const english = { language: "en", name: "English" };
/** What the captions service writes twice a second. */
const serve = (more: object = {}): void => {
  const file = { version: 1, pid: process.pid, writtenMs: folder.nowMs, trailSegments: 2, tracks: [english], ...more };
  writeFileSync(join(captionsDir, "tracks.json"), JSON.stringify(file));
};
const caption = (number: number): void => writeFileSync(join(captionsDir, `en/stream-s1-x-${number}.vtt`), "WEBVTT\n");
/** A player asks, some time after it asked before. */
const ask = (keeper: PlaylistKeeper, name: string, ms = 100): string | undefined => {
  folder.nowMs += ms;
  return name.startsWith("captions/")
    ? keeper.captionsPlaylist(name.slice("captions/".length), folder.nowMs)
    : keeper.playlist(name, folder.nowMs);
};
const listedIn = (text: string | undefined) =>
  [...(text ?? "").matchAll(/-(\d+)\.(?:vtt|ts)$/gm)].map(([, at]) => Number(at));
const publish = (keeper: PlaylistKeeper): void => {
  folder.owncast.segment();
  folder.see(keeper);
};
/** The service has offered its track for so long that the wait is as long as it gets. */
const offerLong = (keeper: PlaylistKeeper): void => {
  serve();
  folder.see(keeper);
  folder.nowMs += 60_000;
  serve();
  folder.see(keeper);
};
/** Players do not wait for its captions, because no service lives at that moment. */
const publishAtOnce = (keeper: PlaylistKeeper): void => {
  rmSync(join(captionsDir, "tracks.json"), { force: true });
  publish(keeper);
};

describe("a keeper of a stage with captions", () => {
  it("answers byte for byte as one without while no captions service lives", () => {
    const keeper = keeperOf();
    folder.goLive(keeper, { variants: 2, segments: 4 });
    const plain = keeperOf({});
    for (const name of ["", "0", "1"]) {
      expect(ask(keeper, name)).toBe(plain.playlist(name));
      expect(ask(keeper, name)).toBeDefined();
    }
    expect(ask(keeper, "")).toBe(readFileSync(join(folder.hlsDir, "stream.m3u8"), "utf8"));
    expect(plain.captionsPlaylist("en")).toBe("unknown");
    expect(plain.captions()).toBeUndefined();
  });

  it("names the tracks from the first master of a stream on", () => {
    const keeper = keeperOf();
    expect([ask(keeper, ""), ask(keeper, "captions/en")]).toEqual([undefined, undefined]);
    folder.owncast.connect(1, 2, 5);
    folder.see(keeper);
    folder.owncast.segment();
    serve();
    folder.see(keeper);
    expect(ask(keeper, "")).toContain('LANGUAGE="en"');
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([0]);
  });

  it("names no track within one request after the service has died, and names it again when it is back", async () => {
    const service = spawn("sleep", ["100"]);
    const keeper = keeperOf();
    folder.goLive(keeper);
    serve({ pid: service.pid });
    expect(ask(keeper, "")).toContain("SUBTITLES");
    service.kill("SIGKILL");
    await once(service, "exit");
    expect(ask(keeper, "", 1)).toBe(readFileSync(join(folder.hlsDir, "stream.m3u8"), "utf8"));
    serve();
    expect(ask(keeper, "")).toContain("SUBTITLES");
    expect(ask(keeper, "", 3001)).not.toContain("SUBTITLES");
  });

  it.each<[string, string]>([
    ["is no JSON", "{"],
    [
      "is of another version",
      JSON.stringify({ version: 2, pid: process.pid, writtenMs: 0, trailSegments: 2, tracks: [] }),
    ],
    ["has a name that ends the attribute", JSON.stringify({ tracks: [{ language: "en", name: 'a",URI="evil' }] })],
    ["has a language that leads out of the folder", JSON.stringify({ tracks: [{ language: "../x", name: "x" }] })],
    ["is far too long", JSON.stringify({ tracks: [], x: "x".repeat(20_000) })],
  ])("names no track if the service's file %s", (_, text) => {
    const keeper = keeperOf();
    folder.goLive(keeper);
    serve();
    const good = JSON.parse(readFileSync(join(captionsDir, "tracks.json"), "utf8"));
    const bad = text.startsWith("{}") || !text.endsWith("}") ? text : JSON.stringify({ ...good, ...JSON.parse(text) });
    writeFileSync(join(captionsDir, "tracks.json"), bad);
    expect(ask(keeper, "")).toBe(readFileSync(join(folder.hlsDir, "stream.m3u8"), "utf8"));
  });

  it("shows a segment when its captions are there, with them; before that only the captions service gets it", () => {
    const keeper = keeperOf();
    offerLong(keeper);
    folder.owncast.connect(2, 2, 5);
    folder.see(keeper);
    const lists = () => ["0", "1", "captions/en"].map((name) => listedIn(ask(keeper, name, 0)));
    const show = () => {
      serve();
      folder.see(keeper);
    };
    publish(keeper);
    // A list cannot be empty.
    expect(lists()).toEqual([[0], [0], [0]]);
    for (const number of [1, 2, 3, 4, 5, 6, 7]) {
      publish(keeper);
      serve();
      expect([lists()[0]?.at(-1), listedIn(keeper.unshownPlaylist()).at(-1)]).toEqual([number - 1, number]);
      caption(number);
      show();
      const last = Array.from({ length: Math.min(5, number + 1) }, (_, index) => Math.max(0, number - 4) + index);
      expect(lists()).toEqual([last, last, last]);
    }
    publish(keeper);
    publish(keeper);
    serve();
    caption(9);
    show();
    expect(lists()[0]).toEqual([3, 4, 5, 6, 7]);
    caption(8);
    show();
    expect(lists()).toEqual(Array.from({ length: 3 }, () => [5, 6, 7, 8, 9]));
  });

  it("lets players wait for captions until the usual trail has passed, each segment by itself, and takes nothing back after its own restart", () => {
    let keeper = keeperOf();
    offerLong(keeper);
    folder.owncast.connect(1, 2, 5);
    folder.see(keeper);
    publish(keeper);
    const shown = (ms: number) => {
      folder.nowMs += ms;
      serve();
      keeper.look(folder.nowMs);
      return listedIn(ask(keeper, "0", 0));
    };
    publish(keeper);
    expect(shown(1800)).toEqual([0]);
    publish(keeper);
    expect(shown(2300)).toEqual([0]);
    expect(shown(200)).toEqual([0, 1]);
    keeper = keeperOf();
    // It accepts a master playlist at its second look.
    for (let look = 0; look < 2; look++) expect(shown(0)).toEqual([0, 1]);
    publish(keeper);
    expect(shown(4200)).toEqual([0, 1]);
    expect(shown(150)).toEqual([0, 1, 2]);
    expect(shown(100)).toEqual([0, 1, 2, 3]);
  });

  it("counts the wait of each rendition by itself: a name may come at another time in each", () => {
    const tracks = new CaptionTracks(captionsDir);
    const isAwaited = (input: number, ms: number) => {
      folder.nowMs += ms;
      serve();
      const more = { durationSeconds: 2, tags: [], sequence: 1, ordinal: 0, discontinuity: false };
      return tracks.isAwaited({ input, uri: "stream-s1-x-1.ts", ...more }, 2, false, folder.nowMs);
    };
    isAwaited(2, 0);
    expect(isAwaited(1, 60_000)).toBe(true);
    expect(isAwaited(0, 4400)).toBe(true);
    expect([isAwaited(1, 200), isAwaited(0, 0)]).toEqual([false, true]);
  });

  it("lets players wait longer little by little when tracks come in the middle of a stream, so that none comes to an end", () => {
    const keeper = keeperOf();
    folder.goLive(keeper);
    const listedAt: number[] = [];
    let newest = 2;
    for (let tenth = 0; tenth < 600; tenth++) {
      serve();
      if (tenth % 20 === 0) folder.owncast.segment();
      folder.see(keeper, 100);
      const last = listedIn(ask(keeper, "0", 0)).at(-1) ?? 0;
      if (last === newest) continue;
      newest = last;
      listedAt.push(tenth / 10);
    }
    const gaps = listedAt.slice(1).map((at, index) => at - (listedAt[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(2.8);
    // The whole wait, in the end.
    expect((listedAt.at(-1) ?? 0) % 2).toBeCloseTo(0.5, 0);
    expect(listedIn(keeper.unshownPlaylist()).at(-1)).toBe(newest + 2);
  });

  it("lets nobody wait for more than the three newest, nor long for a very long one", () => {
    const keeper = keeperOf();
    offerLong(keeper);
    folder.owncast.connect(1, 60, 9);
    folder.see(keeper);
    publish(keeper);
    publish(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0]);
    for (let number = 2; number < 6; number++) publish(keeper);
    serve();
    folder.see(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0, 1, 2]);
    for (let tenth = 0; tenth < 106; tenth++) {
      serve();
      folder.see(keeper, 100);
    }
    expect(listedIn(ask(keeper, "0"))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("gives the whole of a list that players cannot know", () => {
    const keeper = keeperOf();
    offerLong(keeper);
    folder.owncast.connect(1, 2, 5);
    for (let number = 0; number < 4; number++) folder.owncast.segment();
    folder.see(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0, 1, 2, 3]);
    publish(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0, 1, 2, 3]);
  });

  it("shows everything at once when the service dies, and never takes it back", () => {
    const keeper = keeperOf();
    offerLong(keeper);
    folder.owncast.connect(1, 2, 5);
    folder.see(keeper);
    for (let number = 0; number < 3; number++) publish(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0]);
    rmSync(join(captionsDir, "tracks.json"));
    folder.see(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0, 1, 2]);
    serve();
    publish(keeper);
    expect(listedIn(ask(keeper, "0")).slice(0, 3)).toEqual([0, 1, 2]);
  });

  it("keeps to the wait when the publisher is lost, and with the next one", () => {
    const keeper = keeperOf();
    offerLong(keeper);
    folder.owncast.connect(1, 2, 9);
    folder.see(keeper);
    for (let number = 0; number < 4; number++) {
      publish(keeper);
      if (number < 3) caption(number);
    }
    serve();
    folder.owncast.drop();
    folder.see(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0, 1, 2]);
    expect(listedIn(keeper.unshownPlaylist())).toEqual([0, 1, 2, 3, 4]);
    for (const number of [3, 4]) caption(number);
    folder.see(keeper);
    expect(listedIn(ask(keeper, "0"))).toEqual([0, 1, 2, 3, 4]);
  });

  it("lists captions one segment length before their picture once the publisher was lost: players may have nothing in hand since then", () => {
    const keeper = keeperOf();
    offerLong(keeper);
    folder.owncast.connect(2, 2, 9);
    folder.see(keeper);
    for (let number = 0; number < 4; number++) publish(keeper);
    for (const number of [0, 1, 2, 3, 4]) caption(number);
    serve();
    folder.owncast.drop();
    folder.see(keeper);
    const newIn = (name: string) =>
      [...(ask(keeper, name, 0) ?? "").matchAll(/-s2-x-(\d)/g)].map(([, number]) => Number(number));
    /** What is listed of the new connection after some tenths of a second: captions, and two renditions. */
    const afterTenths = (tenths: number) => {
      for (let tenth = 0; tenth < tenths; tenth++) {
        serve();
        folder.see(keeper, 100);
      }
      return ["captions/en", "0", "1"].map(newIn);
    };
    const publishNew = () => {
      folder.owncast.segment();
      return afterTenths(1);
    };
    const captionNew = (number: number) => writeFileSync(join(captionsDir, `en/stream-s2-x-${number}.vtt`), "WEBVTT\n");
    folder.owncast.connect(2, 2, 9);
    afterTenths(2);
    expect(publishNew()).toEqual([[], [], []]);
    expect(afterTenths(30)).toEqual([[], [], []]);
    captionNew(0);
    expect(afterTenths(20)).toEqual([[0], [], []]);
    expect(ask(keeper, "captions/en", 0)).toContain("#EXT-X-DISCONTINUITY\n");
    expect(afterTenths(1)).toEqual([[0], [0], [0]]);
    expect(ask(keeper, "0", 0)).toContain("#EXT-X-DISCONTINUITY\n");
    publishNew();
    captionNew(1);
    expect(afterTenths(20)).toEqual([[0, 1], [0], [0]]);
    expect(publishNew()).toEqual(Array.from({ length: 3 }, () => [0, 1]));
    // What never gets captions waits as long as before a loss.
    expect(afterTenths(44)).toEqual(Array.from({ length: 3 }, () => [0, 1]));
    expect(afterTenths(2).slice(1)).toEqual(Array.from({ length: 2 }, () => [0, 1, 2]));
    publishNew();
    expect(newIn("0")).toEqual([0, 1, 2]);
    rmSync(join(captionsDir, "tracks.json"));
    folder.see(keeper);
    expect(newIn("0")).toEqual([0, 1, 2, 3]);
  });

  it("does so too when the publisher stood still and went on without a new connection, until the next stream", () => {
    const keeper = keeperOf();
    const tenths = (count: number) => {
      for (let tenth = 0; tenth < count; tenth++) {
        serve();
        folder.see(keeper, 100);
      }
      return ["captions/en", "0"].map((name) => listedIn(ask(keeper, name, 0)).at(-1));
    };
    offerLong(keeper);
    folder.owncast.connect(1, 2, 9);
    tenths(2);
    for (const number of [0, 1, 2]) {
      folder.owncast.segment();
      caption(number);
      expect(tenths(1)).toEqual([number, number]);
    }
    tenths(80);
    folder.owncast.segment();
    tenths(10);
    caption(3);
    expect(tenths(18)).toEqual([3, 2]);
    expect(tenths(3)).toEqual([3, 3]);
    folder.owncast.drop();
    for (let look = 0; look < 3; look++) folder.see(keeper, 31_000);
    offerLong(keeper);
    folder.owncast.connect(1, 2, 9);
    tenths(2);
    for (const number of [0, 1]) {
      writeFileSync(join(captionsDir, `en/stream-s2-x-${number}.vtt`), "WEBVTT\n");
      folder.owncast.segment();
      expect(tenths(1)).toEqual([number, number]);
    }
  });

  it("lists a segment's captions once they are there, and at the latest when two newer segments are listed", () => {
    const keeper = keeperOf();
    folder.owncast.connect(1, 2, 5);
    folder.see(keeper);
    serve();
    for (const [number, before] of [
      [0, [0]],
      [1, [0]],
      [2, [0]],
      [3, [0, 1]],
      [4, [0, 1, 2]],
      [5, [1, 2, 3]],
    ] as const) {
      publishAtOnce(keeper);
      serve();
      expect([number, ...listedIn(ask(keeper, "captions/en", 500))]).toEqual([number, ...before]);
    }
    caption(5);
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([1, 2, 3]);
    caption(4);
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([1, 2, 3, 4, 5]);
    rmSync(join(captionsDir, "en"), { recursive: true });
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([1, 2, 3, 4, 5]);
    expect(ask(keeper, "captions/en")).toBe(ask(keeper, "0")?.replaceAll(".ts\n", ".vtt\n"));
  });

  it("waits half a second for a missing file of a service that lives, for each of several that come at once", () => {
    const keeper = keeperOf();
    folder.owncast.connect(1, 2, 8);
    folder.see(keeper);
    for (let number = 0; number < 3; number++) publish(keeper);
    expect(listedIn(ask(keeper, "captions/en", 500))).toEqual([0]);
    for (let number = 0; number < 3; number++) folder.owncast.segment();
    folder.see(keeper);
    serve();
    expect(listedIn(ask(keeper, "captions/en", 100))).toEqual([0]);
    caption(1);
    expect(listedIn(ask(keeper, "captions/en", 100))).toEqual([0, 1]);
    expect(listedIn(ask(keeper, "captions/en", 199))).toEqual([0, 1]);
    expect(listedIn(ask(keeper, "captions/en", 1))).toEqual([0, 1, 2, 3]);
    publishAtOnce(keeper);
    serve();
    expect(listedIn(ask(keeper, "captions/en", 100))).toEqual([0, 1, 2, 3]);
    rmSync(join(captionsDir, "tracks.json"));
    expect(listedIn(ask(keeper, "captions/en", 100))).toEqual([0, 1, 2, 3, 4]);
  });

  it("lists something when nobody has asked for long, and no file is there", () => {
    const keeper = keeperOf();
    folder.owncast.connect(1, 2, 25);
    folder.see(keeper);
    for (let number = 0; number < 4; number++) publish(keeper);
    expect(listedIn(ask(keeper, "captions/en", 500))).toEqual([0, 1]);
    for (let number = 4; number < 18; number++) publish(keeper);
    serve();
    expect(listedIn(ask(keeper, "captions/en", 100))).toEqual([8]);
    expect(listedIn(ask(keeper, "captions/en", 400))).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it("begins ten segments before the newest, in step with the video, also across a lost camera", () => {
    const keeper = keeperOf();
    folder.owncast.connect(1, 2, 15);
    folder.see(keeper);
    for (let number = 0; number < 15; number++) publish(keeper);
    expect(listedIn(ask(keeper, "0")).length).toBe(15);
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
    expect(ask(keeper, "captions/en")).toContain("#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n");
    folder.owncast.drop();
    folder.see(keeper);
    folder.owncast.connect(1, 2, 15);
    folder.see(keeper);
    for (let number = 0; number < 11; number++) publish(keeper);
    const video = ask(keeper, "0") ?? "";
    expect(video).toContain("#EXT-X-DISCONTINUITY-SEQUENCE:0\n");
    expect(video).toContain("#EXT-X-DISCONTINUITY\n");
    const captions = ask(keeper, "captions/en") ?? "";
    expect(listedIn(captions)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m.exec(video)?.[1]) + listedIn(video).length - 10;
    expect(captions).toContain(`#EXT-X-MEDIA-SEQUENCE:${first}\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n`);
  });

  it("never takes captions back if the service then trails by more", () => {
    const keeper = keeperOf();
    folder.owncast.connect(1, 2, 8);
    folder.see(keeper);
    for (let number = 0; number < 8; number++) publish(keeper);
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([0, 1, 2, 3, 4, 5]);
    serve({ trailSegments: 6 });
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(listedIn(keeperOf().captionsPlaylist("en", folder.nowMs))).toEqual([0, 1, 2, 3]);
  });

  it("says how far players stay behind if captions trail by more than two segments, in every list", () => {
    const keeper = keeperOf();
    folder.owncast.connect(2, 2, 8);
    folder.see(keeper);
    for (let number = 0; number < 8; number++) publish(keeper);
    const holdBack = () =>
      ["0", "1", "captions/en"].map(
        (name) => /^#EXT-X-SERVER-CONTROL:HOLD-BACK=(.*)$/m.exec(ask(keeper, name) ?? "")?.[1],
      );
    for (const [trailSegments, seconds] of [
      [2, undefined],
      [3, "6"],
      [4, "8"],
      [6, "12"],
    ] as const) {
      serve({ trailSegments });
      expect([trailSegments, ...holdBack()]).toEqual([trailSegments, seconds, seconds, seconds]);
    }
    rmSync(join(captionsDir, "tracks.json"));
    expect(holdBack()).toEqual([undefined, undefined, undefined]);
  });

  it("says nothing of that at the beginning of a stream, when no player can stay so far behind", () => {
    const keeper = keeperOf();
    folder.goLive(keeper, { segments: 3 });
    serve({ trailSegments: 4 });
    expect(ask(keeper, "0")).not.toContain("SERVER-CONTROL");
  });

  it("goes on with its lists for players that have a track while the service is dead, also after its own restart", () => {
    const keeper = keeperOf();
    folder.goLive(keeper, { segments: 3 });
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([0]);
    expect(ask(keeperOf(), "captions/en")).toBe(ask(keeper, "captions/en"));
    for (const language of ["fr", "EN", "en/..", "../en", "toString"])
      expect(ask(keeper, `captions/${language}`, 1000)).toBe("unknown");
  });

  it("waits for a lost publisher with the captions too, and ends them with the stream", () => {
    const keeper = keeperOf();
    folder.goLive(keeper, { segments: 3 });
    folder.owncast.drop();
    folder.see(keeper);
    expect(ask(keeper, "captions/en")).not.toContain("ENDLIST");
    folder.see(keeper, 31_000);
    folder.see(keeper, 31_000);
    const [video, captions] = [ask(keeper, "0") ?? "", ask(keeper, "captions/en") ?? ""];
    expect(captions.endsWith("#EXT-X-ENDLIST\n")).toBe(true);
    const clip = /^(.*)\n#EXT-X-ENDLIST$/m.exec(captions)?.[1];
    expect(clip).toMatch(/^stream-offline-\d+\.vtt$/);
    expect(captions.replace(clip ?? "", "offline-v2.ts").replaceAll(/-(\d)\.vtt$/gm, "-$1.ts")).toBe(video);
  });

  it("lists captions of a new stream, although players have had later ones of the last", () => {
    const keeper = keeperOf();
    folder.goLive(keeper, { segments: 9 });
    expect(listedIn(ask(keeper, "captions/en")).length).toBe(1);
    folder.owncast.drop();
    for (let look = 0; look < 3; look++) folder.see(keeper, 31_000);
    ask(keeper, "captions/en");
    folder.owncast.connect(1, 2, 5);
    folder.see(keeper);
    for (let number = 0; number < 4; number++) publish(keeper);
    expect(ask(keeper, "captions/en")?.match(/stream-s2-x-\d\.vtt/g)).toEqual([
      "stream-s2-x-0.vtt",
      "stream-s2-x-1.vtt",
    ]);
  });

  it("looks for few files, however many players ask", () => {
    const keeper = keeperOf();
    folder.owncast.connect(1, 2, 8);
    folder.see(keeper);
    for (let number = 0; number < 8; number++) publish(keeper);
    ask(keeper, "captions/en");
    caption(6);
    // Within the time for which it knows that the file was not there.
    expect(listedIn(ask(keeper, "captions/en", 1))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(listedIn(ask(keeper, "captions/en"))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(existsSync(join(captionsDir, "en/stream-s1-x-7.vtt"))).toBe(false);
  });
});

it("the stage file and the service take the same for a language, and the site takes no less", () => {
  const schema = readFileSync(new URL("../../../codegen/schema/stage/captions.ts", import.meta.url), "utf8");
  const [, form = ""] = /languageForm = \/\^(.*)\$\/u;/.exec(schema) ?? [];
  expect(form.replaceAll("(?:", "(")).toBe(languagePattern);
  const ofSite = new RegExp(`^${captionsLanguage}$`);
  for (const one of ["en", "gsw", "pt-BR", "zh-Hant-TW", "sr-Latn-RS-x1", "ca-valencia"]) {
    expect(one).toMatch(new RegExp(`^${languagePattern}$`));
    expect(one).toMatch(ofSite);
  }
  for (const one of ["", "EN", "..", "en/..", "en-", "en.", "e%6e", "-en"]) expect(one).not.toMatch(ofSite);
});
