# The parts of every stage: one file per concern, each adding to `services.lectern`.
{
  imports = [
    ./options.nix
    ./stage-options.nix
    ./seed.nix
    ./secrets.nix
    ./bootstrap.nix
    ./segments.nix
    ./server.nix
    ./config.nix
    ./web-server.nix
    ./caddy.nix
    ./nginx-host.nix
    ./nginx.nix
    ./nginx-assertions.nix
    ./far-viewers.nix
    ./firewall.nix
    ./files.nix
    ./host-file.nix
    ./assertions.nix
    ./port-assertions.nix
    ./encoder-assertions.nix
    ./web-server-assertions.nix
  ];
}
