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

  # An encoder that runs out of memory ends the stream; slow is better.
  swapDevices = [
    {
      device = "/swapfile";
      size = 4096;
    }
  ];
}
