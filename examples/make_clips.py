# SPDX-License-Identifier: Apache-2.0
"""Makes example videos from photos: python3 make_clips.py PHOTOS CLIPS CLASS... [--first N] [--photos-used N] [--each N]

Each clip (AVI with Motion JPEG, 4 frames a second) shows some JPEG photos of one class one after the other, each for half a second.
"""
import argparse
import pathlib
import struct


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def size_of(jpeg):
    at = 2
    while not 0xC0 <= jpeg[at + 1] <= 0xC2:
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return struct.unpack(">HH", jpeg[at + 5 : at + 9])


def clip(jpegs, rate=4):
    height, width = size_of(jpegs[0])
    header = struct.pack("<14I", 1000000 // rate, 0, 0, 16, len(jpegs), 0, 1, 0, width, height, 0, 0, 0, 0)
    stream = b"vidsMJPG" + struct.pack("<10I4H", 0, 0, 0, 1, rate, 0, len(jpegs), 0, 0, 0, 0, 0, width, height)
    picture = struct.pack("<3I2H4s5I", 40, width, height, 1, 24, b"MJPG", 3 * width * height, 0, 0, 0, 0)
    lists = chunk(b"avih", header) + chunk(b"LIST", b"strl" + chunk(b"strh", stream) + chunk(b"strf", picture))
    frames = b"".join(chunk(b"00dc", jpeg) for jpeg in jpegs)
    return chunk(b"RIFF", b"AVI " + chunk(b"LIST", b"hdrl" + lists) + chunk(b"LIST", b"movi" + frames))


parser = argparse.ArgumentParser()
parser.add_argument("photos", type=pathlib.Path)
parser.add_argument("clips", type=pathlib.Path)
parser.add_argument("classes", nargs="+")
parser.add_argument("--first", type=int, default=0, help="first photo of each class")
parser.add_argument("--photos-used", type=int, default=60, help="of each class")
parser.add_argument("--each", type=int, default=4, help="photos in a clip")
given = parser.parse_args()
for name in given.classes:
    files = sorted((given.photos / name).glob("*.jpg"))[given.first : given.first + given.photos_used]
    (given.clips / name).mkdir(parents=True, exist_ok=True)
    for start in range(0, len(files), given.each):
        jpegs = [file.read_bytes() for file in files[start : start + given.each] for _ in range(2)]
        (given.clips / name / f"clip{given.first + start:03}.avi").write_bytes(clip(jpegs))
