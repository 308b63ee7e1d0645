// What is seen and heard of a call now, for its recording: as it is sent, and as it is shown.
import type { Call } from "../../call/call.ts";
import type { Sources } from "./recorder.ts";

export function sourcesOf({ store, devices, screen, speaker }: Call): Sources {
  const { state, peer, camera, microphone, remoteVideo, remoteScreen } = store.snapshot;
  const here = state === "in_call";
  const theirs = here && peer?.screenOn ? remoteScreen : null;
  const voice = microphone.enabled && microphone.working ? devices.microphone.track : null;
  return {
    seen: {
      other: here && peer?.cameraOn ? remoteVideo : null,
      own: camera.enabled && camera.working ? devices.camera.track : null,
      screen: theirs ?? screen.video,
    },
    heard: [voice, screen.audio, ...speaker.tracks].filter((track) => track !== null),
  };
}
