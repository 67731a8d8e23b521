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
        ] (system: perSystem nixpkgs.legacyPackages.${system} self.packages.${system});
    in
    {
      packages = forEachSystem (
        pkgs: packages: {
          default = packages.lectern;
          lectern = pkgs.callPackage ./nix/lectern.nix { };
          demo = pkgs.callPackage ./nix/demo.nix { inherit (packages) lectern; };
        }
      );

      apps = forEachSystem (
        _: packages: {
          default = {
            type = "app";
            program = lib.getExe packages.demo;
            meta = { inherit (packages.demo.meta) description; };
          };
        }
      );

      # Not only the path: Nix 2.8 accepts only functions and attribute sets as modules.
      nixosModules.default = {
        imports = [ ./modules ];
      };

      nixosConfigurations = import ./hosts {
        inherit lib;
        lectern = self.nixosModules.default;
      };

      templates = import ./nix/templates.nix { inherit self; };

      checks = forEachSystem (pkgs: _: import ./checks { inherit pkgs; });

      devShells = forEachSystem (
        pkgs: _: {
          default = pkgs.callPackage ./nix/shell.nix { };
        }
      );

      formatter = forEachSystem (pkgs: _: pkgs.nixfmt-tree);
    };
}
