import type { Front } from "./rules.ts";

/** One rule of a stage's site, for people: what it does, where the fronts differ and why, and what proves it on both. */
interface Row {
  readonly rule: string;
  readonly does: string;
  /** What one front does that the other does not, or does in another way, and why. */
  readonly differs?: Readonly<Partial<Record<Front, string>>>;
  /** Files in checks/, without `.test.ts`. Each runs on both fronts. */
  readonly tests: readonly string[];
}

/** The rules in the order in which a request meets them. */
export const rows: readonly Row[] = [
  {
    rule: "names",
    does: "Only the domain, its aliases and the tunnel's names are a stage's. Aliases and plain http lead to the domain over HTTPS.",
    differs: {
      nginx:
        "refuses an unknown name with 421: nginx would give it to the first site of the address, Caddy gives it to none",
    },
    tests: ["site/golden-site-redirects-lead-home"],
  },
  {
    rule: "protocols",
    does: "HTTP/1.1 and HTTP/2. `Alt-Svc: clear` ends what browsers remember of HTTP/3.",
    differs: { caddy: "`http3.enable` turns HTTP/3 on; nginx refuses that option, for nobody has tried it there" },
    tests: ["site/golden-site-has-no-http3"],
  },
  {
    rule: "requests",
    does: "`X-Forwarded-User` never comes from outside, `X-Forwarded-For` is the viewer's address, a program's name is cut.",
    differs: {
      caddy: "cuts after 256 letters",
      nginx:
        "cuts after 256 bytes: its patterns know no letters. It also refuses `TRACE`, a header or a target above 8 kB, and a target with `#`, in which Owncast would read another path",
    },
    tests: ["site/golden-site-outlasts-clients", "site/golden-site-keeps-strangers-out"],
  },
  {
    rule: "headers",
    does: "`nosniff` and a referrer policy on every response; no frames but for embeds; pictures run no scripts.",
    differs: {
      caddy: "and nginx send no such headers where they refuse a request before they know its site, as with 400",
      nginx: "sends none with 405 to `TRACE`, 414 and 421 either: these answers have no content of a stage",
    },
    tests: ["site/golden-site-sends-headers-once"],
  },
  {
    rule: "rehearsal",
    does: "Says whether `lectern rehearse` may send many viewers, only to a program with the token.",
    tests: ["site/golden-site-guards-rehearsals"],
  },
  {
    rule: "private stage",
    does: "Networks watch as they are, everybody else with the password, then with a cookie. Closed while the password is unknown. No shared cache, no other site.",
    differs: {
      caddy: "compares a bcrypt hash, of one possible name and length, because each comparison costs milliseconds",
      nginx:
        "compares the header itself, in a file for root and nginx alone: a hash would stop the loop that serves all other viewers",
    },
    tests: ["site/golden-site-keeps-strangers-out"],
  },
  {
    rule: "edges",
    does: "Only an edge that shows the secret says which viewer asks. From all others `X-Forwarded-For` counts for nothing. Private stages refuse all edges.",
    differs: { caddy: "logs the edge's network; nginx logs the viewer's" },
    tests: ["site/an-edge-carries-a-stage"],
  },
  {
    rule: "playlists",
    does: "GET and HEAD, from the keeper; from Owncast if the keeper is down, hangs or has none. No client can take the keeper from others. Not logged, not compressed.",
    differs: {
      caddy: "asks keeper and Owncast for their health each second, and skips a keeper that hangs",
      nginx:
        "asks the keeper first each time, for 3 s: it has no health checks of its own, and counting failed requests would let a client mark the keeper as down",
    },
    tests: ["site/golden-site-finds-the-keeper", "site/golden-site-outlasts-clients"],
  },
  {
    rule: "steering",
    does: "Only of a stage with edges: GET and HEAD of `/steer`, from the steering service. If it is down or hangs, players get 503 within 2 s and stay where they are. Never from Owncast, whose page would end steering. Not logged.",
    tests: ["site/golden-site-steers-viewers"],
  },
  {
    rule: "segments",
    does: "From disk, never compressed, not logged. Caches may keep a whole segment forever, and an incomplete one or an error not at all.",
    differs: {
      caddy:
        "answers every method with the segment, and lets caches keep a 412 or 416 for one: version 2.6 sets no header by a response's status",
      nginx:
        "takes GET and HEAD only, as its file server does, and follows no symbolic links, which Caddy cannot be told",
    },
    tests: ["site/golden-sites-hold"],
  },
  {
    rule: "captions",
    does: "Only of a stage with captions: each segment's file from disk, never compressed, not logged. Caches may keep it forever. Instead of a missing one a player gets a file without captions, which no cache may keep.",
    differs: { nginx: "follows no symbolic links, which Caddy cannot be told" },
    tests: ["site/golden-site-serves-captions"],
  },
  {
    rule: "captioners",
    does: "Only of a stage with a track of a human captioner: POST of at most 2 kB to `/captions/LANGUAGE`, to the captions service, which checks the token. Not logged. A private stage asks captioners for its password too, unless their network may watch.",
    tests: ["site/golden-site-serves-captions"],
  },
  {
    rule: "transcripts",
    does: "Only of a stage that publishes them: GET and HEAD of files below `/transcripts/`, from disk. No cache may keep them, because a transcript grows.",
    differs: { nginx: "follows no symbolic links, which Caddy cannot be told" },
    tests: ["site/golden-site-serves-captions"],
  },
  {
    rule: "admin page",
    does: "404 outside of `admin.allow`. Inside, only requests of the page itself or of a program that names the site's origin. Bodies up to 10 MB.",
    tests: ["site/golden-site-knows-its-admin-page", "site/golden-site-bounds-bodies"],
  },
  {
    rule: "bodies",
    does: "At most 100 kB; a slow body holds no connection to Owncast.",
    differs: {
      caddy: "ends a body that stops for two minutes; not at `/ws`, where the limit would count the chat",
      nginx: "reads the whole body before it connects to Owncast",
    },
    tests: ["site/golden-site-bounds-bodies"],
  },
  {
    rule: "compression",
    does: "Of texts, not of video.",
    differs: { caddy: "zstd and gzip; nginx has gzip alone, unless the host adds a module" },
    tests: ["site/golden-site-sends-headers-once", "site/golden-sites-hold"],
  },
  {
    rule: "back in a moment",
    does: "While Owncast does not answer, browsers get a page that looks again by itself, programs a line of text; 503, never cached.",
    tests: ["site/golden-sites-hold"],
  },
  {
    rule: "log",
    does: "JSON with a viewer's network, the path without its query, and no headers.",
    differs: {
      nginx:
        "writes no error log of requests: it has whole addresses and queries, and cannot leave them out. The access log has the upstream's status.",
    },
    tests: ["site/golden-sites-hold"],
  },
];

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The table of rules as a page. */
export const rulesPage = (): string => {
  const differences = ({ differs = {} }: Row) =>
    Object.entries(differs)
      .map(([front, what]) => `${front === "caddy" ? "Caddy" : "nginx"} ${what}`)
      .join("; ");
  const lines = rows.map((row) => {
    const tests = row.tests.map((test) => `[${test.split("/")[1]}](../../checks/${test}.test.ts)`);
    return `| ${[row.rule, row.does, differences(row) || "–", tests.join(", ")].map(cell).join(" | ")} |`;
  });
  return [
    "<!-- Generated; do not edit. Source: codegen/site/table.ts. After an edit there: npm run codegen -->",
    "# What the site of a stage does",
    "",
    "The same with Caddy and with nginx: both are written from one table of data, `codegen/site/rules.ts`. Each test runs on both.",
    "",
    "| rule | what it does | where the two differ, and why | test |",
    "|---|---|---|---|",
    ...lines,
    "",
  ].join("\n");
};
