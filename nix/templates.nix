# The templates of `nix flake init -t`. Nix prints `welcomeText` after it has written the files.
{ self }:
let
  # A store path by its name: with a store in another folder, the plain path would lead outside of the store.
  template = folder: attributes: { path = "${self}/${folder}"; } // attributes;

  address = ''
    1. `flake.nix`: put in Lectern's address, the one that you gave to this command.
    2. `configuration.nix`: your host name and your public SSH key. What viewers see stands there too.'';

  check = "4. `nix build .#nixosConfigurations.live.config.system.build.toplevel` names what is still missing.";
in
{
  default = template "template" {
    description = "A host with one public stage, for a machine that runs NixOS.";
    welcomeText = ''
      # A stage of your own

      ${address}
      3. `hardware-configuration.nix`: what `nixos-generate-config --show-hardware-config` prints on the machine.
      ${check}
      5. `nixos-rebuild switch --flake .#live --target-host root@YOUR-HOST` brings it to the machine.

      A rented server without NixOS: the template `rented`. More: docs/install.md and docs/deploy.md in Lectern.
    '';
  };

  rented = template "template-rented" {
    description = "A host with one public stage, for a rented server with any Linux, whose disk is erased.";
    welcomeText = ''
      # A stage of your own, on a rented server

      ${address}
      3. `disk.nix`: which disk of the server is erased, as `lsblk` names it there.
      ${check}
      5. `nix run github:nix-community/nixos-anywhere -- --flake .#live --target-host root@YOUR-HOST`
         **erases that disk** and installs the stage.

      The server keeps answering on the address that it has by DHCP. More: docs/install.md in Lectern.
    '';
  };
}
