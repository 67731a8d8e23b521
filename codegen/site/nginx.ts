import { host, privateSite, publicSite } from "./nginx-http.ts";
import { alias, captionsPart, captionsPushPart, plain, stage, steeringPart, transcriptsPart } from "./nginx-server.ts";

/** nginx's files, by name. */
export const nginxFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ["host.nginx", host()],
    ["public.nginx", publicSite()],
    ["private.nginx", privateSite()],
    ["stage.nginx", stage()],
    ["steering.nginx", steeringPart()],
    ["captions.nginx", captionsPart()],
    ["captions-push.nginx", captionsPushPart()],
    ["transcripts.nginx", transcriptsPart()],
    ["alias.nginx", alias()],
    ["plain.nginx", plain()],
  ]);
