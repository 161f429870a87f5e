# What Pillow shows of the awkward photos: python3 ugly.py FOLDER_OF_PHOTOS > ../ugly.json
# For each file: whether it decodes, its size after the EXIF orientation, the average colour of its four quadrants
# (top left, top right, bottom left, bottom right) with transparent pixels on white. Needs Pillow (with AVIF) and,
# for HEIC, pillow-heif.
# SHOWN and LEFT_OUT, written by hand, are the files where graft differs on purpose; they stand above Pillow.
import json
import os
import sys
import warnings

import numpy as np
from PIL import Image, ImageFile, ImageOps, PngImagePlugin

try:
    import pillow_heif
    pillow_heif.register_heif_opener()
except ImportError:
    print('without pillow-heif: HEIC files are not compared', file=sys.stderr)

warnings.simplefilter('ignore')
# Name -> why graft shows what Pillow refuses; the picture is what Pillow reads when told to be lenient.
SHOWN = {
    'pillow_png_decompression_dos.png': 'the bomb is in a text chunk, which graft passes over',
    'pillow_truncated_end_chunk.png': 'the picture is whole: only the chunk that ends the file is cut',
    'pillow_truncated_jpeg.jpg': 'the picture is whole: only the last byte, half of the end mark, is missing',
}
# Name -> why graft leaves out what Pillow may show.
LEFT_OUT = {
    'libpng_badcrc.png': 'the checksum of the picture data is wrong',
    'libpng_huge_IDAT.png': 'truncated: the chunk with the picture data is said to be longer than the file',
    'pillow_bmp_b_badrle.bmp': 'damaged: runs of pixels leave their rows, and what comes out is garbage',
    'pillow_hopper_bad_exif.jpg': 'damaged: line ends were converted within the picture data; stripes come out',
    'pillow_hopper.ico': 'not an image: ICO is not among the formats graft reads',
    'pillow_rgb32rle.tga': 'not an image: TGA is not among the formats graft reads',
}


def to_rgb(image):
    if image.mode in ('I;16', 'I;16B', 'I;16L', 'I'):
        values = np.asarray(image).astype(np.int64)
        grey = np.repeat((values >> 8).astype(np.uint8)[..., None], 3, axis=2)
        if isinstance(image.info.get('transparency'), int):
            grey[values == image.info['transparency']] = 255
        return grey
    if image.mode in ('RGBA', 'LA', 'PA', 'La', 'RGBa') or 'transparency' in image.info:
        image = image.convert('RGBA')
        white = Image.new('RGBA', image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return np.asarray(image.convert('RGB'))


def describe(path):
    with Image.open(path) as image:
        image.load()
        info = dict(image.info)
        turned = ImageOps.exif_transpose(image)
        if 'transparency' in info:
            turned.info['transparency'] = info['transparency']
        pixels = to_rgb(turned).astype(np.float64)
    height, width = pixels.shape[:2]
    rows = [slice(0, (height + 1) // 2), slice(height // 2, height)]
    columns = [slice(0, (width + 1) // 2), slice(width // 2, width)]
    quadrants = [[round(float(v), 2) for v in pixels[r, c].mean(axis=(0, 1))] for r in rows for c in columns]
    return {'decodes': True, 'size': [height, width], 'quadrants': quadrants}


def main(folder):
    table = {}
    for name in sorted(os.listdir(folder)):
        ImageFile.LOAD_TRUNCATED_IMAGES = name in SHOWN
        PngImagePlugin.MAX_TEXT_CHUNK = (1 << 30) if name in SHOWN else (1 << 20)
        PngImagePlugin.MAX_TEXT_MEMORY = (1 << 32) if name in SHOWN else (1 << 26)
        try:
            entry = describe(os.path.join(folder, name))
        except Exception as error:  # whatever Pillow says: the file is left out
            entry = {'decodes': False, 'reason': f'Pillow: {type(error).__name__}'}
        if name in LEFT_OUT:
            entry = {'decodes': False, 'reason': LEFT_OUT[name]}
        if name in SHOWN:
            entry['reason'] = SHOWN[name]
        table[name] = entry
    rows = [f'  {json.dumps(name)}: {json.dumps(entry)}' for name, entry in table.items()]
    print('{\n' + ',\n'.join(rows) + '\n}')


main(sys.argv[1])
