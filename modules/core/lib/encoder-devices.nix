# The devices that a codec's encoder needs, for the server's unit alone.
codec:
let
  open = groups: devices: {
    PrivateDevices = false;
    DeviceAllow = map (device: "${device} rw") devices;
    SupplementaryGroups = groups;
  };
  gpu = open [ "render" "video" ] [ "char-drm" ];
in
{
  h264_vaapi = gpu;
  h264_qsv = gpu;
  h264_nvenc =
    open
      [ "video" ]
      [
        "char-nvidia-frontend"
        "char-nvidiactl"
        "char-nvidia-uvm"
      ];
  h264_v4l2m2m = open [ "video" ] [ "char-video4linux" ];
}
.${toString codec} or { }
