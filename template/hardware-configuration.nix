# Replace this whole file with the output of: nixos-generate-config --show-hardware-config
{
  assertions = [
    {
      assertion = false;
      message = "fileSystems: hardware-configuration.nix is still the template's: replace it with what `nixos-generate-config --show-hardware-config` prints on the machine.";
    }
  ];

  nixpkgs.hostPlatform = "x86_64-linux";
  fileSystems."/".device = "/dev/disk/by-label/nixos";
  boot.loader.grub.device = "nodev";
}
