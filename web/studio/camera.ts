// SPDX-License-Identifier: Apache-2.0
// Photos for a class from the computer's camera.
import { el } from "../src/dom";
import { cameraTrouble } from "../phone/live";
import * as api from "./api";
import type { NamedPhoto } from "./api";
import { counted, type Studio } from "./studio";

export const hasCamera = (): boolean => "mediaDevices" in navigator && typeof navigator.mediaDevices.getUserMedia === "function";

function frame(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = el("canvas", {});
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

/** A panel with the camera's picture; closes itself with Done or Escape. */
export async function cameraPanel(studio: Studio, className: string, add: (photo: Blob, called: string) => Promise<NamedPhoto>, place: HTMLElement): Promise<void> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch (error) {
    return studio.fail(new Error(cameraTrouble(error as Error)));
  }
  const video = el("video", { playsinline: true, muted: true, "aria-label": "The camera's picture" });
  video.srcObject = stream;
  const taken: NamedPhoto[] = [];
  let isOpen = true;
  const count = el("p", { class: "note", role: "status" }, "");
  const take = async (): Promise<void> => {
    const picture = await frame(video);
    if (picture === null) return;
    const photo = await add(picture, `camera-${new Date().toISOString().replace(/[:.]/g, "-")}.jpg`);
    taken.push(photo);
    count.textContent = `${taken.length} taken`;
  };
  const guarded = (work: () => Promise<void>) => (): void => void work().catch((error: Error) => studio.fail(error));
  const many = guarded(async () => {
    for (let i = 0; i < 10 && isOpen; ++i) {
      await take();
      await new Promise((wake) => setTimeout(wake, 250));
    }
    await studio.refresh();
  });
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    clearInterval(watch);
    stream.getTracks().forEach((track) => track.stop());
    if (place.contains(video)) place.replaceChildren();
    if (taken.length > 0) {
      studio.say(`${counted(taken.length, "photo", "photos")} taken.`, async () => {
        for (const photo of taken) await api.removePhoto(photo);
      });
    }
    void studio.refresh();
  };
  // Another part of the page, or another class, takes the panel away: the camera must not stay on.
  const watch = window.setInterval(() => {
    if (!video.isConnected) close();
  }, 500);
  const first = el("button", { type: "button", class: "first", click: guarded(take) }, "Take a photo");
  place.replaceChildren(
    el(
      "section",
      { class: "panel", "aria-label": `Camera for ${className}`, keydown: (event) => (event as KeyboardEvent).key === "Escape" && close() },
      el("h3", {}, `Camera: photos of ${className}`),
      video,
      el("div", { class: "row" }, first, el("button", { type: "button", click: many }, "Take 10 photos"), el("button", { type: "button", click: close }, "Done")),
      count,
    ),
  );
  await video.play();
  first.focus();
}
