import type { Front } from "../../../codegen/site/rules.ts";
import { rehearsalHeader } from "../../viewer/rehearsal-token.ts";
import type { DoorText } from "./door-file.ts";

const refusal = "The rehearsal token is missing or wrong. On the host, lectern secrets STAGE shows where it is.";

const texts: Readonly<Record<Front, (token: string) => string>> = {
  caddy: (token) => `# Written by lectern rehearsal-door.
@rehearsing header ${rehearsalHeader} ${token}
respond @rehearsing 204
respond "${refusal}" 401
`,
  nginx: (token) => `# Written by lectern rehearsal-door.
if ($http_${rehearsalHeader.toLowerCase().replaceAll("-", "_")} = "${token}") { return 204; }
return 401 "${refusal}";
`,
};

/** Allows rehearsals by a program that shows this token. The site's text for the front includes the file. */
export const rehearsalDoor =
  (token: string, front: Front): DoorText =>
  () =>
    texts[front](token);
