# Proves: an encoder is refused if the host lacks its drivers, device or ffmpeg. The error gives the line to add.
{
  lib,
  nixos,
  modulesOf,
  refusals,
  ...
}:
let
  generated = import ../../generated/options.nix { inherit lib; };
  codecs = generated.video.codec.type.nestedTypes.elemType.functor.payload.values;

  stage = "services.lectern.stages.main";
  refused =
    codec: host: refusals (nixos (modulesOf [ { settings.video = { inherit codec; }; } ] ++ [ host ]));
  saidOf = codec: map (need: "${stage}.settings.video.codec is ${codec}, which needs ${need}");

  quickSync =
    { pkgs, ... }:
    {
      hardware.graphics = {
        enable = true;
        extraPackages = [
          pkgs.intel-media-driver
          pkgs.vpl-gpu-rt
        ];
      };
    };
  packageWith =
    package:
    { pkgs, ... }:
    {
      services.lectern.stages.main.package = package pkgs;
    };
  fullFfmpeg = packageWith (pkgs: pkgs.owncast.override { ffmpeg = pkgs.ffmpeg-full; });

  drivers = "the host's graphics drivers: add hardware.graphics.enable = true;";
  ffmpeg = "an ffmpeg with this encoder, which owncast does not have: write package = pkgs.owncast.override { ffmpeg = pkgs.ffmpeg-full; }; for this stage (the host then builds Owncast itself)";
in
{
  # Each new codec needs a claim here.
  "a stage file may name these codecs" = {
    expr = codecs;
    expected = [
      "libx264"
      "h264_vaapi"
      "h264_nvenc"
      "h264_qsv"
      "h264_omx"
      "h264_v4l2m2m"
    ];
  };

  "libx264 needs nothing, and the needs of h264_v4l2m2m cannot be checked" = {
    expr = map (codec: refused codec { }) [
      "libx264"
      "h264_v4l2m2m"
    ];
    expected = [
      [ ]
      [ ]
    ];
  };

  "h264_vaapi needs the host's drivers, which do not include Intel's by default" = {
    expr = refused "h264_vaapi" { };
    expected = saidOf "h264_vaapi" [
      "${drivers} and, for an Intel processor, hardware.graphics.extraPackages = [ pkgs.intel-media-driver ];"
    ];
  };
  "h264_vaapi is accepted with these drivers" = {
    expr = refused "h264_vaapi" { hardware.graphics.enable = true; };
    expected = [ ];
  };

  "h264_nvenc needs NVIDIA's driver too" = {
    expr = refused "h264_nvenc" { };
    expected = saidOf "h264_nvenc" [
      drivers
      "NVIDIA's driver: add services.xserver.videoDrivers = [ \"nvidia\" ]; and nixpkgs.config.allowUnfree = true; (this installs no X server)"
    ];
  };
  "h264_nvenc is accepted with both drivers" = {
    expr = refused "h264_nvenc" {
      hardware.graphics.enable = true;
      services.xserver.videoDrivers = [ "nvidia" ];
    };
    expected = [ ];
  };

  "h264_qsv needs Intel's QuickSync, and an ffmpeg that was built with it" = {
    expr = refused "h264_qsv" { };
    expected = saidOf "h264_qsv" [
      drivers
      "Intel's QuickSync: add hardware.graphics.extraPackages = [ pkgs.intel-media-driver pkgs.vpl-gpu-rt ];"
      ffmpeg
    ];
  };
  "h264_qsv is refused with nixpkgs' own Owncast" = {
    expr = refused "h264_qsv" quickSync;
    expected = saidOf "h264_qsv" [ ffmpeg ];
  };
  "h264_qsv is accepted with everything that the messages name" = {
    expr = refused "h264_qsv" {
      imports = [
        quickSync
        fullFfmpeg
      ];
    };
    expected = [ ];
  };
  "an Owncast without its own ffmpeg gets one that has the encoder" = {
    expr =
      map
        (
          codec:
          let
            inherit (nixos (modulesOf [ { settings.video = { inherit codec; }; } ])) systemd;
          in
          lib.filter (lib.hasPrefix "ffmpeg") (map lib.getName systemd.services.owncast-main.path)
        )
        [
          "h264_qsv"
          "h264_vaapi"
        ];
    expected = [
      [ "ffmpeg-full" ]
      [ "ffmpeg-headless" ]
    ];
  };
  "an Owncast that does not name its ffmpeg is accepted" = {
    expr = refused "h264_qsv" {
      imports = [
        quickSync
        (packageWith (pkgs: lib.removeAttrs pkgs.owncast [ "propagatedBuildInputs" ]))
      ];
    };
    expected = [ ];
  };

  "h264_omx is refused, because no unit can get its device" = {
    expr = refused "h264_omx" { };
    expected = [
      "${stage}.settings.video.codec is h264_omx, and no unit can get its device: use h264_v4l2m2m, or libx264."
    ];
  };
}
