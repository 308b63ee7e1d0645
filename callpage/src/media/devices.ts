// Camera, microphone and speaker of this side, for the preview and the call.
import type { Store } from "../call/snapshot.ts";
import { Capture, type CaptureKind, type Facing, faultOf } from "./capture.ts";

export interface Choice {
  id: string;
  label: string;
}

type SinkElement = HTMLMediaElement & { setSinkId?: (id: string) => Promise<void> };

/** What a person has chosen of this side, for the next call of the same visit. */
export interface Choices {
  camera: boolean;
  microphone: boolean;
  cameraId?: string;
  microphoneId?: string;
  speakerId?: string;
  facing?: Facing;
}

export class Devices {
  readonly camera: Capture;
  readonly microphone: Capture;
  speakerId = "";
  /** Whether there is another camera to switch to, as far as the browser has told. */
  severalCameras = false;
  /** Called when a track or its state has changed: what is published may have to follow. */
  onChange: () => void = () => undefined;
  private readonly sinks = new Set<SinkElement>();
  private readonly changed = () => {
    void this.revive();
    void this.countCameras();
  };

  constructor(
    private readonly store: Store,
    wanted: Choices,
  ) {
    const announce = (): void => this.announce();
    this.camera = new Capture("camera", wanted.camera, announce);
    this.microphone = new Capture("microphone", wanted.microphone, announce);
    this.camera.deviceId = wanted.cameraId ?? "";
    this.camera.facing = wanted.facing ?? "user";
    this.microphone.deviceId = wanted.microphoneId ?? "";
    this.speakerId = wanted.speakerId ?? "";
    this.announce();
    navigator.mediaDevices?.addEventListener("devicechange", this.changed);
  }

  get wanted(): Choices {
    return {
      camera: this.camera.state.enabled,
      microphone: this.microphone.state.enabled,
      cameraId: this.camera.deviceId,
      microphoneId: this.microphone.deviceId,
      speakerId: this.speakerId,
      facing: this.camera.facing,
    };
  }

  /** Both at once, so that the browser asks one question; where that fails, each alone, to know which one fails. */
  async open(): Promise<void> {
    await this.openBoth();
    await this.countCameras();
  }

  private async openBoth(): Promise<void> {
    const { camera, microphone } = this;
    if (!navigator.mediaDevices) {
      camera.fail("no_driver");
      microphone.fail("no_driver");
      return;
    }
    if (!camera.state.enabled) return microphone.open();
    try {
      const wanted = { video: camera.constraints, audio: microphone.constraints };
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      const [video] = stream.getVideoTracks();
      const [audio] = stream.getAudioTracks();
      if (video) camera.adopt(video);
      if (audio) microphone.adopt(audio);
    } catch (error) {
      if (faultOf(error) === "refused" && (await isDenied("camera")) && (await isDenied("microphone"))) {
        camera.fail("refused");
        microphone.fail("refused");
        return;
      }
      await microphone.open();
      await camera.open();
    }
  }

  private async countCameras(): Promise<void> {
    const several = (await this.choices("camera")).length > 1;
    if (several === this.severalCameras) return;
    this.severalCameras = several;
    this.announce();
  }

  of(kind: CaptureKind): Capture {
    return kind === "camera" ? this.camera : this.microphone;
  }

  /** What can be chosen now. Without permission the browser tells neither names nor ids: then there is nothing. */
  async choices(kind: CaptureKind | "speaker"): Promise<Choice[]> {
    const wanted = { camera: "videoinput", microphone: "audioinput", speaker: "audiooutput" }[kind];
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    return all
      .filter((each) => each.kind === wanted && each.deviceId && each.label)
      .map((each) => ({ id: each.deviceId, label: each.label }));
  }

  /** Whether this browser can play on another speaker than the system's (https://w3c.github.io/mediacapture-output/). */
  static get canChooseSpeaker(): boolean {
    return "setSinkId" in HTMLMediaElement.prototype;
  }

  async chooseSpeaker(id: string): Promise<void> {
    this.speakerId = id;
    await Promise.all([...this.sinks].map((sink) => sink.setSinkId?.(id).catch(() => undefined)));
  }

  /** From now on this element plays on the chosen speaker. */
  addSink(element: HTMLMediaElement): () => void {
    const sink = element as SinkElement;
    this.sinks.add(sink);
    if (this.speakerId) void sink.setSinkId?.(this.speakerId).catch(() => undefined);
    return () => this.sinks.delete(sink);
  }

  async revive(): Promise<void> {
    await this.microphone.revive();
    await this.camera.revive();
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener("devicechange", this.changed);
    this.camera.close();
    this.microphone.close();
  }

  private announce(): void {
    if (!this.camera || !this.microphone) return;
    this.store.update({ camera: this.camera.state, microphone: this.microphone.state });
    this.onChange();
  }
}

async function isDenied(name: CaptureKind): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state === "denied";
  } catch {
    return false; // browsers that cannot be asked
  }
}
