/**
 * What the site of a stage does, as data. caddy.ts and the files nginx-*.ts write it for their server, so the two differ only in the words. Texts of
 * rules are for people who read the generated files and the table of rules.
 */

/** Servers that can stand in front of a stage. */
export type Front = "caddy" | "nginx";

/** Header names with their values. */
export type Headers = Readonly<Record<string, string>>;

/** A response that the front gives by itself, as plain text. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Headers;
}

/** Letter case counts in `exactly` and `matching`, and not in `anyOf`, where `/*` at the end is everything below. */
export type Paths =
  | { readonly exactly: string }
  /** A regular expression for the whole path that RE2 and PCRE read alike, without anchors. */
  | { readonly matching: string }
  | { readonly anyOf: readonly string[] };

/** In a proof: the header is absent. */
export const absent = "";
/** In a proof: the site's own origin, such as https://live.example.org. */
export const own = Symbol("own origin");
/** In a proof: an address on the site. */
export const onThisSite = Symbol("address on this site");

/** Request headers, each with the values that it may have. Headers that are not named may have any. */
export type Proof = Readonly<Record<string, readonly (string | typeof own | typeof onThisSite)[]>>;

/** Requests with another method get 405. */
export const readOnly = {
  methods: ["GET", "HEAD"],
  refused: { status: 405, text: "Only GET and HEAD", headers: { Allow: "GET, HEAD", "Cache-Control": "no-store" } },
} as const satisfies { methods: readonly string[]; refused: Answer };

/** The headers of every response, also of those that the front gives by itself. Owncast's own are dropped. */
export const everyResponse: Headers = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "strict-origin-when-cross-origin",
};

/** Changes to every request before Owncast or the keeper gets it. */
export const everyRequest = {
  /** Owncast's chat trusts the name in this header. */
  dropped: ["X-Forwarded-User"],
  /** Owncast and the keeper remember each viewer's program. */
  userAgentLetters: 256,
} as const;

/** Says whether `lectern rehearse` may send many viewers. The secret that it needs is in the door's file. */
export const rehearsal = {
  at: { exactly: "/.well-known/lectern-rehearsal" },
  headers: { "Cache-Control": "no-store" },
} as const satisfies { at: Paths; headers: Headers };

/**
 * Edges: nginx with a cache, between far viewers and the stage. An edge proves itself by a secret, and only then its word on a viewer's
 * address counts.
 */
export const edges = {
  /** Every edge sends it: the secret, or `unproven`. */
  header: "Lectern-Edge",
  unproven: "unproven",
  /** What may stand in X-Forwarded-For: one address. RE2 and PCRE read it alike. */
  address: "[0-9A-Fa-f:.]{2,45}",
  /** Says that the edge lives. */
  health: { exactly: "/.well-known/lectern-edge" },
  /** All playlists. */
  playlists: { matching: String.raw`/hls/.*\.m3u8` },
  /** Video, and captions' files. */
  segments: { matching: String.raw`/hls/.*\.(ts|vtt)` },
  playlistSeconds: 1,
  /** How long viewers get the last playlist of an origin that fails: a restart of its web server takes seconds, and players stop by themselves later. */
  staleSeconds: 30,
  /** Longer than the longest playlist with its kept segments. */
  segmentMinutes: 10,
  errorSeconds: 1,
  /** A shorter 200 is no playlist and no segment: Owncast sends 0 bytes while it writes one, Caddy for a site that it does not have. */
  leastBytes: 32,
  /** Owncast counts a viewer until 15 s after the last ping, and browsers ping every 4 s. */
  ping: { at: { exactly: "/api/ping" }, seconds: 10 },
  status: { at: { exactly: "/api/status" }, seconds: 1 },
  videoOnly: { status: 404, text: "This edge has only the video. Open the page at the stage's own address." },
} as const satisfies Record<string, unknown>;

/** A private stage: networks watch as they are, everybody else with the password or the cookie that comes after it. */
export const privateStage = {
  userName: "viewer",
  /** A pattern for what the user's name and a colon begin with in Base64, whatever password follows. */
  nameInBase64: "dmlld2VyO[g-v]",
  cookieName: "__Host-lectern-viewer",
  cookieAttributes: "Path=/; Secure; HttpOnly; SameSite=Lax",
  asked: {
    status: 401,
    text: "This stage is private. The user name is: viewer",
    headers: {
      "WWW-Authenticate": 'Basic realm="Private stage. User name: viewer", charset="UTF-8"',
      "Cache-Control": "no-store",
    },
  },
  passwordUnknown: {
    status: 503,
    text: "This stage is closed: its server does not know the viewers' password.",
    headers: { "Cache-Control": "no-store" },
  },
  /** An edge has one address for all its viewers, and a cache for all: both would open the stage. */
  noEdges: {
    status: 403,
    text: "This stage is private, so edges do not serve it. Open it at its own address.",
    headers: { "Cache-Control": "no-store" },
  },
  networksOnly: {
    status: 403,
    text: "This stage is private: only some networks may watch, and yours is not one of them.",
    headers: { "Cache-Control": "no-store" },
  },
} as const satisfies Record<string, unknown> & Record<"asked" | "passwordUnknown" | "networksOnly" | "noEdges", Answer>;

/** A caption track's language. The stage file is stricter: here the pattern must be one that RE2 and PCRE read alike, without braces. */
export const captionsLanguage = "[a-z]+(?:-[A-Za-z0-9]+)*";

/** Playlists come from the keeper. If it is down or has none, they come from Owncast. */
export const playlists = {
  at: { matching: String.raw`/hls/((\d+|captions/${captionsLanguage})/)?stream\.m3u8` },
  connectSeconds: 3,
  /** Longer than the keeper ever waits for a first segment. */
  answerSeconds: 5,
} as const satisfies { at: Paths } & Record<string, unknown>;

/** Only of a stage with edges: players ask here which edge to use. The steering service answers from memory. */
export const steering = {
  at: { exactly: "/steer" },
  /** A player that gets no answer stays where it is and asks again, so the front gives up early. */
  connectSeconds: 1,
  answerSeconds: 2,
  headers: { "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*" },
} as const satisfies { at: Paths; headers: Headers } & Record<string, unknown>;

/** Segments come from disk: the kept one, or else the one that Owncast has written. The pattern's group is the path in the folder. */
export const segments = {
  at: { matching: String.raw`/hls/(\d+/stream-[A-Za-z0-9_-]+-\d+\.ts)` },
  type: "video/mp2t",
  headers: { "Access-Control-Allow-Origin": "*" },
  kept: {
    folder: "hls-kept",
    cacheControl: "public, max-age=31557600",
    why: "The keeper's folder has each segment that is listed and complete, also after Owncast has wiped its own folder. A name contains a random session id, so its segment never changes.",
  },
  written: {
    folder: "hls",
    cacheControl: "no-store",
    why: "Owncast's own playlists lead here while the keeper is down. A segment there may be incomplete.",
  },
  none: { status: 404, text: "No such segment", headers: { "Cache-Control": "no-store" } },
} as const satisfies { at: Paths; none: Answer } & Record<string, unknown>;

/**
 * Only of a stage with captions: the file with a segment's captions, from disk. Players fetch each one that their playlist lists, also
 * while the captions service is down, so a missing one is no error. The pattern's group is the path in the folder of segments.
 */
export const captions = {
  at: { matching: String.raw`/hls/(captions/${captionsLanguage}/stream-[A-Za-z0-9_-]+-\d+\.vtt)` },
  folder: "captions",
  type: "text/vtt; charset=utf-8",
  headers: segments.headers,
  /** It never changes: it is written whole, once. */
  cacheControl: segments.kept.cacheControl,
  /** Longer than what an edge takes for torn. It may come later, so nobody keeps it. */
  none: {
    status: 200,
    text: "WEBVTT\n\nNOTE There are no captions for this segment.\n",
    headers: { "Cache-Control": "no-store" },
  },
} as const satisfies { at: Paths; headers: Headers; none: Answer } & Record<string, unknown>;

/** Only of a stage with a track of a human captioner, whose tool sends text here with a token. The captions service checks it. */
export const captionsPush = {
  at: { matching: `/captions/${captionsLanguage}` },
  headers: { "Cache-Control": "no-store" },
  refused: { status: 405, text: "Only POST", headers: { Allow: "POST" } },
  body: { bytes: 2000, refused: { status: 413, text: "Too long: at most 2 kB" } },
  connectSeconds: 1,
  answerSeconds: 5,
} as const satisfies { at: Paths; headers: Headers; refused: Answer } & Record<string, unknown>;

/** Only of a stage that publishes its transcripts. They grow during the event, so nobody keeps them. */
export const transcripts = {
  at: { matching: String.raw`/transcripts/(\d+T\d+Z-${captionsLanguage}\.(?:vtt|srt|txt))` },
  types: { vtt: "text/vtt; charset=utf-8", txt: "text/plain; charset=utf-8" },
  headers: { "Cache-Control": "no-store" },
  none: { status: 404, text: "No such transcript" },
} as const satisfies { at: Paths; headers: Headers; none: Answer } & Record<string, unknown>;

/** The admin page, its API, and the path that logs in to other sites as this stage, with the same password. */
export const admin = {
  at: { anyOf: ["/admin", "/admin/*", "/api/admin", "/api/admin/*", "/api/auth/provider/indieauth"] },
  headers: { "X-Frame-Options": "DENY" },
  outside: { status: 404, text: "Not found" },
  page: {
    at: { anyOf: ["/admin", "/admin/*"] },
    /** A person may also type the page's address. */
    proofs: [
      { "Sec-Fetch-Site": ["same-origin", "none"] },
      { "Sec-Fetch-Site": [absent], Origin: [absent, own], Referer: [absent, onThisSite] },
    ],
    refused: {
      status: 403,
      text: "This request comes from another site. Open the admin page by typing its address, or by a bookmark.",
    },
  },
  scripts: {
    /** A link, an image or its Referer is no proof: strangers choose the target of a link in the chat and of a follower's picture. */
    proofs: [
      { "Sec-Fetch-Site": ["same-origin"], "Sec-Fetch-Mode": ["cors"], "Sec-Fetch-Dest": ["empty"] },
      { "Sec-Fetch-Site": [absent], Origin: [own] },
    ],
    /** The site's own origin follows this text. */
    refused: {
      status: 403,
      text: "This request does not come from the admin page. A program must send the header Origin: ",
    },
  },
  /** Pictures are sent as JSON: the largest one that a stage file may name takes 1.4 MB. */
  body: { megabytes: 10, refused: { status: 413, text: "Too long: at most 10 MB" } },
} as const satisfies { at: Paths; outside: Answer } & Record<string, unknown>;

/** Everything else is Owncast's. */
export const page = {
  /** Other sites may show video or chat in a frame, but not the whole page: it has the moderators' buttons. */
  frames: {
    allowed: "/embed/(video|chat(/read(only|write))?)/?",
    header: "X-Frame-Options",
    otherwise: "SAMEORIGIN",
  },
  /** An SVG that is opened alone is a page, and its scripts would have the rights of the admin page. */
  pictures: {
    at: { anyOf: ["/logo", "/logo/*", "/favicon.ico", "/thumbnail.jpg", "/preview.gif", "/img/*", "*.svg"] },
    headers: { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox" },
  },
  chat: "/ws",
  /** Owncast never frees the memory of a request's body. People and other servers send a few kilobytes. */
  body: { kilobytes: 100, refused: { status: 413, text: "Too long: at most 100 kB" } },
} as const satisfies Record<string, unknown>;

/** Ends requests whose body never ends. Chat connections are never silent for so long: Owncast pings them each minute. */
export const silentMinutes = 2;

/** While Owncast starts or is down. A browser gets the page, which looks again by itself. */
export const down = {
  insteadOf: [502, 503, 504],
  status: 503,
  headers: { "Cache-Control": "no-store", "Retry-After": "5" },
  text: "The stage does not answer right now.",
  page: `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><meta name="viewport" content="width=device-width"><title>Back in a moment</title><body style="font: 1.2rem/1.5 sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem"><h1>Back in a moment</h1><p>The stage does not answer right now. This page looks again every five seconds, and the stream goes on here by itself.</p></body></html>`,
} as const satisfies Answer & Record<string, unknown>;

/** Access logs: a viewer's network instead of the address, a path instead of the whole target, no headers. */
export const log = { ipv4Bits: 24, ipv6Bits: 48 } as const;
