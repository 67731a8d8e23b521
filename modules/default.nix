# Lectern as a NixOS module: one file a concern, each adding to `services.lectern`.
{
  imports = [
    ./options.nix
    ./seed.nix
    ./assertions.nix
  ];
}
