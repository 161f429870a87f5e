// SPDX-License-Identifier: Apache-2.0
// What can be done with the photos of a class: look at them, move and remove them.
import { el } from "../src/dom";
import type { Photo } from "./api";
import type { GridUse } from "./grid";
import { LargePhoto } from "./large";
import { counted, type Studio } from "./studio";

const kButtons = 12;

/** A photo in full size; closes itself when it has left its class. */
function enlarge(studio: Studio, photo: Photo, from: HTMLElement): void {
  const large = new LargePhoto(photo, `${photo.class} / ${photo.name}`, from);
  const others = (studio.state?.classes ?? []).filter((one) => one.name !== photo.class);
  const leave = (done: Promise<boolean>): void => void done.then((gone) => gone && large.close());
  const moveTo = async (): Promise<void> => {
    const to = await studio.chooseClass("Move to which class?", photo.class);
    if (to !== null) leave(studio.move(photo, to));
  };
  const moves =
    others.length <= kButtons
      ? others.map((one) => el("button", { type: "button", click: () => leave(studio.move(photo, one.name)) }, `Move to ${one.name}`))
      : [el("button", { type: "button", click: () => void moveTo() }, "Move to …")];
  large.open([], [...moves, el("button", { type: "button", click: () => leave(studio.remove(photo)) }, "Remove")], (event) => {
    const to = studio.classOfKey(event);
    if (to !== undefined) leave(studio.move(photo, to));
    else if (event.key === "Delete") leave(studio.remove(photo));
    else if (event.key === "m") void moveTo();
    else return false;
    return true;
  });
}

export function classPhotos(studio: Studio): GridUse<Photo> {
  const moveSomewhere = async (photos: Photo[]): Promise<boolean> => {
    const title = photos.length === 1 ? "Move to which class?" : `Move ${counted(photos.length, "photo", "photos")} to which class?`;
    const to = await studio.chooseClass(title, photos[0]?.class ?? "");
    return to !== null && studio.moveAll(photos, to);
  };
  return {
    caption: () => "",
    open: (photo, from) => enlarge(studio, photo, from),
    key(event, photos) {
      const to = studio.classOfKey(event);
      if (to !== undefined) return studio.moveAll(photos, to);
      if (event.key === "Delete") return studio.removeAll(photos);
      return event.key === "m" ? moveSomewhere(photos) : null;
    },
    actions: [
      { text: "Move to …", act: moveSomewhere },
      { text: "Remove", act: (photos) => studio.removeAll(photos) },
    ],
  };
}
