// The words of nginx that the texts of sites and of edges are made of.

import { type Answer, down, everyResponse, type Headers, type Paths, page, readOnly } from "./rules.ts";
import { blocksIndentedBy, comment } from "./text.ts";

/** A block of nginx. */
export const block = blocksIndentedBy("  ");

// Variables of the whole host begin with `lectern_`. Those of one site have its name after that, for which `@site@` stands.
export const site = (name: string): string => `$lectern_@site@_${name}`;

/** nginx reads `$` in most values as a variable, and has no way to write the character. A line's end stays on the line. */
export function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}

/** A regular expression in quotes: nginx leaves its backslashes as they are. */
export const pattern = (text: string): string => `"${text}"`;

/** A map: nginx computes it when a request first needs it. It tries the patterns in their order. */
export const map = (from: string, to: string, lines: readonly string[]): string[] => block(`map ${from} ${to}`, lines);

export const escaped = (text: string): string => text.replaceAll(/[.\\+*?^$()[\]{}|]/g, "\\$&");

/**
 * The pattern of `anyOf`, for `~*`. A slash stands for several: for a client that names no site in TLS, nginx joins them only if the
 * first site of the address does.
 */
export const anyOf = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      const text = escaped(path.replaceAll("*", "")).replaceAll("/", "/+");
      if (path.endsWith("*")) return `^${text}`;
      return path.startsWith("*") ? `${text}$` : `^${text}$`;
    })
    .join("|");

/** The whole path. `$` would match before a line's end too, which a path can have at its end. */
export const whole = (text: string): string => `^${text}\\z`;

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

export const refuse = (condition: string, told: Answer, headers: Headers): string[] => {
  const own = told.headers ?? {};
  const more = Object.keys(own).length > 0 ? headersOf(headers, own) : [];
  return block(`if (${condition})`, [...more, respond(told)]);
};

/** Refuses methods that write. */
export const onlyToRead = (headers: Headers): string[] =>
  refuse(`$request_method !~ ^(${readOnly.methods.join("|")})$`, readOnly.refused, headers);

/** The type of answers. */
export const plainText = 'default_type "text/plain; charset=utf-8";';

/** Compression of texts. */
export const compressed = [
  "gzip on;",
  "gzip_proxied any;",
  "gzip_vary on;",
  "gzip_min_length 512;",
  "gzip_types application/javascript application/json application/manifest+json image/svg+xml text/css text/javascript text/plain;",
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

/** What every site of ours sets against other settings of the host, which nginx would hand down to it. */
export const pinned = [
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
