{
  description = "Lectern turns a written description of a livestream into a running, safe and proven one.";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      forEachSystem =
        perSystem:
        lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
        ] (system: perSystem nixpkgs.legacyPackages.${system});
    in
    {
      # Not the bare path: Nix 2.8 takes only functions and attribute sets for modules.
      nixosModules.default = {
        imports = [ ./modules ];
      };

      nixosConfigurations = import ./hosts {
        inherit lib;
        lectern = self.nixosModules.default;
      };

      checks = forEachSystem (pkgs: import ./checks { inherit pkgs; });

      formatter = forEachSystem (pkgs: pkgs.nixfmt-tree);

      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.nodejs_24
            pkgs.go
            pkgs.ffmpeg-headless
            pkgs.caddy
            pkgs.nixfmt-tree
            pkgs.deadnix
          ];
        };
      });
    };
}
