import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptFolder } from "../../../checks/lib/keeper/kept-folder.ts";
import { readRecording } from "../../../checks/lib/keeper/recording.ts";
import { readEdges } from "../../lib/edges-file.ts";
import { masterWithEdges } from "./edges-master.ts";
import { countVariants } from "./owncast-playlist.ts";
import { PlaylistKeeper } from "./playlist-keeper.ts";

const edges = (origin?: string) =>
  readEdges(
    JSON.stringify({
      ...(origin && { origin }),
      edges: [
        { name: "tokyo", url: "https://tokyo.example.org" },
        { name: "paris", url: "https://paris.example.org:8443" },
      ],
    }),
    "edges.json",
  );

const recordings = new URL("../../../checks/lib/keeper/recordings/", import.meta.url);
/** Each whole master playlist of a real Owncast. */
const masters = [
  ...new Set(
    readdirSync(recordings).flatMap((name) =>
      readRecording(readFileSync(new URL(name, recordings), "utf8")).flatMap(({ name: file, text }) =>
        file === "stream.m3u8" && text !== undefined && countVariants(text) !== undefined ? [text] : [],
      ),
    ),
  ),
];

/** The variants of a master playlist: attributes and address. */
const variantsOf = (master: string) =>
  [...master.matchAll(/#EXT-X-STREAM-INF:(.*)\n(.*)\n/g)].map(([, attributes, uri]) => ({ attributes, uri }));

const withMore = (attributes: string, more: number): string =>
  attributes.replace(/^BANDWIDTH=(\d+)/, (_, bits) => `BANDWIDTH=${Number(bits) + more}`);

describe("a master playlist with edges", () => {
  it("was made of several recorded ones", () => expect(masters.length).toBeGreaterThan(3));

  it.each(masters.map((master, index) => [index, master] as const))(
    "has each variant once for each edge and for the origin: recorded master %i",
    (_, master) => {
      const text = masterWithEdges(master, edges(), []);
      const own = variantsOf(master);
      expect(variantsOf(text)).toEqual(
        [
          ["tokyo", "https://tokyo.example.org/hls/", 1] as const,
          ["paris", "https://paris.example.org:8443/hls/", 2] as const,
          ["origin", "", 0] as const,
        ].flatMap(([name, base, more]) =>
          own.map(({ attributes = "", uri }) => ({
            attributes: `${withMore(attributes, more)},PATHWAY-ID="${name}"`,
            uri: `${base}${uri}`,
          })),
        ),
      );
      expect(countVariants(text)).toBe(own.length * 3);
    },
  );

  const master = masters[0] as string;
  const firstOf = (text: string) => /PATHWAY-ID="(\w+)"/.exec(text)?.[1];

  it("has one steering line, before the first variant", () => {
    const lines = masterWithEdges(master, edges(), []).split("\n");
    const steering = lines.filter((line) => line.startsWith("#EXT-X-CONTENT-STEERING:"));
    expect(steering).toEqual(['#EXT-X-CONTENT-STEERING:SERVER-URI="/steer",PATHWAY-ID="tokyo"']);
    expect(lines.indexOf(steering[0]!)).toBeLessThan(lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF")));
  });

  it.each([
    { claim: "each later edge has a little more", order: ["paris", "tokyo"], more: { paris: 1, tokyo: 2, origin: 0 } },
    { claim: "an edge after the origin has not", order: ["paris", "origin"], more: { paris: 1, origin: 0, tokyo: 0 } },
    { claim: "nothing has if no edge lives", order: ["origin"], more: { origin: 0, tokyo: 0, paris: 0 } },
  ])("$claim, so that video.js does not go back from a later edge to one that failed", ({ order, more }) => {
    const given = "#EXTM3U\n#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=7,BANDWIDTH=900000,RESOLUTION=1x1\n0/stream.m3u8\n";
    const found = [...masterWithEdges(given, edges(), order).matchAll(/(AV.*)BANDWIDTH=(\d+),.*PATHWAY-ID="(.*)"/g)];
    expect(found.map(([, average]) => average)).toEqual(found.map(() => "AVERAGE-BANDWIDTH=7,"));
    expect(Object.fromEntries(found.map(([, , bits, name]) => [name, Number(bits) - 900_000]))).toEqual(more);
  });

  it("leads an edge's page to the origin itself, if the origin's address is known", () => {
    const text = masterWithEdges(master, edges("https://live.example.org"), []);
    expect(text).toContain('SERVER-URI="https://live.example.org/steer"');
    expect(text).toContain("\nhttps://live.example.org/hls/0/stream.m3u8\n");
  });

  it("begins with the first of the present order, and still has all pathways", () => {
    for (const first of ["paris", "origin"]) {
      const text = masterWithEdges(master, edges(), [first, "unknown", "", first]);
      expect(firstOf(text)).toBe(first);
      expect(variantsOf(text)[0]?.attributes).toContain(`PATHWAY-ID="${first}"`);
      expect(variantsOf(text)).toHaveLength(3 * variantsOf(master).length);
    }
  });

  it("has its subtitles once, at the origin", () => {
    const media = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English",LANGUAGE="en",URI="subs/en.m3u8"';
    const captioned = `#EXTM3U\n#EXT-X-VERSION:6\n${media}\n#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="subs"\n0/stream.m3u8\n`;
    const text = masterWithEdges(captioned, edges(), []);
    expect(text.split("\n").filter((line) => line === media)).toHaveLength(1);
    expect(text.match(/SUBTITLES="subs",PATHWAY-ID/g)).toHaveLength(3);
  });

  it.each([
    [
      "whose variants are on object storage",
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://s3.test/hls/0/stream.m3u8\n",
    ],
    ["without a variant", "#EXTM3U\n#EXT-X-VERSION:6\n"],
    ["that leads elsewhere", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n../../x\n"],
  ])("is unchanged if it is one %s", (_, text) => expect(masterWithEdges(text, edges(), [])).toBe(text));
});

describe("a keeper", () => {
  let folder: KeptFolder;
  let place: string;
  beforeEach(() => {
    folder = new KeptFolder();
    place = mkdtempSync(join(tmpdir(), "lectern-edges-"));
  });
  afterEach(() => {
    folder.remove();
    rmSync(place, { recursive: true, force: true });
  });
  const keeperOf = (more: object) =>
    new PlaylistKeeper(
      { hlsDir: folder.hlsDir, keptDir: folder.keptDir, graceMs: 30_000, say: () => {}, ...more },
      folder.nowMs,
    );

  it("without edges serves Owncast's master byte for byte", () => {
    const keeper = keeperOf({});
    folder.goLive(keeper, { variants: 2 });
    expect(keeper.playlist("")).toBe(readFileSync(join(folder.hlsDir, "stream.m3u8"), "utf8"));
  });

  it("with edges serves variants as without, through a drop, and keeps Owncast's own master in its state", () => {
    const keeper = keeperOf({ edges: edges() });
    folder.goLive(keeper, { variants: 2 });
    const own = readFileSync(join(folder.hlsDir, "stream.m3u8"), "utf8");
    const master = keeper.playlist("");
    expect(master).toBe(masterWithEdges(own, edges(), []));
    folder.owncast.drop();
    folder.see(keeper);
    expect(keeper.playlist("")).toBe(master);
    expect(keeper.playlist("0")).not.toContain("ENDLIST");
    const state = JSON.parse(readFileSync(join(folder.keptDir, "state.json"), "utf8"));
    expect(state.state.master).toBe(own);
    const plain = keeperOf({});
    expect([plain.playlist(""), plain.playlist("0")]).toEqual([own, keeper.playlist("0")]);
  });

  it("follows the present order, and goes on without it", () => {
    const edgesOrderFile = join(place, "order");
    const keeper = keeperOf({ edges: edges(), edgesOrderFile });
    folder.goLive(keeper);
    const first = () => {
      folder.see(keeper, 2500);
      return /PATHWAY-ID="(\w+)"/.exec(keeper.playlist("") ?? "")?.[1];
    };
    expect(first()).toBe("tokyo");
    writeFileSync(edgesOrderFile, "paris\norigin\ntokyo\n");
    expect(first()).toBe("paris");
    writeFileSync(edgesOrderFile, "x".repeat(1_000_000));
    expect(first()).toBe("tokyo");
    rmSync(edgesOrderFile);
    expect(first()).toBe("tokyo");
  });
});
