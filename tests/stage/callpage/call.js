// One client of a call, on livekit-client: takes orders from tests/stage/chromium_call.py and answers each.
// Times that leave the page are milliseconds of the wall clock, which both browsers share.
"use strict";

const { ExternalE2EEKeyProvider, Room, RoomEvent, Track, createLocalTracks } = LivekitClient;
const name = new URLSearchParams(location.search).get("name");
const main = document.querySelector("main");
const own = document.getElementById("own");
const other = document.getElementById("other");
const BITS = 16; // tests/stage/video_file.py
let tracks = [];
let room = null;
let goodbyes = [];

const doing = {
  // Camera and microphone are open before Join, as in any call with a preview.
  async prepare({ video }) {
    if (tracks.length) return {};
    const picture = { resolution: { width: 1280, height: 720, frameRate: 30 } };
    tracks = await createLocalTracks({ audio: true, video: video ? picture : false });
    tracks.filter((track) => track.kind === Track.Kind.Video).forEach((track) => track.attach(own));
    const inputs = tracks.map((track) => track.mediaStreamTrack.label);
    return { inputs };
  },

  // The same encoding as the native engine's: no simulcast in a call of two, 1.7 Mbit/s.
  // With a key it is encrypted as the engine is.
  async join({ url, token, key, see }) {
    const began = performance.now();
    let seen;
    const firstFrame = new Promise((resolve) => (seen = resolve));
    const keyProvider = new ExternalE2EEKeyProvider();
    room = new Room(key ? { encryption: { keyProvider, worker: new Worker("e2ee.worker.js") } } : {});
    if (key) {
      await keyProvider.setKey(new TextEncoder().encode(key).buffer);  // bytes: by HKDF
      await room.setE2EEEnabled(true);
    }
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind === Track.Kind.Video) {
        track.attach(other);
        other.requestVideoFrameCallback(() => seen(performance.now() - began));
      } else {
        main.append(track.attach());
      }
    });
    room.on(RoomEvent.TrackUnsubscribed, (track) => track.detach());
    goodbyes = [];
    room.registerRpcMethod("goodbye", async ({ callerIdentity }) => {
      goodbyes.push(callerIdentity);
      return "";
    });
    // Encrypted tracks that come before it is connected lose their first frames, and stand still for three seconds.
    const subscribe = (publication) => publication.setSubscribed(true);
    await room.connect(url, token, { autoSubscribe: !key });
    room.on(RoomEvent.TrackPublished, subscribe);
    for (const each of room.remoteParticipants.values()) each.trackPublications.forEach(subscribe);
    const encoding = { maxBitrate: 1_700_000, maxFramerate: 30 };
    const options = { videoCodec: "vp8", simulcast: false, videoEncoding: encoding };
    const published = Promise.all(tracks.map((track) => room.localParticipant.publishTrack(track, options)));
    const first_frame_ms = see ? await firstFrame : null;
    await published;
    return { first_frame_ms };
  },

  // A goodbye is confirmed by the others and names this visit (docs/call.md), before the connection is closed.
  async leave({ goodbye }) {
    const { sid, attributes } = room.localParticipant;
    const payload = [sid, attributes.visit].filter(Boolean).join(" ");
    const say = (identity) => room.localParticipant.performRpc({ destinationIdentity: identity, method: "goodbye", payload });
    if (goodbye) await Promise.all([...room.remoteParticipants.keys()].map(say));
    await room.disconnect(false);
    return {};
  },

  async mute({ kind, muted }) {
    const publication = room.localParticipant.getTrackPublication(kind);
    await (muted ? publication.mute() : publication.unmute());
    return {};
  },

  // What this side knows of the others; a goodbye that was said is remembered.
  async others() {
    const people = [...room.remoteParticipants.values()];
    return {
      people: people.map((each) => ({
        identity: each.identity,
        camera: each.isCameraEnabled,
        microphone: each.isMicrophoneEnabled,
      })),
      goodbyes,
    };
  },

  // Video elements that are not in the document are decoded, but not drawn.
  async draw({ shown }) {
    for (const video of [other, own]) {
      if (shown) main.append(video);
      else video.remove();
      await video.play();
    }
    return {};
  },

  // Pictures from the call's beginning on: encoded of one's own, decoded and shown of the other's.
  async counts() {
    const camera = tracks.find((track) => track.kind === Track.Kind.Video);
    const others = [...room.remoteParticipants.values()].map((each) => each.getTrackPublication(Track.Source.Camera));
    const received = others.find((publication) => publication?.track).track;
    const { totalVideoFrames, droppedVideoFrames } = other.getVideoPlaybackQuality();
    return {
      encoded: summed(await camera.sender.getStats(), "outbound-rtp", "framesEncoded"),
      decoded: summed(await received.receiver.getStats(), "inbound-rtp", "framesDecoded"),
      shown: totalVideoFrames - droppedVideoFrames,
    };
  },

  async watch({ seconds }) {
    const sent = [];
    const seen = [];
    const stop = [numbersOf(own, sent, "captureTime"), numbersOf(other, seen, "presentationTime")];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    stop.forEach((each) => each());
    return { sent, seen, size: [other.videoWidth, other.videoHeight] };
  },
};

function summed(stats, type, name) {
  return [...stats.values()].filter((each) => each.type === type).reduce((sum, each) => sum + (each[name] ?? 0), 0);
}

// Which numbered frame the video shows, and the moment that its metadata names, for every frame that is shown.
function numbersOf(video, found, moment) {
  const canvas = new OffscreenCanvas(2 * BITS, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let going = true;
  const look = (now, metadata) => {
    if (!going) return;
    video.requestVideoFrameCallback(look);
    if (metadata[moment] === undefined) return;
    context.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 1, 0, 0, 2 * BITS, 1);
    const { data } = context.getImageData(0, 0, 2 * BITS, 1);
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) if (data[4 * (2 * bit + 1) + 1] > 128) number |= 1 << bit;
    found.push([number, performance.timeOrigin + metadata[moment]]);
  };
  video.requestVideoFrameCallback(look);
  return () => (going = false);
}

async function obey() {
  for (;;) {
    const order = await (await fetch(`orders?name=${name}`)).json();
    let answer;
    try {
      answer = await doing[order.do](order);
    } catch (error) {
      answer = { error: String(error) };
    }
    await fetch(`answers?name=${name}`, { method: "POST", body: JSON.stringify(answer) });
  }
}

obey();
