/** A page and what belongs to it, as text. */
export interface PageTexts {
  readonly html: string;
  /** Style sheets, and custom styles. */
  readonly styles: readonly string[];
  /** Pieces of HTML that the page's scripts put into it. */
  readonly fragments: readonly string[];
  /** Addresses of pictures that the page's scripts show. */
  readonly pictures: readonly string[];
}

/** Hosts that a page names besides those that are `own`. */
export interface ForeignOrigins {
  /** Asked by every viewer's browser. */
  readonly loaded: readonly string[];
  /** Asked when somebody follows a link. */
  readonly linked: readonly string[];
}

// Links in Owncast's own page, to its project and to players; nothing is loaded from there.
const owncastLinks = ["github.com", "mpv.io", "owncast.online", "www.videolan.org"];
const namespaces = ["www.w3.org"];
// Of <link>, these only say something about the page.
const telling = /\brel="?(canonical|alternate|author|license|me|next|prev|search|help)\b/i;
const address = String.raw`(?:https?:)?\/\/[^\s"'<>()\\,]+`;

/** Finds them; `own` are hosts, with their port where it is not the usual one. Data that is in the page itself is not looked at. */
export function foreignOrigins(
  { html, styles, fragments, pictures }: PageTexts,
  own: readonly string[],
): ForeignOrigins {
  const markup = [html, ...fragments].map(decodeEntities);
  const loaded = [
    ...markup.flatMap((text) => [...text.matchAll(/<[a-z][^>]*>/gi)].flatMap(([tag]) => loadedByTag(tag))),
    ...markup.flatMap((text) =>
      [...text.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/gi)].flatMap(([, css = ""]) => loadedByCss(css)),
    ),
    ...styles.flatMap(loadedByCss),
    ...pictures.flatMap((text) => addressesIn(`"${text}"`)),
  ];
  const linked = markup.flatMap((text) => [...text.matchAll(/<a\b[^>]*>/gi)].flatMap(([tag]) => addressesIn(tag)));
  const known = [...own, ...namespaces].map((host) => host.toLowerCase());
  return {
    loaded: hostsOf(loaded, known),
    linked: hostsOf(linked, [...known, ...owncastLinks]),
  };
}

function loadedByTag(tag: string): string[] {
  if (/^<a\b/i.test(tag) || (/^<link\b/i.test(tag) && telling.test(tag))) return [];
  const attributes = [
    ...tag.matchAll(/\s(?:src|href|poster|data|srcset|imagesrcset|background)=("[^"]*"|'[^']*'|[^\s>]+)/gi),
  ];
  const style = /\sstyle=("[^"]*"|'[^']*')/i.exec(tag)?.[1] ?? "";
  return [...attributes.flatMap(([, value = ""]) => addressesIn(value)), ...loadedByCss(style)];
}

const loadedByCss = (css: string): string[] =>
  [...css.matchAll(/(?:url\(\s*|@import\s+)(["']?)([^"')\s;]+)/gi)].flatMap(([, , target = ""]) =>
    /^data:/i.test(target) ? [] : addressesIn(`"${target}"`),
  );

/** Absolute addresses at the start of a value, or after a space (as in srcset). */
const addressesIn = (text: string): string[] =>
  [...text.matchAll(new RegExp(String.raw`(?:^|["'\s=,])(${address})`, "gi"))].map(([, found = ""]) => found);

function hostsOf(addresses: readonly string[], known: readonly string[]): string[] {
  const hosts = addresses.flatMap((text) => {
    const absolute = text.startsWith("//") ? `https:${text}` : text;
    return URL.canParse(absolute) ? [new URL(absolute).host.toLowerCase()] : [];
  });
  return [...new Set(hosts)].filter((host) => !known.includes(host)).sort();
}

const decodeEntities = (text: string): string =>
  text
    .replace(/&(amp|#38|#x26);/gi, "&")
    .replace(/&(#47|#x2f);/gi, "/")
    .replace(/&(#58|#x3a|colon);/gi, ":");

/** Hosts of all addresses that any text in a value names: what a seed allows. */
export function namedHosts(value: unknown): string[] {
  if (typeof value === "string") return hostsOf(value.match(/https?:\/\/[^\s"'<>()\\,]+/gi) ?? [], []);
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(namedHosts))];
}
