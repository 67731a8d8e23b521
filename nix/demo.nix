# `nix run`: the demo, with nixpkgs' servers.
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
  text = ''
    exec ${lib.getExe lectern} demo "$@"
  '';
}
