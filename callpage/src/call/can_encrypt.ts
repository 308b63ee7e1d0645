/** Whether this browser can encrypt from device to device: WebRTC's encoded transforms, or Chromium's own before them. */
export const CAN_ENCRYPT =
  isSecureContext &&
  ("RTCRtpScriptTransform" in globalThis ||
    ("RTCRtpSender" in globalThis && "createEncodedStreams" in RTCRtpSender.prototype));
