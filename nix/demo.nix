# `nix run` starts the demo with the servers of nixpkgs.
{
  writeShellApplication,
  lectern,
  owncast,
  caddy,
  ffmpeg-headless,
  lib,
}:
writeShellApplication {
  name = "lectern-demo";
  runtimeEnv = {
    OWNCAST = lib.getExe owncast;
    CADDY = lib.getExe caddy;
    FFMPEG = lib.getExe ffmpeg-headless;
  };
  meta.description = "A stage with a synthetic camera on this machine, to watch in a browser";
  text = ''
    exec ${lib.getExe lectern} demo "$@"
  '';
}
