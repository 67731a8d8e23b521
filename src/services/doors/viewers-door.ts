import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import { hash } from "bcryptjs";
import { type Front, privateStage } from "../../../codegen/site/rules.ts";
import { cookieName, viewerName, viewersAuthorization } from "../../viewer/viewer-credentials.ts";
import type { DoorText } from "./door-file.ts";

// Each wrong password costs 6 ms of processor time, on a machine that also encodes; see ADR 25.
const bcryptCost = 6;

/** Lets viewers into a private stage by this password. Caddy's file keeps its hash while the password stays the same. */
export const viewersDoor =
  (password: string, front: Front): DoorText =>
  async (present = "") => {
    const cookie = await cookieFor(password);
    if (front === "nginx") return textForNginx(cookie, password);
    const [presentHash] = /\$2[aby]\$[^"\s]+/.exec(present) ?? [];
    if (presentHash !== undefined && present === doorText(cookie, presentHash)) return present;
    return doorText(cookie, await hash(password, bcryptCost));
  };

/**
 * The value of a viewer's cookie. It depends on the password only, so it survives a restart. Guessing the password from it costs
 * more than guessing it from the hash.
 */
async function cookieFor(password: string): Promise<string> {
  const options = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 };
  const derive = promisify<string, string, number, object, Buffer>(scrypt);
  return (await derive(password, "the cookie of a private stage's viewers", 32, options)).toString("base64url");
}

const doorText = (cookie: string, passwordHash: string): string => `# Written by lectern viewers-door.
vars {
	lectern_door password
	lectern_cookie ${cookie}
}
@lecternKnown vars {http.request.cookie.${cookieName}} ${cookie}
vars @lecternKnown lectern_viewer known
basicauth @shows bcrypt "Private stage. User name: ${viewerName}" {
	${viewerName} "${passwordHash}"
}
`;

/**
 * The lines of a map from `$http_cookie|$http_authorization` (see codegen/site/nginx-http.ts). Of several cookies of this name the first
 * one counts. No part of the pattern can be matched in two ways, so a long header of a stranger costs little.
 */
function textForNginx(cookie: string, password: string): string {
  const given = `${cookieName}=${cookie}`;
  const [scheme = "", shown = ""] = viewersAuthorization(password).split(" ");
  return `# Written by lectern viewers-door.
"~^(?>(?! *+${cookieName}=)[^;]*+;)*+ *+${given}[;|]" known;
"~\\|(?i:${scheme.toLowerCase()}) ${shown.replaceAll("+", "\\+")}$" "${given}; ${privateStage.cookieAttributes}";
"~^" ask;
`;
}
