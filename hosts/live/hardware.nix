# A KVM guest with one disk. Replace it with what `nixos-generate-config` writes on the machine itself.
{ modulesPath, ... }:
{
  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];

  nixpkgs.hostPlatform = "x86_64-linux";

  boot.loader.grub.device = "/dev/sda";
  boot.initrd.availableKernelModules = [
    "ata_piix"
    "uhci_hcd"
    "sd_mod"
  ];

  fileSystems."/" = {
    device = "/dev/sda1";
    fsType = "ext4";
  };

  # If an encoder runs out of memory, the stream ends. Swap makes it slow instead.
  swapDevices = [
    {
      device = "/swapfile";
      size = 4096;
    }
  ];
}
