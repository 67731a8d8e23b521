import type { IncomingHttpHeaders } from "node:http";

/** The user name beside the viewers' password; the same for everybody. caddy/private.caddyfile knows it too. */
export const viewerName = "viewer";

/** The cookie of those who have shown the password; caddy/stage.caddyfile sets it. */
export const cookieName = "__Host-lectern-viewer";

/** What shows a private stage that its password is known, as a browser shows it: the password, and then the cookie. */
export interface ViewerCredentials {
  /** For a request to this address; none if it is not the stage's own. */
  headersFor(url: string): Readonly<Record<string, string>>;
  /** Takes the cookie from an answer, if it has one. */
  learn(url: string, headers: IncomingHttpHeaders): void;
}

/** The value of the header Authorization for a password. */
export const viewersAuthorization = (password: string): string =>
  `Basic ${Buffer.from(`${viewerName}:${password}`).toString("base64")}`;

/** Credentials for the stage at `stageUrl`. */
export function makeViewerCredentials(stageUrl: string, password: string): ViewerCredentials {
  const { origin } = new URL(stageUrl);
  let cookie: string | undefined;
  return {
    headersFor(url) {
      if (new URL(url).origin !== origin) return {};
      return cookie === undefined ? { authorization: viewersAuthorization(password) } : { cookie };
    },
    learn(url, headers) {
      if (new URL(url).origin !== origin) return;
      cookie ??= headers["set-cookie"]?.find((each) => each.startsWith(`${cookieName}=`))?.split(";")[0];
    },
  };
}
