import { readdirSync, readFileSync } from "node:fs";
import { parse, setOptions, type types } from "hls-parser";
import { describe, expect, it } from "vitest";
import { readRecording } from "../../../checks/lib/keeper/recording.ts";
import { readEdges } from "../../lib/edges-file.ts";
import { masterWithCaptions } from "./captions-master.ts";
import { masterWithEdges } from "./edges-master.ts";
import { countVariants } from "./owncast-playlist.ts";

const tracks = [
  { language: "en", name: "English (automatic)" },
  { language: "pt-BR", name: "Português" },
];
const [english, portuguese] = [
  '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English (automatic)",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="captions/en/stream.m3u8"',
  '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="Português",LANGUAGE="pt-BR",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="captions/pt-BR/stream.m3u8"',
];

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

describe("a master playlist with captions", () => {
  it.each(masters.map((master, index) => [index, master] as const))(
    "names each track once, and in each variant; all else is Owncast's, byte for byte: recorded master %i",
    (_, master) => {
      const text = masterWithCaptions(master, tracks);
      expect(text.startsWith(`#EXTM3U\n#EXT-X-VERSION:6\n${english}\n${portuguese}\n`)).toBe(true);
      const own = text.replace(`${english}\n${portuguese}\n`, "").replaceAll(',SUBTITLES="subs"', "");
      expect(own).toBe(master);
      expect(text.match(/^#EXT-X-STREAM-INF:.*,SUBTITLES="subs"$/gm)).toHaveLength(countVariants(master) ?? 0);
      setOptions({ silent: true, strictMode: true });
      const { variants } = parse(text) as types.MasterPlaylist;
      for (const { subtitles } of variants) expect(subtitles.map(({ language }) => language)).toEqual(["en", "pt-BR"]);
    },
  );

  const master = masters[0] as string;
  it("without a track is Owncast's own", () => expect(masterWithCaptions(master, [])).toBe(master));

  it("gives tracks of one name different names, as players tell them apart by it", () => {
    const twins = ["en", "en-GB"].map((language) => ({ language, name: "English" }));
    expect([...masterWithCaptions(master, twins).matchAll(/NAME="(.*?)"/g)].map(([, name]) => name)).toEqual([
      "English",
      "English (en-GB)",
    ]);
  });

  it("leads to edges with its video, and to the place of the master with its captions", () => {
    const list = [{ name: "tokyo", url: "https://tokyo.example.org" }];
    const edges = readEdges(JSON.stringify({ edges: list }), "edges.json");
    const text = masterWithEdges(masterWithCaptions(master, tracks), edges, []);
    expect(text.split("\n").filter((line) => line.startsWith("#EXT-X-MEDIA:"))).toEqual([english, portuguese]);
    expect(text.match(/,SUBTITLES="subs",PATHWAY-ID="(tokyo|origin)"/g)).toHaveLength(2 * (countVariants(master) ?? 0));
    expect(text).toContain("\nhttps://tokyo.example.org/hls/0/stream.m3u8\n");
  });

  it.each([
    ["has no version", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n0/stream.m3u8\n", `#EXTM3U\n${english}\n`],
    [
      "has other lines and attributes",
      '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF:BANDWIDTH=1,NAME="a,SUBTITLES=b",X-ODD=%\n0/stream.m3u8\n',
      '#EXT-X-STREAM-INF:BANDWIDTH=1,NAME="a,SUBTITLES=b",X-ODD=%,SUBTITLES="subs"\n0/stream.m3u8\n',
    ],
    [
      "leads to a CDN",
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://cdn.test/hls/0/stream.m3u8\n",
      '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="subs"\nhttps://cdn.test/hls/0/stream.m3u8\n',
    ],
  ])("has its tracks if Owncast's %s", (_, given, part) =>
    expect(masterWithCaptions(given, tracks.slice(0, 1))).toContain(part),
  );

  it.each([
    [
      "has subtitles",
      '#EXTM3U\n#EXT-X-MEDIA:GROUP-ID="x",TYPE=SUBTITLES,NAME="x"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n0/x\n',
    ],
    ["names a group of subtitles", '#EXTM3U\n#EXT-X-STREAM-INF:SUBTITLES="x",BANDWIDTH=1\n0/stream.m3u8\n'],
    ["is no playlist", "<html>"],
  ])("is Owncast's own if that %s", (_, given) => expect(masterWithCaptions(given, tracks)).toBe(given));
});
