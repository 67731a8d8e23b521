// What stands in nginx's `server { }`: a stage's site, and the sites that lead to it.

import {
  block,
  bodyLimit,
  compressed,
  downRoute,
  headersOf,
  inServer,
  location,
  logged,
  named,
  onlyToRead,
  pattern,
  pinned,
  pinnedForServers,
  plainText,
  quoted,
  refuse,
  respond,
  site,
  whenDown,
  whole,
  wholePaths,
} from "./nginx-words.ts";
import {
  admin,
  captions,
  captionsPush,
  edges,
  everyRequest,
  everyResponse,
  type Headers,
  page,
  playlists,
  privateStage,
  rehearsal,
  segments,
  silentMinutes,
  steering,
  transcripts,
} from "./rules.ts";
import { comment } from "./text.ts";

/** What Owncast and the keeper get of a request. */
const forwarded = (more: readonly string[] = []): string[] => [
  "proxy_http_version 1.1;",
  "proxy_set_header Host $host;",
  "proxy_set_header X-Forwarded-For $lectern_address;",
  `proxy_set_header ${edges.header} "";`,
  "proxy_set_header X-Forwarded-Host $http_host;",
  "proxy_set_header X-Forwarded-Proto $scheme;",
  ...everyRequest.dropped.map((name) => `proxy_set_header ${name} "";`),
  "proxy_set_header User-Agent $lectern_agent;",
  `proxy_set_header Authorization ${site("authorization")};`,
  "proxy_set_header Accept-Encoding identity;",
  ...more,
];

/** Headers of Owncast's that the site sets itself. */
const hidden = ["X-Frame-Options", ...Object.keys(everyResponse), "Cache-Control", "Access-Control-Allow-Origin"].map(
  (name) => `proxy_hide_header ${name};`,
);

const caching: Headers = {
  "Cache-Control": site("caching"),
  "Access-Control-Allow-Origin": site("cors"),
};

const toOwncast = (more: readonly string[]): string[] => [
  ...forwarded(more),
  ...hidden,
  "# Ends requests that Owncast never answers. Chat connections are never silent for so long: Owncast pings them each minute.",
  `proxy_read_timeout ${silentMinutes}m;`,
  `proxy_send_timeout ${silentMinutes}m;`,
  "proxy_pass http://@upstream@;",
];

/** What the keeper and Owncast read of a request for a playlist. Nothing else of a client can make their answers fail. */
const onlyForPlaylists = [
  "proxy_pass_request_headers off;",
  "proxy_pass_request_body off;",
  "proxy_http_version 1.1;",
  "proxy_set_header Host $host;",
  "proxy_set_header X-Forwarded-For $lectern_address;",
  "proxy_set_header User-Agent $lectern_agent;",
  "proxy_set_header If-None-Match $http_if_none_match;",
  "proxy_set_header Accept-Encoding identity;",
  'proxy_set_header Connection "";',
  'proxy_set_header Content-Length "";',
];

const playlistRoute = (): string[] => {
  const { connectSeconds, answerSeconds } = playlists;
  const asks = (upstream: string, seconds: number) => [
    ...onlyForPlaylists,
    ...hidden,
    "proxy_method GET;",
    `proxy_connect_timeout ${connectSeconds}s;`,
    `proxy_read_timeout ${seconds}s;`,
    `proxy_pass http://${upstream};`,
  ];
  return [
    ...comment(
      "Playlists come from the keeper: whole, and unbroken through short losses of the publisher. If it is down or has no playlist, nginx asks Owncast. Nothing marks the keeper as down, so no client can: each request asks it first. They are not compressed: a kilobyte is nothing beside video.",
    ),
    ...block(location(playlists.at), [
      "access_log off;",
      plainText,
      ...headersOf(caching),
      ...onlyToRead(caching),
      "proxy_intercept_errors on;",
      whenDown("playlist_of_owncast"),
      ...comment(
        "A connection that has been used before may break while the keeper restarts. nginx then asks its successor.",
        120,
      ),
      "proxy_next_upstream error timeout;",
      ...asks("lectern_@site@_keeper", connectSeconds),
    ]),
    ...named("playlist_of_owncast", [
      "access_log off;",
      ...headersOf(caching),
      whenDown("no_playlist"),
      ...asks("@upstream@", answerSeconds),
    ]),
  ];
};

const segmentRoute = (): string[] => {
  const served = (folder: string, cacheControl: string) => [
    "access_log off;",
    "# No other type, whatever the host's table says.",
    "types { }",
    `default_type ${segments.type};`,
    ...headersOf({ "Cache-Control": cacheControl, "Access-Control-Allow-Origin": site("open") }),
    ...comment(
      "Whoever takes over Owncast can put links into this folder, and nginx can read the keys and files of the host's other sites.",
      120,
    ),
    `disable_symlinks on from=@segmentsDir@/${folder};`,
    "# Larger pieces cost less. More memory than this a viewer on a slow line could hold for long.",
    "output_buffers 1 128k;",
    "http2_chunk_size 16k;",
  ];
  const { kept, written, none } = segments;
  return [
    "# Segments come from disk: Owncast would compress each one again for each viewer.",
    ...comment(kept.why),
    ...block(location({ matching: segments.at.matching.replace("(", "(?<lectern_segment>") }), [
      ...served(kept.folder, site("immutable")),
      `alias @segmentsDir@/${kept.folder}/$lectern_segment;`,
      "error_page 403 404 = @segment_in_writing;",
    ]),
    ...comment(written.why),
    ...named("segment_in_writing", [
      ...served(written.folder, written.cacheControl),
      `root @segmentsDir@/${written.folder};`,
      `rewrite ${pattern(whole(segments.at.matching))} /$1 break;`,
      "error_page 403 404 = @no_segment;",
    ]),
    ...named("no_segment", ["access_log off;", plainText, ...headersOf(none.headers), respond(none)]),
  ];
};

/** Files of another service's folder, with no other type whatever the host's table says. */
const fromFolder = (folder: string, type: string): string[] => [
  "types { }",
  `default_type ${quoted(type)};`,
  "# Whoever takes over the service can put links into this folder.",
  `disable_symlinks on from=${folder};`,
];

export const captionsPart = (): string => {
  const open = { "Access-Control-Allow-Origin": site("open") };
  const { none, type } = captions;
  return inServer([
    comment(
      "The captions of each segment, if the stage has captions. A player must get no error for a file that is not there, or it would give up the track.",
    ),
    [
      ...block(location({ matching: captions.at.matching.replace("(", "(?<lectern_captions>") }), [
        "access_log off;",
        ...headersOf({ "Cache-Control": site("immutable"), ...open }),
        ...onlyToRead({}),
        ...fromFolder(`@segmentsDir@/${captions.folder}`, type),
        "alias @segmentsDir@/$lectern_captions;",
        "error_page 403 404 = @no_captions;",
      ]),
      ...named("no_captions", [
        "access_log off;",
        `default_type ${quoted(type)};`,
        ...headersOf({ ...none.headers, ...open }),
        respond(none),
      ]),
    ],
  ]);
};

export const captionsPushPart = (): string => {
  const { at, headers, refused, body, connectSeconds, answerSeconds } = captionsPush;
  return inServer([
    comment(
      "A human captioner's tool sends text here, with a token that the captions service checks, if the stage has such a track.",
    ),
    [
      ...block(location(at), [
        "access_log off;",
        plainText,
        ...headersOf(headers),
        ...refuse("$request_method != POST", refused, headers),
        ...bodyLimit(body.bytes, body.refused, "long_captions"),
        ...forwarded(['proxy_set_header Connection "";']),
        ...hidden,
        `proxy_connect_timeout ${connectSeconds}s;`,
        `proxy_read_timeout ${answerSeconds}s;`,
        "proxy_pass http://unix:@captions@;",
      ]),
      ...named("long_captions", ["access_log off;", plainText, ...headersOf(headers), respond(body.refused)]),
    ],
  ]);
};

export const transcriptsPart = (): string => {
  const { at, types, headers, none } = transcripts;
  const served = (pattern: string, type: string) =>
    block(location({ matching: pattern.replace("(", "(?<lectern_transcript>") }), [
      ...headersOf(headers),
      ...onlyToRead({}),
      ...compressed,
      ...fromFolder("@transcriptsDir@", type),
      "alias @transcriptsDir@/$lectern_transcript;",
      "error_page 403 404 = @no_transcript;",
    ]);
  return inServer([
    ["# The transcripts of a stage that publishes them."],
    served(at.matching.replace("(?:vtt|srt|txt)", "vtt"), types.vtt),
    served(at.matching.replace("(?:vtt|srt|txt)", "(?:srt|txt)"), types.txt),
    named("no_transcript", [plainText, ...headersOf(headers), respond(none)]),
  ]);
};

const adminRoute = (): string[] => {
  const { page: pages, scripts, body, headers, outside } = admin;
  const origin = { ...scripts.refused, text: `${scripts.refused.text}$scheme://$http_host` };
  return [
    ...comment(
      "Browsers send the admin's password also with requests by another site's page. So each request must show where it comes from. The last path logs in to other sites as this stage, with the same password.",
    ),
    ...block(location(admin.at), [
      plainText,
      ...headersOf(headers, caching),
      ...refuse(`${site("admin")} = 0`, outside, headers),
      ...refuse("$lectern_admin = foreign", pages.refused, headers),
      ...refuse("$lectern_admin = unproven", origin, headers),
      ...bodyLimit(body.megabytes * 1e6, body.refused, "long_for_admin"),
      ...compressed,
      ...toOwncast(['proxy_set_header Connection "";']),
    ]),
    ...named("long_for_admin", [plainText, ...headersOf(headers), respond(body.refused)]),
  ];
};

const pageRoute = (): string[] => {
  const { frames, pictures, chat, body } = page;
  const [policy = ""] = Object.keys(pictures.headers);
  const headers = {
    ...caching,
    [frames.header]: "$lectern_frames",
    [policy]: "$lectern_policy",
    "Set-Cookie": site("cookie"),
  };
  return [
    ...block(`location = ${chat}`, [
      ...headersOf(headers),
      `proxy_hide_header ${policy};`,
      ...toOwncast(["proxy_set_header Upgrade $http_upgrade;", "proxy_set_header Connection $lectern_connection;"]),
    ]),
    ...block("location /", [
      ...headersOf(headers),
      `proxy_hide_header ${policy};`,
      ...compressed,
      ...toOwncast(['proxy_set_header Connection "";']),
    ]),
    ...comment(
      "Owncast never frees the memory of a request's body. nginx reads a body whole before Owncast gets it, so a slow one holds no connection to Owncast.",
    ),
    ...named("long", [plainText, ...headersOf({ [frames.header]: frames.otherwise }), respond(body.refused)]),
  ];
};

const rehearsalRoute = (): string[] => [
  ...comment(
    "Tells `lectern rehearse` whether it may send many viewers, before a private stage's door: no request here reaches Owncast.",
  ),
  ...block(location(rehearsal.at), [
    plainText,
    ...headersOf(rehearsal.headers),
    ...onlyToRead(rehearsal.headers),
    "@rehearsalAnswer@",
  ]),
];

const strangerRoute = (): string[] => {
  const { asked, passwordUnknown, networksOnly, noEdges } = privateStage;
  return [
    "# Strangers to a private stage. A public stage lets everybody in.",
    ...named("stranger", [
      plainText,
      ...headersOf(passwordUnknown.headers),
      ...refuse(`${site("door")} = ask`, asked, {}),
      ...refuse(`${site("door")} = outside`, networksOnly, {}),
      ...refuse(`${site("door")} = edge`, noEdges, {}),
      respond(passwordUnknown),
    ]),
  ];
};

export const stage = (): string =>
  inServer([
    [
      ...comment(
        "The site of one stage, for nginx's `server`. Words between at signs are replaced. Its variables are in host.nginx and in public.nginx or private.nginx.",
      ),
    ],
    logged,
    ["# Settings that the host may have for its other sites.", ...pinnedForServers],
    wholePaths,
    [
      "# Closed before all else, also at places that the host adds.",
      "recursive_error_pages on;",
      "error_page 418 = @stranger;",
      `if (${site("door")} != open) { return 418; }`,
    ],
    bodyLimit(page.body.kilobytes * 1e3, page.body.refused, "long"),
    rehearsalRoute(),
    strangerRoute(),
    playlistRoute(),
    segmentRoute(),
    adminRoute(),
    pageRoute(),
    downRoute(),
  ]);

export const steeringPart = (): string =>
  inServer([
    [
      ...comment(
        "Tells players which edge to use, if the stage has edges. Owncast must never answer here: its page is no JSON, which ends steering for good. A failure leaves players where they are.",
      ),
      ...block(location(steering.at), [
        "access_log off;",
        plainText,
        ...headersOf(steering.headers),
        ...onlyToRead(steering.headers),
        "# A player asks again every few seconds, also while the service is down.",
        whenDown("no_playlist"),
        ...onlyForPlaylists,
        ...hidden,
        "proxy_method GET;",
        `proxy_connect_timeout ${steering.connectSeconds}s;`,
        `proxy_read_timeout ${steering.answerSeconds}s;`,
        "proxy_pass http://unix:@steering@;",
      ]),
    ],
  ]);

export const alias = (): string =>
  inServer([
    ["# Another name of a stage: leads to its domain."],
    logged,
    pinned,
    [
      ...headersOf({}),
      "# nginx takes no request whose target does not begin with a slash here, so nobody can change the name.",
      "location / { return 301 https://@domain@$request_uri; }",
    ],
  ]);

export const plain = (): string =>
  inServer([
    ["# A stage's names without TLS: leads to the same name with it. Its requests are logged as the stage's are."],
    logged,
    pinned,
    ["location / { return 301 https://$host$request_uri; }"],
  ]);
