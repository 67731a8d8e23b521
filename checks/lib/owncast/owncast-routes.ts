/**
 * Paths of every kind on a site: Owncast's routes (webserver/router and webserver/handlers/generated of 0.2.5), Caddy's own
 * files, and spellings of a path that some servers normalise.
 */
export const publicRoutes: readonly string[] = [
  ...["/", "/index.html", "/no-such-page", "/_next/static/x.js", "/styles/x.css", "/img/logo.svg", "/robots.txt"],
  ...["/embed/video", "/embed/video/", "/embed/chat/readonly", "/embed/chat/readwrite/", "/embed/index.html"],
  ...["/hls/stream.m3u8", "/hls/0/stream.m3u8", "/hls/0/stream-abc-1.ts", "/hls/0/other.ts", "/hls/", "/hls"],
  ...["/ws", "/public/x", "/logo", "/logo/external", "/thumbnail.jpg", "/preview.gif", "/favicon.ico"],
  ...["/customjavascript", "/img/emoji/x.svg"],
  ...["/api/status", "/api/config", "/api/chat", "/api/chat/register", "/api/chat/messagevisibility"],
  ...["/api/chat/users/setenabled", "/api/emoji", "/api/followers", "/api/metrics/playback", "/api/ping"],
  ...["/api/moderation/chat/user/x", "/api/notifications/register", "/api/remotefollow", "/api/socialplatforms"],
  ...["/api/video/variants", "/api/yp", "/api/v1/instance", "/api/no-such-thing"],
  ...["/api/auth/fediverse", "/api/auth/fediverse/verify", "/api/auth/indieauth", "/api/auth/indieauth/callback"],
  ...["/api/integrations/chat", "/api/integrations/chat/send", "/api/integrations/clients", "/api/integrations/status"],
  ...["/federation/user/streamer", "/federation/user/streamer/inbox", "/federation/x", "/nodeinfo/2.0"],
  ...["/.well-known/webfinger", "/.well-known/host-meta", "/.well-known/nodeinfo", "/.well-known/x-nodeinfo2"],
  ...["//", "//hls/stream.m3u8", "/x/../hls/stream.m3u8", "/./api/status", "/%68ls/stream.m3u8", "/hls%2fstream.m3u8"],
  ...["/HLS/stream.m3u8", "/api//status", "/hls/0/stream-abc-1.ts?x=1", "/?/admin/"],
];

/** The admin API's paths. */
export const adminRoutes: readonly string[] = [
  ...["/admin", "/admin/", "/admin/config/server/", "/%61dmin/", "//admin/", "/x/../admin/", "/api/admin/status"],
  ...["/api/admin/serverconfig", "/api//admin/serverconfig", "/api/auth/provider/indieauth"],
];
