import {
  block,
  bodyLimit,
  compressed,
  downRoute,
  headersOf,
  inServer,
  location,
  logged,
  map,
  named,
  onlyToRead,
  pattern,
  pinnedForServers,
  plainText,
  respond,
  wholePaths,
} from "./nginx-words.ts";
import {
  type Answer,
  admin,
  down,
  edges,
  everyRequest,
  everyResponse,
  page,
  playlists,
  silentMinutes,
} from "./rules.ts";
import { comment } from "./text.ts";

// An edge is two servers. The outer one has the caches. For playlists it asks the inner one, on a socket, which asks the origin: only
// with that step can nginx be told how long it may serve an old playlist.

const uncached = { "Cache-Control": "no-store" };

/** What the origin gets of a request. `from` is the variable with the viewer's address. */
const toOrigin = (from: string, more: readonly string[] = []): string[] => [
  "proxy_http_version 1.1;",
  "proxy_set_header Host @originHost@;",
  `proxy_set_header X-Forwarded-For ${from};`,
  `proxy_set_header ${edges.header} $lectern_edge_secret;`,
  ...everyRequest.dropped.map((name) => `proxy_set_header ${name} "";`),
  "proxy_set_header User-Agent $lectern_agent;",
  "proxy_set_header Accept-Encoding identity;",
  ...more,
  "proxy_ssl_server_name on;",
  "proxy_ssl_name @originName@;",
  "proxy_ssl_verify on;",
  "proxy_ssl_verify_depth 4;",
  "proxy_ssl_trusted_certificate @originAuthorities@;",
  `proxy_connect_timeout ${playlists.connectSeconds}s;`,
  "proxy_pass https://lectern_@site@_origin;",
];

/** Headers that the edge sets itself, or that would speak of the origin. */
const hidden = (more: readonly string[] = []): string[] =>
  [...Object.keys(everyResponse), "Alt-Svc", "Strict-Transport-Security", ...more].map(
    (name) => `proxy_hide_header ${name};`,
  );

/** A viewer's own: no request for what all viewers share has them. */
const anonymous = [
  'proxy_set_header Connection "";',
  'proxy_set_header Authorization "";',
  'proxy_set_header Cookie "";',
  'proxy_set_header Content-Length "";',
  "proxy_pass_request_body off;",
];

/** One request to the origin for each key, however many viewers ask. */
const oneAtATime = (seconds: number): string[] => [
  "proxy_cache_lock on;",
  `proxy_cache_lock_timeout ${seconds}s;`,
  `proxy_cache_lock_age ${seconds}s;`,
];

// nginx then keeps a response that sets a cookie, which must reach no other viewer. So the cookie is hidden.
const ignored = "proxy_ignore_headers Cache-Control Expires X-Accel-Expires Set-Cookie Vary;";

/** Says whether the response was kept, as `lectern probe --edge` asks. Empty, and so not sent, if nginx asked no cache. */
const fromCache = { "X-Cache": "$upstream_cache_status" };

const playlistRoute = (): string[] => [
  ...comment(
    "The key is the path alone: Owncast's player adds `?cachebust=` to each request. The inner server says how long a playlist lives.",
  ),
  ...block(location(edges.playlists), [
    "access_log off;",
    plainText,
    ...headersOf({ "Cache-Control": "$lectern_edge_playlist_lifetime", ...fromCache }),
    ...onlyToRead(uncached),
    'set $args "";',
    "proxy_cache lectern_edge_playlists;",
    'proxy_cache_key "@domain@$uri";',
    `proxy_cache_valid 404 ${edges.errorSeconds}s;`,
    ...oneAtATime(2),
    "proxy_cache_background_update off;",
    "proxy_cache_use_stale off;",
    ...hidden(["Cache-Control"]),
    "proxy_http_version 1.1;",
    "proxy_set_header Host @domain@;",
    "proxy_set_header X-Forwarded-For $remote_addr;",
    ...anonymous,
    `proxy_read_timeout ${2 * (playlists.connectSeconds + playlists.answerSeconds)}s;`,
    "proxy_pass http://lectern_edge_inner;",
  ]),
];

const segmentRoute = (): string[] => [
  "# A segment never changes, so it is fetched once. An error or an incomplete one is not kept.",
  ...block(location(edges.segments), [
    "access_log off;",
    plainText,
    ...headersOf(fromCache),
    ...onlyToRead(uncached),
    'set $args "";',
    "proxy_cache lectern_edge_segments;",
    'proxy_cache_key "@domain@$uri";',
    ignored,
    "proxy_no_cache $lectern_edge_unfit $lectern_edge_private;",
    // No 404: whoever asks for the next segment too early would leave one, which nginx gives to the crowd that comes while it
    // fetches the segment.
    `proxy_cache_valid 200 ${edges.segmentMinutes}m;`,
    ...oneAtATime(10),
    "proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;",
    "proxy_force_ranges on;",
    "output_buffers 2 128k;",
    ...hidden(["Set-Cookie"]),
    "proxy_read_timeout 10s;",
    ...toOrigin("$remote_addr", anonymous),
  ]),
];

/** What all of a page's viewers ask again and again. */
const repeated = (
  at: typeof edges.ping.at | typeof edges.status.at,
  seconds: number,
  key: string,
  more: readonly string[],
) =>
  block(location(at), [
    "access_log off;",
    plainText,
    ...headersOf({ "Cache-Control": "no-store" }),
    ...onlyToRead(uncached),
    'set $args "";',
    "proxy_cache lectern_edge_api;",
    `proxy_cache_key "@domain@$uri${key}";`,
    ignored,
    "proxy_no_cache $lectern_edge_private;",
    `proxy_cache_valid 200 ${seconds}s;`,
    ...more,
    ...hidden(["Cache-Control", "Set-Cookie"]),
    `proxy_read_timeout ${playlists.answerSeconds}s;`,
    ...toOrigin("$remote_addr", anonymous),
  ]);

const pageRoutes = (): string[][] => {
  const { outside, at } = admin;
  const { chat, body } = page;
  const passed = (connection: readonly string[]) => [
    ...headersOf({}),
    ...hidden(),
    `proxy_read_timeout ${silentMinutes}m;`,
    `proxy_send_timeout ${silentMinutes}m;`,
    "proxy_redirect https://@originHost@/ /;",
    ...toOrigin("$remote_addr", connection),
  ];
  return [
    [
      ...comment(
        `Each viewer's page asks every few seconds. A ping is kept for ${edges.ping.seconds} s for its viewer: Owncast forgets a viewer after 15 s.`,
      ),
      ...repeated(edges.ping.at, edges.ping.seconds, "|$remote_addr|$lectern_agent", []),
      // The lock is only for what is not there yet. Who comes while a new one is on its way gets the last one.
      ...repeated(edges.status.at, edges.status.seconds, "", [...oneAtATime(2), "proxy_cache_use_stale updating;"]),
    ],
    [
      "# Administer at the origin: its rules for the admin page need the admin's own address.",
      ...block(location(at), [plainText, ...headersOf(uncached), respond(outside)]),
    ],
    [
      ...block(
        `location = ${chat}`,
        passed(["proxy_set_header Upgrade $http_upgrade;", "proxy_set_header Connection $lectern_connection;"]),
      ),
      ...block("location /", [...compressed, ...passed(['proxy_set_header Connection "";'])]),
      ...named("long", [plainText, ...headersOf(uncached), respond(body.refused)]),
    ],
  ];
};

const healthRoute = (): string[] => [
  "# Tells the origin that this edge lives, and how busy it is.",
  ...block(location(edges.health), [
    "access_log off;",
    plainText,
    ...headersOf(uncached),
    ...onlyToRead(uncached),
    'return 200 "edge: $connections_active connections\\n";',
  ]),
];

const outer = (what: string, routes: readonly (readonly string[])[]): string =>
  inServer([
    comment(`One site of an edge, for nginx's \`server\`: ${what}. Words between at signs are replaced.`),
    logged,
    ["# Settings that the host may have for its other sites.", ...pinnedForServers],
    wholePaths,
    ["recursive_error_pages on;", ...bodyLimit(page.body.kilobytes * 1e3, page.body.refused, "long")],
    healthRoute(),
    playlistRoute(),
    segmentRoute(),
    ...routes,
    downRoute(),
  ]);

const refusedPage: Answer = edges.videoOnly;
const videoRoute = (): string[] => [
  ...block("location /", [plainText, ...headersOf(uncached), respond(refusedPage)]),
  ...named("long", [plainText, ...headersOf(uncached), respond(page.body.refused)]),
];

const inner = (): string =>
  inServer([
    comment("The inner server of one site of an edge: it asks the origin for playlists, and says how long each lives."),
    ["access_log off;", "error_log stderr emerg;", ...pinnedForServers],
    block("location /", [
      "# Only a good response gets this header: errors are not kept.",
      "add_header Cache-Control $lectern_edge_playlist_kept;",
      "proxy_hide_header Cache-Control;",
      "proxy_hide_header Expires;",
      "proxy_hide_header X-Accel-Expires;",
      "proxy_hide_header Set-Cookie;",
      "proxy_hide_header Vary;",
      "proxy_intercept_errors on;",
      `error_page 500 ${down.insteadOf.join(" ")} = @down;`,
      `proxy_read_timeout ${playlists.answerSeconds}s;`,
      ...toOrigin("$http_x_forwarded_for", anonymous),
    ]),
    [
      "# Ends the connection: the outer server serves the last playlist after that, but not after a response with an error.",
      ...named("down", ["return 444;"]),
    ],
  ]);

const little = (() => {
  if (edges.leastBytes !== 32) throw new Error("the pattern of a length is for 32 bytes");
  return "([0-9]|[12][0-9]|3[01])";
})();

// After the statuses of the origin's addresses that did not answer, as in `502, 200`.
const good = "(^| )200:";

const host = (): string =>
  inServer([
    ["# For nginx's `http` on an edge, once a host, after host.nginx."],
    [
      "proxy_cache_path @cacheFolder@/segments levels=1:2 keys_zone=lectern_edge_segments:10m max_size=@cacheSize@ inactive=@segmentMinutes@m use_temp_path=off;",
      "proxy_cache_path @cacheFolder@/playlists levels=1:2 keys_zone=lectern_edge_playlists:1m max_size=16m inactive=2m use_temp_path=off;",
      "proxy_cache_path @cacheFolder@/api levels=1:2 keys_zone=lectern_edge_api:10m max_size=64m inactive=30s use_temp_path=off;",
    ].map((line) => line.replace("@segmentMinutes@", `${edges.segmentMinutes}`)),
    ["upstream lectern_edge_inner {", "  server unix:@innerSocket@;", "  keepalive 16;", "}"],
    [
      "# The secret's file is written by a unit. Without it the edge serves, and the origin takes it for one viewer.",
      ...map('""', "$lectern_edge_secret", [`default ${edges.unproven};`, "@secretFile@"]),
    ],
    [
      `# How long a playlist lives: ${edges.playlistSeconds} s, and while the origin fails, ${edges.staleSeconds} s more. Not at all if it is a private stage's, or torn.`,
      ...map(
        '"$upstream_status:$upstream_http_content_length:$upstream_http_cache_control"',
        "$lectern_edge_playlist_kept",
        [
          "default no-store;",
          `${pattern(`~${good}${little}:`)} no-store;`,
          `${pattern("~*private")} no-store;`,
          `${pattern(`~${good}`)} "max-age=${edges.playlistSeconds}, stale-while-revalidate=${edges.staleSeconds}";`,
        ],
      ),
      "# The same for browsers.",
      ...map("$status", "$lectern_edge_playlist_lifetime", [
        "default no-store;",
        `${pattern("~^(200|304)$")} "public, max-age=${edges.playlistSeconds}";`,
      ]),
    ],
    [
      "# A private stage's response is for one viewer alone.",
      ...map("$upstream_http_cache_control", "$lectern_edge_private", ["default 0;", `${pattern("~*private")} 1;`]),
      "# Too short, or the origin says that it is incomplete.",
      ...map('"$upstream_status:$upstream_http_content_length:$upstream_http_cache_control"', "$lectern_edge_unfit", [
        "default 0;",
        `${pattern(`~${good}${little}:`)} 1;`,
        `${pattern(`~*${good}.*no-(store|cache)`)} 1;`,
      ]),
    ],
  ]);

const site = (): string =>
  inServer([
    [
      "# For nginx's `http`: the origin of one site. One failed request must not close it for others.",
      ...block("upstream lectern_@site@_origin", [
        "server @originAddress@ max_fails=0;",
        "keepalive 32;",
        "keepalive_requests 100000;",
      ]),
    ],
  ]);

/** An edge's files, by name. */
export const edgeFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ["edge-host.nginx", host()],
    ["edge-site.nginx", site()],
    ["edge-full.nginx", outer("page, chat, API and video", pageRoutes())],
    ["edge-video.nginx", outer("the video alone", [videoRoute()])],
    ["edge-inner.nginx", inner()],
  ]);
