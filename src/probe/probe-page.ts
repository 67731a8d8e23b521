import { atMost } from "../lib/at-most.ts";
import type { HttpClient, HttpResponse } from "../viewer/http-client.ts";
import { ownFiles } from "../viewer/page-files.ts";
import type { Notes } from "./probe-report.ts";

/** The page to check. */
export interface PageTask {
  readonly client: HttpClient;
  readonly url: string;
  /** Hosts that the seed names; see `namedHosts`. Without a seed, links may lead anywhere. */
  readonly namedHosts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

// As browsers do.
const requestsAtOnce = 6;

/** Loads the page with its scripts and styles: `page`, `origins`. */
export async function probePage(task: PageTask, notes: Notes): Promise<void> {
  const page = await load(task, "/");
  if (typeof page === "string") {
    notes.fail("page", `the page ${page}`);
    return notes.skip("origins", "the page does not load");
  }
  const html = page.body.toString();
  const type = `${page.headers["content-type"]}`;
  if (!/^text\/html\b/i.test(type)) notes.fail("page", `the page has Content-Type ${type}, not text/html`);
  const paths = ownFiles(html);
  const inTurn = atMost(requestsAtOnce);
  const files = await Promise.all(paths.map((path) => inTurn(() => load(task, path))));
  const broken = paths.flatMap((path, index) => {
    const file = files[index]!;
    return typeof file === "string" ? [`${path} ${file}`] : misfit(path, file);
  });
  notes.judge(
    "page",
    broken.length === 0
      ? undefined
      : `${broken.length} of its ${paths.length} scripts and styles are broken: ${broken[0]}`,
    `with ${paths.length} scripts and styles`,
  );
  const styles = files.flatMap((file, index) =>
    typeof file === "string" || !/\.css\b/.test(paths[index]!) ? [] : [file.body.toString()],
  );
  judgeOrigins(task, await textsOf(task, html, styles), notes);
}

function judgeOrigins({ url, namedHosts }: PageTask, texts: PageTexts, notes: Notes): void {
  const { loaded, linked } = foreignOrigins(texts, [new URL(url).host, ...(namedHosts ?? [])]);
  const unnamed = "which the seed does not name";
  if (loaded.length > 0) notes.fail("origins", `every viewer's browser loads from ${loaded.join(", ")}, ${unnamed}`);
  else if (namedHosts && linked.length > 0) notes.fail("origins", `the page links to ${linked.join(", ")}, ${unnamed}`);
  else
    notes.pass(
      "origins",
      namedHosts ? "" : "nothing is loaded from other sites; without a seed, links are not checked",
    );
}

/** Adds what Owncast's scripts put into the page: page text, custom styles, pictures of buttons. */
async function textsOf(task: PageTask, html: string, styles: readonly string[]): Promise<PageTexts> {
  const response = await load(task, "/api/config");
  const config = typeof response === "string" ? {} : readConfig(response.body.toString());
  const { extraPageContent = "", customStyles = "", externalActions, socialHandles } = config;
  const icons = [...(externalActions ?? []), ...(socialHandles ?? [])].flatMap(({ icon }) => icon ?? []);
  return { html, styles: [...styles, `${customStyles}`], fragments: [`${extraPageContent}`], pictures: icons };
}

interface PageConfig {
  readonly extraPageContent?: string;
  readonly customStyles?: string;
  readonly externalActions?: readonly { readonly icon?: string }[] | null;
  readonly socialHandles?: readonly { readonly icon?: string }[] | null;
}

function readConfig(text: string): PageConfig {
  try {
    return (JSON.parse(text) ?? {}) as PageConfig;
  } catch {
    return {};
  }
}

function misfit(path: string, { headers }: HttpResponse): string[] {
  const type = `${headers["content-type"]}`;
  return /\.css\b/.test(path) === /^text\/css\b/i.test(type) && (/\.css\b/.test(path) || /javascript/i.test(type))
    ? []
    : [`${path} has Content-Type ${type}`];
}

/** The response, or its fault. */
async function load({ client, url, signal }: PageTask, path: string): Promise<HttpResponse | string> {
  const request = { headers: { "accept-encoding": "identity", accept: "*/*" }, signal };
  const response = await client.fetch(new URL(path, url).href, request).catch((error: Error) => {
    if (signal?.aborted) throw error;
    return `gets no answer: ${error.message}`;
  });
  if (typeof response === "string") return response;
  return response.status === 200 ? response : `answers ${response.status}`;
}

/** A page and its resources, as text. */
export interface PageTexts {
  readonly html: string;
  /** Style sheets, and custom styles. */
  readonly styles: readonly string[];
  /** HTML that the page's scripts put into it. */
  readonly fragments: readonly string[];
  /** Addresses of pictures that the page's scripts show. */
  readonly pictures: readonly string[];
}

/** Hosts that a page names besides its own. */
export interface ForeignOrigins {
  /** Every viewer's browser loads from them. */
  readonly loaded: readonly string[];
  /** Links lead to them. */
  readonly linked: readonly string[];
}

// Links in Owncast's own page, to its project and to players; nothing is loaded from there.
const owncastLinks = ["github.com", "mpv.io", "owncast.online", "www.videolan.org"];
const namespaces = ["www.w3.org"];
// A <link> with one of these describes the page; browsers load nothing.
const telling = /\brel="?(canonical|alternate|author|license|me|next|prev|search|help)\b/i;
const address = String.raw`(?:https?:)?\/\/[^\s"'<>()\\,]+`;

/** Finds the hosts that a page names besides `own` (with a port if it is not the default). `data:` addresses do not count. */
export function foreignOrigins(
  { html, styles, fragments, pictures }: PageTexts,
  own: readonly string[],
): ForeignOrigins {
  const markup = [html, ...fragments].map(decodeEntities);
  const tags = markup.flatMap(tagsIn);
  const loaded = [
    ...tags.flatMap(loadedByTag),
    ...markup.flatMap(stylesIn).flatMap(loadedByCss),
    ...styles.flatMap(loadedByCss),
    ...pictures.flatMap((text) => addressesIn(`"${text}"`)),
  ];
  const linked = tags.filter((tag) => /^<a\b/i.test(tag)).flatMap(addressesIn);
  const known = [...own, ...namespaces].map((host) => host.toLowerCase());
  return {
    loaded: hostsOf(loaded, known),
    linked: hostsOf(linked, [...known, ...owncastLinks]),
  };
}

// Each looks at a character once, whatever a page holds: a regular expression for a whole tag begins anew at each `<`.
const tagsIn = (text: string): string[] =>
  text
    .split(">")
    .slice(0, -1)
    .flatMap((piece) => /<[a-z][\s\S]*/i.exec(piece) ?? [])
    .map((tag) => `${tag}>`);
const stylesIn = (text: string): string[] =>
  text
    .split(/<style\b/i)
    .slice(1)
    .map((piece) => piece.slice(piece.indexOf(">") + 1).split(/<\/style/i, 1)[0] ?? "");

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

// At the start of a value, or after a space (as in srcset).
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

/** The hosts of all addresses in any text of `value`: the hosts that a seed allows. */
export function namedHosts(value: unknown): string[] {
  if (typeof value === "string") return hostsOf(value.match(/https?:\/\/[^\s"'<>()\\,]+/gi) ?? [], []);
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(namedHosts))];
}
