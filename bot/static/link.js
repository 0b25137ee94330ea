// The connection with Eyeline: made, watched, and made again.

const POLL_MS = 1500;
const GATHER_MS = 3000;
const CONNECT_MS = 15000;
const HEALTHY_MS = 10000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10000;
const ENCODING = { video: { maxBitrate: 4_000_000, maxFramerate: 30 }, audio: { maxBitrate: 64_000 } };

export class Refused extends Error {}

// Fires "change" with `state` one of off, connecting, live, waiting, taken, refused; `reason` says why.
export class Link extends EventTarget {
  #token;
  #peer = null;
  #sender = "";
  #tracks = {};
  #delayMs = FIRST_DELAY_MS;
  #liveSinceMs = 0;
  #timer = 0;
  #attempt = 0;
  state = "off";
  reason = "";
  retryAtMs = 0;

  constructor(token) {
    super();
    this.#token = token;
  }

  // What Eyeline wants and what it has: { wanted: ["video"], sender: "", sources: {} }
  async status() {
    return this.#ask("GET", "/status");
  }

  start(tracks) {
    this.#tracks = tracks;
    this.#delayMs = FIRST_DELAY_MS;
    this.#connect();
  }

  // Go on with another track, or none; the connection stays as it is.
  async replace(tracks) {
    this.#tracks = tracks;
    const senders = this.#peer?.getTransceivers() ?? [];
    await Promise.all(senders.map(({ sender, receiver }) => sender.replaceTrack(tracks[receiver.track.kind] ?? null)));
  }

  stop() {
    this.#goodBye();
    this.#close();
    this.#enter("off");
  }

  retryNow() {
    this.#delayMs = FIRST_DELAY_MS;
    this.#connect();
  }

  // The page goes away: Eyeline need not find out by itself.
  leave() {
    this.#goodBye();
  }

  async numbers() {
    const report = await this.#peer?.getStats();
    return report ? [...report.values()] : [];
  }

  async #connect() {
    this.#close();
    const attempt = this.#attempt;
    this.#enter("connecting");
    try {
      const peer = await this.#offer(attempt);
      if (attempt !== this.#attempt) return;
      await connected(peer);
      if (attempt !== this.#attempt) return;
      this.#liveSinceMs = Date.now();
      this.#enter("live");
      this.#watch(attempt);
    } catch (error) {
      if (attempt === this.#attempt) this.#lose(error);
    }
  }

  async #offer(attempt) {
    const { wanted } = await this.status();
    const peer = new RTCPeerConnection();
    if (attempt !== this.#attempt) return peer;
    this.#peer = peer;
    for (const kind of [...wanted].sort().reverse()) {
      const options = { direction: "sendonly", sendEncodings: [ENCODING[kind]] };
      const { sender } = peer.addTransceiver(this.#tracks[kind] ?? kind, options);
      if (kind === "video") await keepSize(sender);
    }
    await peer.setLocalDescription();
    await gathered(peer);
    const answer = await this.#ask("POST", "/offer", { sdp: peer.localDescription.sdp });
    this.#sender = answer.sender;
    await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    return peer;
  }

  #watch(attempt) {
    this.#timer = setTimeout(async () => {
      try {
        const { sender } = await this.status();
        if (attempt !== this.#attempt) return;
        if (sender && sender !== this.#sender) {
          this.#close();
          this.#enter("taken");
          return;
        }
        if (!sender) throw new Error("Eyeline has lost the connection.");
        if (["failed", "disconnected", "closed"].includes(this.#peer.connectionState)) {
          throw new Error("The connection broke.");
        }
        this.#watch(attempt);
      } catch (error) {
        if (attempt === this.#attempt) this.#lose(error);
      }
    }, POLL_MS);
  }

  #lose(error) {
    const wasHealthy = this.#liveSinceMs && Date.now() - this.#liveSinceMs > HEALTHY_MS;
    this.#goodBye();
    this.#close();
    if (error instanceof Refused) {
      this.#enter("refused", error.message);
      return;
    }
    if (wasHealthy) this.#delayMs = FIRST_DELAY_MS;
    const delayMs = this.#delayMs * (0.8 + 0.4 * Math.random());
    this.#delayMs = Math.min(2 * this.#delayMs, MAX_DELAY_MS);
    this.retryAtMs = Date.now() + delayMs;
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    this.#enter("waiting", error.message);
  }

  #close() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#peer?.close();
    this.#peer = null;
    this.#sender = "";
    this.#liveSinceMs = 0;
  }

  #goodBye() {
    if (!this.#sender) return;
    this.#fetch("DELETE", `/offer/${this.#sender}`, null, { keepalive: true }).catch(() => {});
    this.#sender = "";
  }

  async #ask(method, path, body) {
    let response;
    try {
      response = await this.#fetch(method, path, body);
    } catch {
      throw new Error("Eyeline does not answer. Is it still running?");
    }
    const answer = await response.json();
    if (response.ok) return answer;
    const message = `${answer.error} ${answer.hint ?? ""}`.trim();
    throw response.status === 401 ? new Refused(message) : new Error(message);
  }

  #fetch(method, path, body, more) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body) headers["Content-Type"] = "application/json";
    return fetch(path, { method, headers, body: body && JSON.stringify(body), ...more });
  }

  #enter(state, reason = "") {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event("change"));
  }
}

// The way to Eyeline is short: a smaller picture would gain little, and each change of size costs others a keyframe.
async function keepSize(sender) {
  try {
    await sender.setParameters({ ...sender.getParameters(), degradationPreference: "maintain-resolution" });
  } catch {
    // a browser that does not know it chooses by itself
  }
}

function until(peer, event, isDone, limitMs) {
  return new Promise((resolve) => {
    const check = () => {
      if (!isDone()) return;
      clearTimeout(timer);
      peer.removeEventListener(event, check);
      resolve();
    };
    const timer = setTimeout(() => {
      peer.removeEventListener(event, check);
      resolve();
    }, limitMs);
    peer.addEventListener(event, check);
    check();
  });
}

// An address that is slow to be found is not needed: another one is enough.
function gathered(peer) {
  return until(peer, "icegatheringstatechange", () => peer.iceGatheringState === "complete", GATHER_MS);
}

async function connected(peer) {
  const isDecided = () => ["connected", "failed", "closed"].includes(peer.connectionState);
  await until(peer, "connectionstatechange", isDecided, CONNECT_MS);
  if (peer.connectionState !== "connected") {
    throw new Error("The connection could not be made: a firewall or a VPN may stand between the browser and Eyeline.");
  }
}
