import { describe, expect, it } from "vitest";
import { graceMs, live, uris, Watch } from "../../../checks/lib/keeper/model-watch.ts";
import { playlistText } from "./stage-playlists.ts";

describe("a lost publisher", () => {
  it("that reconnects within the grace is not noticed by players", () => {
    const watch = live();
    watch.owncast.drop();
    watch.wait(1000);
    const during = watch.playlist(0);
    expect(during).not.toMatch(/ENDLIST|offline/);
    watch.owncast.connect(2, 2, 5);
    watch.wait(1000);
    expect(watch.playlist(0)).toBe(during);
    watch.segments(1);
    const after = watch.playlist(0) ?? "";
    expect(uris(after)).toEqual([...uris(during).slice(1), "stream-s2-x-0.ts"]);
    expect(after).toContain(
      "#EXT-X-DISCONTINUITY\n#EXTINF:2.000000,\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000+0000\nstream-s2-x-0.ts",
    );
    watch.segments(5);
    expect(watch.playlist(0)).toContain("#EXT-X-DISCONTINUITY-SEQUENCE:1\n");
  });

  it("that reconnects while Owncast lists fewer segments leaves a list of the same length without a hole", () => {
    const watch = new Watch();
    watch.owncast.connect(1, 2, 9);
    watch.wait(100);
    watch.segments(12);
    watch.owncast.drop();
    watch.wait(1000);
    watch.owncast.connect(1, 2, 3);
    watch.wait(1000);
    for (let count = 1; count <= 12; count++) {
      watch.segments(1);
      const numbers = uris(watch.playlist(0)).map((uri) => Number(/s2-x-(\d+)/.exec(uri)?.[1] ?? Number.NaN));
      const own = numbers.filter((number) => !Number.isNaN(number));
      expect([numbers.length, ...own]).toEqual([
        9,
        ...Array.from({ length: Math.min(9, count) }, (_, at) => Math.max(0, count - 9) + at),
      ]);
    }
  });

  it("that does not reconnect ends the playlist as Owncast does", () => {
    const watch = live();
    watch.owncast.drop();
    watch.wait(100);
    watch.wait(graceMs);
    expect(watch.playlist(1)).not.toContain("ENDLIST");
    watch.wait(100);
    expect(uris(watch.playlist(1)).at(-1)).toBe("offline-v2.ts");
    expect(watch.playlist(1)).toMatch(/#EXT-X-ENDLIST\n$/);
  });

  it("that reconnects after the end starts a new list, with Owncast's own numbers", () => {
    const watch = live();
    watch.owncast.drop();
    watch.wait(100);
    watch.wait(graceMs + 100);
    watch.owncast.cleanUp();
    watch.wait(100);
    expect(uris(watch.playlist(0))).toEqual(["stream-offline-0.ts", "stream-offline-1.ts"]);
    watch.owncast.connect(2, 4, 5);
    watch.segments(1);
    expect(uris(watch.playlist(0))).toEqual(["stream-s2-x-0.ts"]);
    for (const line of ["TARGETDURATION:4", "MEDIA-SEQUENCE:0", "DISCONTINUITY-SEQUENCE:0"])
      expect(watch.playlist(0)).toContain(`#EXT-X-${line}\n`);
  });

  it("gets the whole grace even if Owncast hung before it announced the end", () => {
    const watch = live();
    watch.wait(20_000);
    expect(watch.phase(0)).toBe("held");
    watch.owncast.drop();
    watch.wait(100);
    watch.wait(graceMs);
    expect(watch.playlist(0)).not.toContain("ENDLIST");
    watch.wait(100);
    expect(watch.playlist(0)).toMatch(/#EXT-X-ENDLIST\n$/);
  });

  it("that reconnects before the old encoder has ended is followed; late writes by the old encoder never move players back", () => {
    const watch = live();
    watch.owncast.segment();
    const late = watch.owncast.files.get("0/stream.m3u8") ?? "";
    watch.owncast.connect(2, 2, 5);
    watch.segments(2);
    const before = watch.playlist(0);
    watch.owncast.files.set("0/stream.m3u8", late);
    for (const name of uris(late)) watch.owncast.segments.add(`0/${name}`);
    watch.wait(100);
    expect(watch.playlist(0)).toBe(before);
    watch.segments(1);
    expect(uris(watch.playlist(0)).at(-1)).toBe("stream-s2-x-2.ts");
  });

  it("that connects at the end of the grace gets time until its first segment", () => {
    const watch = live();
    watch.owncast.drop();
    watch.wait(100);
    watch.wait(graceMs - 200);
    watch.owncast.connect(2, 2, 5);
    watch.wait(10_000);
    expect(watch.playlist(0)).not.toContain("ENDLIST");
    watch.segments(1);
    expect(uris(watch.playlist(0)).at(-1)).toBe("stream-s2-x-0.ts");
  });
});

it("gives a new player the old ladder until it is back, although the new ladder is already known", () => {
  const watch = live(1);
  const before = playlistText(watch.state, "");
  watch.owncast.start(3);
  watch.wait(100);
  expect([playlistText(watch.state, ""), watch.playlist(1)]).toEqual([before, undefined]);
  watch.owncast.connect(3, 2, 5);
  watch.segments(1);
  expect(playlistText(watch.state, "")?.match(/STREAM-INF/g)).toHaveLength(3);
  expect(uris(watch.playlist(2))).toEqual(["stream-s2-x-0.ts"]);
});

describe("the target duration", () => {
  const target = (playlist: string | undefined) => Number(/TARGETDURATION:(\d+)/.exec(playlist ?? "")?.[1]);
  /** The players' playlist after each of these segments, and Owncast's own. */
  const told = (watch: Watch, durations: readonly number[]) =>
    durations.map((seconds) => {
      watch.owncast.segment(1, seconds);
      watch.wait(seconds * 1000);
      return [target(watch.playlist(0)), target(watch.owncast.files.get("0/stream.m3u8"))];
    });

  it.each([
    ["one keyframe that comes late", [2, 12, 2, 2, 2, 2, 2, 2], [2, 12, 12, 12, 12, 12, 2, 2]],
    ["a clock that jumps", [2, 42, 2, 2, 2, 2, 2, 2], [2, 42, 42, 42, 42, 42, 2, 2]],
    ["keyframes at odd times", [2, 7.6, 3, 2, 4, 2, 2, 2], [2, 8, 8, 8, 8, 8, 4, 4]],
    ["a camera that keeps sending them late", [12, 12, 12], [12, 12, 12]],
  ])(
    "of a passthrough camera, after %s, is Owncast's own again once the long segment has left the list",
    (_, sent, says) => {
      expect(told(live(1), sent)).toEqual(says.map((seconds) => [seconds, seconds]));
    },
  );

  it("is the shorter one after a reconnect with a shorter latency, once the longer segments have left the list", () => {
    const watch = live(1);
    watch.owncast.drop();
    watch.wait(500);
    watch.owncast.connect(1, 1, 5);
    const says = [1, 1, 1, 1, 1, 1].map((seconds) => {
      watch.owncast.segment(1, seconds);
      watch.wait(1000);
      return target(watch.playlist(0));
    });
    expect(says).toEqual([2, 2, 2, 1, 1, 1]);
  });

  it("fits the list even if an older keeper left another one in the state", () => {
    const watch = live(1);
    const [variant] = watch.state.variants;
    if (!variant) throw new Error("no variant");
    for (const targetDuration of [1, 12])
      expect(target(playlistText({ ...watch.state, variants: [{ ...variant, targetDuration }] }, "0"))).toBe(2);
  });

  it("stays the same after a restart of the keeper while the long segment is listed", () => {
    const watch = live(1);
    told(watch, [12]);
    watch.state = JSON.parse(JSON.stringify(watch.state));
    watch.wait(100);
    expect(target(watch.playlist(0))).toBe(12);
    expect(told(watch, [2, 2, 2, 2, 2]).at(-1)).toEqual([2, 2]);
  });
});

describe("Owncast", () => {
  it("that is killed and restarted is a loss like any other", () => {
    const watch = live();
    watch.owncast.start(2);
    watch.wait(1000);
    expect(watch.playlist(0)).not.toMatch(/ENDLIST|offline/);
    watch.owncast.connect(2, 2, 5);
    watch.segments(2);
    expect(uris(watch.playlist(0)).at(-1)).toBe("stream-s2-x-1.ts");
  });

  it.each([
    ["without any files left", (watch: Watch) => watch.owncast.files.clear()],
    ["with its last playlists left", () => {}],
  ])("that never comes back, %s, ends the stage after the grace", (_, goAway) => {
    const watch = live();
    goAway(watch);
    for (let look = 0; look < 3; look++) watch.wait(10_000);
    expect(watch.playlist(0)).not.toContain("ENDLIST");
    watch.wait(graceMs + 30_000);
    expect(watch.playlist(0)).toMatch(/#EXT-X-ENDLIST\n$/);
  });

  it("that hangs and goes on also goes on for players, even after the stage has ended", () => {
    const watch = live();
    watch.wait(20_000);
    expect(watch.phase(0)).toBe("held");
    watch.segments(1);
    expect([watch.phase(0), uris(watch.playlist(0)).at(-1)]).toEqual(["live", "stream-s1-x-7.ts"]);
    for (let look = 0; look < 3; look++) watch.wait(graceMs + 10_000);
    expect(watch.phase(0)).toBe("ended");
    watch.segments(1);
    expect([watch.phase(0), uris(watch.playlist(0)).at(-1)]).toEqual(["live", "stream-s1-x-8.ts"]);
  });

  it.each(["stream.m3u8", "0/stream.m3u8"])(
    "whose %s stays unreadable serves players itself after the grace",
    (file) => {
      const watch = live();
      const tear = () => watch.look((name, text) => (name === file ? `${text}#EXT-X-KEY:METHOD=NONE\n0` : text));
      const before = watch.playlist(0);
      for (const ms of [1, 10_000, graceMs, 30_000]) {
        watch.nowMs += ms;
        tear();
        expect(watch.playlist(0)).toBe(before);
      }
      watch.nowMs += 30_000;
      tear();
      expect(watch.playlist(0)).toBeUndefined();
    },
  );

  it("without playlists gives players no playlist", () => {
    const watch = new Watch();
    watch.look();
    expect([watch.playlist(0), playlistText(watch.state, "")]).toEqual([undefined, undefined]);
  });
});

describe("a ladder that has changed at a reconnect", () => {
  it("moves players of a removed variant to the last one", () => {
    const watch = live(3);
    watch.owncast.drop();
    watch.wait(100);
    watch.owncast.connect(2, 2, 5);
    watch.segments(2);
    expect(uris(watch.playlist(2)).slice(-2)).toEqual(["../1/stream-s2-x-0.ts", "../1/stream-s2-x-1.ts"]);
    expect(playlistText(watch.state, "")?.match(/STREAM-INF/g)).toHaveLength(2);
  });

  it("has no more variants than Owncast when all has ended", () => {
    const watch = live(3);
    watch.owncast.drop();
    watch.wait(100);
    watch.wait(graceMs + 100);
    watch.owncast.connect(1, 2, 5);
    watch.segments(2);
    expect(watch.playlist(1)).toBeUndefined();
  });
});
