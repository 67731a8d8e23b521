import {
  type Answer,
  absent,
  admin,
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
} from "./rules.ts";

// Variables of the whole host begin with `lectern_`. Those of one site have its name after that, for which `@site@` stands.
const site = (name: string): string => `$lectern_@site@_${name}`;

/** nginx reads `$` in most values as a variable, and has no way to write the character. */
export function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\");
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}

/** A regular expression in quotes: nginx leaves its backslashes as they are. */
export const pattern = (text: string): string => `"${text}"`;

/** Lines in braces, indented. */
export const block = (head: string, lines: readonly string[]): string[] => [
  `${head} {`,
  ...lines.map((line) => (line === "" ? "" : `  ${line}`)),
  "}",
];

/** A comment, in lines of at most `width` letters. */
export const comment = (text: string, width = 128): string[] => {
  const lines: string[] = [];
  for (const one of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + one.length + 1 <= width) lines[lines.length - 1] = `${last} ${one}`;
    else lines.push(`# ${one}`);
  }
  return lines;
};

/** A map: nginx computes it when a request first needs it. It tries the patterns in their order. */
export const map = (from: string, to: string, lines: readonly string[]): string[] => block(`map ${from} ${to}`, lines);

const escaped = (text: string): string => text.replaceAll(/[.\\+*?^$()[\]{}|]/g, "\\$&");

/**
 * The pattern of `anyOf`, for `~*`. A slash stands for several: for a client that names no site in TLS, nginx joins them only if the
 * first site of the address does.
 */
const anyOf = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      const text = escaped(path.replaceAll("*", "")).replaceAll("/", "/+");
      if (path.endsWith("*")) return `^${text}`;
      return path.startsWith("*") ? `${text}$` : `^${text}$`;
    })
    .join("|");

/** The whole path. `$` would match before a line's end too, which a path can have at its end. */
const whole = (text: string): string => `^${text}\\z`;

export function location(at: Paths): string {
  if ("exactly" in at) return `location = ${at.exactly}`;
  return "matching" in at ? `location ~ ${pattern(whole(at.matching))}` : `location ~* ${pattern(anyOf(at.anyOf))}`;
}

/** A header that is empty is not sent. */
const addHeader = ([name, value]: readonly [string, string]): string =>
  `add_header ${name} ${value.startsWith("$") ? value : quoted(value)} always;`;

/** nginx drops the headers of an outer block where an inner one has some, so each block has all. */
export const headersOf = (...all: readonly Headers[]): string[] => {
  const common = { ...everyResponse, "Alt-Svc": "clear" };
  return [
    ...Object.entries(Object.assign({}, common, ...all) as Headers).map(addHeader),
    'add_header Strict-Transport-Security "@hsts@" always;',
  ];
};

/** Ends a request with this answer. */
export const respond = ({ status, text }: Answer): string => `return ${status} ${quoted(text)};`;

const refuse = (condition: string, told: Answer, headers: Headers): string[] => {
  const own = told.headers ?? {};
  const more = Object.keys(own).length > 0 ? headersOf(headers, own) : [];
  return block(`if (${condition})`, [...more, respond(told)]);
};

/** Refuses methods that write. */
export const onlyToRead = (headers: Headers): string[] =>
  refuse(`$request_method !~ ^(${readOnly.methods.join("|")})$`, readOnly.refused, headers);

/** The type of answers. */
export const plainText = 'default_type "text/plain; charset=utf-8";';

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

/** Compression of texts. */
export const compressed = [
  "gzip on;",
  "gzip_proxied any;",
  "gzip_vary on;",
  "gzip_min_length 512;",
  "gzip_types application/javascript application/json application/manifest+json image/svg+xml text/css text/javascript text/plain;",
];

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

/** The answer while the server behind does not answer. */
export const whenDown = (name: string): string => `error_page ${down.insteadOf.join(" ")} = @${name};`;
/** A body that is too long gets this response. A block with an `error_page` inherits none. */
export const bodyLimit = (bytes: number, refused: Answer, name: string): string[] => [
  `client_max_body_size ${bytes};`,
  `error_page ${refused.status} = @${name};`,
  whenDown("down"),
];
/** A `location` that only other ones lead to. */
export const named = (name: string, lines: readonly string[]): string[] => block(`location @${name}`, lines);

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

/** The answers of `whenDown`. */
export const downRoute = (): string[] => {
  const headers = { ...down.headers, [page.frames.header]: "$lectern_frames" };
  const answer = [
    plainText,
    ...headersOf(headers),
    "error_page 418 = @down_in_browsers;",
    "if ($lectern_browser) { return 418; }",
    respond(down),
  ];
  return [
    "# While Owncast starts or is down, browsers get a page that reloads by itself.",
    ...named("down", answer),
    "# Each player asks for a playlist every few seconds, also now.",
    ...named("no_playlist", ["access_log off;", ...answer]),
    ...named("down_in_browsers", [
      'default_type "text/html; charset=utf-8";',
      ...headersOf(headers),
      respond({ status: down.status, text: down.page }),
    ]),
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

/** What every site of ours sets against other settings of the host, which nginx would hand down to it. */
const pinned = [
  "server_tokens off;",
  "auth_basic off;",
  "allow all;",
  "satisfy all;",
  "merge_slashes on;",
  "underscores_in_headers off;",
  "ignore_invalid_headers on;",
];
/** The same for sites that serve something themselves. */
export const pinnedForServers = [
  ...pinned,
  "auth_request off;",
  "proxy_cache off;",
  "proxy_store off;",
  "proxy_redirect off;",
  "proxy_buffering on;",
  "proxy_request_buffering on;",
  "proxy_intercept_errors off;",
  "proxy_next_upstream error timeout;",
  "mirror off;",
  "gzip off;",
  "gzip_static off;",
  "# A size that nginx remembers would be wrong while Owncast writes the segment.",
  "open_file_cache off;",
  "expires off;",
  "charset off;",
  "ssi off;",
  "etag on;",
  "if_modified_since exact;",
  "limit_rate 0;",
  "# By default nginx ends a connection after 1,000 requests or an hour, and a far viewer would begin again slowly.",
  "keepalive_requests 1000000;",
  "keepalive_time 1d;",
];

/** No request has a path that nginx reads otherwise than Owncast. */
export const wholePaths = [
  "# nginx ends a path at this sign, and Owncast does not: it would read another path, perhaps the admin page's.",
  'if ($request_uri ~ "#") { return 400; }',
];

/** Logs without addresses and tokens. */
export const logged = [
  "access_log @accessLog@ lectern;",
  ...comment(
    "nginx's error log has addresses, and whole requests with the tokens in them. It cannot leave them out, so it gets only what never names a request. The access log has the upstream's status.",
  ),
  "error_log stderr emerg;",
];

/** Parts of a file, with an empty line between them. */
export const inServer = (parts: readonly (readonly string[])[]): string =>
  `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;

const stage = (): string =>
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

const steeringPart = (): string =>
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

const alias = (): string =>
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

const plain = (): string =>
  inServer([
    ["# A stage's names without TLS: leads to the same name with it. Its requests are logged as the stage's are."],
    logged,
    pinned,
    ["location / { return 301 https://$host$request_uri; }"],
  ]);

const upstream = [
  ...block("upstream lectern_@site@_keeper", ["server @keeper@;", "keepalive 64;", "keepalive_requests 1000000;"]),
];

const adminNetworks = block(`geo ${site("admin")}`, ["default 0;", "@adminNetworks@"]);

const constant = (name: string, value: string): string[] => map('""', site(name), [`default ${value};`]);

/** `volatile`: nginx computes the headers before it looks at the range, and again for a 416. */
const immutable = (cacheControl: string): string[] => [
  "# Only a segment is kept, not an error that a request for it got.",
  ...map("$status", site("immutable"), [
    "volatile;",
    `default ${segments.none.headers["Cache-Control"]};`,
    ...[200, 206, 304].map((status) => `${status} ${quoted(cacheControl)};`),
  ]),
];

const publicSite = (): string =>
  inServer([
    ["# For nginx's `http`: what a public site needs beside host.nginx."],
    upstream,
    adminNetworks,
    [
      ...constant("door", "open"),
      ...constant("cookie", '""'),
      ...constant("authorization", "$http_authorization"),
      ...constant("caching", "$upstream_http_cache_control"),
      ...constant("cors", "$upstream_http_access_control_allow_origin"),
      ...constant("open", quoted(segments.headers["Access-Control-Allow-Origin"])),
      ...immutable(segments.kept.cacheControl),
    ],
  ]);

/** Base64 of the user's name and a colon begins so, whatever follows. */
const nameInBase64 = "dmlld2VyO[g-v]";

const privateSite = (): string =>
  inServer([
    [
      "# For nginx's `http`: what a private site needs beside host.nginx. It is closed by default: only a request with proof opens it.",
    ],
    upstream,
    adminNetworks,
    [
      "# Networks without a password. The admin page's networks are among them, because that page uses the site's files.",
      ...block(`geo ${site("watches")}`, ["default 0;", "@viewerNetworks@"]),
    ],
    [
      ...comment(
        "The door's file knows the header and the cookie that open it, and asks everybody else for the password. Without the file nobody knows it. No hash: nginx would compute it in the loop that serves all other viewers.",
      ),
      ...map('"$http_cookie|$http_authorization"', site("viewer"), ["default @closedStatus@;", "@viewersDoor@"]),
      ...map(`"$lectern_rehearsing$lectern_by_edge|${site("watches")}|${site("viewer")}"`, site("door"), [
        "default closed;",
        `${pattern("~^1")} open;`,
        `${pattern("~^01")} edge;`,
        `${pattern("~^00\\|1\\|")} open;`,
        `${pattern(`~^00\\|0\\|(known$|${privateStage.cookieName}=)`)} open;`,
        `${pattern("~^00\\|0\\|ask$")} ask;`,
        `${pattern("~^00\\|0\\|outside$")} outside;`,
      ]),
    ],
    [
      ...comment(
        "After the password, browsers get a cookie: with a websocket, or from a phone's own player, they send no password.",
      ),
      ...map(`"${site("watches")}|${site("viewer")}"`, site("cookie"), [
        'default "";',
        `${pattern(`~^0\\|(?<lectern_given>${privateStage.cookieName}=.*)$`)} $lectern_given;`,
      ]),
    ],
    [
      "# Owncast must not get the viewers' password.",
      ...map("$http_authorization", site("authorization"), [
        "default $http_authorization;",
        `${pattern(`~(?i:basic) ${nameInBase64}`)} "";`,
      ]),
    ],
    [
      "# Keeps shared caches, and the scripts of other sites in a viewer's browser, from this stage.",
      ...map("$upstream_http_cache_control", site("caching"), [
        "default private;",
        `${pattern("~^(?<lectern_before>.*)no-cache(?<lectern_after>.*)$")} "$\{lectern_before}private, no-cache$lectern_after";`,
        `${pattern("~no-store")} $upstream_http_cache_control;`,
        `${pattern("~^public(?<lectern_lifetime>,.*)$")} private$lectern_lifetime;`,
      ]),
      ...constant("cors", '""'),
      ...constant("open", '""'),
      ...immutable(segments.kept.cacheControl.replace("public", "private")),
    ],
  ]);

const exact = (values: Proof[string], words: { readonly own: string; readonly below: string }): string =>
  `(${values.map((value) => (value === own ? words.own : value === onThisSite ? words.below : value === absent ? "" : value)).join("|")})`;

const proofHeaders = ["Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Origin", "Referer"] as const;

/** The pattern of one proof for the words that the map below joins. */
const proofPattern = (proof: Proof): string => {
  const unknown = Object.keys(proof).filter((name) => !(proofHeaders as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`nginx compares no ${unknown.join()} with a proof`);
  const parts = proofHeaders.map((name) => {
    const values = proof[name];
    return values === undefined ? "[^|]*" : exact(values, { own: "own", below: "below" });
  });
  return `~^${parts.join("\\|")}$`;
};

const provenBy = (name: string, proofs: readonly Proof[]): string[] => {
  const joined = "$http_sec_fetch_site|$http_sec_fetch_mode|$http_sec_fetch_dest|$lectern_origin|$lectern_referer";
  return map(`"${joined}"`, `$lectern_${name}`, [
    "default 0;",
    ...proofs.map((proof) => `${pattern(proofPattern(proof))} 1;`),
  ]);
};

/** The first groups of an IPv6 address, in the forms that nginx writes. */
function maskedNetwork(): string[] {
  if (log.ipv4Bits !== 24 || log.ipv6Bits !== 48) throw new Error("nginx masks 24 and 48 bits");
  return map("$lectern_address", "$lectern_network", [
    'default "";',
    `${pattern("~^(?:::ffff:)?(?<lectern_v4>\\d+\\.\\d+\\.\\d+)\\.\\d+$")} $lectern_v4.0;`,
    `${pattern("~^(?<lectern_v6>[0-9a-f]+:[0-9a-f]+:[0-9a-f]+):")} $lectern_v6::;`,
    `${pattern("~^(?<lectern_short_v6>[0-9a-f]+(?::[0-9a-f]+)?)::")} $lectern_short_v6::;`,
    `${pattern("~^::")} "::";`,
  ]);
}

const host = (): string => {
  const { frames, pictures } = page;
  const [policy = ""] = Object.values(pictures.headers);
  return inServer([
    [
      "# For nginx's `http`, once a host: the words that the sites of all stages use.",
      "# Room for them: nginx warns if they do not fit.",
      "variables_hash_max_size 4096;",
    ],
    [
      ...comment(
        "An edge that proves itself says which viewer asks. From everybody else X-Forwarded-For counts for nothing. The door's file has the secret.",
      ),
      ...map(edgeHeader, "$lectern_edge", ["default 0;", "@edgeDoor@"]),
      ...map('"$lectern_edge|$http_x_forwarded_for"', "$lectern_address", [
        "default $remote_addr;",
        `${pattern(`~^1\\|(?<lectern_told>${edges.address})$`)} $lectern_told;`,
      ]),
      "# Whether an edge asks, proven or not: private stages refuse all.",
      ...map(edgeHeader, "$lectern_by_edge", ["default 1;", '"" 0;']),
    ],
    [
      "# A viewer's network instead of the address, and no query: it may hold a token. The names are those of Caddy's log.",
      ...maskedNetwork(),
      ...map("$request_uri", "$lectern_path", [
        `${pattern("~^(?<lectern_without_query>[^?]*)")} $lectern_without_query;`,
      ]),
      `log_format lectern escape=json '{"ts":$msec,"request":{"remote_ip":"$lectern_network","proto":"$server_protocol","method":"$request_method","host":"$host","uri":"$lectern_path"},"duration":$request_time,"size":$body_bytes_sent,"status":$status,"upstream":"$upstream_status"}';`,
    ],
    [
      `# Owncast and the keeper remember each viewer's program, so its name is cut to ${everyRequest.userAgentLetters} bytes.`,
      ...map("$http_user_agent", "$lectern_agent", [
        "default $http_user_agent;",
        `${pattern(`~^(?<lectern_name>.{${everyRequest.userAgentLetters}})`)} $lectern_name;`,
      ]),
    ],
    ["# A websocket's upgrade.", ...map("$http_upgrade", "$lectern_connection", ["default upgrade;", '"" "";'])],
    [
      ...comment(
        "Proofs that a request for the admin page or its API comes from that page. New browsers send Sec-Fetch-Site, older ones Origin. Maps ignore letter case, so each value is a pattern.",
      ),
      ...map('"$http_origin|$scheme://$http_host"', "$lectern_origin", [
        "default other;",
        `${pattern("~^\\|[^|]*$")} "";`,
        `${pattern("~^([^|]+)\\|\\1$")} own;`,
      ]),
      ...map('"$http_referer|$scheme://$http_host"', "$lectern_referer", [
        "default other;",
        `${pattern("~^\\|[^|]*$")} "";`,
        `${pattern("~^([a-z]+://[^/|]+)/[^|]*\\|\\1$")} below;`,
      ]),
      ...provenBy("proves_page", admin.page.proofs),
      ...provenBy("proves_script", admin.scripts.proofs),
      ...map("$uri", "$lectern_is_page", ["default 0;", `${pattern(`~*${anyOf(admin.page.at.anyOf)}`)} 1;`]),
      ...map('"$lectern_is_page|$lectern_proves_page|$lectern_proves_script"', "$lectern_admin", [
        "default unproven;",
        `${pattern("~^1\\|1\\|")} "";`,
        `${pattern("~^1\\|0\\|")} foreign;`,
        `${pattern("~^0\\|[01]\\|1$")} "";`,
      ]),
    ],
    [
      `# ${"Other sites may show video or chat in a frame, but not the whole page: it has the moderators' buttons."}`,
      ...map("$uri", "$lectern_frames", [
        `default ${frames.otherwise};`,
        `${pattern(`~${whole(frames.allowed)}`)} "";`,
      ]),
      "# An SVG that is opened alone is a page, and its scripts would have the rights of the admin page.",
      ...map("$uri", "$lectern_policy", [
        "default $upstream_http_content_security_policy;",
        `${pattern(`~*${anyOf(pictures.at.anyOf)}`)} ${quoted(policy)};`,
      ]),
      ...map("$http_accept", "$lectern_browser", ["default 0;", `${pattern("~text/html")} 1;`]),
    ],
    [
      "# The one address in front of a private stage's door.",
      ...map("$uri", "$lectern_rehearsing", [
        "default 0;",
        `${pattern(`~${whole(escaped(rehearsal.at.exactly))}`)} 1;`,
      ]),
    ],
  ]);
};

const edgeHeader = `$http_${edges.header.toLowerCase().replace("-", "_")}`;

/** nginx's files, by name. */
export const nginxFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ["host.nginx", host()],
    ["public.nginx", publicSite()],
    ["private.nginx", privateSite()],
    ["stage.nginx", stage()],
    ["steering.nginx", steeringPart()],
    ["alias.nginx", alias()],
    ["plain.nginx", plain()],
  ]);
