{
  description = "A livestream of our own.";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    # Put Lectern's address into the next line, the one that you gave to `nix flake init -t`, and remove the # of both lines.
    # lectern.url = "github:…/lectern";
    # lectern.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, ... }@inputs:
    let
      # Nix fetches all inputs first, so a wrong address would fail before this message.
      lectern =
        inputs.lectern
          or (throw "flake.nix: inputs.lectern is missing: put the address that you gave to `nix flake init -t` into the line `# lectern.url`, and remove the # of that line and the next.");
    in
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
