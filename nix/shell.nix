# What the commands of CONTRIBUTING.md need; npm brings the rest.
{
  mkShell,
  nodejs_24,
  go,
  ffmpeg-headless,
  caddy,
  nixfmt-tree,
  nixfmt,
  deadnix,
}:
mkShell {
  packages = [
    nodejs_24
    go
    ffmpeg-headless
    caddy
    nixfmt-tree
    nixfmt
    deadnix
  ];
}
