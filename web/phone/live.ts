// SPDX-License-Identifier: Apache-2.0
// The camera's picture, classified again and again. Browsers allow the camera on this computer and over HTTPS only.
import { el } from "../src/dom";
import * as api from "./api";
import { answerList, headline } from "./photo";

function frameOf(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = el("canvas", {});
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

/** Why there is no camera picture, and what to do. */
export function cameraTrouble(error: Error): string {
  const todo: Record<string, string> = {
    NotAllowedError: "the browser does not allow it. Allow the camera beside the address of this page, then try again.",
    NotFoundError: "there is none. Connect one, or choose photos.",
    NotReadableError: "another program uses it. Close that program, then try again.",
  };
  return `The camera cannot be used: ${todo[error.name] ?? error.message}`;
}

/** A button that starts and stops it; nothing where the browser has no camera to give. keep: takes a picture that is held. */
export function liveView(model: () => api.Model | undefined, keep: (photo: File) => void): HTMLElement[] {
  if (!("mediaDevices" in navigator) || typeof navigator.mediaDevices.getUserMedia !== "function") return [];
  const button = el("button", { type: "button" }, "Live view");
  const trouble = el("p", { class: "error", role: "alert" });
  let stop: (() => void) | null = null;
  const end = (): void => {
    stop?.();
    stop = null;
    button.textContent = "Live view";
  };
  const begin = async (): Promise<void> => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const video = el("video", { playsinline: true, muted: true, "aria-label": "The camera's picture" });
    video.srcObject = stream;
    const answer = el("div", { "aria-live": "off" });
    const hold = async (): Promise<void> => {
      const frame = await frameOf(video);
      if (frame !== null) keep(new File([frame], `camera-${new Date().toISOString().replace(/[:.]/g, "-")}.jpg`, { type: "image/jpeg" }));
    };
    const card = el("article", {}, video, answer, el("div", { class: "row" }, el("button", { type: "button", click: () => void hold() }, "Keep this picture")));
    button.parentElement?.after(card);
    let running = true;
    stop = (): void => {
      running = false;
      stream.getTracks().forEach((track) => track.stop());
      card.remove();
    };
    await video.play();
    while (running) {
      if (document.hidden) {
        await new Promise((wake) => setTimeout(wake, 500));
        continue;
      }
      if (!video.isConnected) return end(); // another part of the page is shown: the camera must not stay on
      const chosen = model();
      const frame = await frameOf(video);
      if (chosen === undefined || frame === null) return end();
      const found = (await api.predict(chosen.name, frame)).photos[0];
      if (running && found !== undefined) answer.replaceChildren(el("h2", {}, headline(found)), answerList(found));
    }
  };
  button.addEventListener("click", () => {
    if (stop !== null) return end();
    button.textContent = "Stop";
    trouble.remove();
    begin().catch((error: Error) => {
      end();
      trouble.textContent = error.name.endsWith("Error") && error.name !== "Error" ? cameraTrouble(error) : error.message;
      button.parentElement?.after(trouble);
    });
  });
  return [button];
}
