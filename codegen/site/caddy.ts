import {
  type Answer,
  admin,
  captions,
  captionsPush,
  down,
  edges,
  everyRequest,
  everyResponse,
  type Headers,
  log,
  onThisSite,
  own,
  type Paths,
  type Proof,
  page,
  playlists,
  privateStage,
  readOnly,
  rehearsal,
  segments,
  silentMinutes,
  steering,
  transcripts,
} from "./rules.ts";
import { blocksIndentedBy, comment } from "./text.ts";

/** What Caddy cannot read as one bare word. */
const word = (text: string): string => (/[\s"'`{}\\]/.test(text) || text === "" ? quoted(text) : text);
const quoted = (text: string): string => (text.includes('"') ? `\`${text}\`` : `"${text}"`);

/** One handler for all of them: each handler makes a response dearer. */
function setHeaders(headers: Headers, except: readonly string[] = []): string[] {
  const set = Object.entries(headers)
    .filter(([name]) => !except.includes(name))
    .map(([name, value]) => `${name} ${word(value)}`);
  return set.length > 1 ? block("header", set) : set.map((one) => `header ${one}`);
}

const respond = ({ status, text }: Answer): string => `respond ${quoted(text)} ${status}`;

/** Headers and the response. `given` are headers that the site has set before. */
const answer = (told: Answer, given: Headers = {}): string[] => [
  ...setHeaders(told.headers ?? {}, Object.keys(given)),
  respond(told),
];

const block = blocksIndentedBy("\t");

/** A matcher for paths, without its name. */
function pathMatcher(name: string, at: Paths): string {
  if ("anyOf" in at) return `path ${at.anyOf.join(" ")}`;
  const pattern = "exactly" in at ? at.exactly.replaceAll(/[.]/g, "\\$&") : at.matching;
  return `path_regexp ${name} ^${pattern}$`;
}

/** An expression that is true if one of the proofs holds. `{vars.own}` is the site's origin. */
const proven = (proofs: readonly Proof[]): string => proofs.map((proof) => holds(proof)).join(" || ");

const holds = (proof: Proof): string =>
  Object.entries(proof)
    .map(([name, values]) => oneOf(`{header.${name}}`, values))
    .join(" && ");

function oneOf(header: string, values: Proof[string]): string {
  const wording = (value: string | typeof own) => (value === own ? "{vars.own}" : JSON.stringify(value));
  const exact = values.filter((value) => value !== onThisSite) as (string | typeof own)[];
  const [only] = exact;
  const equal =
    exact.length === 1 && only !== undefined
      ? `${header} == ${wording(only)}`
      : `${header} in [${exact.map(wording).join(", ")}]`;
  return values.includes(onThisSite) ? `(${equal} || ${header}.startsWith({vars.own} + "/"))` : equal;
}

/** Caddy 2.6 reads the first name, later versions the second. */
const unlogged = block("vars", ["skip_log true", "log_skip true"]);

const ownHeaders = [...Object.keys(everyResponse)];
const withoutOwncasts = (names: readonly string[]) => names.map((name) => `header_down -${name}`);
const silent = block("transport http", [`read_timeout ${silentMinutes}m`]);

/** Whether an edge that proves itself says which viewer asks. Only hosts with a secret for edges have that rule. */
interface Trust {
  readonly edges: boolean;
}

/**
 * What a server behind gets, and what not. Without edges Caddy itself gives the viewer's address. With them it comes from the map at
 * the top. The edges' secret is for no server behind.
 */
const behind = (trusts: Trust): string[] => [
  ...(trusts.edges ? ["header_up X-Forwarded-For {lectern_address}"] : []),
  ...[edges.header, ...everyRequest.dropped].map((name) => `header_up -${name}`),
  `header_up User-Agent "^(.{${everyRequest.userAgentLetters}}).*$" "$1"`,
];

const toOwncast = (trusts: Trust): string[] =>
  block("reverse_proxy @upstream@", [
    ...behind(trusts),
    "# Caddy compresses, above, and only what shrinks.",
    "header_up Accept-Encoding identity",
    "# Set above. Another Owncast may send them too.",
    ...withoutOwncasts(["X-Frame-Options", ...ownHeaders]),
    ...silent,
  ]);

function playlistRoute(trusts: Trust): string[] {
  const { connectSeconds, answerSeconds } = playlists;
  const asks = [
    "method GET",
    ...behind(trusts),
    "header_up Accept-Encoding identity",
    ...block("transport http", [`dial_timeout ${connectSeconds}s`, `response_header_timeout ${answerSeconds}s`]),
  ];
  const [method = "", ...rest] = asks;
  return [
    ...comment(
      "Playlists and segments come first, because they are nearly all requests. Playlists come from the keeper: whole, and unbroken through short losses of the publisher. If it is down for seconds or has no playlist, Caddy asks Owncast. They are not compressed: a kilobyte is nothing beside video.",
    ),
    ...block("@playlist", [pathMatcher("playlist", playlists.at), `method ${readOnly.methods.join(" ")}`]),
    ...block("handle @playlist", [
      ...comment(
        "Each viewer asks every few seconds: these requests would fill the access log, and logging costs as much as serving.",
      ),
      ...unlogged,
      ...comment(
        "The proxy drops a request's body if it changes the method to GET. A broken body would make all tries fail.",
      ),
      "method READ",
      ...block("reverse_proxy @keeper@ @upstream@", [
        method,
        "lb_policy first",
        `lb_try_duration ${connectSeconds + answerSeconds}s`,
        ...comment(
          "Only these health checks mark an upstream as down, never a client's request. The keeper serves this path too. A check times out before a request does, so that the retry goes to Owncast.",
          117,
        ),
        "health_uri /api/status",
        "health_interval 1s",
        `health_timeout ${connectSeconds}s`,
        ...rest,
        "@nothing status 503",
        ...block("handle_response @nothing", block("reverse_proxy @upstream@", asks)),
      ]),
    ]),
  ];
}

const writtenPlaylistRoute = (): string[] => [
  "# A playlist is only read.",
  `@writtenPlaylist ${pathMatcher("writtenPlaylist", playlists.at)}`,
  ...block("handle @writtenPlaylist", [...unlogged, ...answer(readOnly.refused)]),
];

function fromFolder(
  name: string,
  { folder, cacheControl, why }: typeof segments.kept | typeof segments.written,
): string[] {
  return [
    ...comment(why, 120),
    `@${name} file ${folder}/{re.segment.1}`,
    ...block(`handle @${name}`, [
      ...setHeaders({
        ...(cacheControl === uncached ? {} : { "Cache-Control": cacheControl }),
        "Content-Type": segments.type,
        ...segments.headers,
      }),
      "rewrite * {http.matchers.file.relative}",
      "file_server",
    ]),
  ];
}

const { "Cache-Control": uncached } = segments.none.headers;

function segmentRoute(): string[] {
  return [
    "# Segments come from disk: Owncast would compress each one again for each viewer.",
    `@segment ${pathMatcher("segment", segments.at)}`,
    ...block("handle @segment", [
      ...unlogged,
      'root * "@segmentsDir@"',
      "# No cache may keep a segment that is incomplete, or an error.",
      `header Cache-Control ${uncached}`,
      ...fromFolder("held", segments.kept),
      ...fromFolder("written", segments.written),
      respond(segments.none),
    ]),
  ];
}

function adminRoute(trusts: Trust): string[] {
  const pages = `path ${admin.page.at.anyOf.join(" ")}`;
  const unproven = (name: string, where: string, proofs: readonly Proof[], refused: Answer) => [
    ...block(`@${name}`, [where, `not expression \`${proven(proofs)}\``]),
    ...block(`handle @${name}`, [respond(refused)]),
  ];
  const { scripts, body } = admin;
  return [
    ...comment(
      "Browsers send the admin's password also with requests by another site's page. So each request must show where it comes from: new browsers send Sec-Fetch-Site, older ones Origin. The last path logs in to other sites as this stage, with the same password.",
    ),
    `@admin ${pathMatcher("admin", admin.at)}`,
    ...block("handle @admin", [
      ...setHeaders(admin.headers),
      "vars own {scheme}://{hostport}",
      "",
      "@outside not remote_ip @adminNetworks@",
      ...block("handle @outside", [respond(admin.outside)]),
      "",
      "# A person may also type the page's address.",
      ...unproven("foreign", pages, admin.page.proofs, admin.page.refused),
      ...comment(
        "All other requests are by the page's scripts. A GET can end the stream or Owncast itself, so a GET needs proof too. Links, images and their Referer are no proof: strangers choose the target of a link in the chat and of a follower's picture.",
        122,
      ),
      ...unproven("unproven", `not ${pages}`, scripts.proofs, {
        ...scripts.refused,
        text: `${scripts.refused.text}{vars.own}`,
      }),
      "",
      "# Pictures are sent as JSON: the largest one that a stage file may name takes 1.4 MB.",
      "@longForAdmin header_regexp length Content-Length ^\\d{8,}$",
      ...block("handle @longForAdmin", [respond(body.refused)]),
      ...block("handle", [
        ...block("request_body", [`max_size ${body.megabytes}MB`]),
        "encode zstd gzip",
        ...toOwncast(trusts).filter((line) => !line.startsWith("\t#")),
      ]),
    ]),
  ];
}

function pageRoute(trusts: Trust): string[] {
  const { frames, pictures, chat, body } = page;
  return [
    ...comment(
      "Owncast never frees the memory of a request's body. People and other servers send a few kilobytes. Caddy 2.6 responds 502 to a Content-Length that is too large, so this matcher comes first. Owncast itself limits chat messages.",
    ),
    ...block("@long", [`not path ${chat}`, "header_regexp length Content-Length ^\\d{6,}$"]),
    ...block("handle @long", [respond(body.refused)]),
    ...block("handle", [
      `@bounded not path ${chat}`,
      ...block("request_body @bounded", [`max_size ${body.kilobytes}KB`]),
      "",
      ...comment(
        "Other sites may show video or chat in a frame, but not the whole page: it has the moderators' buttons. Owncast serves that page at many more addresses.",
        122,
      ),
      `@whole not path_regexp ^${frames.allowed}$`,
      `header @whole ${frames.header} ${frames.otherwise}`,
      "",
      "# An SVG that is opened alone is a page, and its scripts would have the rights of the admin page.",
      `@picture ${pathMatcher("picture", pictures.at)}`,
      ...block("header @picture", [
        ...Object.entries(pictures.headers).map(([name, value]) => `${name} ${word(value)}`),
        "defer",
      ]),
      "",
      ...comment(
        "After a private stage's password, browsers get a cookie: with a websocket, or from a phone's own player, they send no password.",
        130,
      ),
      `@entering vars {http.auth.user.id} ${privateStage.userName}`,
      `header @entering +Set-Cookie "${privateStage.cookieName}={vars.lectern_cookie}; ${privateStage.cookieAttributes}"`,
      "",
      "encode zstd gzip",
      ...toOwncast(trusts).flatMap((line) =>
        line.includes("transport http")
          ? [
              ...comment(
                "Ends requests whose body never ends. Chat connections are never silent for so long: Owncast pings them each minute.",
              ).map((one) => `\t${one}`),
              line,
            ]
          : [line],
      ),
    ]),
  ];
}

const downRoute = (): string[] => [
  "# While Owncast starts or is down, browsers get a page that reloads by itself.",
  ...block("handle_errors", [
    "header Cache-Control no-store",
    "# The private stage's password was wrong.",
    "@refused expression `{http.error.status_code} == 401`",
    `respond @refused ${quoted(privateStage.asked.text)} ${privateStage.asked.status}`,
    `@down expression \`{http.error.status_code} in [${down.insteadOf.join(", ")}]\``,
    ...block("handle @down", [
      ...setHeaders(down.headers, ["Cache-Control"]),
      "@page header Accept *text/html*",
      ...block("handle @page", [
        'header Content-Type "text/html; charset=utf-8"',
        respond({ status: down.status, text: down.page }),
      ]),
      respond(down),
    ]),
  ]),
];

const inSite = (parts: readonly (readonly string[])[]): string =>
  parts
    .map((lines) =>
      lines.map((line) => (line === "" || /^@\w+@$/.test(line.trim()) ? line.trim() : `\t${line}`)).join("\n"),
    )
    .join("\n\n")
    .concat("\n");

const stage = (trusts: Trust): string =>
  inSite([
    comment(
      "The site of one stage, for NixOS and for `lectern demo`. Words between at signs are replaced: the addresses of Owncast and the keeper, the folder of segments, the admin page's networks. It works alike on Caddy 2.6 and later.",
    ),
    ...(trusts.edges
      ? [
          [
            ...comment(
              "An edge that proves itself says which viewer asks. From everybody else X-Forwarded-For counts for nothing. The door's file has the secret.",
            ),
            ...block(`map "{header.${edges.header}} {header.X-Forwarded-For}" {lectern_address}`, [
              "import @edgeDoor@/*.caddyfile",
              "default {remote_host}",
            ]),
          ],
        ]
      : []),
    [
      "# For every response, Caddy's own too.",
      ...setHeaders(everyResponse),
      ...comment(
        `Each proxy below changes what Owncast and the keeper get. Owncast's chat trusts the name in X-Forwarded-User, so it must not come from outside. Both remember each viewer's program, so its name is cut to ${everyRequest.userAgentLetters} letters. One change for all, here, would cost each playlist more.`,
      ),
    ],
    playlistRoute(trusts),
    segmentRoute(),
    writtenPlaylistRoute(),
    adminRoute(trusts),
    pageRoute(trusts),
    downRoute(),
  ]);

/** Answers everything but reading. */
const onlyToRead = (given: Headers): string[] => [
  `@written not method ${readOnly.methods.join(" ")}`,
  ...block("handle @written", answer(readOnly.refused, given)),
];

const rehearsalPart = (): string =>
  inSite([
    [
      ...comment(
        "Tells `lectern rehearse` whether it may send many viewers. This comes before a private stage's door, and answers every request itself: no request here reaches Owncast. A regular expression, because `path` ignores case and changes the order of handlers.",
      ),
      `@rehearsal ${pathMatcher("rehearsal", rehearsal.at)}`,
      ...block("handle @rehearsal", [
        ...setHeaders(rehearsal.headers),
        ...onlyToRead(rehearsal.headers),
        ...block("handle", ["@@answer"]),
      ]),
    ],
  ])
    .replace(/\t*@@answer\n\t*/, "@rehearsalAnswer@\t\t")
    .concat("\n");

const steeringPart = (trusts: Trust): string =>
  inSite([
    [
      ...comment(
        "Tells players which edge to use. NixOS puts it before stage.caddyfile if the stage has edges. Owncast must never answer here: its page is no JSON, which ends steering for good. A failure leaves players where they are.",
      ),
      `@steering ${pathMatcher("steering", steering.at)}`,
      ...block("handle @steering", [
        ...unlogged,
        ...onlyToRead({}),
        ...block("handle", [
          "# The proxy drops a request's body if it changes the method to GET.",
          "method READ",
          ...block("reverse_proxy @steering@", [
            "method GET",
            ...behind(trusts),
            "header_up Accept-Encoding identity",
            ...block("transport http", [
              `dial_timeout ${steering.connectSeconds}s`,
              `response_header_timeout ${steering.answerSeconds}s`,
            ]),
          ]),
        ]),
      ]),
    ],
  ]).concat("\n");

const captionsPart = (): string => {
  const none = { "Content-Type": captions.type, ...captions.none.headers, ...captions.headers };
  return inSite([
    [
      ...comment(
        "The captions of each segment. NixOS puts this before stage.caddyfile if the stage has captions. A player must get no error for a file that is not there, or it would give up the track.",
      ),
      `@vtt ${pathMatcher("vtt", captions.at)}`,
      ...block("handle @vtt", [
        ...unlogged,
        ...onlyToRead({}),
        'root * "@segmentsDir@"',
        "@captioned file {re.vtt.1}",
        ...block("handle @captioned", [
          ...setHeaders({ "Cache-Control": captions.cacheControl, "Content-Type": captions.type, ...captions.headers }),
          "rewrite * {http.matchers.file.relative}",
          "file_server",
        ]),
        ...block("handle", [...setHeaders(none), respond(captions.none)]),
      ]),
    ],
  ]).concat("\n");
};

/** Content-Length from one byte too many on, for limits of 2,000 bytes: Caddy 2.6 responds 502 to what `request_body` refuses by it. */
const above2000 = String.raw`^(\d{5,}|[3-9]\d{3}|2[1-9]\d\d|20[1-9]\d|200[1-9])$`;

const captionsPushPart = (trusts: Trust): string => {
  const { at, headers, refused, body, connectSeconds, answerSeconds } = captionsPush;
  if (body.bytes !== 2000) throw new Error("the pattern of a length is for 2,000 bytes");
  return inSite([
    [
      ...comment(
        "A human captioner's tool sends text here, with a token that the captions service checks. NixOS puts this before stage.caddyfile if the stage has such a track.",
      ),
      `@push ${pathMatcher("push", at)}`,
      ...block("handle @push", [
        ...unlogged,
        ...setHeaders(headers),
        "@unpushed not method POST",
        ...block("handle @unpushed", answer(refused, headers)),
        `@longPush header_regexp length Content-Length ${above2000}`,
        ...block("handle @longPush", [respond(body.refused)]),
        ...block("handle", [
          ...block("request_body", [`max_size ${body.bytes / 1000}KB`]),
          ...block("reverse_proxy @captions@", [
            ...behind(trusts),
            "header_up Accept-Encoding identity",
            ...withoutOwncasts(Object.keys(headers)),
            ...block("transport http", [
              `dial_timeout ${connectSeconds}s`,
              `response_header_timeout ${answerSeconds}s`,
            ]),
          ]),
        ]),
      ]),
    ],
  ]).concat("\n");
};

const transcriptsPart = (): string =>
  inSite([
    [
      "# The transcripts of a stage that publishes them. NixOS puts this before stage.caddyfile.",
      `@transcript ${pathMatcher("transcript", transcripts.at)}`,
      ...block("handle @transcript", [
        ...onlyToRead({}),
        'root * "@transcriptsDir@"',
        ...setHeaders(transcripts.headers),
        "@transcribed file {re.transcript.1}",
        ...block("handle @transcribed", [
          "@cues path *.vtt",
          `header @cues Content-Type ${word(transcripts.types.vtt)}`,
          "@plain not path *.vtt",
          `header @plain Content-Type ${word(transcripts.types.txt)}`,
          "rewrite * {http.matchers.file.relative}",
          "encode zstd gzip",
          "file_server",
        ]),
        respond(transcripts.none),
      ]),
    ],
  ]).concat("\n");

const privatePart = (): string => {
  const byName = `(?i:basic) ${privateStage.nameInBase64}`;
  return inSite([
    comment(
      "Closes a private stage to strangers. NixOS puts it before stage.caddyfile. It is closed by default: only a request with proof passes `@stranger`. It works alike on Caddy 2.6 and later.",
    ),
    [
      "@door@",
      ...comment(
        "For an unknown name Caddy computes for a second, and it remembers each compared password. So Caddy compares only `viewer:`, which begins like this in Base64, with at most 72 bytes after it. Of several headers Caddy compares the first but matches each, so commas, which join them here, are refused. Not `vars_regexp`: some versions expand a client's braces.",
      ),
      ...block("@shows", [
        "not remote_ip @viewerNetworks@",
        "not vars lectern_viewer known",
        `header_regexp shows Authorization "^${byName}[A-Za-z0-9+/]{0,98}={0,2}$"`,
        'expression `!{header.Authorization}.contains(",")`',
      ]),
      "# Owncast must not get the viewers' password.",
      `@byName header_regexp byName Authorization "^${byName}"`,
      "request_header @byName -Authorization",
    ],
    [
      "# Keeps shared caches, and the scripts of other sites in a viewer's browser, from this stage.",
      ...block("header", [
        "-Access-Control-Allow-Origin",
        "Cache-Control public private",
        'Cache-Control no-cache "private, no-cache"',
        "?Cache-Control private",
        "defer",
      ]),
    ],
    [
      "# An edge has one address for all its viewers, and a cache for all: both would open the stage.",
      `@byEdge header ${edges.header} *`,
      ...block("handle @byEdge", answer(privateStage.noEdges)),
    ],
    [
      ...comment(
        "Networks without a password. The admin page's networks are among them, because that page uses the site's files. They are matched twice and not kept in `vars`: versions of Caddy differ in the order of two `vars` with matchers.",
      ),
      ...block("@stranger", [
        "not remote_ip @viewerNetworks@",
        "not vars lectern_viewer known",
        `not vars {http.auth.user.id} ${privateStage.userName}`,
      ]),
      ...block("handle @stranger", [
        ...setHeaders(privateStage.passwordUnknown.headers),
        "# Ask for the password only if Caddy knows it.",
        "@asked vars lectern_door password",
        ...block("handle @asked", answer(privateStage.asked, privateStage.passwordUnknown.headers)),
        "respond @closedAnswer@",
      ]),
    ],
  ]).concat("\n");
};

/** For the body of Caddy's `log`. */
const accessLog = (): string => {
  const masked = (field: string) => block(`request>${field} ip_mask`, [`ipv4 ${log.ipv4Bits}`, `ipv6 ${log.ipv6Bits}`]);
  return block("format filter", [
    "wrap json",
    ...block("fields", [
      "# The query may hold a token: chat's `accessToken`, a login's `code`.",
      'request>uri regexp "\\?.*" ""',
      "# Headers hold cookies and addresses. They and the TLS details are most of the work of logging.",
      "request>headers delete",
      "request>tls delete",
      "resp_headers delete",
      "# The network of a viewer is enough. Later versions write the address twice.",
      ...masked("remote_ip"),
      ...masked("client_ip"),
      "request>remote_port delete",
    ]),
  ])
    .join("\n")
    .concat("\n");
};

/** Caddy's files, by name. If edges have a secret, those with `-with-edges` replace the others. */
export const caddyFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ["stage.caddyfile", stage({ edges: false })],
    ["stage-with-edges.caddyfile", stage({ edges: true })],
    ["private.caddyfile", privatePart()],
    ["rehearsal.caddyfile", rehearsalPart()],
    ["steering.caddyfile", steeringPart({ edges: false })],
    ["steering-with-edges.caddyfile", steeringPart({ edges: true })],
    ["captions.caddyfile", captionsPart()],
    ["captions-push.caddyfile", captionsPushPart({ edges: false })],
    ["captions-push-with-edges.caddyfile", captionsPushPart({ edges: true })],
    ["transcripts.caddyfile", transcriptsPart()],
    ["access-log.caddyfile", accessLog()],
  ]);
