import { describe, expect, it } from "vitest";
import { cellsOf, keyOf } from "./cells.ts";
import { barsOf, lastLine, type Measure, medianRatio, medianYield, type Round, report, yieldOf } from "./figures.ts";

const servers = ["lectern", "article", "fileServer", "lecternNginx", "nginx", "owncast"] as const;

/** A round with these yields of the servers, as multiples of the article's one Gbit or 1,000 playlists. */
const roundOf = (yields: Readonly<Partial<Record<(typeof servers)[number], number>>>): Round =>
  new Map(
    cellsOf(servers).map((cell): [string, Measure] => {
      const plainBytes = cell.kind === "segment" ? 1_250_000 : 1500;
      const requests = (cell.kind === "segment" ? 100 : 1000) * (yields[cell.server] ?? 1);
      return [keyOf(cell), { requests, plainBytes, processorSeconds: 1 }];
    }),
  );
const segment = { kind: "segment", protocol: "HTTP/2", encoding: "zstd", server: "lectern" } as const;

describe("figures", () => {
  it("count segments by their size in Gbit, and playlists by number", () => {
    const measure = { requests: 200, plainBytes: 1_250_000, processorSeconds: 2 };
    expect(yieldOf("segment", measure)).toBe(1);
    expect(yieldOf("playlist", measure)).toBe(100);
  });

  it("are medians of the rounds' pairs, not pairs of medians", () => {
    const rounds = [
      roundOf({ lectern: 8, article: 1 }),
      roundOf({ lectern: 2, article: 2 }),
      roundOf({ lectern: 3, article: 3 }),
    ];
    expect(medianRatio(segment, "article", rounds)).toBe(1);
    expect(medianYield({ ...segment, server: "lectern" }, rounds)).toBe(3);
  });

  it("compare Lectern's nginx with nginx for segments, and with Lectern's Caddyfile for playlists", () => {
    const ratios = (yields: Parameters<typeof roundOf>[0]) =>
      Object.fromEntries(barsOf([roundOf(yields)]).map(({ name, ratio }) => [name, ratio]));
    expect(ratios({ lecternNginx: 6, nginx: 8 })).toMatchObject({ "nginx-segments": 0.75, "nginx-playlists": 6 });
    expect(ratios({ lecternNginx: 6, lectern: 2 })).toMatchObject({ "nginx-segments": 6, "nginx-playlists": 3 });
  });

  it("use the first round for cells that the other rounds leave out", () => {
    const [all, few] = [
      roundOf({ nginx: 9 }),
      new Map([...roundOf({ lectern: 4 })].filter(([key]) => !/nginx/.test(key))),
    ];
    expect(medianYield({ ...segment, server: "nginx" }, [all, few, few])).toBe(9);
    expect(medianRatio(segment, "article", [all, few, few])).toBe(4);
  });

  it("name a cell without a measurement", () =>
    expect(() => medianRatio(segment, "article", [new Map()])).toThrow("segment HTTP/2 zstd lectern"));

  it("end with one line for other programs", () => {
    const rounds = [roundOf({ lectern: 4.25, fileServer: 4.5, lecternNginx: 17, nginx: 20 })];
    expect(lastLine(barsOf(rounds))).toBe(
      "delivery: zstd-h2 4.3x gzip-h2 4x file_server 0.94x playlists 4.3x nginx-segments 0.85x nginx-playlists 4.0x",
    );
  });
});

describe("the report", () => {
  const text = report(
    servers.map((name) => ({ name, title: name })),
    [roundOf({ lectern: 4 })],
  );

  it("shows every server, and a dash for protocols that Owncast does not speak", () => {
    expect(text).toContain("| lectern | 4 | 4 | 4 | 4 | 4 | 4 |");
    expect(text).toContain("| owncast | 1 | 1 | 1 | – | – | – |");
    expect(text).toContain("| lectern | 4000 |");
  });

  it("shows the target beside each reached value", () => expect(text).toMatch(/\| 4\.00x \| 4x \|/));
});
