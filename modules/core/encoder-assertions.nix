# Checks that the host has everything that an encoder needs besides its device. Otherwise every stream would fail. Each message
# ends with the line to add.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  optionOf = name: "services.lectern.stages.${name}";
  # Some supported versions of nixpkgs do not have the option.
  graphics = config.hardware.graphics or { };
  hasNvidia =
    config.hardware.nvidia.enabled or (lib.elem "nvidia" (config.services.xserver.videoDrivers or [ ]));
  isGraphicsPackage =
    names: lib.any (one: lib.elem (lib.getName one) names) (graphics.extraPackages or [ ]);

  drivers = {
    assertion = graphics.enable or false;
    lacks = "the host's graphics drivers";
    remedy = "add hardware.graphics.enable = true;";
  };
  # AMD's driver is included, Intel's is not. The configuration does not show which one the host has.
  driversOfAnyMaker = drivers // {
    remedy = "${drivers.remedy} and, for an Intel processor, hardware.graphics.extraPackages = [ pkgs.intel-media-driver ];";
  };

  needsOf = {
    h264_vaapi = [ driversOfAnyMaker ];
    h264_nvenc = [
      drivers
      {
        assertion = hasNvidia;
        lacks = "NVIDIA's driver";
        remedy = ''add services.xserver.videoDrivers = [ "nvidia" ]; and nixpkgs.config.allowUnfree = true; (this installs no X server)'';
      }
    ];
    h264_qsv = [
      drivers
      {
        assertion = isGraphicsPackage [
          "vpl-gpu-rt"
          "onevpl-intel-gpu"
          "intel-media-sdk"
        ];
        lacks = "Intel's QuickSync";
        remedy = "add hardware.graphics.extraPackages = [ pkgs.intel-media-driver pkgs.vpl-gpu-rt ];";
      }
    ];
  };

  # The build options that give ffmpeg the encoder: one is enough.
  flagsOf = {
    h264_vaapi = [ "--enable-vaapi" ];
    h264_nvenc = [ "--enable-nvenc" ];
    h264_qsv = [
      "--enable-libvpl"
      "--enable-libmfx"
    ];
    h264_v4l2m2m = [ "--enable-v4l2-m2m" ];
  };

  # Only packages made like nixpkgs' say which ffmpeg they use.
  ffmpegNeed =
    codec: package:
    let
      ffmpeg = lib.findFirst (one: lib.hasPrefix "ffmpeg" (lib.getName one)) null (
        package.propagatedBuildInputs or [ ]
      );
      built = if ffmpeg == null then [ ] else ffmpeg.configureFlags or [ ];
      wanted = flagsOf.${codec} or [ ];
    in
    lib.optional (built != [ ] && wanted != [ ]) {
      assertion = lib.intersectLists wanted built != [ ];
      lacks = "an ffmpeg with this encoder, which ${lib.getName package} does not have";
      remedy = "write package = pkgs.owncast.override { ffmpeg = pkgs.ffmpeg-full; }; for this stage (the host then builds Owncast itself)";
    };

  perStage =
    name:
    { settings, package, ... }:
    let
      codec = toString settings.video.codec;
      option = "${optionOf name}.settings.video.codec";
    in
    map (
      {
        assertion,
        lacks,
        remedy,
      }:
      {
        inherit assertion;
        message = "${option} is ${codec}, which needs ${lacks}: ${remedy}";
      }
    ) (needsOf.${codec} or [ ] ++ ffmpegNeed codec package)
    ++ [
      {
        assertion = codec != "h264_omx";
        message = "${option} is h264_omx, and no unit can get its device: use h264_v4l2m2m, or libx264.";
      }
    ];
in
{
  config.assertions = lib.mkIf cfg.enable (lib.concatLists (lib.mapAttrsToList perStage cfg.stages));
}
