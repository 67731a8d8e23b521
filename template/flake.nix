{
  description = "A livestream of our own.";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    # The address that `nix flake init -t` was given.
    lectern.url = "github:OWNER/lectern";
    lectern.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, lectern, ... }:
    {
      # nixos-rebuild switch --flake .#live --target-host root@live.example.org
      nixosConfigurations.live = nixpkgs.lib.nixosSystem {
        modules = [
          lectern.nixosModules.default
          ./configuration.nix
        ];
      };
    };
}
