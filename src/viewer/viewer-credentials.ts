import type { IncomingHttpHeaders } from "node:http";
import { privateStage } from "../../codegen/site/rules.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";

/** The user name of every viewer of a private stage. */
export const viewerName = privateStage.userName;

/** The cookie of viewers who gave the password. */
export const cookieName = privateStage.cookieName;

/** Shows a private stage that the viewer knows the password, as a browser does: first by the password, then by the cookie. */
export interface ViewerCredentials {
  /** For a request to this address; none for another origin than the stage's. */
  headersFor(url: string): Readonly<Record<string, string>>;
  /** Takes the cookie from a response, if there is one. */
  learn(url: string, headers: IncomingHttpHeaders): void;
}

/** The Authorization header's value. */
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

// Shorter ones can be guessed: the web server compares as many a second as strangers send.
const shortestLength = 8;
// bcrypt ignores the bytes after these, so a different password would open the stage.
const longestBytes = 72;

/** Reads the viewers' password from a file. Throws SecretFault for one that cannot be used. */
export async function readViewersPassword(file: string): Promise<string> {
  const password = await readSecretFile(file);
  if ([...password].length < shortestLength)
    throw new SecretFault(`is shorter than ${shortestLength} characters, which strangers can guess`);
  if (Buffer.byteLength(password) > longestBytes)
    throw new SecretFault(`is longer than ${longestBytes} bytes, more than Caddy compares`);
  return password;
}

/** The password in the file of `--viewer-password-file`; undefined without one. Throws CliError 65, without the password in it. */
export async function viewersPasswordOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return readViewersPassword(file).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    throw new CliError(
      ExitCode.badInput,
      `${file}: ${error.message}`,
      "give --viewer-password-file the file that viewers.password.file names on the host, or a copy",
    );
  });
}
