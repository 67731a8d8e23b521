# The programs for the commands in CONTRIBUTING.md. npm installs the rest.
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
