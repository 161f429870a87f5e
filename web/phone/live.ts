// SPDX-License-Identifier: Apache-2.0
// The camera's picture, classified again and again. Browsers allow the camera on this computer and over HTTPS only.
import { el } from "../src/dom";
import * as api from "./api";
import { answerList } from "./photo";

function frameOf(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = el("canvas", {});
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

/** A button that starts and stops it; nothing where the browser has no camera to give. */
export function liveView(model: () => api.Model | undefined): HTMLElement[] {
  if (!("mediaDevices" in navigator) || typeof navigator.mediaDevices.getUserMedia !== "function") return [];
  const button = el("button", { type: "button" }, "Live view");
  let stop: (() => void) | null = null;
  const begin = async (): Promise<void> => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const video = el("video", { playsinline: true, muted: true, "aria-label": "The camera's picture" });
    video.srcObject = stream;
    const answer = el("div", { "aria-live": "off" });
    const card = el("article", {}, video, answer);
    button.parentElement?.after(card);
    let running = true;
    stop = (): void => {
      running = false;
      stream.getTracks().forEach((track) => track.stop());
      card.remove();
    };
    await video.play();
    while (running) {
      const chosen = model();
      const frame = await frameOf(video);
      if (chosen === undefined || frame === null) break;
      const found = (await api.predict(chosen.name, frame)).photos[0];
      if (running && found !== undefined) answer.replaceChildren(answerList(found));
    }
  };
  button.addEventListener("click", () => {
    if (stop !== null) {
      stop();
      stop = null;
      button.textContent = "Live view";
      return;
    }
    button.textContent = "Stop";
    begin().catch((error: Error) => {
      stop?.();
      stop = null;
      button.textContent = "Live view";
      button.parentElement?.after(el("p", { class: "error", role: "alert" }, error.message));
    });
  });
  return [button];
}
