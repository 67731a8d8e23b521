// What stands in nginx's `http { }`: the host's maps, and those of each site.

import { anyOf, block, escaped, inServer, map, pattern, quoted, site, whole } from "./nginx-words.ts";
import {
  absent,
  admin,
  edges,
  everyRequest,
  log,
  onThisSite,
  own,
  type Proof,
  page,
  privateStage,
  rehearsal,
  segments,
} from "./rules.ts";
import { comment } from "./text.ts";

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

export const publicSite = (): string =>
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

export const privateSite = (): string =>
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
        `${pattern(`~(?i:basic) ${privateStage.nameInBase64}`)} "";`,
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

const edgeHeader = `$http_${edges.header.toLowerCase().replace("-", "_")}`;

export const host = (): string => {
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
