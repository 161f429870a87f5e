// SPDX-License-Identifier: Apache-2.0
// Pictures: decoding, resizing, fingerprints.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// Channels of a decoded picture: Keras's color_mode.
enum class ColorMode {
  rgb,        ///< 3: red, green, blue
  grayscale,  ///< 1: luma
  rgba,       ///< 4: red, green, blue, opacity
};
/// Number of channels: 3, 1 or 4.
[[nodiscard]] int channels_of(ColorMode mode);
/// "rgb", "grayscale", "rgba": Keras's names.
[[nodiscard]] std::string_view to_string(ColorMode mode);

/// Whether the EXIF orientation (1 to 8) is applied. Keras ignores it.
enum class Exif {
  apply,   ///< the picture is turned and mirrored as the camera recorded it
  ignore,  ///< pixels are as stored
};

/// "apply" or "ignore".
[[nodiscard]] std::string_view to_string(Exif exif);

/// How JPEG's cosine transform is computed.
enum class JpegDct {
  accurate,  ///< as Pillow and most viewers do
  fast,      ///< as TensorFlow's decode_image does, which moves some values by a few levels
};

/// Whether a JPEG that will be shrunk may be decoded at a fraction of its size.
enum class JpegScale {
  exact,  ///< at full size: the values of Keras's pipeline
  /// At 1/2, 1/4 or 1/8 where that is enough. Faster, and averages pixels where a bilinear resize picks some
  /// of them, so values differ (docs/performance.md compares both).
  reduced,
};
/// "exact" or "reduced". Throws Error{invalid_argument} naming both.
[[nodiscard]] JpegScale jpeg_scale_from_name(std::string_view name);
/// The name that jpeg_scale_from_name() reads.
[[nodiscard]] std::string_view to_string(JpegScale scale);

/// Default limit of width times height: 13377 x 13377. A decoded rgb picture of that size needs 512 MiB.
inline constexpr std::int64_t kMaxPixels = 178'956'970;

/// How a picture is decoded.
struct DecodeOptions {
  ColorMode color_mode = ColorMode::rgb;    ///< channels of the result, not of the file
  Exif exif = Exif::apply;                  ///< whether the picture is turned upright
  JpegDct jpeg_dct = JpegDct::accurate;     ///< of JPEGs only
  JpegScale jpeg_scale = JpegScale::exact;  ///< of JPEGs only, where the wanted size is known
  /// Most pixels, height times width. Larger pictures are refused after reading the header, before memory is
  /// allocated.
  std::int64_t max_pixels = kMaxPixels;
};

/// A format of picture files.
enum class ImageFormat { unknown, jpeg, png, webp, gif, bmp, pnm, tiff, heif };
/// "JPEG", "PNG", ...
[[nodiscard]] std::string_view to_string(ImageFormat format);
/// The format by a file's first bytes (kImageHeadBytes are enough); file names are not used. pnm means PBM,
/// PGM and PPM; heif means HEIC and AVIF.
[[nodiscard]] ImageFormat image_format_of(std::span<const std::byte> head);
/// Number of first bytes of a file that image_format_of() looks at.
inline constexpr std::size_t kImageHeadBytes = 64;
/// Whether this build reads a format: all but unknown; heif only if built with libheif.
[[nodiscard]] bool can_decode(ImageFormat format);

/// Decodes a picture to uint8 (H, W, C), rows from the top, as a viewer shows it: 16-bit samples become
/// 8-bit, palettes and CMYK become rgb, of an animation the first frame is decoded, embedded colour profiles
/// and gamma are ignored (as Keras does). In modes rgb and grayscale transparent pixels are drawn on white.
/// grayscale is the luma 0.299 R + 0.587 G + 0.114 B. Threads: may be called from several threads at once.
/// Errors, each with a short reason: Error{bad_file} when the bytes are no picture, broken or end too early;
/// Error{unsupported} for what graft does not read (12-bit JPEG); Error{resource_limit} for more than
/// max_pixels.
[[nodiscard]] Tensor decode_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});
/// The same for a picture that will be resized to `wanted`: with JpegScale::reduced a JPEG is decoded at
/// the smallest of its scales that has at least as many rows and columns.
[[nodiscard]] Tensor decode_image(std::span<const std::byte> bytes, const DecodeOptions& options,
                                  Size2D wanted);

/// Reads a file and decodes it; errors name the path. Error{not_found}, Error{io} when it cannot be read.
[[nodiscard]] Tensor read_image(const std::filesystem::path& path, const DecodeOptions& options = {});
/// The same for a picture that will be resized to `wanted`.
[[nodiscard]] Tensor read_image(const std::filesystem::path& path, const DecodeOptions& options,
                                Size2D wanted);

/// The filter of a resize, with Keras's names. bicubic is Keys' cubic with a = -0.5.
enum class ResizeMethod { bilinear, nearest, bicubic, area, lanczos3, lanczos5, gaussian, mitchellcubic };
/// The name as written above.
[[nodiscard]] std::string_view to_string(ResizeMethod interpolation);
/// Throws Error{invalid_argument} listing the names.
[[nodiscard]] ResizeMethod resize_method_from_name(std::string_view name);

/// How ResizeOptions::center_crop treats the aspect ratio of a picture (crop_mode of timm).
enum class CropMode {
  center,  ///< the shorter side is brought to that size, and the aspect ratio stays
  squash,  ///< both sides are
  border,  ///< the longer side is, and the aspect ratio stays; what is missing has the colour border_color
};

/// How a picture is brought to another size.
struct ResizeOptions {
  ResizeMethod interpolation = ResizeMethod::bilinear;  ///< the filter
  /// When shrinking, the filter widens with the factor. nearest and area ignore it.
  bool antialias = false;
  /// A uint8 picture is resized as Pillow does it, bit by bit: antialias, in whole numbers. A float32
  /// picture, and nearest, are resized as without it.
  bool pillow = false;
  /// Keras's smart_resize: cut the largest centred part of the target's aspect ratio first.
  bool crop_to_aspect_ratio = false;
  /// tf.image.resize_with_pad: keep the aspect ratio and fill with zeros on both sides. Not together with
  /// crop_to_aspect_ratio.
  bool pad_to_aspect_ratio = false;
  /// PyTorch's way of evaluation (crop_pct of timm), 0 to 1, 0: off. The picture is brought to 1 /
  /// center_crop of the target's size, rounded down, and the middle part of the target's size is kept. A
  /// picture of the target's size is used whole. Not together with crop_to_aspect_ratio or
  /// pad_to_aspect_ratio.
  double center_crop = 0;
  CropMode crop_mode = CropMode::center;  ///< with center_crop
  /// With CropMode::border, R G B from 0 to 255. A picture with one channel uses the first.
  std::array<double, 3> border_color{};
};

/// tf.image.resize (half-pixel centres): uint8 or float32 (H, W, C) to float32 (size.height, size.width, C).
/// Values are not clipped: bicubic and lanczos may leave 0..255.
/// Errors: Error{shape_mismatch} unless rank 3 with no empty axis; Error{invalid_argument} for sizes below 1,
/// for more than one of crop, pad and center_crop, for a center_crop outside 0 to 1, and for a filter that
/// Pillow does not have.
[[nodiscard]] Tensor resize(const Tensor& image, Size2D size, const ResizeOptions& options = {});

/// Arguments of load_img(), with Keras's names and defaults.
struct LoadImgOptions {
  ColorMode color_mode = ColorMode::rgb;  ///< channels of the result
  std::optional<Size2D> target_size{};    ///< height and width to resize to; unset: those of the picture
  ResizeMethod interpolation = ResizeMethod::nearest;  ///< the filter
  /// graft's own: Exif::ignore does as Keras, which leaves photos of phones lying on their side.
  Exif exif = Exif::apply;
};

/// Keras's load_img and img_to_array in one: a picture from a file as float32 (H, W, C), 0..255, resized as
/// Pillow does it. Errors: as read_image() and resize().
[[nodiscard]] Tensor load_img(const std::filesystem::path& path, const LoadImgOptions& options = {});

/// Arguments of array_to_img(), with Keras's names and defaults.
struct ArrayToImgOptions {
  bool scale = true;  ///< the smallest value becomes 0, the largest 255; false: values are 0..255 already
};
/// Keras's array_to_img: numbers (H, W, C), C 1, 3 or 4, as the picture uint8 (H, W, C) that a viewer shows.
/// Fractions are cut off, as in Keras; values outside 0..255 are cut to it and NaN becomes 0.
/// Errors: Error{shape_mismatch}.
[[nodiscard]] Tensor array_to_img(const Tensor& x, const ArrayToImgOptions& options = {});

/// Arguments of save_img(), with Keras's names and defaults; quality is Pillow's.
struct SaveImgOptions {
  std::string file_format{};  ///< "png" or "jpeg"; empty: by the ending of the path
  bool scale = true;          ///< as array_to_img()
  int quality = 75;           ///< of JPEG, 1 to 100
};
/// Keras's save_img: writes array_to_img(x) as a PNG or JPEG file, whole or not at all. JPEG has no opacity:
/// a fourth channel is left out. Errors: as array_to_img(); Error{invalid_argument} for another format or
/// quality; Error{io} naming the path.
void save_img(const std::filesystem::path& path, const Tensor& x, const SaveImgOptions& options = {});

// Finding duplicate and nearly duplicate photos.

/// Features by which equal and similar pictures are found.
struct Fingerprint {
  static constexpr std::size_t kSide = 16;  ///< height and width of the thumbnail in pixels
  std::uint64_t pixels = 0;                 ///< hash of all pixels: equal for equal pictures
  std::uint64_t pattern = 0;                ///< perceptual hash: similar pictures share most of the 64 bits
  std::array<std::uint8_t, kSide * kSide> thumbnail{};  ///< grey, 16 x 16, darkest 0 and brightest 255
  /// Has so little detail (a blank page, one colour) that only equal pixels count as a duplicate.
  bool flat = false;
};

/// Fingerprint of a picture (H, W, C), uint8 or float32 0..255, C 1, 3 or 4 (alpha is ignored), of any size
/// from 1 x 1. The perceptual hash is the common one: grey, 32 x 32 by averaging, cosine transform, and of
/// its 8 x 8 lowest frequencies, the first row and column left out, whether each is above their median. It
/// hardly depends on size, format, quality and small changes of brightness. Errors: Error{shape_mismatch}.
[[nodiscard]] Fingerprint fingerprint(const Tensor& picture);

/// What is measured of one photo's pixels. Luma is 0.299 R + 0.587 G + 0.114 B, 0 to 255.
struct PhotoMeasures {
  std::int64_t height = 0;  ///< pixels, upright
  std::int64_t width = 0;   ///< pixels, upright
  double dark = 0;          ///< luma that 5 % of the pixels do not exceed
  double bright = 0;        ///< luma that 95 % of the pixels do not exceed
  double contrast = 0;      ///< standard deviation of luma
  /// 0 (sharp) to 1 (blurred): how little a further blur of 11 pixels changes the edges (Crete, Dolmiere,
  /// Ladret and Nicolas, "The blur effect", 2007, with Sobel edges, as scikit-image's blur_effect), of the
  /// photo reduced to at most 512 pixels; of more than 256 rows every second one.
  double blur = 0;
};
/// Measures a picture uint8 (H, W, C), C 1 or 3. Errors: Error{shape_mismatch}.
[[nodiscard]] PhotoMeasures measure_photo(const Tensor& picture);

/// When find_similar() counts two pictures as nearly equal: both limits hold.
struct SimilarOptions {
  int bits = 6;  ///< most bits of Fingerprint::pattern that differ, of 64; 0 to 32
  /// Largest root mean square difference of the thumbnails, in levels of 0..255. Photos of one scene or one
  /// person a moment later share most of their pattern, but differ by more than this.
  double levels = 8;
};

/// Two equal or nearly equal pictures.
struct SimilarPair {
  std::size_t first = 0;   ///< position of the earlier one among the fingerprints
  std::size_t second = 0;  ///< position of the later one
  bool exact = false;      ///< their pixels are equal
};

/// Pairs of equal or nearly equal pictures, in order. For a group of duplicates only the pairs that connect
/// it are returned, so there are fewer pairs than pictures. Time grows little more than linearly: one or two
/// seconds for 100,000 pictures.
[[nodiscard]] std::vector<SimilarPair> find_similar(std::span<const Fingerprint> prints,
                                                    const SimilarOptions& options = {});

/// Joins pairs to groups: for each of 0..count-1 its group, identified by the smallest position in it.
/// groups: existing groups to start from (empty: none).
[[nodiscard]] std::vector<std::size_t> join_groups(std::size_t count, std::span<const std::size_t> groups,
                                                   std::span<const SimilarPair> pairs);

}  // namespace graft::data

#pragma GCC visibility pop
