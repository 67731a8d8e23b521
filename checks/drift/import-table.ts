/** A folder (or one file) whose files belong together, and what they may import. */
export interface Room {
  /** The first part of a path; the longest match counts. `*` stands for one folder: each such folder is a room of its own. */
  readonly path: string;
  readonly what: string;
  /** The rooms that its files may import besides each other, including for types only. */
  readonly imports: readonly string[];
}

const schema = "codegen/schema/";
const load = "codegen/load/";
const site = "codegen/site/";
const lib = "src/lib/";
const media = "src/media/";
const viewer = "src/viewer/";
const owncast = "src/owncast/";

/**
 * Who may import whom. The order counts: a room imports only rooms above it, so no two rooms can import each other.
 * CONTRIBUTING.md shows the same rows.
 */
export const rooms: readonly Room[] = [
  { path: "src/lib/", what: "errors, HTTP, signals, locks, files, text for people", imports: [] },
  {
    path: "codegen/site/",
    what: "what a stage's site does, as data, and its text for Caddy and for nginx",
    imports: [],
  },
  { path: "codegen/schema/core/", what: "what every schema is made of: registry, text, secrets, assets", imports: [] },
  {
    path: "codegen/schema/owncast/",
    what: "settings of Owncast: type, docs, endpoint, where to read them back",
    imports: ["codegen/schema/core/"],
  },
  {
    path: "codegen/schema/stage/",
    what: "the stage file and the seed as a whole",
    imports: ["codegen/schema/core/", "codegen/schema/owncast/"],
  },
  { path: "codegen/load/", what: "YAML or JSON → checked seed, or faults with places", imports: [schema, lib] },
  { path: "codegen/emit/", what: "schema → one generated file each, pure", imports: [schema] },
  { path: "codegen/", what: "`npm run codegen`", imports: ["codegen/"] },
  { path: "generated/", what: "committed output, never edited", imports: [] },
  {
    path: "src/media/",
    what: "what stream bytes mean: RTMP, FLV, H.264, AAC, segments, the painted clock, stream health",
    imports: [lib, schema, site],
  },
  {
    path: "src/owncast/",
    what: "Owncast's settings: client, diff, apply, resources, export, bootstrap",
    imports: [lib, schema, load, "generated/", media],
  },
  {
    path: "src/publish/",
    what: "the camera: test picture, encoder, RTMP publisher, OBS profile",
    imports: [lib, schema, media],
  },
  { path: "src/viewer/", what: "what plays: HTTP client, playlists, segments", imports: [lib, schema, media, site] },
  { path: "src/probe/", what: "one viewer with a checklist", imports: [lib, schema, media, viewer] },
  {
    path: "src/rehearse/",
    what: "many viewers at once, and what a machine can carry",
    imports: [lib, schema, media, viewer],
  },
  {
    path: "src/services/*/",
    what: "what runs as a unit: `gate`, `keeper`, `captions`, `steer`, `doors`, `memory-folder`; they never import each other",
    imports: [lib, schema, load, media, viewer, site],
  },
  {
    path: "src/storage/",
    what: "object storage: as Owncast writes to it and as viewers read from it",
    imports: [lib, schema, load, "generated/", media],
  },
  {
    path: "src/host/",
    what: "a host's installed stages: status, secrets, title",
    imports: [lib, schema, load, "generated/", media, owncast, "src/storage/"],
  },
  {
    path: "src/local/",
    what: "a whole stage on this machine: namespaces, servers, camera",
    imports: [
      ...[lib, schema, load, "generated/", media, owncast, viewer],
      ...["src/publish/", "src/probe/", "src/rehearse/", "src/services/", "src/storage/", "src/host/"],
    ],
  },
  { path: "src/commands/", what: "one thin file a verb", imports: ["codegen/", "src/"] },
  { path: "src/", what: "`lectern`: the list of verbs, the only exit", imports: ["codegen/", "src/"] },
  {
    path: "tools/",
    what: "set-up, `npm start`, `npm test`; plain Node, no packages",
    imports: ["src/lib/ending-signals.mjs", "src/lib/progress.mjs", "src/main.ts"],
  },
  {
    path: "checks/lib/",
    what: "what tests share, by trade: real servers, proxies, players, fakes",
    imports: ["codegen/", "generated/", "src/", "tools/"],
  },
  {
    path: "checks/*/",
    what: "claims that need more than one room, by subject; run by a lane",
    imports: ["checks/lib/", "codegen/", "generated/", "src/", "tools/"],
  },
  {
    path: "bench/",
    what: "`npm run bench`: what things cost, as ratios ([docs/benchmarks.md](docs/benchmarks.md))",
    imports: ["checks/lib/", "codegen/", "src/", "tools/"],
  },
];

/** The rooms that a unit test may import in addition to those of its own room. */
export const forUnitTests = "checks/lib/";
