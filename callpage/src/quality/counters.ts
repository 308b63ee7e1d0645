// One reading of WebRTC's statistics (https://www.w3.org/TR/webrtc-stats/), as app/call/stats/rtc_stats.py reads them.
import type { Room } from "livekit-client";

export interface VideoCounters {
  width: number;
  height: number;
  frames: number;
}

/** Everything that counts does so from the connection's beginning. `received`: packets of any kind, from the server. */
export interface Counters {
  atS: number;
  received: number;
  media: number;
  audioPackets: number;
  lostIn: number;
  sent: number;
  lostOut: number;
  roundTripS: number | null;
  frozenS: number;
  audioSamples: number;
  audioConcealed: number;
  bufferedS: number;
  leftBuffer: number;
  video: VideoCounters;
  sentVideo: VideoCounters;
  bandwidthLimited: boolean;
}

type Stat = Record<string, unknown> & { type: string };
const number = (stat: Stat, name: string): number => (typeof stat[name] === "number" ? (stat[name] as number) : 0);

/** Of both connections, which are one in newer servers; null while there are none. Of shared screens only packets
 * count: a screen that stands still sends few frames and little sound, and neither the camera nor the voice is stalled.
 */
export async function readCounters(room: Room): Promise<Counters | null> {
  const pcs = room.engine.pcManager;
  if (!pcs) return null;
  const reports = await Promise.all([pcs.publisher.getStats(), pcs.subscriber?.getStats()]);
  const counters = zero();
  const screens = screenTracks(room);
  for (const report of reports) {
    report?.forEach((stat: Stat) => {
      const source = stat.type === "outbound-rtp" ? (report.get(String(stat.mediaSourceId)) as Stat | undefined) : stat;
      add(counters, stat, screens.has(String(source?.trackIdentifier)));
    });
  }
  return counters;
}

function screenTracks(room: Room): Set<string> {
  const publications = [room.localParticipant, ...room.remoteParticipants.values()].flatMap((each) => [
    ...each.trackPublications.values(),
  ]);
  const ofScreens = publications.filter(({ source }) => source === "screen_share" || source === "screen_share_audio");
  return new Set(ofScreens.map(({ track }) => track?.mediaStreamTrack.id ?? "").filter(Boolean));
}

function zero(): Counters {
  const none = () => ({ width: 0, height: 0, frames: 0 });
  return {
    atS: performance.now() / 1000,
    received: 0,
    media: 0,
    audioPackets: 0,
    lostIn: 0,
    sent: 0,
    lostOut: 0,
    roundTripS: null,
    frozenS: 0,
    audioSamples: 0,
    audioConcealed: 0,
    bufferedS: 0,
    leftBuffer: 0,
    video: none(),
    sentVideo: none(),
    bandwidthLimited: false,
  };
}

function add(to: Counters, stat: Stat, ofScreen: boolean): void {
  if (stat.type === "candidate-pair") addPair(to, stat);
  else if (stat.type === "inbound-rtp") addInbound(to, stat, ofScreen);
  else if (stat.type === "outbound-rtp") addOutbound(to, stat, ofScreen);
  else if (stat.type === "remote-inbound-rtp") to.lostOut += Math.max(0, number(stat, "packetsLost"));
}

/** Firefox and Safari count no packets here: bytes grow with them. */
function addPair(to: Counters, stat: Stat): void {
  const packets = ["packetsReceived", "bytesReceived", "requestsReceived", "responsesReceived"];
  for (const name of packets) to.received += number(stat, name);
  if (stat.nominated && typeof stat.currentRoundTripTime === "number") to.roundTripS = stat.currentRoundTripTime;
}

function addInbound(to: Counters, stat: Stat, ofScreen: boolean): void {
  to.media += number(stat, "packetsReceived");
  to.lostIn += Math.max(0, number(stat, "packetsLost"));
  if (ofScreen) return;
  if (stat.kind === "video") {
    to.frozenS += number(stat, "totalFreezesDuration");
    addVideo(to.video, stat, "framesDecoded");
    return;
  }
  to.audioPackets += number(stat, "packetsReceived");
  to.audioSamples += number(stat, "totalSamplesReceived");
  to.audioConcealed += number(stat, "concealedSamples") - number(stat, "silentConcealedSamples");
  to.bufferedS += number(stat, "jitterBufferDelay");
  to.leftBuffer += number(stat, "jitterBufferEmittedCount");
}

function addOutbound(to: Counters, stat: Stat, ofScreen: boolean): void {
  to.sent += number(stat, "packetsSent");
  if (stat.kind !== "video" || ofScreen) return;
  addVideo(to.sentVideo, stat, "framesEncoded");
  to.bandwidthLimited ||= stat.qualityLimitationReason === "bandwidth";
}

function addVideo(to: VideoCounters, stat: Stat, frames: string): void {
  to.frames += number(stat, frames);
  to.width = number(stat, "frameWidth") || to.width;
  to.height = number(stat, "frameHeight") || to.height;
}
