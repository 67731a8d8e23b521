import { atMost } from "../lib/at-most.ts";
import type { HttpClient, HttpResponse } from "../viewer/http-client.ts";
import type { Notes } from "./checks.ts";
import { foreignOrigins, type PageTexts } from "./page-origins.ts";

/** What to look at, and what a page may name. */
export interface PageTask {
  readonly client: HttpClient;
  readonly url: string;
  /** Hosts that the seed names; undefined without a seed: then links may lead anywhere. */
  readonly namedHosts: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

// As many as browsers ask at once.
const requestsAtOnce = 6;

/** Loads the page with its scripts and styles as a browser would: `page`, `origins`. */
export async function probePage(task: PageTask, notes: Notes): Promise<void> {
  const page = await load(task, "/");
  if (typeof page === "string") {
    notes.fail("page", `the page ${page}`);
    return notes.skip("origins", "the page does not load");
  }
  const html = page.body.toString();
  const type = `${page.headers["content-type"]}`;
  if (!/^text\/html\b/i.test(type)) notes.fail("page", `the page comes as ${type}, not as text/html`);
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
      : `${broken.length} of its ${paths.length} scripts and styles are wrong: ${broken[0]}`,
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
  if (loaded.length > 0) notes.fail("origins", `every viewer's browser is sent to ${loaded.join(", ")}, ${unnamed}`);
  else if (namedHosts && linked.length > 0) notes.fail("origins", `the page links to ${linked.join(", ")}, ${unnamed}`);
  else
    notes.pass(
      "origins",
      namedHosts ? "" : "nothing is loaded from elsewhere; without a seed, links may lead anywhere",
    );
}

/** Adds what Owncast's scripts put into the page: page text, custom styles, buttons. */
async function textsOf(task: PageTask, html: string, styles: readonly string[]): Promise<PageTexts> {
  const answer = await load(task, "/api/config");
  const config = typeof answer === "string" ? {} : readConfig(answer.body.toString());
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

/** Scripts and styles that lie on the page's own server, as paths. */
const ownFiles = (html: string): string[] => [
  ...new Set(
    [...html.matchAll(/<(?:script|link)\b[^>]*\s(?:src|href)="(\/(?!\/)[^"]+\.(?:js|css)(?:\?[^"]*)?)"/gi)].map(
      ([, path = ""]) => path,
    ),
  ),
];

function misfit(path: string, { headers }: HttpResponse): string[] {
  const type = `${headers["content-type"]}`;
  return /\.css\b/.test(path) === /^text\/css\b/i.test(type) && (/\.css\b/.test(path) || /javascript/i.test(type))
    ? []
    : [`${path} comes as ${type}`];
}

/** The answer, or what is wrong with it. */
async function load({ client, url, signal }: PageTask, path: string): Promise<HttpResponse | string> {
  const request = { headers: { "accept-encoding": "identity", accept: "*/*" }, signal };
  const answer = await client.fetch(new URL(path, url).href, request).catch((error: Error) => {
    if (signal?.aborted) throw error;
    return `gets no answer: ${error.message}`;
  });
  if (typeof answer === "string") return answer;
  return answer.status === 200 ? answer : `answers ${answer.status}`;
}
